import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from './cli-error.ts';
import type { CliIo } from './cli-io.ts';
import { plainText } from './plain-text.ts';

export const readTextFile = async (io: CliIo, file: string): Promise<string> => {
  try {
    return await readFile(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    throw new CliError('USAGE', `The file ${plainText(file)} cannot be read.`, 'name a file that exists', {
      cause: error,
    });
  }
};

/** What a file says as JSON; undefined where it is none, since the parser's own message would quote it, with its secrets. */
export const readJsonFile = async (io: CliIo, file: string): Promise<unknown> => {
  const text = await readTextFile(io, file);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
