import { encodeBase64, encodeJwsParts, encodeJwsSigningInput } from '@assent/push/protocol';
import { describe, expect, test } from 'vitest';
import { pushClaims, START, signedPush, someAccount } from '../testing/phone-fixtures.ts';
import { openMessage } from './sign-in-request.ts';

const open = async (message: string, now = START + 1_000, messageId = 'AUTHENTICATE:1') =>
  openMessage({ messageId, message }, [await someAccount()], now);

describe('a message is dropped, and never shown, when', () => {
  test.each([
    ['another key has signed it (A165)', async () => signedPush(pushClaims(), new Uint8Array(32))],
    ['it is for no account of this phone', async () => signedPush(pushClaims({ u: 'another' }))],
    [
      'nothing has signed it',
      async () => encodeJwsParts(encodeJwsSigningInput('HS256', pushClaims()), new Uint8Array(0)),
    ],
    [
      'it says another algorithm',
      async () => encodeJwsParts(encodeJwsSigningInput('ES256', pushClaims()), new Uint8Array(64)),
    ],
    ['it is no JWT', async () => 'AUTHENTICATE'],
    ['it was changed after it was signed', async () => (await signedPush(pushClaims())).replace(/\.(\w)/, '.x$1')],
    ['its challenge is short', async () => signedPush(pushClaims({ c: encodeBase64(new Uint8Array(31)) }))],
    ['its number has one digit', async () => signedPush(pushClaims({ x_len: '1' }))],
    ['its number has nine digits', async () => signedPush(pushClaims({ x_len: '9' }))],
    ['it asks for a number and says no length', async () => signedPush(pushClaims({ x_len: undefined }))],
    ['it lives for ever', async () => signedPush(pushClaims({ t: '86401' }))],
    ['it lives not at all', async () => signedPush(pushClaims({ t: '0' }))],
    ['it comes from the future', async () => signedPush(pushClaims({ i: String(START + 90_000_000) }))],
  ])('%s', async (_what, make) => {
    expect(await open(await make())).toMatchObject({ kind: 'dropped' });
  });

  test('its id cannot be used to tell messages apart', async () => {
    const message = await signedPush(pushClaims());
    for (const id of ['', 'x'.repeat(161), 'a b', 'a\nb']) {
      expect(await open(message, START, id)).toMatchObject({ kind: 'dropped' });
    }
  });
});

test('a genuine one says what it asks, until when, and where it comes from', async () => {
  expect(await open(await signedPush(pushClaims()))).toEqual({
    kind: 'request',
    request: {
      messageId: 'AUTHENTICATE:1',
      accountId: 'account-1',
      title: 'Acme',
      name: 'jane',
      challenge: new Uint8Array(32).fill(7),
      text: 'jane is signing in to Acme',
      ask: { kind: 'type', digits: 6 },
      demandsVerification: false,
      sentAt: START,
      expiresAt: START + 120_000,
      context: { remoteIp: '198.51.100.7', userAgent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' },
    },
  });
});

test('one that has run out is not answerable, not for one frame (ux §7.5, 10)', async () => {
  const message = await signedPush(pushClaims());
  expect(await open(message, START + 119_999)).toMatchObject({ kind: 'request' });
  expect(await open(message, START + 120_000)).toMatchObject({ kind: 'ran-out' });
});

test.each([
  ['a plain one asks for yes or no', { k: 'default' }, { ask: { kind: 'accept' }, demandsVerification: false }],
  ['an official one offers numbers', { n: '24,57,81' }, { ask: { kind: 'choose', choices: [24, 57, 81] } }],
  ['a biometric one asks for the holder', { k: 'biometric' }, { ask: { kind: 'accept' }, demandsVerification: true }],
])('%s', async (_what, changes, request) => {
  expect(await open(await signedPush(pushClaims(changes)))).toMatchObject({ request });
});

test('an account that demands it asks for the holder with every request', async () => {
  const account = await someAccount({ demandsVerification: true });
  const message = await signedPush(pushClaims());
  expect(await openMessage({ messageId: 'AUTHENTICATE:1', message }, [account], START)).toMatchObject({
    request: { ask: { kind: 'type' }, demandsVerification: true },
  });
});

test('names from outside cannot repaint the line that they stand in (SEC-14)', async () => {
  const message = await signedPush(pushClaims({ m: 'one\u202e\ntwo', x: JSON.stringify({ userAgent: 'a\u2066b' }) }));
  expect(await open(message)).toMatchObject({ request: { text: 'one two', context: { userAgent: 'ab' } } });
});
