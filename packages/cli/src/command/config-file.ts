import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError } from './cli-error.ts';
import { plainText } from './plain-text.ts';

const DEFAULT_FILES = ['assent.config.json', 'assent.config.mjs'];

/** What the file said, and its name for messages. */
interface ConfigFile {
  readonly file: string;
  readonly values: unknown;
}

/**
 * Why a file cannot be read, without what stands in it: a password may, and what parsers say quotes the text that they stumble on. Of JSON the
 * line is told, of a module whatever it has thrown by itself.
 */
const reasonOf = (error: unknown, path: string): string => {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof SyntaxError) && !(error instanceof ReferenceError)) return error.message;
  if (!path.endsWith('.json')) return `it is no module of JavaScript (${error.name}); node --check ${path} says where`;
  const line = lineOfFault(error.message, readFileSync(path, 'utf8'));
  return `it is no JSON${line === undefined ? '' : `, in line ${line}`}`;
};

/** By the position that the parser tells, or by the piece of the text that it quotes. */
const lineOfFault = (message: string, text: string): number | undefined => {
  const [, position] = / at position (\d+)/.exec(message) ?? [];
  const [, quoted = ''] = /^[^"]*"(.*)"(?:\.\.\.)? is not valid JSON$/s.exec(message) ?? [];
  const found = quoted === '' ? -1 : text.indexOf(quoted);
  const at = position === undefined ? found + (found < 0 ? 0 : quoted.length >> 1) : Number(position);
  return at < 0 ? undefined : text.slice(0, at).split('\n').length;
};

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
      throw new CliError(
        'SETTINGS_REFUSED',
        `The configuration file ${file} cannot be read: ${plainText(reasonOf(error, path))}`,
        undefined,
        { cause: error },
      );
    }
  };
