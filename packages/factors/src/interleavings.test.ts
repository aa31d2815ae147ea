import { expect, test } from 'vitest';
import { interleavingRun } from './testing/stored/interleavings.ts';

/** `npm run tools -- interleavings` sets both; whoever looks for a run that failed sets its seed and one run. */
const RUNS = Number(process.env.ASSENT_INTERLEAVINGS ?? 100);
const SEED = Number(process.env.ASSENT_INTERLEAVING_SEED ?? 1);

test('random interleavings of phones, browsers and codes, with crashes at commits, keep what was told and count once (REL-28)', {
  timeout: 90_000 + RUNS * 4_000,
}, async () => {
  let crashes = 0;
  for (let seed = SEED; seed < SEED + RUNS; seed += 1) {
    const run = await interleavingRun(seed);
    crashes += run.crashes;
    expect(run.findings, `seed ${seed}`).toEqual([]);
  }
  expect(crashes).toBeGreaterThan(RUNS / 4);
});
