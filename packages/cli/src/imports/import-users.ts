import { resolve } from 'node:path';
import { CliError } from '../command/cli-error.ts';
import type { ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { realmPath, type Stored } from '../command/stored.ts';
import { bringEntries } from './bring-entries.ts';
import { type ImportOptions, importRules } from './import-rules.ts';
import { personAsNewcomer } from './people/changes-of-person.ts';
import type { Newcomer, ReadEntry } from './people/newcomer.ts';
import { readEntry } from './people/person.ts';
import { UnreadableFile } from './reading/source-entry.ts';
import { entriesOf, type Format, formatOf } from './reading/user-file.ts';

interface Source {
  readonly given: string;
  readonly file: string;
  readonly format: Format;
}

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
  const realm = realmPath(stored.options.realm);
  const { people, devices } = await importRules(stored, realm);
  const sources = await sourcesOf(stored, files);
  const total = await countEntries(sources);
  const newcomers = async function* (): AsyncGenerator<ReadEntry<Newcomer>> {
    for (const { file, format } of sources) {
      for await (const entry of entriesOf(file, format)) {
        const read = readEntry(entry, people);
        yield read.kind === 'person'
          ? { kind: 'person', person: personAsNewcomer({ stored, rules: devices }, realm, read.person) }
          : read;
      }
    }
  };
  return bringEntries(stored, realm, { entries: newcomers(), total });
};
