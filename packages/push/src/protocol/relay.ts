import { readMechanismUid } from './device-claims.ts';
import { isObject, type Parsed, parsed, refused } from './parsed.ts';
import type { DeliveredMessage } from './provider-payload.ts';

/** The relay's list: all messages that wait for an answer, oldest first (design.md §3.1). */
export interface RelayList {
  readonly messages: readonly DeliveredMessage[];
}

/** The names of the events on a relay stream. */
export const relayEvents = { push: 'push', withdrawn: 'withdrawn' } as const;

/** What a device says to prove itself to the relay. */
export interface RelayTokenClaims {
  /** Seconds since the epoch. */
  readonly iat: number;
  readonly jti: string;
  readonly mechanismUid: string;
  /** The relay's address without query. */
  readonly aud: string;
}

const MESSAGE_PATH = 'push/sns/message';
const RELAY_PATH = 'push/relay';

/** The relay's address, which is also the `aud` of its tokens, from the registration's (design.md §3.3). */
export function relayUrl(registerUrl: string): string | undefined {
  const endpoint = registerUrl.split('?', 1)[0] ?? '';
  return endpoint.endsWith(`/${MESSAGE_PATH}`) ? `${endpoint.slice(0, -MESSAGE_PATH.length)}${RELAY_PATH}` : undefined;
}

/** Reads the claims of a relay token; unlike elsewhere every one of them is demanded. */
export function parseRelayTokenClaims(claims: unknown): Parsed<RelayTokenClaims> {
  if (!isObject(claims)) return refused('claims are not an object');
  const { iat, jti, aud } = claims;
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return refused('iat is not a number');
  if (typeof jti !== 'string' || !/^[\x21-\x7e]{1,160}$/.test(jti)) return refused('jti is not an id');
  if (typeof aud !== 'string' || aud === '') return refused('aud is missing');
  const mechanismUid = readMechanismUid(claims.mechanismUid);
  if (mechanismUid === undefined) return refused('mechanismUid missing or not allowed');
  return parsed({ iat, jti, mechanismUid, aud });
}

/** Reads the relay's list on the phone. */
export function parseRelayList(body: unknown): Parsed<RelayList> {
  const entries: unknown = isObject(body) ? body.messages : undefined;
  if (!Array.isArray(entries)) return refused('no list of messages');
  const messages: DeliveredMessage[] = [];
  for (const entry of entries) {
    const message = parseRelayMessage(entry);
    if (!message.ok) return message;
    messages.push(message.value);
  }
  return parsed({ messages });
}

/** Reads one message: an entry of the list, or the data of a `push` event. */
export function parseRelayMessage(value: unknown): Parsed<DeliveredMessage> {
  if (!isObject(value)) return refused('a message is not an object');
  const { messageId, message } = value;
  return typeof messageId === 'string' && typeof message === 'string'
    ? parsed({ messageId, message })
    : refused('a message lacks its id or its text');
}

/** Reads the data of a `withdrawn` event, and the body that marks a message as shown: both name a message. */
export function parseMessageReference(value: unknown): Parsed<{ readonly messageId: string }> {
  const messageId = isObject(value) ? value.messageId : undefined;
  return typeof messageId === 'string' && messageId.length <= 160
    ? parsed({ messageId })
    : refused('messageId is not text');
}
