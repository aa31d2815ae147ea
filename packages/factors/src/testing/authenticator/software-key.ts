import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { newEcKeyPair } from '@assent/push/jose';
import type { PasskeyJwk } from '../../model/passkey.ts';
import { PASSKEY_ALGORITHMS } from '../../passkeys/verification/public-key.ts';

/** A private key of an authenticator, in its software. */
export interface SoftwareKey {
  /** COSE. */
  readonly algorithm: number;
  readonly publicKey: KeyObject;
  sign(data: Uint8Array): Uint8Array;
}

const HASHES: ReadonlyMap<number, string> = new Map([
  [PASSKEY_ALGORITHMS.ES256, 'sha256'],
  [PASSKEY_ALGORITHMS.ES384, 'sha384'],
  [PASSKEY_ALGORITHMS.ES512, 'sha512'],
  [PASSKEY_ALGORITHMS.RS256, 'sha256'],
  [PASSKEY_ALGORITHMS.RS384, 'sha384'],
  [PASSKEY_ALGORITHMS.RS512, 'sha512'],
]);

const CURVES: ReadonlyMap<number, string> = new Map([
  [PASSKEY_ALGORITHMS.ES256, 'P-256'],
  [PASSKEY_ALGORITHMS.ES384, 'P-384'],
  [PASSKEY_ALGORITHMS.ES512, 'P-521'],
]);

/** A new key of ES256, ES384 or ES512. */
export const newSoftwareKey = (algorithm: number = PASSKEY_ALGORITHMS.ES256): SoftwareKey => {
  const curve = CURVES.get(algorithm);
  if (curve === undefined) throw new RangeError(`A key for ${algorithm} is to be given by its own bytes.`);
  return softwareKey(newEcKeyPair(curve).privateKey, algorithm);
};

/** A key that there is already. */
export const softwareKey = (privateKey: KeyObject, algorithm: number): SoftwareKey => ({
  algorithm,
  publicKey: createPublicKey(privateKey),
  sign: (data) => new Uint8Array(sign(HASHES.get(algorithm) ?? null, data, privateKey)),
});

/** The public half, as a store keeps it. */
export const publicJwkOf = ({ publicKey }: SoftwareKey): PasskeyJwk =>
  publicKey.export({ format: 'jwk' }) as PasskeyJwk;
