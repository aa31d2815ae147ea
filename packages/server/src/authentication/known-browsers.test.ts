import { createHmac } from 'node:crypto';
import { heldKeys, seededRandom, simulatedClock } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { Cookies } from '../http/cookies.ts';
import { KnownBrowsers } from './known-browsers.ts';

const DAY = 24 * 3_600_000;

/** Where one proof is shown at a time. */
const singly = (known: KnownBrowsers) => ({
  nameOf: (...given: Parameters<KnownBrowsers['nameOf']>) => known.nameOf(...given),
  cookieFor: (header: string | undefined, { by, ...owner }: Parameters<KnownBrowsers['nameOf']>[1]) =>
    known.cookieFor(header, { ...owner, by: [by] }),
});

const browsers = (key = 7) => {
  const clock = simulatedClock();
  const cookies = new Cookies({ publicUrl: 'https://id.example/am' });
  return {
    clock,
    known: singly(
      new KnownBrowsers(heldKeys(new Uint8Array(32).fill(key)), { cookies, clock, random: seededRandom() }),
    ),
  };
};

/** The user has shown a second factor in it. */
const by = (userId: string) => ({ userId, by: 'factor', credentialRev: 3 }) as const;
/** The password of that version was all that the user had. */
const byPassword = (userId: string, credentialRev: number) => ({ userId, by: 'password', credentialRev }) as const;

/** What a browser sends back of a cookie that was set. */
const sentBack = (cookie: string | undefined): string => cookie?.split(';')[0] ?? '';

test('no cookie, one of another server, and one that was changed make no browser known (A6, SEC-57)', () => {
  const { known } = browsers();
  const cookie = sentBack(known.cookieFor(undefined, by('user-1')));
  expect(known.nameOf(undefined, by('user-1'))).toBeUndefined();
  expect(browsers(8).known.nameOf(cookie, by('user-1'))).toBeUndefined();
  expect(known.nameOf(cookie.replace('=f2', '=f3'), by('user-1'))).toBeUndefined();
  expect(known.nameOf(`${cookie}; ${cookie}`, by('user-1'))).toBeUndefined();
  expect(known.nameOf(`__Host-kb=${'~'.repeat(4_000)}`, by('user-1'))).toBeUndefined();
});

test('a browser is known to the users who have signed in with it, each by a name of its own, for half a year', () => {
  const { known, clock } = browsers();
  const first = sentBack(known.cookieFor(undefined, by('user-1')));
  const both = sentBack(known.cookieFor(first, by('user-2')));
  expect(known.nameOf(first, by('user-2'))).toBeUndefined();
  const [one, other] = [known.nameOf(both, by('user-1')), known.nameOf(both, by('user-2'))];
  expect(one).toMatch(/^[\w-]{22}$/);
  expect(other).toMatch(/^[\w-]{22}$/);
  expect(one).not.toBe(other);
  expect(known.cookieFor(both, by('user-1'))).toBeUndefined();
  clock.advance(179 * DAY);
  expect(known.nameOf(both, by('user-1'))).toBe(one);
  clock.advance(DAY);
  expect(known.nameOf(both, by('user-1'))).toBeUndefined();
});

test('its cookie is for this host and no script, and does not grow with its users', () => {
  const { known } = browsers();
  let cookie: string | undefined;
  for (let user = 0; user < 9; user += 1) cookie = known.cookieFor(sentBack(cookie), by(`user-${user}`));
  expect(cookie).toMatch(/^__Host-kb=.{1,320}; Max-Age=15552000; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  expect(known.nameOf(sentBack(cookie), by('user-5'))).toBeDefined();
  expect(known.nameOf(sentBack(cookie), by('user-4'))).toBeUndefined();
});

test('a browser stays known, by its name, while keys are replaced, and until the one it is known by is retired (SEC-76)', () => {
  const [first, second] = [1, 2].map((id) => ({ id: String(id), bytes: new Uint8Array(32).fill(id) }));
  if (first === undefined || second === undefined) throw new Error('there are two');
  const clock = simulatedClock();
  const cookies = new Cookies({ publicUrl: 'https://id.example/am' });
  let keys = heldKeys(first);
  const now = { active: () => keys.active(), find: (id: string) => keys.find(id) };
  const known = singly(new KnownBrowsers(now, { cookies, clock, random: seededRandom() }));
  const before = sentBack(known.cookieFor(sentBack(known.cookieFor(undefined, by('user-1'))), by('user-2')));
  const name = known.nameOf(before, by('user-1'));
  keys = heldKeys(second, first);
  expect(known.nameOf(before, by('user-1'))).toBe(name);
  // The next sign-in gives it the newer one, with the name and the day of before; that of the other user is left as it is.
  clock.advance(DAY);
  const after = sentBack(known.cookieFor(before, by('user-1')));
  expect(known.nameOf(after, by('user-1'))).toBe(name);
  expect(known.nameOf(after, by('user-2'))).toBe(known.nameOf(before, by('user-2')));
  expect(known.cookieFor(after, by('user-1'))).toBeUndefined();
  expect(after.split('~')).toHaveLength(2);
  keys = heldKeys(second);
  expect([known.nameOf(before, by('user-1')), known.nameOf(after, by('user-1'))]).toEqual([undefined, name]);
  expect(known.nameOf(after, by('user-2'))).toBeUndefined();
  expect(known.nameOf(after.replace('.2.', '.1.'), by('user-1'))).toBeUndefined();
  clock.advance(179 * DAY);
  expect(known.nameOf(after, by('user-1'))).toBeUndefined();
});

test('a browser that a password alone has made known is so to limits of passwords, and until there is another one (SEC-86)', () => {
  const { known } = browsers();
  const cookie = sentBack(known.cookieFor(undefined, byPassword('user-1', 3)));
  expect(known.nameOf(cookie, by('user-1'))).toBeUndefined();
  const name = known.nameOf(cookie, byPassword('user-1', 3));
  expect(name).toMatch(/^[\w-]{22}$/);
  expect(known.nameOf(cookie, byPassword('user-1', 4))).toBeUndefined();
  expect(known.nameOf(cookie, byPassword('user-2', 3))).toBeUndefined();
  expect(known.nameOf(cookie.replace('=p', '=f'), byPassword('user-1', 3))).toBeUndefined();
  expect(known.cookieFor(cookie, byPassword('user-1', 3))).toBeUndefined();
  // The factor that is shown there later takes the place of the password.
  const shown = sentBack(known.cookieFor(cookie, by('user-1')));
  expect(known.nameOf(shown, by('user-1'))).toMatch(/^[\w-]{22}$/);
  expect(known.nameOf(shown, by('user-1'))).not.toBe(name);
  expect(known.nameOf(shown, byPassword('user-1', 3))).toBe(known.nameOf(shown, by('user-1')));
  expect(shown.split('~')).toHaveLength(1);
  expect(known.cookieFor(shown, byPassword('user-1', 3))).toBeUndefined();
});

describe('a browser in which the user has followed a mailed link', () => {
  const byMailbox = { userId: 'user-1', by: 'mailbox', credentialRev: 3 } as const;
  const allOf = (known: ReturnType<typeof browsers>['known'], cookie: string) =>
    (['factor', 'mailbox', 'password'] as const).filter(
      (by) => known.nameOf(cookie, { ...byMailbox, by }) !== undefined,
    );

  test('is known to the limits of mails alone, and until the credentials change (SEC-86)', () => {
    const { known, clock } = browsers();
    const cookie = sentBack(known.cookieFor(undefined, byMailbox));
    expect(allOf(known, cookie)).toEqual(['mailbox']);
    expect(known.nameOf(cookie, { ...byMailbox, credentialRev: 4 })).toBeUndefined();
    expect(known.nameOf(cookie, { ...byMailbox, userId: 'user-2' })).toBeUndefined();
    for (const letter of ['f', 'p', 'b']) expect(allOf(known, cookie.replace('=m', `=${letter}`))).toEqual([]);
    expect(known.cookieFor(cookie, byMailbox)).toBeUndefined();
    clock.advance(180 * DAY);
    expect(allOf(known, cookie)).toEqual([]);
  });

  test.each([
    ['before', ['mailbox', 'password']],
    ['after', ['password', 'mailbox']],
  ] as const)('the link %s the password adds to it, in one entry with its name and its day (SEC-86)', (_, order) => {
    const { known, clock } = browsers();
    const [first, second] = order.map((by) => ({ ...byMailbox, by }));
    if (first === undefined || second === undefined) throw new Error('there are two');
    const cookie = sentBack(known.cookieFor(undefined, first));
    clock.advance(DAY);
    const both = sentBack(known.cookieFor(cookie, second));
    expect(both.split('~')).toHaveLength(1);
    expect(allOf(known, both)).toEqual(['mailbox', 'password']);
    expect(known.nameOf(both, second)).toBe(known.nameOf(cookie, first));
    expect([known.cookieFor(both, first), known.cookieFor(both, second)]).toEqual([undefined, undefined]);
    clock.advance(179 * DAY);
    expect(allOf(known, both)).toEqual([]);
  });

  test('is known by the second factor alone from then on that is shown there (SEC-86)', () => {
    const { known } = browsers();
    const cookie = sentBack(known.cookieFor(undefined, byMailbox));
    const shown = sentBack(known.cookieFor(cookie, by('user-1')));
    expect(allOf(known, shown)).toEqual(['factor', 'mailbox', 'password']);
    expect(known.nameOf(shown, by('user-1'))).not.toBe(known.nameOf(cookie, byMailbox));
    expect(shown.split('~')).toHaveLength(1);
    expect(known.cookieFor(shown, byMailbox)).toBeUndefined();
  });
});

test('another password, a reset of the factors and what else changes the credentials end all known browsers (SEC-86)', () => {
  const { known } = browsers();
  const owner = by('user-1');
  const cookie = sentBack(known.cookieFor(sentBack(known.cookieFor(undefined, by('user-2'))), owner));
  const later = { ...owner, credentialRev: owner.credentialRev + 1 };
  for (const wanted of [later, { ...later, by: 'password' as const }])
    expect(known.nameOf(cookie, wanted)).toBeUndefined();
  expect(known.nameOf(cookie, by('user-2'))).toBeDefined();
  // The next second factor makes it known by another name, so that what was counted at the first one is not the owner's.
  const again = sentBack(known.cookieFor(cookie, later));
  expect(known.nameOf(again, later)).not.toBe(known.nameOf(cookie, owner));
  expect(known.nameOf(again, later)).toMatch(/^[\w-]{22}$/);
});

test('a cookie that names no version of the credentials makes no browser known (SEC-86)', () => {
  const { known, clock } = browsers();
  const day = Math.floor(clock.now() / DAY);
  const name = 'A'.repeat(22);
  for (const letter of ['', 'f']) {
    const signed = `${letter === 'f' ? 'factor.' : ''}${day}.${name}.user-1`;
    const mac = createHmac('sha256', new Uint8Array(32).fill(7)).update(signed).digest('base64url');
    expect(known.nameOf(`__Host-kb=${letter}${day}.${name}.${mac}`, byPassword('user-1', 1))).toBeUndefined();
  }
});
