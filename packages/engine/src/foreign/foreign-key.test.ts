import { expect, test } from 'vitest';
import { type ForeignKeyFault, foreignKeyFault } from './foreign-key.ts';

const base64Url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
/** An odd number of so many bits. */
const modulus = (bits: number) => {
  const bytes = Buffer.alloc(Math.ceil(bits / 8), 0xff);
  bytes[0] = 0xff >> (bytes.length * 8 - bits);
  return base64Url(bytes);
};
const rsa = (bits: number, e = 'AQAB') => ({ kty: 'RSA', n: modulus(bits), e });
const coordinate = (bytes: number) => base64Url(Buffer.alloc(bytes, 1));
const jwkOf = (crv: string, bytes: number) => ({ kty: 'EC', crv, x: coordinate(bytes), y: coordinate(bytes) });
const edwards = (crv: string, bytes: number) => ({ kty: 'OKP', crv, x: coordinate(bytes) });
const ed = edwards('Ed25519', 32);
const p256 = jwkOf('P-256', 32);

test.each([
  ['RSA of 2,048 bits', rsa(2_048), 'RS256'],
  ['RSA of 4,096 bits', rsa(4_096), 'PS512'],
  [
    'RSA with a zero before the number',
    { ...rsa(2_048), n: base64Url(Buffer.concat([Buffer.alloc(1), Buffer.from(modulus(2_048), 'base64url')])) },
    'RS256',
  ],
  ['the exponent 3', rsa(2_048, 'Aw'), 'RS256'],
  ['an exponent of 32 bits', rsa(2_048, '_____w'), 'RS256'],
  ['P-256', p256, 'ES256'],
  ['P-384', jwkOf('P-384', 48), 'ES384'],
  ['P-521', jwkOf('P-521', 66), 'ES512'],
  ['Ed25519', ed, 'EdDSA'],
  ['a key that says its use and algorithm', { ...p256, use: 'sig', alg: 'ES256' }, undefined],
])('accepts %s (SEC-95)', (_, jwk, algorithm) => {
  expect(foreignKeyFault(jwk, algorithm)).toBeUndefined();
});

test.each<[string, unknown, string | undefined, ForeignKeyFault]>([
  ['no key', undefined, undefined, 'kind'],
  ['a text', 'x', undefined, 'kind'],
  ['a shared key', { kty: 'oct', k: 'AAAA' }, 'HS256', 'private'],
  ['an unknown kind', { kty: 'DSA' }, undefined, 'kind'],
  ['RSA of 1,024 bits', rsa(1_024), 'RS256', 'size'],
  ['RSA of 2,047 bits', rsa(2_047), 'RS256', 'size'],
  ['RSA of 4,097 bits', rsa(4_097), 'RS256', 'size'],
  ['RSA of 16,384 bits', rsa(16_384), 'RS256', 'size'],
  [
    'an even modulus',
    { ...rsa(2_048), n: base64Url(Buffer.concat([Buffer.alloc(255, 0xff), Buffer.alloc(1, 0xfe)])) },
    'RS256',
    'size',
  ],
  ['a modulus that is no base64url', { ...rsa(2_048), n: `${modulus(2_048)}=` }, 'RS256', 'size'],
  ['the exponent 1', rsa(2_048, 'AQ'), 'RS256', 'exponent'],
  ['an even exponent', rsa(2_048, 'BA'), 'RS256', 'exponent'],
  ['an exponent of 33 bits', rsa(2_048, base64Url(Buffer.from([1, 0, 0, 0, 1]))), 'RS256', 'exponent'],
  ['an exponent as long as the modulus', rsa(2_048, modulus(2_048)), 'RS256', 'exponent'],
  ['no exponent', { kty: 'RSA', n: modulus(2_048) }, 'RS256', 'exponent'],
  ['a private half', { ...p256, d: p256.x }, 'ES256', 'private'],
  ['a private prime', { ...rsa(2_048), p: 'AQAB' }, 'RS256', 'private'],
  ['a key to encrypt with', { ...p256, use: 'enc' }, 'ES256', 'use'],
  ['secp256k1', jwkOf('secp256k1', 32), 'ES256K', 'curve'],
  ['Ed448', edwards('Ed448', 57), 'EdDSA', 'curve'],
  ['X25519', edwards('X25519', 32), 'EdDSA', 'curve'],
  ['a curve of another kind', { ...ed, kty: 'EC' }, undefined, 'curve'],
  ['a short coordinate', { ...p256, x: 'AAAA' }, 'ES256', 'curve'],
  ['no coordinate', { ...p256, y: undefined }, 'ES256', 'curve'],
  ['the algorithm of another kind', p256, 'RS256', 'algorithm'],
  ['the algorithm of another curve', p256, 'ES384', 'algorithm'],
  ['an algorithm that the key denies', { ...rsa(2_048), alg: 'RS512-OAEP' }, 'RS256', 'algorithm'],
])('refuses %s (SEC-95)', (_, jwk, algorithm, fault) => {
  expect(foreignKeyFault(jwk, algorithm)).toBe(fault);
});
