import { fakeRequest, heldKeys } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { persistentCookie, persistentCookieSettings } from '../contextual/cookies/persistent-cookie.ts';
import { requestBindings } from './run-script.ts';

const config = z.object(persistentCookieSettings).parse({ persistentCookieName: 'remember' });
const serverKey = heldKeys(new Uint8Array(32).fill(3));
const { value } = persistentCookie(
  { config, realm: '/other', now: 1_000, serverKey },
  { userId: 'u', credentialRev: 1, clientAddress: '192.0.2.1', expiresAt: 9_000_000 },
);

test('a script is shown no persistent cookie, of its realm or another, by whatever name (A2, SEC-72)', () => {
  const cookies = { remember: value, elsewhere: `${value}x`, mine: '1', jwt: 'e30.e30.x', odd: '.%.' };
  const { requestCookies } = requestBindings(fakeRequest({ cookies }));
  expect(requestCookies).toEqual({ mine: '1', jwt: 'e30.e30.x', odd: '.%.' });
});

test('a script gets no header in which somebody signs in (A2, SEC-72)', () => {
  const headers = { 'x-openam-password': 'secret', cookie: 'secret', authorization: 'secret', 'x-mine': '1' };
  expect(requestBindings(fakeRequest({ headers })).requestHeaders).toEqual({ 'x-mine': ['1'] });
});
