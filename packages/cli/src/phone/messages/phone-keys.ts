import { createHmac, createPrivateKey, type JsonWebKey, sign, timingSafeEqual } from 'node:crypto';
import { signEs256 } from '@assent/push/jose';
import {
  type Claims,
  encodeBase64,
  encodeJwsParts,
  encodeJwsSigningInput,
  encodeTextUrl,
  splitCompactJws,
} from '@assent/push/protocol';

const hmac = (key: Uint8Array, data: string | Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();

/** `base64(HMAC-SHA-256(K, challenge))`, push-protocol.md 0.4. */
export const answerChallenge = (key: Uint8Array, challenge: Uint8Array): string => encodeBase64(hmac(key, challenge));

/** Signs with the shared key. Unlike the server's, it may be short: some official phones take any (push-protocol.md 0.3). */
export function signWithSharedKey(key: Uint8Array, claims: Claims): string {
  const input = encodeJwsSigningInput('HS256', claims);
  return encodeJwsParts(input, hmac(key, input));
}

/** Signs with the key that never leaves this device (design.md 3.1). */
export const signWithDeviceKey = (privateJwk: JsonWebKey, claims: Claims): string =>
  signEs256(claims, createPrivateKey({ key: privateJwk, format: 'jwk' }));

/** The public half, as others may see it. */
const publicHalf = ({ kty, crv, x, y }: JsonWebKey) => ({ kty, crv, x, y });

/** The compact JWS of an app that signs by a key of its own, as the official one for iOS writes it; with the key where that is to be bound. */
export function signAsApp(
  privateJwk: JsonWebKey,
  { kid, isNew, claims }: { readonly kid: string; readonly isNew: boolean; readonly claims: Claims },
): string {
  const jwk = { ...publicHalf(privateJwk), kid, use: 'sig', alg: 'ES256' };
  const header = { typ: 'JWS', alg: 'ES256', kid, ...(isNew && { jwk }) };
  const input = [header, claims].map((part) => encodeTextUrl(JSON.stringify(part))).join('.');
  const key = createPrivateKey({ key: privateJwk, format: 'jwk' });
  return encodeJwsParts(input, sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }));
}

/** True only for a JWT that says HS256 and carries the right MAC over the bytes as received. */
export function isSignedBySharedKey(jwt: string, key: Uint8Array): boolean {
  const jws = splitCompactJws(jwt);
  if (!jws.ok || jws.value.alg !== 'HS256') return false;
  const { signature, signingInput } = jws.value;
  const expected = hmac(key, signingInput);
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}
