/** What a message asks of the phone. */
export type MessageType = 'REGISTER' | 'AUTHENTICATE';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
// Every id we make is visible ASCII and under 64 characters; the rest of the room is for imported ones.
const OPAQUE = /^[\x21-\x7e]{1,128}$/;

/** The id of a message, unique for ever because phones recognise repeats by it (spec/push-protocol.md §8.2). */
export function messageId(type: MessageType, uuid: string, epochMillis: number): string {
  if (!UUID.test(uuid)) throw new RangeError('a message id needs a UUID');
  if (!Number.isSafeInteger(epochMillis) || epochMillis < 0)
    throw new RangeError('a message id needs a time in milliseconds');
  return `${type}:${uuid}${epochMillis}`;
}

/** The type of a message id, or undefined for a text that cannot be one. */
export function parseMessageId(text: string): { readonly type: MessageType } | undefined {
  const colon = text.lastIndexOf(':');
  const type = text.slice(0, Math.max(colon, 0));
  if (type !== 'REGISTER' && type !== 'AUTHENTICATE') return undefined;
  return OPAQUE.test(text.slice(colon + 1)) ? { type } : undefined;
}

/** Whether a phone can tell messages apart by it; other servers make ids of other shapes. */
export const isMessageId = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x21-\x7e]{1,256}$/.test(value);
