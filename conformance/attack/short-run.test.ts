import { afterAll, beforeAll, expect, test } from 'vitest';
import { AttackRun } from './attack-run.ts';
import { CORPUS } from './corpus/index.ts';
import { startOnSqlite } from './target/attack-target.ts';

// The part of `npm run tools -- attack` that each `npm test` has: the same cases by the same runner, but for those that take long.

let run: AttackRun;
beforeAll(async () => {
  // Other suites have the same processors: how long the loop is held is for `npm run tools -- attack` to measure.
  const limits = { loopP99Millis: Number.POSITIVE_INFINITY, heapGrowthBytes: 40 * 2 ** 20 };
  run = new AttackRun(await startOnSqlite(), { limits, extent: 'short' });
  await run.prepare();
});
afterAll(() => run?.close());

test.each(CORPUS.map((group) => ({ ...group, name: `${group.number} ${group.title}` })))(
  '$name: each attack goes as it is expected to, and what must hold holds (I1 to I8)',
  async (group) => {
    const { unexpected, broken, cases } = await run.group(group);
    expect(unexpected).toEqual([]);
    expect(broken).toEqual([]);
    expect(cases).toBeGreaterThan(0);
  },
);

test('no file of the data directory has a secret in it, once everything is over (I5, SEC-09, SEC-23)', async () => {
  expect(await run.check({ withFiles: true })).toEqual([]);
});
