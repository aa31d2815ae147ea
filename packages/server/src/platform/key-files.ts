import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { KeyFiles } from '@assent/nodes';
import { MAX_KEY_FILE_BYTES, readFileHead } from './file-head.ts';
import { isOfTheDatabase } from './operator-files.ts';

/** A tree may name any path, and one that cannot be opened is a file that does not exist. */
const NO_SUCH_FILE = [
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EACCES',
  'ENAMETOOLONG',
  'ELOOP',
  'ENXIO',
  'ERR_INVALID_ARG_VALUE',
];

/** Database, master key and hidden files stay closed to trees, also small ones. */
const isClosedToTrees = (name: string): boolean => name.startsWith('.') || isOfTheDatabase(name);

/**
 * Files with keys in the data directory, each a regular file of at most 256 KiB. A path that leads out of the directory, also by a link, is none: a
 * tree must not turn keys elsewhere on the machine into keys of this server. Concurrent requests share one read of a file.
 */
export const dataDirectoryKeys = (dataDir: string, readHead: typeof readFileHead = readFileHead): KeyFiles => {
  const underWay = new Map<string, Promise<string | undefined>>();

  const read = async (file: string): Promise<string | undefined> => {
    const head = await readHead(file, MAX_KEY_FILE_BYTES);
    return head?.isWhole === true ? head.bytes.toString('utf8') : undefined;
  };
  const readShared = (file: string): Promise<string | undefined> => {
    const reading = underWay.get(file) ?? read(file).finally(() => underWay.delete(file));
    underWay.set(file, reading);
    return reading;
  };

  return {
    async read(path) {
      try {
        const root = await realpath(dataDir);
        const file = await realpath(resolve(root, path));
        if (!file.startsWith(root + sep)) return undefined;
        const names = file.slice(root.length + sep.length).split(sep);
        return names.some(isClosedToTrees) ? undefined : await readShared(file);
      } catch (error) {
        if (NO_SUCH_FILE.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
        throw error;
      }
    },
  };
};
