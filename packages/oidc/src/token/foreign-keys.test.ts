import { ACCEPTED_KEYS, type ForeignKey, OFF_CURVE, REFUSED_KEYS, simulatedClock } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { ASSERTION_ALGORITHMS } from './client-assertion.ts';
import { ClientKeys } from './client-keys.ts';
import { DPOP_ALGORITHMS, dpopProof } from './dpop-proof.ts';

// Each entry of the provider that takes a public key of another party refuses the same keys (SEC-95).

const ADDRESS = 'https://id.example/token';
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Why a proof by a key is refused whose signature is none: a key that is accepted gets as far as that signature. */
const proofBy = async ({ jwk, algorithm }: ForeignKey) => {
  const payload = { htm: 'POST', htu: ADDRESS, iat: 1, jti: 'j' };
  const signature = Buffer.alloc(algorithm === 'RS256' ? Buffer.from(jwk.n ?? '', 'base64url').length : 64, 1);
  const text = `${encoded({ typ: 'dpop+jwt', alg: algorithm, jwk })}.${encoded(payload)}.${signature.toString('base64url')}`;
  const request = { header: () => text, method: 'POST', address: ADDRESS } as const;
  return dpopProof(request, 1_000).catch((error: unknown) => error);
};
const isAmong =
  (algorithms: readonly string[]) =>
  ([, { algorithm }]: (typeof ACCEPTED_KEYS)[number]) =>
    algorithms.includes(algorithm);
const SIGNATURE_FAULT = 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED';

describe('a DPoP proof', () => {
  test.each(REFUSED_KEYS)('by %s is refused before its signature is looked at (SEC-95)', async (_name, key) => {
    const error = await proofBy(key);
    expect(error).toMatchObject({ code: 'invalid_dpop_proof' });
    expect(String((error as { cause?: { detail?: unknown } }).cause?.detail ?? error)).toMatch(/key refused|too long/);
  });

  test.each(ACCEPTED_KEYS.filter(isAmong(DPOP_ALGORITHMS)))(
    'by %s has its signature checked (SEC-95)',
    async (_n, key) => {
      expect(await proofBy(key)).toMatchObject({ code: 'invalid_dpop_proof', cause: { code: SIGNATURE_FAULT } });
    },
  );

  test('by a point of no curve is refused when the key is imported (SEC-95)', async () => {
    const error = await proofBy(OFF_CURVE);
    expect(error).toMatchObject({ code: 'invalid_dpop_proof' });
    expect((error as { cause?: { code?: unknown } }).cause?.code).not.toBe(SIGNATURE_FAULT);
  });
});

/** The keys of a client that count, in its document and at its address; request objects and assertions are checked by them. */
const countsAsClientKey = async ({ jwk }: ForeignKey): Promise<readonly number[]> => {
  const set = JSON.stringify({ keys: [jwk] });
  const keys = new ClientKeys({ clock: simulatedClock(), outbound: async () => ({ status: 200, body: set }) });
  const found = [
    keys.of({ realm: '/', keys: { set } }, undefined),
    keys.of({ realm: '/', keys: { uri: 'https://app.example/jwks' } }, undefined),
  ];
  return (await Promise.all(found)).map(({ length }) => length);
};

describe('a key of a client, in its document and at its address', () => {
  test.each(REFUSED_KEYS)('of %s verifies nothing (SEC-95)', async (_name, key) => {
    expect(await countsAsClientKey(key)).toEqual([0, 0]);
  });

  test.each(ACCEPTED_KEYS.filter(isAmong(ASSERTION_ALGORITHMS)))('of %s counts (SEC-95)', async (_name, key) => {
    expect(await countsAsClientKey(key)).toEqual([1, 1]);
  });
});
