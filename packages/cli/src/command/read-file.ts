import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { plainText } from './plain-text.ts';

/** `named` is what has named it, such as an option. */
export const readTextFile = async (io: CliIo, file: string, named = 'The file'): Promise<string> => {
  try {
    return await readFile(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    throw new CliError('USAGE', `${named} ${plainText(file)} cannot be read.`, 'name a file that exists', {
      cause: error,
    });
  }
};

/** What a file says as JSON; undefined where it is none, since the parser's own message would quote it, with its secrets. */
export const readJsonFile = async (io: CliIo, file: string, named?: string): Promise<unknown> => {
  const text = await readTextFile(io, file, named);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
