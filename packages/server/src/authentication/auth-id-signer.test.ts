import type { JourneyReference } from '@assent/engine/host';
import { heldKeys } from '@assent/engine/testing';
import { signJsonHs256 } from '@assent/push/jose';
import { formatAuthIdClaims } from '@assent/wire';
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
    const authId = new AuthIdSigner(heldKeys(KEY)).sign(reference('n1'));
    expect(new AuthIdSigner(heldKeys(KEY)).open(authId)).toEqual(reference('n1'));
    expect(() => new AuthIdSigner(heldKeys(Buffer.alloc(32, 2))).open(authId)).toThrow('AUTH_ID_FORGED');
  });

  test('that was just signed is still refused with any one character changed (SEC-40)', () => {
    const signer = new AuthIdSigner(heldKeys(KEY));
    const authId = signer.sign(reference('n1'));
    expect(signer.open(authId)).toEqual(reference('n1'));
    for (let at = 0; at < authId.length - 1; at += 1) {
      expect(() => signer.open(flipped(authId, at)), String(at)).toThrow(/AUTH_ID_(FORGED|MALFORMED)/);
    }
  });

  test('of another type is none, although our key has signed it (SEC-30)', () => {
    const claims = JSON.parse(formatAuthIdClaims(reference('n1')));
    const typed = (typ: unknown) => signJsonHs256(JSON.stringify({ ...claims, typ }), KEY);
    expect(new AuthIdSigner(heldKeys(KEY)).open(typed('authId'))).toEqual(reference('n1'));
    for (const typ of ['session', 'AuthId', null, undefined]) {
      expect(() => new AuthIdSigner(heldKeys(KEY)).open(typed(typ))).toThrow('AUTH_ID_MALFORMED');
    }
  });

  test('is a reference in a kilobyte, and nothing of the state is in it (SEC-37)', () => {
    const authId = new AuthIdSigner(heldKeys(KEY)).sign(reference('n1'.repeat(12)));
    expect(authId.length).toBeLessThan(1_024);
    const claims = JSON.parse(Buffer.from(authId.split('.')[1] ?? '', 'base64url').toString());
    expect(Object.keys(claims).sort()).toEqual(
      ['typ', 'realm', 'authIndexType', 'authIndexValue', 'version', 'sessionId', 'otk', 'exp'].sort(),
    );
  });

  test('is opened by its signature once it is no longer remembered', () => {
    const signer = new AuthIdSigner(heldKeys(KEY));
    const authId = signer.sign(reference('first'));
    const remembered = signer.open(authId);
    expect(signer.open(authId)).toBe(remembered);
    signMore(signer, 15_000);
    expect(signer.open(authId)).toEqual(remembered);
    expect(signer.open(authId)).not.toBe(remembered);
  });

  describe('whose key is replaced (SEC-76)', () => {
    const [first, second] = [
      { id: '1', bytes: KEY },
      { id: '2', bytes: Buffer.alloc(32, 2) },
    ];
    const headerOf = (authId: string) => JSON.parse(Buffer.from(authId.split('.')[0] ?? '', 'base64url').toString());

    test('names it, but for the first, whose authIds programs from before keys had names read, too', () => {
      expect(headerOf(new AuthIdSigner(heldKeys(first)).sign(reference('n1')))).toEqual({ typ: 'JWT', alg: 'HS256' });
      const signer = new AuthIdSigner(heldKeys(second, first));
      expect(headerOf(signer.sign(reference('n1')))).toEqual({ typ: 'JWT', alg: 'HS256', kid: '2' });
    });

    test('opens while its key is good, remembered or not, and is forged from then on', () => {
      let keys = heldKeys(first);
      const now = { active: () => keys.active(), find: (id: string) => keys.find(id) };
      const signer = new AuthIdSigner(now);
      const [old, other] = [signer.sign(reference('old')), new AuthIdSigner(heldKeys(first)).sign(reference('other'))];
      keys = heldKeys(second, first);
      const fresh = signer.sign(reference('fresh'));
      for (const authId of [old, other, fresh]) expect(signer.open(authId)).toMatchObject({ tree: 'Login' });
      keys = heldKeys(second);
      for (const authId of [old, other]) expect(() => signer.open(authId)).toThrow('AUTH_ID_FORGED');
      expect(signer.open(fresh)).toEqual(reference('fresh'));
    });

    test.each([
      ['another key than that which signed it', '{"typ":"JWT","alg":"HS256","kid":"2"}'],
      ['a key that there is none of', '{"typ":"JWT","alg":"HS256","kid":"3"}'],
      ['the first, which is not named', '{"typ":"JWT","alg":"HS256","kid":"1"}'],
      ['its key in another spelling', '{"alg":"HS256","typ":"JWT","kid":"1"}'],
      ['a path', '{"typ":"JWT","alg":"HS256","kid":"../1"}'],
      ['something in the place of a name', '{"typ":"JWT","alg":"HS256","kid":["1"]}'],
      ['no signature', '{"typ":"JWT","alg":"none","kid":"1"}'],
    ])('is forged where its header names %s (RFC 8725 §3.10)', (_, header) => {
      const signer = new AuthIdSigner(heldKeys(first, second));
      const [, payload, signature] = signer.sign(reference('n1')).split('.');
      const forged = [Buffer.from(header).toString('base64url'), payload, signature].join('.');
      expect(() => signer.open(forged)).toThrow('AUTH_ID_FORGED');
    });

    test('has the keys read where it names one that this instance does not know, and where it names none, not', async () => {
      let keys = heldKeys(first);
      let looks = 0;
      const signer = new AuthIdSigner({ active: () => keys.active(), find: (id) => keys.find(id) }, async () => {
        looks += 1;
        keys = heldKeys(second, first);
      });
      const elsewhere = new AuthIdSigner(heldKeys(second)).sign(reference('n1'));
      for (const garbage of ['', '.', 'a.b.c', `${Buffer.from('{"kid":"9"}').toString('base64url')}.b.c`])
        expect(signer.reading(garbage)).toBeUndefined();
      expect(signer.reading(signer.sign(reference('mine')))).toBeUndefined();
      await signer.reading(elsewhere);
      expect([signer.open(elsewhere), looks]).toEqual([reference('n1'), 1]);
      expect(signer.reading(elsewhere)).toBeUndefined();
    });
  });
});
