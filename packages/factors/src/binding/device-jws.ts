import {
  type Claims,
  decodeBase64UrlExactly,
  type Parsed,
  parsed,
  parseJsonObject,
  refused,
  utf8Text,
} from '@assent/push/protocol';
import { compactVerify } from 'jose';
import type { BoundDeviceJwk } from '../model/bound-device.ts';
import { type BindingAlgorithm, isBindingAlgorithm } from './device-key.ts';

/** What is wrong with a JWS before anything of it is proven. */
export type JwsFault = 'malformed' | 'algorithm' | 'critical' | 'kid';

/** A signed text of a device, taken apart, with nothing of it believed yet. */
export interface DeviceJws {
  /** As it came. */
  readonly text: string;
  readonly header: Claims;
  readonly claims: Claims;
  readonly alg: BindingAlgorithm;
  readonly kid: string;
}

/** As long as a callback takes it: a key that is attested brings its certificates along. */
const MAX_JWS_LENGTH = 32_768;

/** It names the device in paths of REST and in the audit trail (WA-44). The apps use a UUID. */
const KID = /^[\w-]{1,128}$/;

/**
 * Takes a compact JWS apart (RFC 7515 §3.1). Headers and claims mean one thing to every reader: no member occurs twice, and no text has two
 * spellings in base64url. Where a header points to keys elsewhere (`jku`, `x5u`), nobody looks (WA-43).
 */
export const readDeviceJws = (text: string): Parsed<DeviceJws, JwsFault> => {
  if (text.length > MAX_JWS_LENGTH) return refused('malformed');
  const [head = '', payload = '', signature = '', ...more] = text.split('.');
  if (signature === '' || more.length > 0 || decodeBase64UrlExactly(signature) === undefined)
    return refused('malformed');
  const header = objectIn(head);
  const claims = objectIn(payload);
  if (header === undefined || claims === undefined) return refused('malformed');
  // We know no extension that a reader would have to (RFC 7515 §4.1.11).
  if (header.crit !== undefined) return refused('critical');
  const { alg, kid } = header;
  if (!isBindingAlgorithm(alg)) return refused('algorithm');
  if (typeof kid !== 'string' || !KID.test(kid)) return refused('kid');
  return parsed({ text, header, claims, alg, kid });
};

const objectIn = (segment: string): Claims | undefined => {
  const bytes = decodeBase64UrlExactly(segment);
  const text = bytes === undefined ? undefined : utf8Text(bytes);
  const read = text === undefined ? undefined : parseJsonObject(text);
  return read?.ok === true ? read.value : undefined;
};

/** Whether a key has signed it, by the one algorithm that it signs by. */
export const isSignedBy = async ({ text, alg }: DeviceJws, key: BoundDeviceJwk): Promise<boolean> => {
  try {
    await compactVerify(text, { ...key }, { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
};
