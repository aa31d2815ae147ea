import { port } from '@assent/engine';

/** Files with keys in the data directory of the server. */
export interface KeyFiles {
  /** The text of a file; undefined where there is none, or the path leads out of the data directory. */
  read(path: string): Promise<string | undefined>;
}

export const keyFiles = port<KeyFiles>()('keyFiles', 'reads');
