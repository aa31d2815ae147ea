import { parseForeignJson } from '@assent/engine';
import { decodeBase64, encodeBase64Url, isObject } from '../../../protocol/index.ts';

/** What a browser says of its push subscription. @see Push API, `PushSubscription.toJSON()` */
export interface WebPushSubscription {
  readonly endpoint: string;
  readonly keys: {
    /** The browser's public key: an uncompressed point on P-256, base64url. */
    readonly p256dh: string;
    /** 16 bytes that only browser and server know, base64url. */
    readonly auth: string;
  };
}

const MAX_ENDPOINT_LENGTH = 2_048;
const POINT_BYTES = 65;
const UNCOMPRESSED = 0x04;
const AUTH_BYTES = 16;

/** Reads the JSON text of a subscription; anything else in it is left behind. */
export const parseSubscription = (text: string): WebPushSubscription | undefined => {
  let value: unknown;
  try {
    value = parseForeignJson(text);
  } catch {
    return undefined;
  }
  const keys = isObject(value) ? value.keys : undefined;
  if (!isObject(value) || !isObject(keys)) return undefined;
  const { endpoint } = value;
  const point = bytesOf(keys.p256dh, POINT_BYTES);
  const auth = bytesOf(keys.auth, AUTH_BYTES);
  if (typeof endpoint !== 'string' || endpoint.length > MAX_ENDPOINT_LENGTH || auth === undefined) return undefined;
  if (point === undefined || point[0] !== UNCOMPRESSED) return undefined;
  return { endpoint, keys: { p256dh: encodeBase64Url(point), auth: encodeBase64Url(auth) } };
};

const bytesOf = (value: unknown, length: number): Uint8Array | undefined => {
  const bytes = typeof value === 'string' && value.length <= 128 ? decodeBase64(value) : undefined;
  return bytes?.length === length ? bytes : undefined;
};
