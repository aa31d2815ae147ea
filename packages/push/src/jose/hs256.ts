import { createHmac } from 'node:crypto';
import { type JwtExpectations, joinJwsSigningInput, type Parsed, refused, type SplitJws } from '../protocol/index.ts';
import { type OpenedJwt, openVerified, verifyJws } from './opened-jwt.ts';
import { sameBytes } from './same-bytes.ts';

const KEY_BYTES = 32;

const hmac = (key: Uint8Array, data: string | Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();

/**
 * The answer to a challenge (spec/push-protocol.md §0.4). The same key signs JWTs, so a challenge of any other length
 * is refused: it could be a signing input, and the answer its signature.
 */
export function answerChallenge(secret: Uint8Array, challenge: Uint8Array): Buffer {
  if (challenge.length !== 32) throw new RangeError('a challenge is 32 bytes');
  return hmac(requireLongKey(secret), challenge);
}

/** The compact JWS of the claims under a shared key. */
export const signHs256 = (claims: object, key: Uint8Array): string => signJsonHs256(JSON.stringify(claims), key);

/** The compact JWS of claims that are JSON text already. */
export function signJsonHs256(claims: string, key: Uint8Array): string {
  const signingInput = joinJwsSigningInput('HS256', Buffer.from(claims).toString('base64url'));
  return `${signingInput}.${hmac(requireLongKey(key), signingInput).toString('base64url')}`;
}

/** Verifies a JWT under a shared key; nothing of its payload is parsed. */
export function verifyHs256(jwt: string, key: Uint8Array): Parsed<SplitJws> {
  if (!isLongEnough(key)) return refused('key too short');
  return verifyJws(jwt, 'HS256', (jws) => sameBytes(jws.signature, hmac(key, jws.signingInput)));
}

/** Opens a JWT of a phone that signs with the shared key: its claims are parsed once the signature is verified. */
export const openHs256 = (jwt: string, key: Uint8Array, expectations: JwtExpectations): OpenedJwt =>
  openVerified(verifyHs256(jwt, key), expectations);

const isLongEnough = (key: Uint8Array): boolean => key.length >= KEY_BYTES;

function requireLongKey(key: Uint8Array): Uint8Array {
  if (!isLongEnough(key)) throw new RangeError('a shared key has at least 32 bytes');
  return key;
}
