import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError } from './cli-error.ts';

const DEFAULT_FILES = ['assent.config.json', 'assent.config.mjs'];

/** What the file said, and its name for messages. */
interface ConfigFile {
  readonly file: string;
  readonly values: unknown;
}

/** Reads the named configuration file, or the default one of a directory where there is one. */
export const configFileReader =
  (directory: string) =>
  async (named: string | undefined): Promise<ConfigFile | undefined> => {
    const present =
      named === undefined ? DEFAULT_FILES.filter((name) => existsSync(resolve(directory, name))) : [named];
    const [file, ...others] = present;
    if (file === undefined) return undefined;
    if (others.length > 0) {
      throw new CliError(
        'SETTINGS_REFUSED',
        `There are ${present.join(' and ')}, and only one of them can be meant.`,
        'remove one, or name one with --config FILE',
      );
    }
    const path = resolve(directory, file);
    try {
      if (file.endsWith('.json')) return { file, values: JSON.parse(readFileSync(path, 'utf8')) };
      // By its time, too: a module that has changed since it was imported is another one.
      const { mtimeMs } = statSync(path);
      const module = (await import(`${pathToFileURL(path).href}?changed=${mtimeMs}`)) as { readonly default?: unknown };
      return { file, values: module.default };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CliError('SETTINGS_REFUSED', `The configuration file ${file} cannot be read: ${reason}`, undefined, {
        cause: error,
      });
    }
  };
