import { type KeyObject, sign } from 'node:crypto';

/** By which of our keys at a provider a JWT is signed. */
export interface AssertionKey {
  readonly alg: 'RS256' | 'ES256';
  /** What the provider calls the key (RFC 7515 §4.1.4). */
  readonly keyId: string;
  readonly key: KeyObject;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The JWT by which this server proves to a push provider who it is (RFC 7523, RFC 7518 §3.3 and §3.4). */
export const signAssertion = (claims: object, { alg, keyId, key }: AssertionKey): string => {
  const input = `${encoded({ alg, typ: 'JWT', kid: keyId })}.${encoded(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
};
