import { existsSync, statSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { plainText } from '../command/plain-text.ts';

const alreadyThere = (path: string, cause?: unknown): CliError =>
  new CliError('EXISTS', `There is a file ${plainText(path)} already.`, 'another name, or --force', { cause });

/** Refuses before something is made that takes long. */
export const refuseToReplace = (path: string): void => {
  if (existsSync(path)) throw alreadyThere(path);
};

interface OutOptions {
  readonly out?: string | undefined;
  readonly force?: boolean | undefined;
}

/** The file that `--out` names; undefined where it is absent. Refuses what it can before something is made that takes long. */
export const fileOfOut = ({ cwd }: Pick<CliIo, 'cwd'>, { out, force }: OutOptions): string | undefined => {
  if (out === undefined) return undefined;
  const file = resolve(cwd, out);
  if (existsSync(file) && statSync(file).isDirectory()) {
    throw new CliError('USAGE', `--out ${plainText(file)} is a folder.`, 'name a file in it');
  }
  if (force !== true) refuseToReplace(file);
  return file;
};

/** Written aside, a piece at a time, and put into its place whole; only this user may read it. `named` is what has named it. */
export const writePrivateFile = async (
  path: string,
  texts: AsyncIterable<string> | Iterable<string>,
  isForced: boolean,
  named = 'The file',
): Promise<void> => {
  const draft = `${path}.part-${process.pid}`;
  let isDrafted = false;
  try {
    const handle = await open(draft, 'w', 0o600);
    isDrafted = true;
    try {
      for await (const text of texts) await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (isForced) await rename(draft, path);
    else await link(draft, path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw alreadyThere(path, cause);
    // What is no fault of the file, such as a database that is gone, is told as it is.
    if (code === undefined) throw cause;
    throw new CliError('USAGE', `${named} ${plainText(path)} cannot be written.`, 'a folder that is there', { cause });
  } finally {
    if (isDrafted) await rm(draft, { force: true });
  }
};

/** Where the users of a realm stand whose own file is that one. */
export const usersFileBeside = (file: string): string => `${file}.users`;
