import { parseJsonObject } from '@assent/push/protocol';
import type { Persona } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import type { PhoneIo } from '../account/phone-io.ts';

export type CallIo = Pick<PhoneIo, 'fetch' | 'now' | 'sleep' | 'randomUuid' | 'randomBytes'>;

/** What a successful call leaves behind. */
export interface CallResult {
  /** Server time minus ours, where the reply said its time. */
  readonly clockOffsetMillis: number | undefined;
}

interface Reply extends CallResult {
  readonly status: number;
  readonly body: string;
}

export const TIMEOUT_MILLIS = 30_000;
const MAX_REPLY_BYTES = 1_048_576;
/** Below this a wrong clock cannot be the reason for a refusal: the server allows five minutes (design.md 3.3). */
const SUSPICIOUS_OFFSET_MILLIS = 60_000;

export const ACCEPT_API_VERSION = 'resource=1.0, protocol=1.0';

export async function post(
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
export async function postOrNothing(
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
export async function request(io: CallIo, url: string, init: RequestInit): Promise<Response> {
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

export async function readBody(response: Response): Promise<string> {
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

export function isSuccess(reply: Reply, persona: Persona): boolean {
  const { from, to, bodyMustBeObjectOrEmpty } = persona.success;
  if (reply.status < from || reply.status > to) return false;
  return !bodyMustBeObjectOrEmpty || reply.body === '' || parseJsonObject(reply.body).ok;
}

/** Troubles that go away by themselves; 501 says that the server will never know this call. */
function isPassing(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

export function refusal(reply: Reply, message: string, hint?: string): PhoneError {
  if (reply.status === 429) return new PhoneError('UNREACHABLE', 'The server asks to slow down.', 'wait a minute');
  if (reply.status === 404)
    return new PhoneError('REFUSED', 'The server has no push service here.', 'ask the people who run the server');
  if (reply.status === 501) return new PhoneError('REFUSED', 'The server does not know this kind of message.');
  if (reply.status >= 500)
    return new PhoneError('UNREACHABLE', `The server is in trouble (${reply.status}).`, 'try again in a moment');
  return new PhoneError('REFUSED', message, hint);
}

/** `Date` has whole seconds, so half a second is the best guess and small differences are none. */
export function clockOffset(io: CallIo, response: Response): number | undefined {
  const date = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(date)) return undefined;
  const offset = date + 500 - io.now();
  return Math.abs(offset) < 2000 ? 0 : offset;
}

export function isOtherTime(learned: number | undefined, used: number): learned is number {
  return learned !== undefined && Math.abs(learned - used) > SUSPICIOUS_OFFSET_MILLIS;
}

/** 0.5 s · 2ⁿ with up to a quarter more, at most 15 s, so that many phones do not come back at once (ux.md 3.3). */
export function backoffMillis(io: Pick<PhoneIo, 'randomBytes'>, attempt: number): number {
  const base = Math.min(500 * 2 ** (attempt - 1), 15_000);
  return Math.round(base * (1 + (io.randomBytes(1)[0] ?? 0) / 1024));
}
