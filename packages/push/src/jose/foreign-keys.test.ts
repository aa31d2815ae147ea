import { ACCEPTED_KEYS, OFF_CURVE, REFUSED_KEYS } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { checkEcPublicKey } from './es256.ts';

// What our phone registers as `x_key` (SEC-10).

const isP256 = ([name]: (typeof ACCEPTED_KEYS)[number]) => name === 'P-256';

test.each([...REFUSED_KEYS, ...ACCEPTED_KEYS.filter((it) => !isP256(it)), ['a point of no curve', OFF_CURVE] as const])(
  'a phone registers no key of %s (SEC-95)',
  (_name, { jwk }) => {
    expect(checkEcPublicKey(jwk)).toMatchObject({ ok: false, reason: expect.stringMatching(/P-256/) });
  },
);

test.each(ACCEPTED_KEYS.filter(isP256))('a phone registers a key of %s (SEC-95)', (_name, { jwk }) => {
  expect(checkEcPublicKey(jwk)).toMatchObject({ ok: true });
});
