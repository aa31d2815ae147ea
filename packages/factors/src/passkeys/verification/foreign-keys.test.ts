import { ACCEPTED_KEYS, type ForeignKey, OFF_CURVE, REFUSED_KEYS } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { PASSKEY_ALGORITHMS, readCoseKey } from './public-key.ts';

const bytes = (text = ''): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'));
const KINDS = { RSA: 3, EC: 2, OKP: 1 } as const;
const CURVES: Readonly<Record<string, number>> = {
  'P-256': 1,
  'P-384': 2,
  'P-521': 3,
  X25519: 4,
  Ed25519: 6,
  Ed448: 7,
  secp256k1: 8,
};

/** As an authenticator writes it (RFC 9053 §7, RFC 8230 §4). */
const coseOf = ({ jwk, algorithm }: ForeignKey) =>
  new Map<number, number | Uint8Array>([
    [1, KINDS[jwk.kty as keyof typeof KINDS]],
    [3, PASSKEY_ALGORITHMS[algorithm.toUpperCase() as keyof typeof PASSKEY_ALGORITHMS]],
    ...(jwk.kty === 'RSA'
      ? ([
          [-1, bytes(jwk.n)],
          [-2, bytes(jwk.e)],
        ] as const)
      : ([
          [-1, CURVES[jwk.crv ?? ''] ?? 0],
          [-2, bytes(jwk.x)],
        ] as const)),
    ...(jwk.kty === 'EC' ? ([[-3, bytes(jwk.y)]] as const) : []),
  ]);

test.each([...REFUSED_KEYS, ['a point of no curve', OFF_CURVE] as const])(
  'no passkey is made of %s (WA-09, SEC-95)',
  (_n, key) => {
    expect(readCoseKey(coseOf(key))).toEqual({ ok: false, reason: 'publicKey' });
  },
);

test.each(ACCEPTED_KEYS)('a passkey is made of %s (WA-09, SEC-95)', (_n, key) => {
  expect(readCoseKey(coseOf(key))).toMatchObject({ ok: true, value: { publicKey: key.jwk } });
});
