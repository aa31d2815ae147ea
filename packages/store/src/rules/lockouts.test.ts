import type { ThrottlePolicy } from '@assent/engine';
import {
  afterHit,
  clearedThrottle,
  GUESSES_OF_DAY,
  GUESSES_OF_SOURCE,
  PASSWORD_POLICY,
  STRANGERS_POLICY,
  type ThrottleRow,
} from '@assent/engine/host';
import { SEND_POLICY } from '@assent/push';
import { expect, test } from 'vitest';
import { type LockoutFacts, lockingCountersOf, lockoutsOf, locksFactor } from './lockouts.ts';
import { countersOf } from './throttle-subjects.ts';

const NOW = 1_800_000_000_000;
const USER = { id: 'user-1', account: 'account-1' };
const FACTS: LockoutFacts = { now: NOW, credentialRev: 1, wrongAnswersAllowed: undefined };
const PLACES = ['browser-1', '2001:db8:0:1', 'from:192.0.2.1', ...Object.keys(GUESSES_OF_DAY)];

/** By which policy the server counts at a subject, and how many hits are at the limit. */
interface Limit {
  readonly policy: ThrottlePolicy;
  readonly hits: number;
}

const partOf = (place: string): ThrottlePolicy =>
  place === '' ? GUESSES_OF_DAY.strangers : (new Map(Object.entries(GUESSES_OF_DAY)).get(place) ?? GUESSES_OF_SOURCE);
const ofGuesses = (place: string): Limit => {
  const policy = partOf(place);
  return { policy, hits: policy.peak?.most ?? policy.most ?? 0 };
};
const ofPasswords = (policy: ThrottlePolicy): Limit => ({ policy, hits: policy.free });
const DAY_OF_PROMPTS = new Map([
  ['addresses', 20],
  ['known', 40],
]);

const LIMITS: Readonly<Record<string, (place: string) => Limit>> = {
  password: () => ofPasswords(PASSWORD_POLICY),
  strangers: () => ofPasswords(STRANGERS_POLICY),
  push: (place) => ({ policy: SEND_POLICY, hits: DAY_OF_PROMPTS.get(place) ?? 3 }),
  'push-refused': () => ({ policy: { ...PASSWORD_POLICY, free: 2 }, hits: 2 }),
  recovery: ofGuesses,
  otp: ofGuesses,
  'otp-new': ofGuesses,
  'sent-code': ofGuesses,
  kba: ofGuesses,
};

const rowAfter = (subject: string, hits: number, policy: ThrottlePolicy): ThrottleRow | undefined => {
  let row: ThrottleRow | undefined;
  for (let at = hits; at > 0; at -= 1) row = afterHit(row, subject, policy, NOW - at);
  return row;
};

const { whole, byPlace } = lockingCountersOf(USER);
const cleared = [...whole, ...byPlace.flatMap((beginning) => PLACES.map((place) => beginning + place))];

test.each(cleared)('a user is shown as locked while %s, which an unlock clears, is at its limit', (subject) => {
  const [kind = '', , ...place] = subject.split(':');
  const limit = LIMITS[kind]?.(place.join(':'));
  if (limit === undefined) throw new TypeError(`this test has no limit of ${kind}: add it to LIMITS`);
  const below = rowAfter(subject, limit.hits - 1, limit.policy);
  expect(lockoutsOf(below === undefined ? [] : [below], FACTS)).toEqual([]);
  const at = rowAfter(subject, limit.hits, limit.policy);
  if (at === undefined) throw new TypeError('a limit has at least one hit');
  const [lockout] = lockoutsOf([at], FACTS);
  expect(lockout).toEqual({ factor: expect.any(String), until: expect.any(Number) });
  expect(lockoutsOf([at], { ...FACTS, now: lockout?.until ?? 0 })).toEqual([]);
  expect(lockoutsOf([clearedThrottle(at)], FACTS)).toEqual([]);
});

test('each counter of a user either locks a factor and is cleared by an unlock, or is named here as one that stays', () => {
  const kinds = countersOf(USER)
    .filter((subject) => !locksFactor(subject))
    .map((subject) => subject.split(':')[0]);
  expect([...new Set(kinds)].sort()).toEqual([
    'export',
    'exports',
    'new-places',
    'new-places-by-mailbox',
    'new-places-by-password',
    'new-places-by-sent-code',
    'profile',
    'profile-device',
    // The user has asked for the pause; it ends by the clock alone.
    'push-paused',
  ]);
});

test('security answers are locked at a place after one more wrong answer than the realm allows', () => {
  const subject = 'kba:user-1:from:192.0.2.1';
  const facts = { ...FACTS, wrongAnswersAllowed: 2 };
  const [two, three] = [2, 3].map((hits) => rowAfter(subject, hits, GUESSES_OF_SOURCE) as ThrottleRow);
  expect(lockoutsOf([two as ThrottleRow], facts)).toEqual([]);
  expect(lockoutsOf([three as ThrottleRow], facts)).toEqual([
    { factor: 'security question', until: NOW - 3 + 86_400_000 },
  ]);
  expect(lockoutsOf([three as ThrottleRow], FACTS)).toEqual([]);
});

test('the number of wrong answers that a realm allows is that of one place, not of all strangers or of a part of the day', () => {
  const facts = { ...FACTS, wrongAnswersAllowed: 1 };
  const rows = ['', ...Object.keys(GUESSES_OF_DAY)].map(
    (part) => rowAfter(`kba:user-1${part === '' ? '' : `:${part}`}`, 3, GUESSES_OF_DAY.strangers) as ThrottleRow,
  );
  expect(lockoutsOf(rows, facts)).toEqual([]);
});
