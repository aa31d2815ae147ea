import type { JourneyReference } from '@assent/engine/host';
import { signJsonHs256 } from '@assent/push/jose';
import { formatAuthIdClaims, writeStep } from '@assent/wire';
import { describe, expect, test } from 'vitest';
import { AuthIdSigner } from './auth-id-signer.ts';

const KEY = Buffer.alloc(32, 1);
const reference = (nonce: string): JourneyReference => ({
  realm: '/',
  tree: 'Login',
  treeVersion: 1,
  journeyId: 'd0a9b2f4-3c35-4c0e-8f0a-2f1f6f1f5a01',
  nonce,
  expiresAt: 1_790_000_000_000,
});
const flipped = (text: string, at: number) =>
  `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;

/** Some 5,000 of them take all the bytes that there are. */
const signMore = (signer: AuthIdSigner, count: number): void => {
  for (let at = 0; at < count; at += 1) signer.sign(reference(`n${at}`));
};

describe('an authId', () => {
  test('is opened by another server with the same key, and by none with another', () => {
    const authId = new AuthIdSigner(KEY).sign(reference('n1'));
    expect(new AuthIdSigner(KEY).open(authId)).toEqual(reference('n1'));
    expect(() => new AuthIdSigner(Buffer.alloc(32, 2)).open(authId)).toThrow('AUTH_ID_FORGED');
  });

  test('that was just signed is still refused with any one character changed (SEC-40)', () => {
    const signer = new AuthIdSigner(KEY);
    const authId = signer.sign(reference('n1'));
    expect(signer.open(authId)).toEqual(reference('n1'));
    for (let at = 0; at < authId.length - 1; at += 1) {
      expect(() => signer.open(flipped(authId, at)), String(at)).toThrow(/AUTH_ID_(FORGED|MALFORMED)/);
    }
  });

  test('of another type is none, although our key has signed it (SEC-30)', () => {
    const claims = JSON.parse(formatAuthIdClaims(reference('n1')));
    const typed = (typ: unknown) => signJsonHs256(JSON.stringify({ ...claims, typ }), KEY);
    expect(new AuthIdSigner(KEY).open(typed('authId'))).toEqual(reference('n1'));
    for (const typ of ['session', 'AuthId', null, undefined]) {
      expect(() => new AuthIdSigner(KEY).open(typed(typ))).toThrow('AUTH_ID_MALFORMED');
    }
  });

  test('is a reference in a kilobyte, and nothing of the state is in it (SEC-37)', () => {
    const authId = new AuthIdSigner(KEY).sign(reference('n1'.repeat(12)));
    expect(authId.length).toBeLessThan(1_024);
    const claims = JSON.parse(Buffer.from(authId.split('.')[1] ?? '', 'base64url').toString());
    expect(Object.keys(claims).sort()).toEqual(
      ['typ', 'realm', 'authIndexType', 'authIndexValue', 'version', 'sessionId', 'otk', 'exp'].sort(),
    );
  });

  test('is opened by its signature once it is no longer remembered', () => {
    const signer = new AuthIdSigner(KEY);
    const authId = signer.sign(reference('first'));
    signMore(signer, 7_500);
    expect(signer.recall(authId)).toBeUndefined();
    expect(signer.open(authId)).toEqual(reference('first'));
  });

  test('comes with its step until that is answered, and for as long as it is asked for', () => {
    const signer = new AuthIdSigner(KEY);
    const step = writeStep([], {});
    const authId = signer.sign(reference('polled'), step);
    for (let polls = 0; polls < 6; polls += 1) {
      signMore(signer, 1_500);
      expect(signer.recall(authId)?.shown).toBe(step);
    }
    signer.forgetShown(authId);
    expect(signer.recall(authId)?.shown).toBeUndefined();
    signer.showAgain(authId, step);
    expect(signer.recall(authId)?.shown).toBe(step);
  });
});
