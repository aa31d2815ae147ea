import { openSqliteStore } from '../../sqlite/sqlite-store.ts';
import { journeyRow, mustCommit } from '../rows.ts';
import { masterKeyOf, systemRandom } from '../scratch.ts';

/** Commits journeys without end, several at a time, and prints the id of each once it is acknowledged. */
export const run = async (file: string): Promise<void> => {
  const store = await openSqliteStore({ file, masterKey: masterKeyOf('test'), random: systemRandom });
  for (let round = 0; ; round += 1) {
    await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        const id = `${name}-${round}`;
        await mustCommit(store, { type: 'journey.insert', row: journeyRow({ id }) });
        // Waits while the pipe is full: whoever reads may be busy.
        await new Promise<void>((printed) => process.stdout.write(`${id}\n`, () => printed()));
      }),
    );
  }
};
