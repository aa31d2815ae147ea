import { createHmac } from 'node:crypto';
import { heldKeys } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { AuthIdSigner } from './auth-id-signer.ts';
import { SealedSteps } from './sealed-steps.ts';

const KEY = Buffer.alloc(32, 1);
const TEXT = '{"step":{"authId":"a1","callbacks":[]},"username":"ü.\\n"}';

test('opens a step that it has sealed, also by another instance with the same keys (SEC-94)', () => {
  const sealed = new SealedSteps(heldKeys(KEY)).seal(TEXT);
  expect(new SealedSteps(heldKeys(KEY)).open(sealed)).toBe(TEXT);
});

const sealed = new SealedSteps(heldKeys(KEY)).seal(TEXT);
const [id = '', mac = ''] = sealed.split('.');

test.each<[what: string, text: string]>([
  ['the bare text', TEXT],
  ['an empty text', ''],
  ['a changed text', `${sealed} `],
  ['a changed MAC', `${id}.${mac.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}.${TEXT}`],
  ['a shorter MAC', `${id}.${mac.slice(1)}.${TEXT}`],
  ['no MAC', `${id}..${TEXT}`],
  ['an unknown key', `99.${mac}.${TEXT}`],
  ['no key', `.${mac}.${TEXT}`],
  ['a MAC for another purpose', `${id}.${createHmac('sha256', KEY).update(TEXT).digest('base64url')}.${TEXT}`],
  ['64 KiB of dots', '.'.repeat(65_536)],
])('does not open %s (SEC-94)', (_, text) => {
  expect(new SealedSteps(heldKeys(KEY)).open(text)).toBeUndefined();
});

test('does not open a step that another key has sealed', () => {
  expect(new SealedSteps(heldKeys(Buffer.alloc(32, 2))).open(sealed)).toBeUndefined();
});

test('does not take a sealed step for an authId, nor an authId for a sealed step', () => {
  const signer = new AuthIdSigner(heldKeys(KEY));
  const reference = { realm: '/', tree: 't', treeVersion: 1, journeyId: 'j', nonce: 'n', expiresAt: 1_000 };
  expect(() => signer.open(sealed)).toThrow();
  expect(new SealedSteps(heldKeys(KEY)).open(signer.sign(reference))).toBeUndefined();
});

test('waits for the keys of another instance only where a step names one that is unknown', async () => {
  const looked: string[] = [];
  const steps = new SealedSteps(heldKeys(KEY), async () => looked.push('keys'));
  expect(steps.reading(sealed)).toBeUndefined();
  expect(steps.reading(TEXT)).toBeUndefined();
  await steps.reading(`7.${mac}.${TEXT}`);
  expect(looked).toEqual(['keys']);
});
