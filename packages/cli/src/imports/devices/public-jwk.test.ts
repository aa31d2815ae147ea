import { ACCEPTED_KEYS, OFF_CURVE, REFUSED_KEYS } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { readBoundJwk, readPublicJwk } from './public-jwk.ts';

test.each([...REFUSED_KEYS, ['a point of no curve', OFF_CURVE] as const])(
  'imports no device with %s (SEC-95)',
  (_n, { jwk }) => {
    expect([readPublicJwk(jwk), readBoundJwk(jwk)]).toEqual(['form', 'form']);
  },
);

test.each(ACCEPTED_KEYS)(
  'imports a passkey with %s, and a bound device where it may have one (SEC-95)',
  (_n, { jwk }) => {
    expect(readPublicJwk(jwk)).toEqual(jwk);
    expect(readBoundJwk(jwk)).toEqual(jwk.kty === 'OKP' ? 'form' : jwk);
  },
);
