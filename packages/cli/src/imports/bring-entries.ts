import { EXIT, type ExitCode } from '../command/exit-code.ts';
import type { Stored } from '../command/stored.ts';
import { ImportReport } from './import-report.ts';
import type { Newcomer, ReadEntry } from './people/newcomer.ts';
import { type BringOptions, UserImport } from './user-import.ts';

/** Users of one commit: enough that the disk is not what takes the time, and few enough to be held. */
const BATCH = 250;
const PROGRESS_EVERY = 5_000;

/** Brings all entries, of which there are `total`, to the realm, and says what of them does not come along. */
export const bringEntries = async (
  stored: Stored<BringOptions>,
  realm: string,
  { entries, total }: { readonly entries: AsyncIterable<ReadEntry<Newcomer>>; readonly total: number },
): Promise<ExitCode> => {
  const { io, options } = stored;
  const report = new ImportReport(io, { ...options, goesOn: options.resume === true });
  const from = io.uptimeMillis();
  try {
    const run = new UserImport(stored, realm, report);
    let read = 0;
    const batch: ReadEntry<Newcomer>[] = [];
    for await (const entry of entries) {
      batch.push(entry);
      read += 1;
      if (batch.length === BATCH) await run.bring(batch.splice(0));
      if (read % PROGRESS_EVERY === 0 && options.json !== true) io.stderr.write(`${read} of ${total}\n`);
    }
    await run.bring(batch);
    report.finish({
      realm,
      isDry: options.dryRun === true,
      seconds: Math.round((io.uptimeMillis() - from) / 1_000),
    });
    return report.counts.refused > 0 ? EXIT.no : EXIT.done;
  } finally {
    report.close();
  }
};
