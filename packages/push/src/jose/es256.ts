import { createPublicKey, KeyObject, sign, verify } from 'node:crypto';
import { foreignKeyFault } from '@assent/engine';
import { LRUCache } from 'lru-cache';
import {
  type EcPublicJwk,
  encodeJwsParts,
  encodeJwsSigningInput,
  type JwtExpectations,
  type Parsed,
  parsed,
  parseEcPublicJwk,
  refused,
} from '../protocol/index.ts';
import { type OpenedJwt, openVerified, verifyJws } from './opened-jwt.ts';

/** R and S side by side (RFC 7518 §3.4). */
const SIGNATURE_BYTES = 64;

/** The compact JWS of the claims under a P-256 private key: what a phone with a key of its own sends (SEC-10). */
export function signEs256(claims: object, key: KeyObject): string {
  const signingInput = encodeJwsSigningInput('ES256', claims);
  return encodeJwsParts(signingInput, sign('sha256', Buffer.from(signingInput), { key, dsaEncoding: 'ieee-p1363' }));
}

/** Opens a JWT of a phone that has a key of its own (SEC-10); the shared key no longer opens anything. */
export function openEs256(jwt: string, publicKey: EcPublicJwk | KeyObject, expectations: JwtExpectations): OpenedJwt {
  const key = publicKey instanceof KeyObject ? parsed(publicKey) : checkEcPublicKey(publicKey);
  if (!key.ok) return key;
  const verified = verifyJws(
    jwt,
    'ES256',
    ({ signature, signingInput }) =>
      signature.length === SIGNATURE_BYTES &&
      verify('sha256', Buffer.from(signingInput), { key: key.value, dsaEncoding: 'ieee-p1363' }, signature),
  );
  return openVerified(verified, expectations);
}

/** To import a key costs what a verification does, and a phone that has fetched a message soon answers it. */
const importedKeys = new LRUCache<string, KeyObject>({ max: 1_024 });

/** The key of a public JWK, or why it is none: wrong curve, no point on it, or not only public (A059). */
export function checkEcPublicKey(jwk: unknown): Parsed<KeyObject> {
  const checked = parseEcPublicJwk(jwk);
  if (checked === undefined) return refused('not a P-256 public JWK');
  const point = `${checked.x}.${checked.y}`;
  const known = importedKeys.get(point);
  if (known !== undefined) return parsed(known);
  if (foreignKeyFault(checked, 'ES256') !== undefined) return refused('not a P-256 public JWK');
  try {
    const key = createPublicKey({ key: { ...checked }, format: 'jwk' });
    importedKeys.set(point, key);
    return parsed(key);
  } catch {
    return refused('not a point on P-256');
  }
}
