import { describe, expect, test } from 'vitest';
import { readCertificates } from '../../certificates/certificates.ts';
import { sharedPasskeyJudge } from '../../testing/authenticator/index.ts';
import { publicJwkOf } from '../../testing/authenticator/software-key.ts';
import { digestOf, W3C_ORIGIN, W3C_ROOT, W3C_RP_ID, w3cVectors } from '../../testing/authenticator/w3c-vectors.ts';
import type { AttestationPolicy } from './attestation.ts';
import { PASSKEY_ALGORITHMS } from './public-key.ts';
import { verifyAssertion } from './verify-assertion.ts';
import { verifyRegistration } from './verify-registration.ts';

const judge = sharedPasskeyJudge();
const page = { origins: [W3C_ORIGIN], rpId: W3C_RP_ID, isUserVerificationRequired: false };
const attestation: AttestationPolicy = {
  preference: 'none',
  trustedRoots: readCertificates(W3C_ROOT),
  modelOf: async () => undefined,
  revocationLists: async () => [],
  now: Date.now(),
  isRevocationEnforced: false,
  certificationLevel: 'OFF',
};

/** What becomes of each example, and why (A1). */
const EXPECTED: Readonly<Record<string, string>> = {
  'none.ES256': 'NONE',
  'packed-self.ES256': 'SELF',
  'none.ES256.crossOrigin': 'crossOrigin',
  'none.ES256.topOrigin': 'crossOrigin',
  'none.ES256.long-credential-id': 'NONE',
  'packed.ES256': 'CA',
  'packed.ES384': 'CA',
  'packed.ES512': 'CA',
  'packed.RS256': 'CA',
  'packed.EdDSA': 'CA',
  'packed.Ed448': 'algorithm',
  'apple.ES256': 'CA',
  // Nobody has made it: its maker is number 0, and the library knows those that there are (TCG Vendor ID Registry).
  'tpm.ES256': 'attestation Could not match TPM manufacturer',
  // Its certificate stands alone, and the library takes no key of Android without those above it.
  'android-key.ES256': 'attestation Unexpected error while validating certificate path (Android Key)',
  // Its AAGUID is not zero, as one of this format has to be (FIDO U2F).
  'fido-u2f.ES256': 'attestation AAGUID',
};

describe.each(w3cVectors())('the example $name of the standard (A1)', (vector) => {
  test('is what the standard prints', () => {
    expect(digestOf(vector)).toBe(vector.digest);
  });

  test('is registered, or refused for its reason', async () => {
    const { answer, challenge } = vector.registration;
    const verified = await verifyRegistration(
      answer,
      {
        ...page,
        challenge,
        isUserPresenceRequired: true,
        algorithms: Object.values(PASSKEY_ALGORITHMS),
        attestation,
        isRegistered: async () => false,
      },
      judge,
    );
    const said = verified.ok ? verified.attestation : [verified.reason, verified.detail ?? ''].join(' ');
    const expected = EXPECTED[vector.name] ?? 'nothing';
    expect(said.slice(0, expected.length)).toBe(expected);
  });

  // There is no key of ours to sign in with.
  if (vector.name === 'packed.Ed448') return;
  test('signs in, but in a frame of another origin', async () => {
    const { answer, challenge } = vector.authentication;
    const { key, backupEligible } = vector;
    const passkey = {
      credentialId: answer.credentialId,
      userHandle: '',
      publicKey: publicJwkOf(key),
      algorithm: key.algorithm,
      signCount: 0,
      backupEligible,
    };
    const verified = await verifyAssertion(answer, { ...page, challenge, passkey, isUserHandleRequired: false }, judge);
    expect(verified.ok ? 'good' : verified.reason).toBe(/Origin$/.test(vector.name) ? 'crossOrigin' : 'good');
  });
});
