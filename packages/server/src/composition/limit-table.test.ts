import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { LIMITS } from './limit-table.ts';
import { numbersOf } from './limit-texts.ts';

const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url));
/** Limits of requests to phones have a page of their own: docs/fatigue.md. */
const ELSEWHERE = ['push/src/model/push-limits.ts'];

const sources = (folder: string): readonly string[] =>
  readdirSync(join(PACKAGES, folder, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/src/${file}`)
    .filter((file) => /\.ts$/.test(file) && !/\.test\.ts$|\/testing\//.test(file));

test('every policy by which something is counted stands in the table (SEC-56)', () => {
  const declared = ['engine', 'push', 'factors', 'nodes', 'oidc', 'server', 'scripting', 'ldap']
    .flatMap(sources)
    .filter((file) => !ELSEWHERE.includes(file))
    .flatMap(
      (file) => readFileSync(join(PACKAGES, file), 'utf8').match(/const \w+: (?:ThrottlePolicy|Rate) = /g) ?? [],
    );
  const listed = new Set(LIMITS.map(({ by }) => by).filter((by) => typeof by === 'object'));
  expect(declared).toHaveLength(listed.size);
});

test.each(LIMITS)('a test holds $what per $per', ({ heldBy: [file, title] }) => {
  expect(readFileSync(join(PACKAGES, file), 'utf8')).toContain(title);
});

test('what would pay a guesser fails closed', () => {
  for (const { what, fails } of LIMITS)
    if (/^(?:Wrong|Bad)/.test(what) && !what.endsWith('many accounts')) expect(fails, what).toBe('closed');
});

test('numbers are told in words', () => {
  const policy = { windowMillis: 86_400_000, free: 5, lockMillis: 30_000, maxLockMillis: 3_600_000 };
  const numbers = (by: (typeof LIMITS)[number]['by']) => numbersOf({ by } as (typeof LIMITS)[number]);
  expect(numbers(policy)).toBe('5 within a day, then a lock of 30 seconds, doubling to an hour');
  expect(numbers({ ...policy, windowMillis: 120_000, maxLockMillis: 30_000 })).toBe(
    '5 within 2 minutes, then a lock of 30 seconds',
  );
  expect(numbers({ ...policy, most: 5, peak: { windowMillis: 3_600_000, most: 2 } })).toBe(
    '2 within an hour and 5 within a day, then none until the oldest of them is that old',
  );
  expect(numbers({ burst: 3, perSecond: 1 })).toBe('3 at once, and 1 more a second');
});
