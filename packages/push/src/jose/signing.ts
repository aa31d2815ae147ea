import { createPublicKey, KeyObject, timingSafeEqual, verify } from 'node:crypto';
import {
  type Claims,
  decodeJwsPayload,
  type EcPublicJwk,
  type JwsAlgorithm,
  type JwtExpectations,
  joinJwsSigningInput,
  type Parsed,
  parsed,
  parseEcPublicJwk,
  refused,
  type SplitJws,
  splitCompactJws,
  timeOrAudienceProblem,
} from '../protocol/index.ts';
import { HmacSha256 } from './hmac-sha256.ts';

/** The claims of a JWT that was verified, or why it was not: for logs, never for the sender. */
export type OpenedJwt =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly reason: string };

const KEY_BYTES = 32;

/**
 * The answer to a challenge (spec/push-protocol.md §0.4). The same key signs JWTs, so a challenge of any other length
 * is refused: it could be a signing input, and the answer its signature.
 */
export function answerChallenge(secret: Uint8Array, challenge: Uint8Array): Buffer {
  if (challenge.length !== 32) throw new RangeError('a challenge is 32 bytes');
  return new HmacSha256(requireLongKey(secret)).bytesOf(challenge);
}

/** The compact JWS of the claims under a shared key. */
export const signHs256 = (claims: object, key: Uint8Array): string => signJsonHs256(JSON.stringify(claims), key);

/** The same for claims that are JSON text already. */
export function signJsonHs256(claims: string, key: Uint8Array): string {
  const signingInput = joinJwsSigningInput('HS256', Buffer.from(claims).toString('base64url'));
  return `${signingInput}.${new HmacSha256(requireLongKey(key)).of(signingInput)}`;
}

/** Verifies a JWT of a phone that signs with the shared key; nothing of it is parsed before that. */
export function openHs256(jwt: string, key: Uint8Array, expectations: JwtExpectations): OpenedJwt {
  if (!isLongEnough(key)) return refused('key too short');
  const mac = new HmacSha256(key);
  return open(jwt, 'HS256', expectations, (jws) => sameBytes(jws.signature, mac.bytesOf(jws.signingInput)));
}

/** Verifies a JWT of a phone that has a key of its own (SEC-10); the shared key no longer opens anything. */
export function openEs256(jwt: string, publicKey: EcPublicJwk | KeyObject, expectations: JwtExpectations): OpenedJwt {
  const key = publicKey instanceof KeyObject ? parsed(publicKey) : checkEcPublicKey(publicKey);
  if (!key.ok) return key;
  return open(
    jwt,
    'ES256',
    expectations,
    (jws) =>
      jws.signature.length === 64 &&
      verify('sha256', Buffer.from(jws.signingInput), { key: key.value, dsaEncoding: 'ieee-p1363' }, jws.signature),
  );
}

function open(
  jwt: string,
  alg: JwsAlgorithm,
  expectations: JwtExpectations,
  isSigned: (jws: SplitJws) => boolean,
): OpenedJwt {
  const jws = splitCompactJws(jwt);
  if (!jws.ok) return jws;
  // The algorithm belongs to the key, never to the message (RFC 8725 §3.1).
  if (jws.value.alg !== alg) return refused(`alg is not ${alg}`);
  if (!isSigned(jws.value)) return refused('signature does not verify');
  const claims = decodeJwsPayload(jws.value.payload);
  if (!claims.ok) return claims;
  const problem = timeOrAudienceProblem(claims.value, expectations);
  return problem === undefined ? { ok: true, claims: claims.value } : refused(problem);
}

/** To import a key costs what a verification does, and a phone that has fetched a message soon answers it. */
const MAX_REMEMBERED_KEYS = 1_024;
const rememberedKeys = new Map<string, KeyObject>();

/** The key of a public JWK, or why it is none: wrong curve, no point on it, or not only public (A059). */
export function checkEcPublicKey(jwk: unknown): Parsed<KeyObject> {
  const checked = parseEcPublicJwk(jwk);
  if (checked === undefined) return refused('not a P-256 public JWK');
  const point = `${checked.x}.${checked.y}`;
  const known = rememberedKeys.get(point);
  if (known !== undefined) return parsed(known);
  try {
    const key = createPublicKey({ key: { ...checked }, format: 'jwk' });
    if (rememberedKeys.size >= MAX_REMEMBERED_KEYS) rememberedKeys.clear();
    rememberedKeys.set(point, key);
    return parsed(key);
  } catch {
    return refused('not a point on P-256');
  }
}

/** Compares in a time that tells nothing about where the difference is. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

const isLongEnough = (key: Uint8Array): boolean => key.length >= KEY_BYTES;

function requireLongKey(key: Uint8Array): Uint8Array {
  if (!isLongEnough(key)) throw new RangeError('a shared key has at least 32 bytes');
  return key;
}
