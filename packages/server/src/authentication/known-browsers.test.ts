import { createHmac } from 'node:crypto';
import type { BrowserKnownBy, BrowserOwner } from '@assent/engine';
import { heldKeys, seededRandom, simulatedClock } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { Cookies } from '../http/cookies.ts';
import { KnownBrowsers } from './known-browsers.ts';

const DAY = 24 * 3_600_000;

type Shown = BrowserOwner & { readonly by: BrowserKnownBy; readonly addressIn?: readonly string[] };
const attributes = { mail: ['jane@example.org'], telephoneNumber: ['+49 170 1'] };

/** Where one proof is shown at a time, of a user whose addresses stay where nothing else is said. */
const singly = (known: KnownBrowsers) => ({
  nameOf: (header: string | undefined, { by, addressIn: _, ...owner }: Shown) =>
    known.nameOf(header, { attributes, ...owner }, by),
  cookieFor: (header: string | undefined, { by, addressIn, ...owner }: Shown) => {
    const ofProof = by === 'mailbox' || by === 'sentCode' ? ['mail'] : [];
    return known.cookieFor(header, { attributes, ...owner, by: [by], addressIn: addressIn ?? ofProof });
  },
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
    (['factor', 'sentCode', 'mailbox', 'password'] as const).filter(
      (by) => known.nameOf(cookie, { ...byMailbox, by }) !== undefined,
    );

  test('is known to the limits of mails alone, and until the credentials change (SEC-86)', () => {
    const { known, clock } = browsers();
    const cookie = sentBack(known.cookieFor(undefined, byMailbox));
    expect(allOf(known, cookie)).toEqual(['mailbox']);
    expect(known.nameOf(cookie, { ...byMailbox, credentialRev: 4 })).toBeUndefined();
    expect(known.nameOf(cookie, { ...byMailbox, userId: 'user-2' })).toBeUndefined();
    for (const letter of ['f', 'c', 'p', 'b']) expect(allOf(known, cookie.replace('=m', `=${letter}`))).toEqual([]);
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
    expect(allOf(known, shown)).toEqual(['factor', 'sentCode', 'mailbox', 'password']);
    expect(known.nameOf(shown, by('user-1'))).not.toBe(known.nameOf(cookie, byMailbox));
    expect(shown.split('~')).toHaveLength(1);
    expect(known.cookieFor(shown, byMailbox)).toBeUndefined();
  });
});

describe('a browser that an address has made known', () => {
  const owner = { userId: 'user-1', credentialRev: 3, attributes } as const;
  const BY = ['factor', 'sentCode', 'mailbox', 'password'] as const;
  const ofAddress = (addresses: Readonly<Record<string, readonly string[]>>) => ({ ...owner, attributes: addresses });
  const knownTo = (known: ReturnType<typeof browsers>['known'], cookie: string, to: BrowserOwner) =>
    BY.filter((by) => known.nameOf(cookie, { ...to, by }) !== undefined);
  const MARKS = {
    'a mailed link': [['mailbox'], ['mailbox']],
    'a mailed link and the password': [
      ['mailbox', 'password'],
      ['mailbox', 'password'],
    ],
    'a sent code': [['sentCode'], ['sentCode', 'mailbox', 'password']],
  } as const;
  const marked = (shown: readonly BrowserKnownBy[], addressIn?: readonly string[]) => {
    const { known } = browsers();
    let cookie = '';
    for (const by of shown)
      cookie = sentBack(known.cookieFor(cookie, { ...owner, by, ...(addressIn && { addressIn }) }));
    return { known, cookie };
  };

  describe.each(Object.entries(MARKS))('by %s', (_, [shown, knownBy]) => {
    test.each([
      ['has another address', { ...attributes, mail: ['new@example.org'] }],
      ['has no address', { telephoneNumber: attributes.telephoneNumber }],
      ['has the address at another place', { telephoneNumber: attributes.mail }],
    ])('is that of a stranger once the user %s (SEC-61, SEC-86)', (_change, after) => {
      const { known, cookie } = marked(shown);
      expect(knownTo(known, cookie, ofAddress(after))).toEqual([]);
      // A proof with the new address begins another entry, with another name.
      const again = sentBack(known.cookieFor(cookie, { ...ofAddress(after), by: 'password' }));
      expect(again).toMatch(/kb=p/);
      const name = known.nameOf(again, { ...ofAddress(after), by: 'password' });
      expect(name).not.toBe(known.nameOf(cookie, { ...owner, by: 'mailbox' }));
    });

    test('is that of a stranger where nobody says which addresses the user has', () => {
      const { known, cookie } = marked(shown);
      const { attributes: _addresses, ...withoutAddresses } = owner;
      expect(BY.filter((by) => known.nameOf(cookie, { ...withoutAddresses, attributes: undefined, by }))).toEqual([]);
    });

    test('stays known while other attributes change, and the address as other letters', () => {
      const { known, cookie } = marked(shown);
      const after = { mail: ['JANE@example.org'], telephoneNumber: ['+49 170 2'], cn: ['Jane'] };
      expect(knownTo(known, cookie, ofAddress(after))).toEqual(knownBy);
    });
  });

  test('by codes to two places is that of a stranger once either changes (SEC-61)', () => {
    const { known, cookie } = marked(['sentCode'], ['mail', 'telephoneNumber']);
    expect(knownTo(known, cookie, ofAddress({ ...attributes, telephoneNumber: ['+49 170 2'] }))).toEqual([]);
    expect(knownTo(known, cookie, ofAddress({ ...attributes, mail: ['new@example.org'] }))).toEqual([]);
    expect(knownTo(known, cookie, owner)).toEqual(['sentCode', 'mailbox', 'password']);
  });

  test('cannot be freed of its addresses by who holds the cookie', () => {
    const { known, cookie } = marked(['sentCode']);
    const without = cookie.replace(/(\.[\w-]+){2}$/, '');
    const renamed = `${without}.${Buffer.from('cn').toString('base64url')}.${cookie.split('.').at(-1)}`;
    for (const changed of [without, cookie.replace(/\.[\w-]+$/, ''), renamed])
      expect(knownTo(known, changed, owner)).toEqual([]);
    // Nor where none was named when it became known.
    const bare = marked(['sentCode'], []);
    expect(knownTo(bare.known, bare.cookie, owner)).toEqual([]);
  });

  test.each(['__proto__', 'constructor', 'toString'])(
    'is that of a stranger where its attribute is said to be %s',
    (name) => {
      const { known, cookie } = marked(['mailbox']);
      const fields = cookie.split('.');
      const forged = [...fields.slice(0, -2), Buffer.from(name).toString('base64url'), fields.at(-1)].join('.');
      expect(forged).not.toBe(cookie);
      expect(known.nameOf(forged, { ...owner, by: 'mailbox' })).toBeUndefined();
    },
  );

  test('by a device stays known, whatever becomes of the addresses', () => {
    const { known, cookie } = marked(['sentCode', 'factor']);
    expect(cookie).toMatch(/kb=f/);
    expect(knownTo(known, cookie, ofAddress({}))).toEqual(BY);
  });

  test('by a sent code is known to be so by another name than by what the password alone has shown', () => {
    const { known, cookie } = marked(['password']);
    const shown = sentBack(known.cookieFor(cookie, { ...owner, by: 'sentCode' }));
    expect(shown.split('~')).toHaveLength(1);
    expect(known.nameOf(shown, { ...owner, by: 'password' })).not.toBe(
      known.nameOf(cookie, { ...owner, by: 'password' }),
    );
    expect(known.cookieFor(shown, { ...owner, by: 'sentCode' })).toBeUndefined();
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

test('a cookie of before, that names no credentials, or a sent code as a device, or no address, makes no browser known (SEC-86)', () => {
  const { known, clock } = browsers();
  const day = Math.floor(clock.now() / DAY);
  const name = 'A'.repeat(22);
  for (const [letter, signed] of [
    ['', `${day}.${name}.user-1`],
    ['f', `factor.${day}.${name}.user-1`],
    ['f', `factor 1.${day}.${name}.user-1`],
    ['m', `mailbox 1.${day}.${name}.user-1`],
    ['b', `mailbox+password 1.${day}.${name}.user-1`],
  ]) {
    const mac = createHmac('sha256', new Uint8Array(32).fill(7))
      .update(signed ?? '')
      .digest('base64url');
    expect(known.nameOf(`__Host-kb=${letter}${day}.${name}.${mac}`, byPassword('user-1', 1))).toBeUndefined();
  }
});
