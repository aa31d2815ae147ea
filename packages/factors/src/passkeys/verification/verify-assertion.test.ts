import { describe, expect, test } from 'vitest';
import {
  type GetOptions,
  publicJwkOf,
  SoftwareAuthenticator,
  sharedPasskeyJudge,
} from '../../testing/authenticator/index.ts';
import type { AuthenticationAnswer } from '../ceremony/client-answer.ts';
import type { PasskeyJudge } from './passkey-library.ts';
import { type AssertionExpectations, type KnownPasskey, verifyAssertion } from './verify-assertion.ts';

const CHALLENGE = Buffer.alloc(32, 7).toString('base64url');
const ORIGIN = 'https://login.example.com';
const PAGE = { challenge: CHALLENGE, origin: ORIGIN, rpId: 'example.com' };
const HANDLE = Buffer.from('a-token-of-24-characters').toString('base64url');

const authenticator = new SoftwareAuthenticator();
authenticator.create({ ...PAGE, userHandle: HANDLE });
const [kept] = authenticator.passkeys;
if (kept === undefined) throw new Error('The authenticator has made nothing.');
const passkey: KnownPasskey = {
  credentialId: kept.credentialId,
  userHandle: HANDLE,
  publicKey: publicJwkOf(kept.key),
  algorithm: kept.key.algorithm,
  signCount: 0,
  backupEligible: false,
};
const EXPECTED: AssertionExpectations = {
  challenge: CHALLENGE,
  origins: [ORIGIN],
  rpId: 'example.com',
  isUserVerificationRequired: true,
  passkey,
  isUserHandleRequired: false,
};

const judge = sharedPasskeyJudge();
const unreachable: PasskeyJudge = {
  judgeRegistration: () => Promise.reject(new Error('The library was asked.')),
  judgeAssertion: () => Promise.reject(new Error('The library was asked.')),
  judgeChain: () => Promise.reject(new Error('The library was asked.')),
};

const signed = (options: Partial<GetOptions> = {}): AuthenticationAnswer =>
  authenticator.get({ ...PAGE, signCount: 1, ...options }).answer;
const verify = (answer: AuthenticationAnswer, expected: Partial<AssertionExpectations> = {}, by = judge) =>
  verifyAssertion(answer, { ...EXPECTED, ...expected }, by);

test('a signature of the passkey is good, and says what its authenticator says', async () => {
  expect(await verify(signed())).toEqual({
    ok: true,
    flags: { UP: true, UV: true, AT: false, ED: false, BE: false, BS: false },
    signCount: 1,
    isCounterMismatch: false,
  });
});

test('nobody need be verified where that is not required, and it is told', async () => {
  const verified = await verify(signed({ flags: { UV: false } }), { isUserVerificationRequired: false });
  expect(verified).toMatchObject({ ok: true, flags: { UV: false } });
});

describe('the first check that fails is told, and the library is not asked', () => {
  test.each([
    ['another passkey', { ...signed(), credentialId: 'AQID' }, 'credentialId'],
    ['the answer to a registration (WA-05)', signed({ clientData: { type: 'webauthn.create' } }), 'type'],
    [
      'a challenge of another visit (WA-01)',
      signed({ challenge: Buffer.alloc(32).toString('base64url') }),
      'challenge',
    ],
    ['another origin (WA-03)', signed({ origin: 'https://login.example.com.evil.example' }), 'origin'],
    ['a page in a frame of another origin (WA-06)', signed({ clientData: { crossOrigin: true } }), 'crossOrigin'],
    ['a page with a top origin (WA-06)', signed({ clientData: { topOrigin: ORIGIN } }), 'crossOrigin'],
    ['another relying party (WA-04)', signed({ rpId: 'login.example.com' }), 'rpIdHash'],
    ['nobody present (WA-07)', signed({ flags: { UP: false } }), 'userPresence'],
    ['nobody verified (WA-07)', signed({ flags: { UV: false } }), 'userVerification'],
    ['a passkey announced (WA-07)', signed({ flags: { AT: true } }), 'authenticatorData'],
    ['extensions announced and missing (WA-07)', signed({ flags: { ED: true } }), 'authenticatorData'],
    ['backed up, and not to be (WA-12)', signed({ flags: { BS: true } }), 'backupState'],
    ['to be backed up, which it was not when it was made (WA-12)', signed({ flags: { BE: true } }), 'backupState'],
    [
      'data that is cut',
      { ...signed(), authenticatorData: signed().authenticatorData.subarray(0, 36) },
      'authenticatorData',
    ],
    [
      'data with bytes behind it',
      { ...signed(), authenticatorData: Buffer.concat([signed().authenticatorData, Uint8Array.of(0)]) },
      'authenticatorData',
    ],
  ] as [string, AuthenticationAnswer, string][])('%s', async (_what, answer, reason) => {
    expect(await verify(answer, {}, unreachable)).toEqual({ ok: false, reason });
  });

  test('not to be backed up, which it was when it was made (WA-12)', async () => {
    const expected = { passkey: { ...passkey, backupEligible: true } };
    expect(await verify(signed(), expected, unreachable)).toEqual({ ok: false, reason: 'backupState' });
  });

  test('a passkey in the data, though it is signed for', async () => {
    const { answer } = authenticator.create({ ...PAGE, clientData: { type: 'webauthn.get' } });
    authenticator.passkeys.pop();
    const authenticatorData = answer.attestationObject.slice(-164);
    const data = { ...signed(), clientDataJson: answer.clientDataJson, authenticatorData };
    expect(await verify(data, {}, unreachable)).toEqual({ ok: false, reason: 'attestedData' });
  });
});

test('of a passkey whose registration nobody has seen, it is not known whether it may be backed up', async () => {
  const { backupEligible: _, ...imported } = passkey;
  expect(await verify(signed({ flags: { BE: true, BS: true } }), { passkey: imported })).toMatchObject({ ok: true });
});

describe('the signature is over the very bytes (WA-10)', () => {
  test('one bit turned in any part is refused', async () => {
    const answer = signed();
    for (const part of ['clientDataJson', 'authenticatorData', 'signature'] as const) {
      const bytes = answer[part];
      for (let at = 0; at < bytes.length; at += 7) {
        const turned = bytes.slice();
        turned[at] = (turned[at] ?? 0) ^ 1;
        expect(await verify({ ...answer, [part]: turned }), `${part} ${at}`).toMatchObject({ ok: false });
      }
    }
  });

  test('client data that says the same in other bytes is refused', async () => {
    const answer = signed();
    const clientDataJson = Buffer.from(
      JSON.stringify(JSON.parse(Buffer.from(answer.clientDataJson).toString()), null, 1),
    );
    expect(await verify({ ...answer, clientDataJson })).toMatchObject({ ok: false, reason: 'signature' });
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['zeros', new Uint8Array(70)],
    ['two zeros in form', Buffer.from('3006020100020100', 'hex')],
    ['another one', signed({ signCount: 2 }).signature],
  ])('a signature of %s is refused', async (_what, signature) => {
    expect(await verify({ ...signed(), signature })).toMatchObject({ ok: false, reason: 'signature' });
  });

  test('a signature of another passkey is refused', async () => {
    const other = new SoftwareAuthenticator();
    other.create({ ...PAGE, credentialId: Buffer.from(passkey.credentialId, 'base64url'), userHandle: HANDLE });
    const { answer } = other.get(PAGE);
    expect(await verify(answer)).toMatchObject({ ok: false, reason: 'signature' });
  });
});

describe('the handle is the owner\u2019s (WA-13)', () => {
  test.each([
    ['another user\u2019s', Buffer.from('another-token-of-24-char').toString('base64url')],
    ['a name', 'admin'],
  ])('%s is refused', async (_what, userHandle) => {
    expect(await verify(signed({ userHandle }))).toMatchObject({ ok: false, reason: 'userHandle' });
  });

  test('a missing one is refused where nobody else names the user, and good where somebody has', async () => {
    expect(await verify(signed({ userHandle: '' }), { isUserHandleRequired: true })).toMatchObject({
      reason: 'userHandle',
    });
    expect(await verify(signed({ userHandle: '' }))).toMatchObject({ ok: true });
  });

  test('one that was encoded once more is the same', async () => {
    const userHandle = Buffer.from(HANDLE).toString('base64');
    expect(await verify(signed({ userHandle }), { isUserHandleRequired: true })).toMatchObject({ ok: true });
  });
});

test.each([
  [0, 0, false],
  [0, 1, false],
  [5, 6, false],
  [5, 5, true],
  [5, 4, true],
  [5, 0, true],
  [0xffff_fffe, 0xffff_ffff, false],
])('stored %i and sent %i: a mismatch is %s, and no refusal (WA-11)', async (signCount, sent, isCounterMismatch) => {
  const expected = { passkey: { ...passkey, signCount } };
  expect(await verify(signed({ signCount: sent }), expected)).toMatchObject({
    ok: true,
    signCount: sent,
    isCounterMismatch,
  });
});
