import { createHmac, createPrivateKey, type JsonWebKey, sign, timingSafeEqual } from 'node:crypto';
import { decodeBase64, decodeBase64Text, encodeBase64, encodeBase64Url } from './base64.ts';

/** The claims of a JWT before anybody has checked them. */
export type Claims = Readonly<Record<string, unknown>>;

/** `base64(HMAC-SHA-256(K, challenge))`, push-protocol.md 0.4. */
export function answerChallenge(key: Uint8Array, challenge: Uint8Array): string {
  return encodeBase64(createHmac('sha256', key).update(challenge).digest());
}

/** Signs with the shared key; the header is the 27 bytes that every client expects (push-protocol.md 0.3). */
export function signWithSharedKey(key: Uint8Array, claims: Claims): string {
  const input = signingInput('HS256', claims);
  return `${input}.${encodeBase64Url(createHmac('sha256', key).update(input).digest())}`;
}

/** Signs with the key that never leaves this device (design.md 3.1). */
export function signWithDeviceKey(privateJwk: JsonWebKey, claims: Claims): string {
  const input = signingInput('ES256', claims);
  const key = createPrivateKey({ key: privateJwk, format: 'jwk' });
  // RFC 7518 §3.4: the signature is R and S side by side, not DER.
  return `${input}.${encodeBase64Url(sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }))}`;
}

/** Reads the claims without trusting them: enough to find the key, never enough to act. */
export function peekClaims(jwt: string): Claims | undefined {
  const parts = jwt.split('.');
  if (parts.length !== 3) return undefined;
  return parseObject(parts[1] ?? '');
}

/** True only for a three-part JWT that says HS256 and carries the right MAC over the bytes as received. */
export function isSignedBySharedKey(jwt: string, key: Uint8Array): boolean {
  const [header, payload, signature, ...rest] = jwt.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return false;
  if (parseObject(header)?.alg !== 'HS256') return false;
  const received = decodeBase64(signature);
  const expected = createHmac('sha256', key).update(`${header}.${payload}`).digest();
  return received !== undefined && received.length === expected.length && timingSafeEqual(received, expected);
}

function signingInput(alg: 'HS256' | 'ES256', claims: Claims): string {
  return `${encodeBase64Url(JSON.stringify({ typ: 'JWT', alg }))}.${encodeBase64Url(JSON.stringify(claims))}`;
}

function parseObject(segment: string): Claims | undefined {
  const text = decodeBase64Text(segment);
  if (text === undefined) return undefined;
  return parseJsonObject(text);
}

/** Parses JSON text that must be an object. */
export function parseJsonObject(text: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}
