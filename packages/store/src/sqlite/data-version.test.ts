import { afterAll, expect, test } from 'vitest';
import { journeyRow, mustCommit } from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

test('OPS-39: it tells once that another process has committed something, and never of its own commits', async () => {
  const options = { file: scratchFile(), masterKey: masterKeyOf('test'), random: systemRandom };
  const [one, two] = [await openSqliteStore(options), await openSqliteStore(options)];
  // What is asked in one turn of the loop is answered as of one moment.
  const turn = () => new Promise(setImmediate);
  await turn();
  // The opening of the second may be news to the first.
  one.mayHaveChangedElsewhere();
  expect([one.mayHaveChangedElsewhere(), two.mayHaveChangedElsewhere()]).toEqual([false, false]);
  await mustCommit(one, { type: 'journey.insert', row: journeyRow() });
  await turn();
  expect([one.mayHaveChangedElsewhere(), two.mayHaveChangedElsewhere()]).toEqual([false, true]);
  expect(two.mayHaveChangedElsewhere()).toBe(false);
  await one.close();
  await two.close();
});
