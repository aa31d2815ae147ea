import { describe, expect, test } from 'vitest';
import { memoryPhoneStore } from '../testing/memory-phone-store.ts';
import { pushClaims, START, signedPush, someAccount } from '../testing/phone-fixtures.ts';
import { noticeWords } from './notices.ts';
import { readPushed } from './pushed.ts';

const storeWithAccount = async () => {
  const store = memoryPhoneStore();
  await store.putAccount(await someAccount());
  return store;
};
const payload = (message: string): string => JSON.stringify({ messageId: 'AUTHENTICATE:1', message });

test('a genuine request is shown', async () => {
  const message = await signedPush(pushClaims());
  expect(await readPushed(`${payload(message)}   `, await storeWithAccount(), START)).toEqual({
    kind: 'request',
    message: { messageId: 'AUTHENTICATE:1', message },
  });
});

test.each([
  ['nothing', async () => undefined],
  ['no JSON', async () => 'hello'],
  ['no message', async () => '{}'],
  ['a message that somebody else has signed', async () => payload(await signedPush(pushClaims(), new Uint8Array(32)))],
  ['a request that has run out', async () => payload(await signedPush(pushClaims({ i: String(START - 120_000) })))],
])('%s is not', async (_what, make) => {
  expect(await readPushed(await make(), await storeWithAccount(), START)).toEqual({ kind: 'nothing' });
});

test('a request that was answered is not shown again', async () => {
  const store = await storeWithAccount();
  const known = {
    accountId: 'account-1',
    title: 'Acme',
    name: 'jane',
    end: 'approved',
    at: START,
    context: {},
  } as const;
  await store.putHistory({ messageId: 'AUTHENTICATE:1', ...known });
  const text = payload(await signedPush(pushClaims()));
  expect(await readPushed(text, store, START)).toEqual({ kind: 'nothing' });
});

describe('a withdrawal', () => {
  const claims = { u: 'mechanism-1', x_withdrawn: 'AUTHENTICATE:1' };

  test('is taken for one, and remembered, so that a request that comes after it is not shown (OPS-43)', async () => {
    const store = await storeWithAccount();
    const pushed = await readPushed(payload(await signedPush(claims)), store, START);
    const entry = {
      messageId: 'AUTHENTICATE:1',
      accountId: 'account-1',
      title: 'Acme',
      name: 'jane',
      end: 'withdrawn',
      at: START,
      context: {},
    } as const;
    expect(pushed).toEqual({ kind: 'withdrawn', messageId: 'AUTHENTICATE:1', entry });
    await store.putHistory(entry);
    const request = payload(await signedPush(pushClaims()));
    expect(await readPushed(request, store, START)).toEqual({ kind: 'nothing' });
  });

  test('of a request that the phone has a line about changes nothing of that', async () => {
    const store = await storeWithAccount();
    const known = { messageId: 'AUTHENTICATE:1', accountId: 'account-1', title: 'Acme', name: 'jane', at: START };
    await store.putHistory({ ...known, end: 'denied', context: {} });
    const text = payload(await signedPush(claims));
    expect(await readPushed(text, store, START)).toEqual({ kind: 'withdrawn', messageId: 'AUTHENTICATE:1' });
  });

  test.each([
    ['that somebody else has signed', claims, new Uint8Array(32)],
    ['of another request', { ...claims, x_withdrawn: 'AUTHENTICATE:2' }, undefined],
    ['of an account that is not here', { ...claims, u: 'mechanism-2' }, undefined],
    ['without a request', { u: 'mechanism-1' }, undefined],
  ])('%s takes nothing away', async (_what, forged, secret) => {
    const text = payload(await signedPush(forged, secret));
    expect(await readPushed(text, await storeWithAccount(), START)).toEqual({ kind: 'nothing' });
  });
});

test('a notice is in the language of the phone, else in English', () => {
  expect(noticeWords('de').title).toBe('Anmeldeanfrage');
  expect(noticeWords('tlh')).toBe(noticeWords('en'));
});
