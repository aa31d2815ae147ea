import { repeatableRandom } from '@assent/push/testing';
import {
  ATTACKS,
  askFromKnownAddresses,
  askFromStolenBrowsers,
  attack,
  type Reaction,
  simulatedAccount,
} from '@assent/push/testing/stored';
import { expect, test } from 'vitest';
import {
  chanceOf,
  DAY,
  METHODS,
  OWNERS,
  requestsOfKnownAddresses,
  requestsOfStolenBrowsers,
  requestsWithin,
  WEEK,
} from './fatigue-model.mjs';

// docs/fatigue.md says what the limits leave an attacker; here the code that keeps them is attacked, at a clock that is moved.

const NOW = Date.parse('2026-03-09T12:00:00Z');
/** For a share of so many trials: of a thousand runs with other seeds, one would be further off (two-sided, normal approximation). */
const z = 3.29;

const NEVER_APPROVES = { ignores: 'ignore', denies: 'denied', reports: 'not me' } as const;
const attacks = Object.entries(ATTACKS);

test.each(OWNERS)(
  'as many requests as the model says reach an owner who %s, whoever asks (SEC-25, SEC-26)',
  async (owner) => {
    for (const period of [DAY, WEEK]) {
      const counts = new Map<string, number>();
      for (const [name, given] of attacks) {
        const { requests } = await attack(simulatedAccount(NOW), given, period, () => NEVER_APPROVES[owner]);
        counts.set(name, requests);
      }
      // No way of asking brings more, and one of them brings as many.
      expect(Math.max(...counts.values()), JSON.stringify([...counts])).toBe(requestsWithin(period, owner));
      expect(counts.get('many sources'), 'more addresses bring nothing').toBe(counts.get('burst'));
      expect(counts.get('many browsers'), 'the password makes no browser known (SEC-86)').toBe(counts.get('burst'));
    }
  },
);

test.each([1, 2, 3, 10, 30])(
  'the cookies of %i known browsers bring as many requests a day as the model says, and nothing from the part of strangers (SEC-87)',
  async (browsers) => {
    const account = simulatedAccount(NOW);
    expect(await askFromStolenBrowsers(account, browsers, DAY)).toBe(requestsOfStolenBrowsers(browsers));
    expect(await account.ask('192.0.2.1')).toBeDefined();
  },
);

test.each([1, 2, 10])(
  'at %i known addresses an attacker gets as many requests a day as the model says, and known browsers keep theirs (SEC-87)',
  async (addresses) => {
    const account = simulatedAccount(NOW);
    expect(await askFromKnownAddresses(account, addresses, DAY)).toBe(requestsOfKnownAddresses(addresses));
    expect(await askFromStolenBrowsers(account, 3, DAY)).toBe(requestsOfStolenBrowsers(3));
  },
);

const random = repeatableRandom();
/** Between 0 and 1, the same each time. */
const draw = (): number => random.int(1_000_000) / 1_000_000;

const succeeded = async (given: (typeof attacks)[number][1], period: number, trials: number, react: () => Reaction) => {
  let count = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    if ((await attack(simulatedAccount(NOW), given, period, react)).succeeded) count += 1;
  }
  return count / trials;
};

const methodOf = (name: string) => METHODS.find((method) => method.name === name) ?? { name, guess: 0 };
const CARELESS = 0.05;

test.each([
  ['tap', 'ignores', 'burst', DAY],
  ['tap', 'ignores', 'many sources', DAY],
  ['tap', 'denies', 'burst', WEEK],
  ['one of three', 'denies', 'burst', WEEK],
  ['typed, 2 digits', 'denies', 'burst', WEEK],
] as const)(
  '%s, an owner who %s, %s: the simulated chance is that of the model (99.9 %)',
  async (method, owner, name, period) => {
    const { guess } = methodOf(method);
    const trials = 250;
    const react = (): Reaction => {
      if (draw() >= CARELESS) return NEVER_APPROVES[owner];
      return draw() < guess ? 'approve' : 'wrong number';
    };
    const simulated = await succeeded(ATTACKS[name], period, trials, react);
    const expected = chanceOf({ careless: CARELESS, guess, requests: requestsWithin(period, owner) });
    expect(Math.abs(simulated - expected)).toBeLessThan(
      z * Math.sqrt((expected * (1 - expected)) / trials) + 1 / trials,
    );
  },
);

test.each(['one of three', 'typed, 2 digits'])(
  'who guesses a number wrong has refused: %s leaves less to an attacker than the model says of ignored requests',
  async (method) => {
    const { guess } = methodOf(method);
    const trials = 100;
    const react = (): Reaction => (draw() >= CARELESS ? 'ignore' : draw() < guess ? 'approve' : 'wrong number');
    const simulated = await succeeded(ATTACKS.burst, WEEK, trials, react);
    const most = chanceOf({ careless: CARELESS, guess, requests: requestsWithin(WEEK, 'ignores') });
    expect(simulated).toBeLessThan(most + z * Math.sqrt((most * (1 - most)) / trials));
  },
);

test.each(attacks)(
  'an owner in a known browser signs in at each try through a week of attack: %s (A138)',
  async (_, given) => {
    const account = simulatedAccount(NOW);
    let heldBack = 0;
    for (let hour = 0; hour < 7 * 24; hour += 1) {
      await attack(account, given, DAY / 24, () => 'denied');
      const asked = await account.ask('192.0.2.9', 'browser-of-owner');
      expect(asked).toBeDefined();
      if (asked !== undefined) await account.approve(asked);
      // Whoever sits at a browser that nobody knows, beside the attack, waits until it is over.
      if ((await account.heldUntil('192.0.2.9')) > account.now()) heldBack += 1;
    }
    expect(heldBack).toBeGreaterThan(0);
  },
);
