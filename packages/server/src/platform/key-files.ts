import { readFile, realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { KeyFiles } from '@assent/nodes';

const MAX_FILE_BYTES = 256 * 1024;

/**
 * Files with keys in the data directory. A path that leads out of it, also by a link, is none: a tree must not make
 * whatever keys lie about on the machine into keys of this server.
 */
export const dataDirectoryKeys = (dataDir: string): KeyFiles => ({
  async read(path) {
    try {
      const root = await realpath(dataDir);
      const file = await realpath(resolve(root, path));
      if (!file.startsWith(root + sep)) return undefined;
      const text = await readFile(file, 'utf8');
      return text.length > MAX_FILE_BYTES ? undefined : text;
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? ''))
        return undefined;
      throw error;
    }
  },
});
