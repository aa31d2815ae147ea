import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';

const MAX_FILES = 1_000;

/** What belongs to the database of this machine, and differs between machines that share none. */
export const isOfTheDatabase = (name: string): boolean => /^(?:assent\.db|master\.key)/i.test(name);
const TEXTS = `texts${sep}`;

/** Names, below the directory, of the files that are there; none where there is no directory. */
const filesIn = async (directory: string): Promise<readonly string[]> => {
  let entries: readonly Dirent[];
  try {
    entries = await readdir(directory, { withFileTypes: true, recursive: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile() && !isOfTheDatabase(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(directory, sep).length))
    .sort()
    .slice(0, MAX_FILES);
};

/** Names, below the data directory, of what an operator has put there: texts of nodes, and files with keys. */
export interface OperatorFiles {
  readonly texts: readonly string[];
  readonly keyFiles: readonly string[];
}

export const operatorFiles = async (dataDir: string): Promise<OperatorFiles> => {
  const files = await filesIn(dataDir);
  const isText = (name: string) => name.startsWith(TEXTS);
  return { texts: files.filter(isText), keyFiles: files.filter((name) => !isText(name)) };
};
