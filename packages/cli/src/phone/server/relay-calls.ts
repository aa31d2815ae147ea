import {
  type DeliveredMessage,
  isMessageId,
  parseJsonObject,
  parseRelayMessage,
  relayUrl,
} from '@assent/push/protocol';
import type { PushAccount } from '../account/account-store.ts';
import { PERSONAS } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import { relayToken } from '../messages/answers.ts';
import type { PushRequest } from '../messages/push-message.ts';
import {
  ACCEPT_API_VERSION,
  type CallIo,
  type CallResult,
  clockOffset,
  readBody,
  refusal,
  request,
  TIMEOUT_MILLIS,
} from './http-call.ts';

/** A phone is stored with the next step of the page that registers it (design.md 3.3), some seconds after the phone was told 200. */
const SETTLING_MILLIS = 60_000;

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
    said: { action: 'shown', body: { messageId: request.messageId } },
  })
    .then(readBody)
    .catch(() => undefined);
}

/** Pauses requests to all phones of the account for an hour (SEC-26). */
export async function pauseRequests(io: CallIo, account: PushAccount): Promise<CallResult> {
  const response = await callRelay(io, account, {
    accept: 'application/json',
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    said: { action: 'pause', body: {} },
  });
  const body = await readBody(response);
  const clockOffsetMillis = clockOffset(io, response);
  if (response.status !== 200)
    throw refusal({ status: response.status, body, clockOffsetMillis }, 'The server did not pause the requests.');
  return { clockOffsetMillis };
}

interface RelayCall {
  readonly accept: string;
  readonly signal: AbortSignal;
  readonly said?: Said;
}

/** What a phone says to the relay beside its answers. */
interface Said {
  readonly action: 'shown' | 'pause';
  readonly body: object;
}

async function callRelay(io: CallIo, account: PushAccount, call: RelayCall): Promise<Response> {
  const address = relayUrlOf(account);
  if (address === undefined)
    throw new PhoneError('REFUSED', 'The server of this account has no relay.', 'pass the request with --message FILE');
  const url = new URL(address);
  if (call.said === undefined) url.searchParams.set('mechanismUid', account.mechanismUid);
  else url.searchParams.set('_action', call.said.action);

  const send = (offset: number): Promise<Response> => {
    const token = relayToken(account, address, { nowMillis: io.now() + offset, jti: io.randomUuid() });
    return request(io, url.href, {
      method: call.said === undefined ? 'GET' : 'POST',
      headers: {
        accept: call.accept,
        'accept-api-version': ACCEPT_API_VERSION,
        authorization: `Bearer ${token}`,
        ...(call.said === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.said === undefined ? {} : { body: JSON.stringify(call.said.body) }),
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
