import { type KeyObject, sign } from 'node:crypto';
import { encodeJwsParts, encodeJwsSigningInput } from '../protocol/index.ts';

/** The compact JWS of the claims under a P-256 private key: what a phone with a key of its own sends (SEC-10). */
export function signEs256(claims: object, privateKey: KeyObject): string {
  const signingInput = encodeJwsSigningInput('ES256', claims);
  return encodeJwsParts(
    signingInput,
    sign('sha256', Buffer.from(signingInput), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  );
}
