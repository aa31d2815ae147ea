import { seededRandom, simulatedClock } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { Cookies } from '../http/cookies.ts';
import { KnownBrowsers } from './known-browsers.ts';

const DAY = 24 * 3_600_000;

const browsers = (key = 7) => {
  const clock = simulatedClock();
  const cookies = new Cookies({ publicUrl: 'https://id.example/am' });
  return { clock, known: new KnownBrowsers(new Uint8Array(32).fill(key), { cookies, clock, random: seededRandom() }) };
};

/** What a browser sends back of a cookie that was set. */
const sentBack = (cookie: string | undefined): string => cookie?.split(';')[0] ?? '';

test('no cookie, one of another server, and one that was changed make no browser known (A6, SEC-57)', () => {
  const { known } = browsers();
  const cookie = sentBack(known.cookieFor(undefined, 'user-1'));
  expect(known.nameOf(undefined, 'user-1')).toBeUndefined();
  expect(browsers(8).known.nameOf(cookie, 'user-1')).toBeUndefined();
  expect(known.nameOf(cookie.replace('=2', '=3'), 'user-1')).toBeUndefined();
  expect(known.nameOf(`${cookie}; ${cookie}`, 'user-1')).toBeUndefined();
  expect(known.nameOf(`__Host-kb=${'~'.repeat(4_000)}`, 'user-1')).toBeUndefined();
});

test('a browser is known to the users who have signed in with it, each by a name of its own, for half a year', () => {
  const { known, clock } = browsers();
  const first = sentBack(known.cookieFor(undefined, 'user-1'));
  const both = sentBack(known.cookieFor(first, 'user-2'));
  expect(known.nameOf(first, 'user-2')).toBeUndefined();
  const [one, other] = [known.nameOf(both, 'user-1'), known.nameOf(both, 'user-2')];
  expect(one).toMatch(/^[\w-]{22}$/);
  expect(other).toMatch(/^[\w-]{22}$/);
  expect(one).not.toBe(other);
  expect(known.cookieFor(both, 'user-1')).toBeUndefined();
  clock.advance(179 * DAY);
  expect(known.nameOf(both, 'user-1')).toBe(one);
  clock.advance(DAY);
  expect(known.nameOf(both, 'user-1')).toBeUndefined();
});

test('its cookie is for this host and no script, and does not grow with its users', () => {
  const { known } = browsers();
  let cookie: string | undefined;
  for (let user = 0; user < 9; user += 1) cookie = known.cookieFor(sentBack(cookie), `user-${user}`);
  expect(cookie).toMatch(/^__Host-kb=.{1,320}; Max-Age=15552000; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  expect(known.nameOf(sentBack(cookie), 'user-5')).toBeDefined();
  expect(known.nameOf(sentBack(cookie), 'user-4')).toBeUndefined();
});
