import { ACCEPTED_KEYS, type ForeignKey, OFF_CURVE, REFUSED_KEYS } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { readAuthorizedKeys } from './authorized-keys.ts';

const part = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const bytes = (text = ''): Buffer => Buffer.from(text, 'base64url');

/** A line as OpenSSH would write it; kinds that the file has no word for go under that of P-256. */
const lineOf = ({ jwk }: ForeignKey): string => {
  const curve = { 'P-384': 'nistp384', 'P-521': 'nistp521' }[jwk.crv ?? ''] ?? 'nistp256';
  const [type, ...parts] =
    jwk.kty === 'RSA'
      ? ['ssh-rsa', bytes(jwk.e), bytes(jwk.n)]
      : [`ecdsa-sha2-${curve}`, Buffer.from(curve), Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)])];
  const blob = Buffer.concat([Buffer.from(String(type)), ...(parts as Buffer[])].map(part));
  return `${type} ${blob.toString('base64')} me@host`;
};

// By its bytes alone, a point of secp256k1 is one of no curve that the file has.
test.each([...REFUSED_KEYS, ['a point of no curve', OFF_CURVE] as const])(
  'passes over %s in a file of keys (SEC-95)',
  (_n, key) => {
    expect(readAuthorizedKeys(lineOf(key))).toEqual([]);
  },
);

test.each(ACCEPTED_KEYS.filter(([, { jwk }]) => jwk.kty !== 'OKP'))(
  'takes %s from a file of keys (SEC-95)',
  (_n, key) => {
    expect(readAuthorizedKeys(lineOf(key))).toHaveLength(1);
  },
);
