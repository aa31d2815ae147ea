import {
  type DeliveredMessage,
  isMessageId,
  parseJsonObject,
  parseRelayMessage,
  relayUrl,
} from '@assent/push/protocol';
import type { PushAccount } from '../account/account-store.ts';
import { PERSONAS, type Persona } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import type { PhoneIo } from '../account/phone-io.ts';
import { answerBody, type Decision, refreshBody, relayToken } from '../messages/answers.ts';
import type { PushRequest } from '../messages/push-message.ts';
import { withAction } from '../messages/setup-code.ts';

type CallIo = Pick<PhoneIo, 'fetch' | 'now' | 'sleep' | 'randomUuid' | 'randomBytes'>;

/** What a successful call leaves behind. */
export interface CallResult {
  /** Server time minus ours, where the reply said its time. */
  readonly clockOffsetMillis: number | undefined;
}

interface Reply extends CallResult {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT_MILLIS = 30_000;
const MAX_REPLY_BYTES = 1_048_576;
const REGISTER_TRIES = 4;
/** A phone is stored with the next step of the page that registers it (design.md 3.3), some seconds after the phone was told 200. */
const SETTLING_MILLIS = 60_000;
/** Below this a wrong clock cannot be the reason for a refusal: the server allows five minutes (design.md 3.3). */
const SUSPICIOUS_OFFSET_MILLIS = 60_000;

/** Sends the registration; our own phone repeats it byte for byte when the reply got lost (design.md decision 9). */
export async function sendRegistration(
  io: CallIo,
  persona: Persona,
  url: string,
  cookie: string | undefined,
  body: string,
): Promise<CallResult> {
  for (let attempt = 1; ; attempt += 1) {
    const reply = await postOrNothing(io, persona, url, cookie, body, persona.retries && attempt < REGISTER_TRIES);
    if (reply !== undefined) {
      if (isSuccess(reply, persona)) return reply;
      throw refusal(reply, 'This code was used or has run out.', 'get a new setup code on the page where you sign in');
    }
    await io.sleep(backoffMillis(io, attempt));
  }
}

/** Sends an answer to the address stored at registration, again and again until it arrives or the request runs out (ux.md 3.3). */
export async function sendAnswer(
  io: CallIo,
  request: PushRequest,
  decision: Decision,
  signal?: AbortSignal,
  onFirstFailure?: () => void,
): Promise<CallResult> {
  const persona = PERSONAS[request.account.persona];
  let offset = request.account.clockOffsetMillis;
  let body = answerBody(request, decision, { nowMillis: io.now() + offset, jti: io.randomUuid() });
  let isCorrected = false;

  for (let attempt = 1; ; attempt += 1) {
    const reply = await postOrNothing(
      io,
      persona,
      request.account.authenticateUrl,
      request.loadBalancerCookie,
      body,
      persona.retries,
    );
    if (reply !== undefined) {
      if (isSuccess(reply, persona)) return reply;
      if (persona.hasDeviceKey && !isCorrected && isOtherTime(reply.clockOffsetMillis, offset)) {
        offset = reply.clockOffsetMillis;
        isCorrected = true;
        body = answerBody(request, decision, { nowMillis: io.now() + offset, jti: io.randomUuid() });
        continue;
      }
      throw refusal(reply, 'This request is no longer open.', 'start the sign-in again');
    }
    if (attempt === 1) onFirstFailure?.();
    const left = request.expiresAt - (io.now() + offset);
    if (left <= 0 || signal?.aborted === true) {
      throw new PhoneError(
        'UNREACHABLE',
        'Could not send. It has run out.',
        'check the connection and start the sign-in again',
      );
    }
    await io.sleep(Math.min(backoffMillis(io, attempt), left), signal);
  }
}

/** Tells the server the token under which this phone can be rung from now on. */
export async function sendRefresh(io: CallIo, account: PushAccount, deviceId: string): Promise<CallResult> {
  const persona = PERSONAS[account.persona];
  const url = withAction(account.registerUrl, 'refresh');
  const cookie = persona.cookieOnRefresh ? account.loadBalancerCookie : undefined;
  const bodyAt = (offset: number): string =>
    refreshBody(account, deviceId, { nowMillis: io.now() + offset, jti: io.randomUuid() });
  let reply = await post(io, persona, url, cookie, bodyAt(account.clockOffsetMillis));
  if (
    !isSuccess(reply, persona) &&
    persona.hasDeviceKey &&
    isOtherTime(reply.clockOffsetMillis, account.clockOffsetMillis)
  ) {
    reply = await post(io, persona, url, cookie, bodyAt(reply.clockOffsetMillis));
  }
  if (isSuccess(reply, persona)) return reply;
  throw refusal(reply, 'The server did not take the new token.', 'register this phone again');
}

/** The relay's address of an account, or undefined where the server has none (design.md 3.3, "relay URL"). */
export const relayUrlOf = ({ authenticateUrl }: PushAccount): string | undefined => relayUrl(authenticateUrl);

/** Asks the relay once for everything that still waits, oldest first. */
export async function listPending(
  io: CallIo,
  account: PushAccount,
): Promise<CallResult & { readonly deliveries: readonly DeliveredMessage[] }> {
  const response = await callRelay(io, account, {
    accept: 'application/json',
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
  });
  const body = await readBody(response);
  if (response.status !== 200)
    throw refusal(
      { status: response.status, body, clockOffsetMillis: undefined },
      'The server did not hand over the requests.',
    );
  return { deliveries: readRelayList(body), clockOffsetMillis: clockOffset(io, response) };
}

/** Opens the relay's event stream; the caller looks at status and content type. */
export function openStream(io: CallIo, account: PushAccount, signal: AbortSignal): Promise<Response> {
  return callRelay(io, account, { accept: 'text/event-stream', signal });
}

/** Reads the relay's JSON list; items that are no messages are passed over. */
export function readRelayList(body: string): readonly DeliveredMessage[] {
  const list = parseJsonObject(body);
  const messages = list.ok ? list.value.messages : undefined;
  return Array.isArray(messages) ? messages.flatMap((item) => relayMessage(item) ?? []) : [];
}

/** Reads one relay item `{"messageId","message"}`. */
export function readRelayItem(text: string): DeliveredMessage | undefined {
  const item = parseJsonObject(text);
  return item.ok ? relayMessage(item.value) : undefined;
}

function relayMessage(value: unknown): DeliveredMessage | undefined {
  const item = parseRelayMessage(value);
  return item.ok && isMessageId(item.value.messageId) ? item.value : undefined;
}

/** Tells the relay that a person has a request before them; nothing depends on its arrival. */
export async function markShown(io: CallIo, request: PushRequest): Promise<void> {
  if (!PERSONAS[request.account.persona].hasDeviceKey || relayUrlOf(request.account) === undefined) return;
  await callRelay(io, request.account, {
    accept: 'application/json',
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    shown: request.messageId,
  })
    .then(readBody)
    .catch(() => undefined);
}

interface RelayCall {
  readonly accept: string;
  readonly signal: AbortSignal;
  readonly shown?: string;
}

async function callRelay(io: CallIo, account: PushAccount, call: RelayCall): Promise<Response> {
  const address = relayUrlOf(account);
  if (address === undefined)
    throw new PhoneError('REFUSED', 'The server of this account has no relay.', 'pass the request with --message FILE');
  const url = new URL(address);
  if (call.shown === undefined) url.searchParams.set('mechanismUid', account.mechanismUid);
  else url.searchParams.set('_action', 'shown');

  const send = (offset: number): Promise<Response> => {
    const token = relayToken(account, address, { nowMillis: io.now() + offset, jti: io.randomUuid() });
    return request(io, url.href, {
      method: call.shown === undefined ? 'GET' : 'POST',
      headers: {
        accept: call.accept,
        'accept-api-version': ACCEPT_API_VERSION,
        authorization: `Bearer ${token}`,
        ...(call.shown === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.shown === undefined ? {} : { body: JSON.stringify({ messageId: call.shown }) }),
      signal: call.signal,
    });
  };

  let response = await send(account.clockOffsetMillis);
  if (response.status === 401) {
    const learned = clockOffset(io, response);
    await readBody(response);
    if (learned !== undefined && learned !== account.clockOffsetMillis) response = await send(learned);
    if (response.status === 401 && io.now() - account.addedAt < SETTLING_MILLIS) {
      throw new PhoneError(
        'NOT_READY',
        'The page where you sign in has not taken in this phone yet.',
        'keep that page open, and run this again',
      );
    }
    if (response.status === 401) {
      throw new PhoneError(
        'REFUSED',
        'The server does not know this phone any more.',
        `assent phone remove --account ${account.id}`,
      );
    }
  }
  return response;
}

const ACCEPT_API_VERSION = 'resource=1.0, protocol=1.0';

async function post(
  io: CallIo,
  persona: Persona,
  url: string,
  cookie: string | undefined,
  body: string,
): Promise<Reply> {
  const response = await request(io, url, {
    method: 'POST',
    headers: {
      'content-type': persona.contentType,
      'accept-api-version': ACCEPT_API_VERSION,
      ...(cookie === undefined ? {} : { [persona.cookieHeader]: cookie }),
      ...(persona.requestedWith === undefined
        ? {}
        : { 'x-requested-with': persona.requestedWith.name, 'x-requested-platform': persona.requestedWith.platform }),
    },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
  });
  return { status: response.status, body: await readBody(response), clockOffsetMillis: clockOffset(io, response) };
}

/** The reply, or undefined when sending the same bytes again may help. */
async function postOrNothing(
  io: CallIo,
  persona: Persona,
  url: string,
  cookie: string | undefined,
  body: string,
  mayRepeat: boolean,
): Promise<Reply | undefined> {
  try {
    const reply = await post(io, persona, url, cookie, body);
    return mayRepeat && isPassing(reply.status) ? undefined : reply;
  } catch (error) {
    if (mayRepeat && error instanceof PhoneError && error.code === 'UNREACHABLE') return undefined;
    throw error;
  }
}

/** Every request of the phone: redirects are an error, since answers go to the stored address alone (SEC-29). */
async function request(io: CallIo, url: string, init: RequestInit): Promise<Response> {
  try {
    return await io.fetch(url, { ...init, redirect: 'error' });
  } catch (error) {
    const { host } = new URL(url);
    if (isRedirect(error)) {
      throw new PhoneError(
        'REDIRECTED',
        `${host} tried to send this phone to another address.`,
        'tell the people who run the server',
        { cause: error },
      );
    }
    throw unreachable(host, error);
  }
}

function unreachable(host: string, cause: unknown): PhoneError {
  return new PhoneError('UNREACHABLE', `${host} cannot be reached.`, 'check the connection and that the server runs', {
    cause,
  });
}

/** fetch reports a refused redirect as a plain failure; only the cause tells it from a lost connection. */
function isRedirect(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (/redirect/i.test(at.message)) return true;
  return false;
}

async function readBody(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(chunks).toString('utf8');
      size += value.length;
      if (size > MAX_REPLY_BYTES) break;
      chunks.push(value);
    }
  } catch (error) {
    throw unreachable(new URL(response.url).host, error);
  }
  await reader.cancel();
  throw new PhoneError('REFUSED', 'The server sent far more than an answer.');
}

function isSuccess(reply: Reply, persona: Persona): boolean {
  const { from, to, bodyMustBeObjectOrEmpty } = persona.success;
  if (reply.status < from || reply.status > to) return false;
  return !bodyMustBeObjectOrEmpty || reply.body === '' || parseJsonObject(reply.body).ok;
}

/** Troubles that go away by themselves; 501 says that the server will never know this call. */
function isPassing(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

function refusal(reply: Reply, message: string, hint?: string): PhoneError {
  if (reply.status === 429) return new PhoneError('UNREACHABLE', 'The server asks to slow down.', 'wait a minute');
  if (reply.status === 404)
    return new PhoneError('REFUSED', 'The server has no push service here.', 'ask the people who run the server');
  if (reply.status === 501) return new PhoneError('REFUSED', 'The server does not know this kind of message.');
  if (reply.status >= 500)
    return new PhoneError('UNREACHABLE', `The server is in trouble (${reply.status}).`, 'try again in a moment');
  return new PhoneError('REFUSED', message, hint);
}

/** `Date` has whole seconds, so half a second is the best guess and small differences are none. */
function clockOffset(io: CallIo, response: Response): number | undefined {
  const date = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(date)) return undefined;
  const offset = date + 500 - io.now();
  return Math.abs(offset) < 2000 ? 0 : offset;
}

function isOtherTime(learned: number | undefined, used: number): learned is number {
  return learned !== undefined && Math.abs(learned - used) > SUSPICIOUS_OFFSET_MILLIS;
}

/** 0.5 s · 2ⁿ with up to a quarter more, at most 15 s, so that many phones do not come back at once (ux.md 3.3). */
export function backoffMillis(io: Pick<PhoneIo, 'randomBytes'>, attempt: number): number {
  const base = Math.min(500 * 2 ** (attempt - 1), 15_000);
  return Math.round(base * (1 + (io.randomBytes(1)[0] ?? 0) / 1024));
}
