import { ACCEPTED_KEYS, type ForeignKey, OFF_CURVE, REFUSED_KEYS } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { type BindingAlgorithm, isBindingAlgorithm, readDeviceKey } from './device-key.ts';

const read = ({ jwk, algorithm }: ForeignKey) =>
  readDeviceKey(jwk, { alg: algorithm as BindingAlgorithm, kid: 'a device' });

test.each([...REFUSED_KEYS, ['a point of no curve', OFF_CURVE] as const])(
  'binds no device by %s (SEC-95)',
  (_n, key) => {
    expect(read(key)).toMatchObject({ ok: false, reason: expect.stringMatching(/^(?:keyType|weakKey|keyMismatch)$/) });
  },
);

test.each(ACCEPTED_KEYS.filter(([, { algorithm }]) => isBindingAlgorithm(algorithm)))(
  'binds a device by %s (SEC-95)',
  (_n, key) => {
    expect(read(key)).toMatchObject({ ok: true, value: { kty: key.jwk.kty, alg: key.algorithm } });
  },
);
