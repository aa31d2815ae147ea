import { describe, expect, test } from 'vitest';
import { newSoftwareKey, publicJwkOf } from '../../testing/authenticator/software-key.ts';
import { encodeCoseKey, PASSKEY_ALGORITHMS, type PasskeyKey, readCoseKey } from './public-key.ts';
import { type CborMap, type CborValue, readCbor } from './strict-cbor.ts';

const { ES256, ES384, ES512, RS256, RS512, EDDSA } = PASSKEY_ALGORITHMS;

const ecKey = (algorithm: number): PasskeyKey => ({ publicKey: publicJwkOf(newSoftwareKey(algorithm)), algorithm });
/** No key of anybody: of such a number all that is asked is how long it is, and whether it is odd. */
const rsaKey = (bits: number, algorithm: number = RS256): PasskeyKey => {
  const n = Buffer.alloc(Math.ceil(bits / 8), 0xff);
  n[0] = 0xff >> ((8 - (bits % 8)) % 8);
  return { publicKey: { kty: 'RSA', n: n.toString('base64url'), e: 'AQAB' }, algorithm };
};
const ed25519: PasskeyKey = {
  // RFC 8037 appendix A.
  publicKey: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
  algorithm: EDDSA,
};

const coseOf = (key: PasskeyKey): CborMap => {
  const read = readCbor(encodeCoseKey(key));
  if (!read.ok) throw new Error(read.reason);
  return read.value as CborMap;
};
const changed = (key: PasskeyKey, ...entries: [number, CborValue][]): CborMap => new Map([...coseOf(key), ...entries]);

test.each([
  ['ES256', ecKey(ES256)],
  ['ES384', ecKey(ES384)],
  ['ES512', ecKey(ES512)],
  ['RS256 of 2,048 bits', rsaKey(2_048)],
  ['RS512 of 4,096 bits', rsaKey(4_096, RS512)],
  ['Ed25519', ed25519],
])('a key of %s goes there and back', (_name, key) => {
  expect(readCoseKey(coseOf(key))).toEqual({ ok: true, value: key });
});

describe('keys that no passkey may have (WA-09)', () => {
  const p256 = ecKey(ES256);
  const y = (coseOf(p256).get(-3) as Uint8Array).slice();
  y[5] = (y[5] ?? 0) ^ 1;

  test.each([
    ['of RS1', changed(rsaKey(2_048), [3, -65_535]), 'algorithm'],
    ['of PS256', changed(rsaKey(2_048), [3, -37]), 'algorithm'],
    ['of ES256K', changed(p256, [3, -47]), 'algorithm'],
    ['of Ed448 by its own algorithm', changed(ed25519, [3, -53], [-1, 7], [-2, new Uint8Array(57)]), 'algorithm'],
    ['of Ed448 by that of Ed25519', changed(ed25519, [-1, 7], [-2, new Uint8Array(57)]), 'publicKey'],
    ['of no algorithm', new Map([...coseOf(p256)].filter(([label]) => label !== 3)), 'algorithm'],
    ['of `none`', changed(p256, [3, 'none']), 'algorithm'],
    ['of an algorithm of the HMAC family', changed(p256, [3, 5]), 'algorithm'],
    ['of another type than its algorithm', changed(p256, [1, 3]), 'publicKey'],
    ['of P-384 for ES256', changed(ecKey(ES384), [3, ES256]), 'publicKey'],
    ['of P-256 that says to be P-384', changed(p256, [-1, 2]), 'publicKey'],
    ['with a point that is not on its curve', changed(p256, [-3, y]), 'publicKey'],
    ['with a point at no place', changed(p256, [-2, new Uint8Array(32)], [-3, new Uint8Array(32)]), 'publicKey'],
    ['with half a point', changed(p256, [-3, true]), 'publicKey'],
    ['with a coordinate too long', changed(p256, [-2, new Uint8Array(33)]), 'publicKey'],
    ['with a member more', changed(p256, [2, Uint8Array.of(1)]), 'publicKey'],
    ['with a private half', changed(p256, [-4, new Uint8Array(32)]), 'publicKey'],
    ['RSA of 2,047 bits', coseOf(rsaKey(2_047)), 'publicKey'],
    ['RSA of 1,024 bits', coseOf(rsaKey(1_024)), 'publicKey'],
    ['RSA of 16,384 bits', coseOf(rsaKey(16_384)), 'publicKey'],
    ['RSA of an even number', changed(rsaKey(2_048), [-1, new Uint8Array(256).fill(0xfe)]), 'publicKey'],
    ['RSA with zeros before it', changed(rsaKey(2_048), [-1, new Uint8Array(512).fill(0xff, 256)]), 'publicKey'],
    ['RSA with exponent 1', changed(rsaKey(2_048), [-2, Uint8Array.of(1)]), 'publicKey'],
    ['RSA with exponent 2', changed(rsaKey(2_048), [-2, Uint8Array.of(2)]), 'publicKey'],
    ['RSA with no exponent', changed(rsaKey(2_048), [-2, new Uint8Array()]), 'publicKey'],
    ['Ed25519 that is too short', changed(ed25519, [-2, new Uint8Array(31)]), 'publicKey'],
  ] as [string, CborMap, string][])('%s', (_what, cose, reason) => {
    expect(readCoseKey(cose)).toEqual({ ok: false, reason });
  });

  test('a JWK that is no base64url is not encoded', () => {
    const key: PasskeyKey = { publicKey: { kty: 'EC', crv: 'P-256', x: '%', y: '%' }, algorithm: ES256 };
    expect(() => encodeCoseKey(key)).toThrow(TypeError);
  });
});
