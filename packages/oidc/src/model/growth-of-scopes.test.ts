import { expect, test } from 'vitest';
import { needsConsent } from '../authorize/consent.ts';
import type { CheckedRequest } from '../checks/checked-request.ts';
import { narrowedScopes, scopesNow } from '../token/token-request.ts';
import { withTextsOfClient } from './clients.ts';
import { afterConsent } from './consents.ts';
import { type HeldAccess, heldPage } from './grants.ts';

const LENGTH = 16_384;
/** The ratio is taken over several at once: 15.6 at most, where a linear reader has 8 and a quadratic one 64. */
const DOUBLINGS = 3;
/** Milliseconds. Below this a ratio tells of caches and collections alone; a quadratic reader needs hundreds. */
const FLOOR = 20;

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `scope-${at}`);
const client = (count: number) => ({
  realm: '/',
  id: 'app',
  asksConsent: true,
  scopes: names(count).map((name) => ({ name })),
});
const consent = (scopes: readonly string[]) => ({ realm: '/', userId: 'u', clientId: 'app', scopes });
const access = (scopes: readonly string[]): HeldAccess => ({
  clientId: 'app',
  scopes,
  since: 1,
  lastUsedAt: 1,
  expiresAt: 1,
});

const readers: readonly [name: string, read: (length: number) => unknown][] = [
  ['texts of scopes', (length) => withTextsOfClient(client(length), names(length))],
  ['scopes that the client still has', (length) => scopesNow(client(length), names(length))],
  ['scopes of a refresh', (length) => narrowedScopes(names(length - 1).join(' '), names(length))],
  [
    'a saved consent',
    (length) => {
      const request = { client: client(length), prompts: new Set(), scopes: names(length) };
      return needsConsent(request as unknown as CheckedRequest, consent(names(length)));
    },
  ],
  ['one more consent', (length) => afterConsent(consent(names(length)), consent(names(length)))],
  [
    'many grants of one client',
    (length) =>
      heldPage(
        names(length / 8).map((scope) => access([scope, 'openid'])),
        { limit: 1 },
      ),
  ],
  [
    'many grants with the same scopes',
    (length) =>
      heldPage(
        Array.from({ length: length / 128 }, () => access(names(100))),
        { limit: 1 },
      ),
  ],
];

/** Milliseconds of processor time, the least of some runs: what else the machine does only adds to it. */
const leastTime = (work: () => unknown, runs: number): number => {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    const begin = process.cpuUsage();
    work();
    least = Math.min(least, process.cpuUsage(begin).user / 1_000);
  }
  return least;
};

test.each(readers)('%s take time that grows with their number alone (SEC-93)', (_, work) => {
  const isLinear = () => {
    const whole = leastTime(() => work(LENGTH), 3);
    return whole < FLOOR || whole / leastTime(() => work(LENGTH / 2 ** DOUBLINGS), 8) <= 2.5 ** DOUBLINGS;
  };
  // A collection of garbage can fall into all runs of one attempt, and a quadratic reader fails every attempt.
  expect([1, 2, 3].some(isLinear)).toBe(true);
});

test('one access of many grants has each scope once, the first time and the last times', () => {
  const parts = [
    { ...access(['openid', 'a']), since: 5, lastUsedAt: 6, expiresAt: 7 },
    { ...access(['openid', 'b']), since: 3, lastUsedAt: 9, expiresAt: 8 },
    { ...access(['a', 'c']), since: 4, lastUsedAt: 2, expiresAt: 9 },
  ];
  expect(heldPage(parts, { limit: 1 })).toEqual([
    { clientId: 'app', scopes: ['openid', 'a', 'b', 'c'], since: 3, lastUsedAt: 9, expiresAt: 9 },
  ]);
});
