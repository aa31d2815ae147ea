import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { SigningAlgorithm } from '../model/clients.ts';

const RSA_BITS = 2_048;

/** Through PEM: key objects of the generator may stand still on Node 20 (docs/adr/0031). */
const ENCODINGS = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
} as const;

/** A new private key in PKCS #8, PEM; made off the main thread, for which an RSA key would be a fifth of a second. */
export const newPrivateKey = (algorithm: SigningAlgorithm): Promise<string> =>
  new Promise((resolve, reject) => {
    const take = (error: Error | null, _publicKey: string, privateKey: string) =>
      error ? reject(error) : resolve(privateKey);
    if (algorithm === 'RS256') generateKeyPair('rsa', { modulusLength: RSA_BITS, ...ENCODINGS }, take);
    else generateKeyPair('ec', { namedCurve: 'P-256', ...ENCODINGS }, take);
  });

/** A public key as a key set shows it, but for its name and use. */
export const publicJwk = (publicKey: KeyObject): JWK => publicKey.export({ format: 'jwk' }) as JWK;

/** RFC 7638, so that a key has one name wherever it is seen. */
export const kidOf = (privateKey: string): Promise<string> =>
  calculateJwkThumbprint(publicJwk(createPublicKey(privateKey)));
