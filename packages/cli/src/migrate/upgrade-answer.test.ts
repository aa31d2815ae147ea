import type { SchemaPlan } from '@assent/store';
import { expect, test } from 'vitest';
import { answerFor, answerLines } from './upgrade-answer.ts';

/** A database with the schema of this version, and a synthetic next migration on which programs from schema `livesWith` on can serve. */
const planTo = (livesWith: number): SchemaPlan => ({
  version: 4,
  known: 5,
  migrations: [{ version: 5, name: 'what is next', kind: 'contract', livesWith, steps: [] }],
  indexes: [],
});

test('answers yes where the running version can serve on the next schema (OPS-65)', () => {
  const answer = answerFor(planTo(4));
  expect(answer).toEqual({ schema: { from: 4, to: 5 }, reasons: [] });
  expect(answerLines(answer)).toEqual([
    'A rolling upgrade is possible: the schema goes from 4 to 5, and running servers can serve on it too.',
  ]);
});

test('answers no, and names the migration, where the running version cannot (OPS-65)', () => {
  const answer = answerFor(planTo(5));
  const reason = 'Migration 5 (what is next) serves programs from schema 5 on, and those that run know 4.';
  expect(answer).toEqual({ schema: { from: 4, to: 5 }, reasons: [reason] });
  expect(answerLines(answer)).toEqual([
    'No rolling upgrade: stop all servers, then start this version.',
    `  ${reason}`,
  ]);
});

test('answers yes for a database of a newer version on which this one can serve', () => {
  expect(answerFor({ version: 6, known: 5, migrations: [], indexes: [] })).toEqual({
    schema: { from: 6, to: 6 },
    reasons: [],
  });
});

test('says that this version does not start on a database that it refuses', () => {
  expect(answerLines({ reasons: ['Why.'] })).toEqual(['This version does not start on the database.', '  Why.']);
});
