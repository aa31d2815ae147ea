import { decodeBase64 } from './base64.ts';
import { cleanText, cutText } from './display-text.ts';
import type { Claims } from './parsed.ts';

/** How a device gets its messages; `relay` and `webpush` are our own phone's. */
export type CommunicationType = 'gcm' | 'apns' | 'relay' | 'webpush';

/** Whether who carries the message can read it: on the relay it is sealed by TLS, and as Web Push by RFC 8291. */
export const isReadOnTheWay = (type: CommunicationType): boolean => type === 'gcm' || type === 'apns';

/** What a device is; `web` and `cli` are our own phone. */
export type DeviceType = 'android' | 'ios' | 'web' | 'cli';

const MECHANISM_UID = /^[\w.-]{1,128}$/;
const MAX_DEVICE_ID = 4096;
const MAX_DEVICE_NAME = 64;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
const CONTROL = /[\u0000-\u001f\u007f]/;

export const readDeviceType = (value: unknown): DeviceType | undefined =>
  value === 'android' || value === 'ios' || value === 'web' || value === 'cli' ? value : undefined;

export const readCommunicationType = (
  value: unknown,
  served: readonly CommunicationType[],
): CommunicationType | undefined => served.find((it) => it === value);

/** Opaque and case-sensitive; it goes back to the phone byte for byte. */
export const readMechanismUid = (value: unknown): string | undefined =>
  typeof value === 'string' && MECHANISM_UID.test(value) ? value : undefined;

export const readDeviceId = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_DEVICE_ID && !CONTROL.test(value)
    ? value
    : undefined;

/** A name is for people: it is cleaned and cut rather than refused, and absent when nothing is left (A052). */
export const readDeviceName = (value: unknown): string | undefined =>
  typeof value === 'string' ? cutText(cleanText(value), MAX_DEVICE_NAME).trim() || undefined : undefined;

/** The 32 bytes of a challenge answer, in whatever base64 the phone has (A014). */
export function readResponse(claims: Claims): Uint8Array | undefined {
  const text = claims.response;
  if (typeof text !== 'string' || text.length > 44) return undefined;
  const bytes = decodeBase64(text);
  return bytes?.length === 32 ? bytes : undefined;
}

/** `true` denies, absent or null does not, and nothing else means anything (SEC-18). */
export function readDeny(claims: Claims): boolean | undefined {
  const deny = claims.deny ?? undefined;
  if (deny === undefined) return false;
  return deny === true ? true : undefined;
}
