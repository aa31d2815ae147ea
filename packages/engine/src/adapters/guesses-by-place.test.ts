import { expect, test } from 'vitest';
import {
  afterHit,
  type BrowserKnownBy,
  forgivenThrottle,
  type Guess,
  strangerSubject,
  type ThrottlePolicy,
  type ThrottleRow,
} from '../model/throttle.ts';
import { fakeRequest, simulatedClock, testUnitOfWork } from '../testing/index.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import { throttleAdapter } from './throttle-adapter.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const POLICY: ThrottlePolicy = { windowMillis: HOUR, free: 5, lockMillis: 900_000, maxLockMillis: 900_000 };
const SUBJECT = 'sent-code:user-1';
const OWNER: Guess = { userId: 'user-1', credentialRev: 3 };

interface From {
  readonly address: string;
  readonly browser?: { readonly name: string; readonly by: readonly BrowserKnownBy[] };
}

/** The counters as a server keeps them: what a unit of work commits, the next one reads. */
const world = ({ hasFactor = false, known = {} as Readonly<Record<string, 'factor' | 'password'>> } = {}) => {
  const clock = simulatedClock();
  const rows = new Map<string, ThrottleRow>();
  const adapter = throttleAdapter(
    { get: async (subjects) => subjects.flatMap((it) => rows.get(it) ?? []) },
    clock,
    async (userId, source, by) => {
      if (userId !== OWNER.userId) return false;
      return known[source] === 'factor' || (known[source] === 'password' && by === 'password' && !hasFactor);
    },
    async () => hasFactor,
  );
  const store = (row: ThrottleRow) => rows.set(row.subject, { ...row, rev: row.rev + 1 });
  const unitAt = (from: From) =>
    testUnitOfWork({
      request: {
        ...fakeRequest({ clientAddress: from.address }),
        browserKnownTo: ({ userId }, by) =>
          userId === OWNER.userId && from.browser?.by.includes(by) ? from.browser.name : undefined,
      },
    });
  const at = async (from: From, isRight: boolean, guess: Guess = OWNER): Promise<'right' | 'wrong' | 'locked'> => {
    const unit = unitAt(from);
    const throttle = adapter(unit);
    if ((await throttle.state(SUBJECT, guess)).locked) return 'locked';
    if (isRight) await throttle.clear(SUBJECT, guess);
    else await throttle.hit(SUBJECT, POLICY, guess);
    for (const change of unit.toCommit as readonly EngineChange[]) {
      if (change.type === 'throttle.put') store(change.row);
      if (change.type === 'throttle.hit')
        store(afterHit(rows.get(change.subject), change.subject, change.policy, change.at));
      const row = change.type === 'throttle.forgive' ? rows.get(change.subject) : undefined;
      if (row !== undefined) store(forgivenThrottle(row));
    }
    return isRight ? 'right' : 'wrong';
  };
  /** What a right proof commits that clears nothing. */
  const demandAt = async (from: From) => {
    const unit = unitAt(from);
    await adapter(unit).demandUnlocked(SUBJECT, OWNER);
    return unit.toCommit;
  };
  return { clock, rows, at, demandAt };
};

const address = (n: number): From => ({ address: `198.51.${n >> 8}.${n & 255}` });
const HOME = '192.0.2.10';
const OWNERS: readonly (readonly [string, From, Readonly<Record<string, 'factor' | 'password'>>])[] = [
  ['a link', { address: HOME, browser: { name: 'b', by: ['mailbox'] } }, {}],
  ['the password', { address: HOME, browser: { name: 'b', by: ['password'] } }, {}],
  ['a sent code', { address: HOME, browser: { name: 'b', by: ['sentCode', 'mailbox', 'password'] } }, {}],
  ['the password, at the address alone', { address: HOME }, { [HOME]: 'password' }],
];
const STRANGERS = [1, 1_000] as const;

test.each(OWNERS.flatMap((owner) => STRANGERS.map((count) => [...owner, count] as const)))(
  'an owner who is known by %s is refused nothing while strangers guess for ten days (SEC-57, SEC-87)',
  async (_, owner, known, count) => {
    const { clock, at } = world({ known });
    const answers = new Set<string>();
    let wrong = 0;
    for (let hour = 0; hour < 240; hour += 1) {
      for (let n = 0; n < 6; n += 1) if ((await at(address((hour * 6 + n) % count), false)) === 'wrong') wrong += 1;
      // An owner who is away for days leaves the wrong ones in a row.
      if (hour < 24 || hour > 200) answers.add(await at(owner, true));
      clock.advance(HOUR);
    }
    expect([...answers]).toEqual(['right']);
    expect(wrong).toBeGreaterThanOrEqual(count === 1 ? 50 : 100);
    expect(wrong).toBeLessThanOrEqual(count === 1 ? 110 : 220);
  },
);

test('a stranger at one address gets 5 wrong ones an hour and 10 a day, and leaves the others to other addresses (SEC-87)', async () => {
  const { at, clock, rows } = world();
  for (let n = 0; n < 8; n += 1) await at(address(1), false);
  expect(rows.get(SUBJECT)?.hits).toHaveLength(5);
  for (let n = 0; n < 24; n += 1) {
    await at(address(1), false);
    clock.advance(HOUR / 2);
  }
  expect(rows.get(SUBJECT)?.hits).toHaveLength(10);
  expect(await at(address(1), true)).toBe('locked');
  expect(await at({ address: '192.0.2.99' }, true)).toBe('right');
});

test('a user whom nobody knows by that name is counted alike (SEC-59)', async () => {
  const answers = async (guess: Guess) => {
    const { at } = world();
    const seen: string[] = [];
    for (let n = 0; n < 60; n += 1) seen.push(await at(address(n >> 3), false, guess));
    return seen;
  };
  expect(await answers({ userId: undefined })).toEqual(await answers(OWNER));
});

test('a hundred wrong ones of strangers in a row close their part alone (SEC-57)', async () => {
  const { at, clock, rows } = world();
  const owner = { address: HOME, browser: { name: 'b', by: ['password'] } } as const;
  for (let day = 0; day < 6; day += 1) {
    for (let n = 0; n < 30; n += 1) await at(address(n), false);
    clock.advance(DAY);
  }
  expect(rows.get(SUBJECT)?.failures).toEqual({ credential: 3, count: 100 });
  clock.advance(30 * DAY);
  expect(await at({ address: '203.0.113.1' }, true)).toBe('locked');
  expect(await at(owner, true)).toBe('right');
  expect(await at({ address: '203.0.113.1' }, true, { ...OWNER, credentialRev: 4 })).toBe('right');
});

test.each([
  [1, 'right'],
  [2, 'locked'],
] as const)(
  'of strangers at %i address(es) who guess for 30 days, an owner at an unknown place is answered %s the day after (SEC-57, SEC-87)',
  async (count, owner) => {
    const { at, clock, rows } = world();
    for (let hour = 0; hour < 30 * 24; hour += 1) {
      for (let n = 0; n < 12; n += 1) await at(address(n % count), false);
      clock.advance(HOUR);
    }
    expect(rows.get(SUBJECT)?.failures?.count).toBe(50 * count);
    clock.advance(DAY);
    expect(await at({ address: '203.0.113.1' }, true)).toBe(owner);
    // A right code from elsewhere opens no source that has guessed wrong 50 times in a row; other credentials do.
    expect(await at(address(0), true)).toBe('locked');
    expect(await at(address(0), true, { ...OWNER, credentialRev: 4 })).toBe('right');
  },
);

test('a right one in between gives a source its 50 in a row again (SEC-57)', async () => {
  const { at, clock, rows } = world();
  for (let day = 0; day < 30; day += 1) {
    for (let n = 0; n < 4; n += 1) expect(await at(address(1), false)).toBe('wrong');
    if (day % 6 === 5) expect(await at(address(1), true)).toBe('right');
    clock.advance(DAY);
  }
  expect(rows.get(SUBJECT)?.failures).toBeUndefined();
  expect(await at(address(1), true)).toBe('right');
});

test.each(['mailbox', 'password'] as const)(
  'browsers that are known by the %s have a part of the day of its own, however many there are (SEC-87)',
  async (by) => {
    const { at } = world();
    let wrong = 0;
    for (let n = 0; n < 100; n += 1) {
      const browser = { name: `browser-${n}`, by: [by] };
      if ((await at({ ...address(n), browser }, false)) === 'wrong') wrong += 1;
    }
    expect(wrong).toBe(20);
    expect(await at({ address: HOME }, true)).toBe('right');
    const other = by === 'mailbox' ? 'password' : 'mailbox';
    expect(await at({ address: HOME, browser: { name: 'owner', by: [other] } }, true)).toBe('right');
  },
);

test('a browser that a sent code has made known is that of a stranger once the user has a device (SEC-86, SEC-87)', async () => {
  for (const [hasFactor, bound] of [
    [true, 20],
    [false, 40],
  ] as const) {
    const { at } = world({ hasFactor });
    let wrong = 0;
    for (let n = 0; n < 100; n += 1) {
      const browser = { name: `browser-${n}`, by: ['sentCode', 'mailbox', 'password'] as const };
      if ((await at({ ...address(n), browser }, false)) === 'wrong') wrong += 1;
    }
    expect(wrong).toBe(bound);
    const owner = await at({ address: HOME, browser: { name: 'own', by: ['factor'] } }, true);
    expect(owner).toBe(hasFactor ? 'right' : 'locked');
  }
});

test('an attacker with the password, 1,000 addresses and any number of browsers gets 60 wrong ones a day of a user without a second factor, and 20 of one who has one (SEC-86, SEC-87)', async () => {
  const known = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [address(n).address, 'password'] as const));
  for (const [hasFactor, bound] of [
    [false, 60],
    [true, 20],
  ] as const) {
    const { at, clock } = world({ hasFactor, known });
    let wrong = 0;
    for (let n = 0; n < 3_000; n += 1) {
      const browser = { name: `browser-${n}`, by: ['password'] as const };
      const from = n % 2 === 0 ? address(n % 1_000) : { ...address(n % 1_000), browser };
      if ((await at(from, false)) === 'wrong') wrong += 1;
      if (n % 100 === 0) clock.advance(30 * 60_000);
    }
    expect(wrong).toBe(bound);
    // Nor is any of it the part of places that a second factor has proven.
    expect(await at({ address: HOME, browser: { name: 'own', by: ['factor'] } }, true)).toBe('right');
  }
});

test('a right one gives its source a new start, and strangers nothing of the day (SEC-27)', async () => {
  const { at, rows } = world();
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; n < 4; n += 1) expect(await at(address(1), false)).toBe('wrong');
    expect(await at(address(1), true)).toBe('right');
  }
  expect(rows.get(SUBJECT)).toMatchObject({ hits: { length: 12 } });
  expect(rows.get(SUBJECT)?.failures).toBeUndefined();
});

test.each<[string, From, readonly string[]]>([
  ['a stranger', address(1), [strangerSubject(SUBJECT, '198.51.0.1'), SUBJECT]],
  ['a known browser', { address: HOME, browser: { name: 'b', by: ['factor'] } }, [`${SUBJECT}:b`, `${SUBJECT}:known`]],
])(
  'a right proof of %s that clears nothing stands only while its counters are unlocked (SEC-56)',
  async (_, from, subjects) => {
    const { at, demandAt, clock } = world();
    for (let n = 0; n < 4; n += 1) await at(from, false);
    expect(await demandAt(from)).toEqual([{ type: 'throttle.unlocked', subjects, now: clock.now() }]);
  },
);
