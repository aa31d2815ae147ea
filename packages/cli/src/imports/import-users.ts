import { resolve } from 'node:path';
import { CliError } from '../command/cli-error.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { realmPath, type Stored } from '../command/stored.ts';
import { ImportReport } from './import-report.ts';
import { type ImportOptions, importRules } from './import-rules.ts';
import { type ReadEntry, readEntry } from './people/person.ts';
import { UnreadableFile } from './reading/source-entry.ts';
import { entriesOf, type Format, formatOf } from './reading/user-file.ts';
import { UserImport } from './user-import.ts';

interface Source {
  readonly given: string;
  readonly file: string;
  readonly format: Format;
}

/** Users of one commit: enough that the disk is not what takes the time, and few enough to be held. */
const BATCH = 250;
const PROGRESS_EVERY = 5_000;

/** Refuses a file that cannot be read, or not to its end. */
const reading = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof UnreadableFile) {
      throw new CliError('USAGE', `${plainText(file)}, ${cause.message}.`, cause.hint, { cause });
    }
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new CliError('USAGE', `The file ${plainText(file)} cannot be read.`, 'name a file that exists', { cause });
  }
};

const sourcesOf = async (stored: Stored<ImportOptions>, files: readonly string[]): Promise<readonly Source[]> => {
  const sources: Source[] = [];
  for (const given of files) {
    const file = resolve(stored.io.cwd, given);
    const format = await reading(given, () => formatOf(file));
    sources.push({ given, file, format: stored.options.format ?? format });
  }
  return sources;
};

/** Reads all of it once before anything is changed: a file that is broken at its end is refused at the beginning. */
const countEntries = async (sources: readonly Source[]): Promise<number> => {
  let count = 0;
  for (const { given, file, format } of sources) {
    await reading(given, async () => {
      for await (const _ of entriesOf(file, format)) count += 1;
    });
  }
  return count;
};

/** Takes over the users of files, and says what of them does not come along. */
export const importUsers = async (stored: Stored<ImportOptions>, files: readonly string[]): Promise<ExitCode> => {
  const { io, options } = stored;
  const realm = realmPath(options.realm);
  const rules = await importRules(stored, realm);
  const sources = await sourcesOf(stored, files);
  const total = await countEntries(sources);
  const report = new ImportReport(io, { ...options, goesOn: options.resume === true });
  const from = io.uptimeMillis();
  try {
    const run = new UserImport(stored, realm, { report, devices: rules.devices });
    let read = 0;
    const batch: ReadEntry[] = [];
    for (const { file, format } of sources) {
      for await (const entry of entriesOf(file, format)) {
        batch.push(readEntry(entry, rules.people));
        read += 1;
        if (batch.length === BATCH) await run.bring(batch.splice(0));
        if (read % PROGRESS_EVERY === 0 && options.json !== true) io.stderr.write(`${read} of ${total}\n`);
      }
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
