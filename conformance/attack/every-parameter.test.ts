import { afterAll, beforeAll, expect, test } from 'vitest';
import { AttackRun } from './attack-run.ts';
import { everyParameter } from './generator/every-parameter.ts';
import { startOnSqlite } from './target/attack-target.ts';

let run: AttackRun;
beforeAll(async () => {
  const limits = { loopP99Millis: 2_000, heapGrowthBytes: 40 * 2 ** 20 };
  run = new AttackRun(await startOnSqlite('info'), { limits, extent: 'short' });
  await run.prepare();
});
afterAll(() => run?.close());

test('no parameter, said in any way, makes a failure of ours, stays in memory or hides a guess (A1, A7, REL-14)', {
  timeout: 900_000,
}, async () => {
  const group = await everyParameter(run.target, run.newAttacker(), { isWhole: false });
  const { unexpected, broken, cases } = await run.group(group);
  expect(unexpected).toEqual([]);
  expect(broken).toEqual([]);
  expect(cases).toBeGreaterThan(200);
});
