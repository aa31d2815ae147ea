import { type Backup, backupSqlite, type MasterKeySource } from '@assent/store';
import type { Settings } from '../settings/settings.ts';
import { MasterKeyRefused, placeOfMasterKey, storedMasterKey } from './master-key.ts';
import { fileOptions } from './open-store.ts';
import { type OperatorFiles, operatorFiles } from './operator-files.ts';
import { systemRandom } from './system-ports.ts';

/** What a restore needs beside the file, and what no backup takes along. */
export interface NeededBeside extends OperatorFiles {
  /** The variable or the file that the master key is in. */
  readonly masterKey: string;
  /** Modules with nodes of an operator's own. */
  readonly nodes: readonly string[];
}

export interface MadeBackup extends Backup {
  /** Whether the copy was opened with the master key; not where this user cannot read that. */
  readonly isOpened: boolean;
  readonly beside: NeededBeside;
}

const readableKey = (settings: Settings): MasterKeySource | undefined => {
  try {
    return storedMasterKey(settings);
  } catch (error) {
    // Whoever takes backups need not be who may read the key.
    if (error instanceof MasterKeyRefused && (error.cause as NodeJS.ErrnoException)?.code === 'EACCES')
      return undefined;
    throw error;
  }
};

/** Copies the SQLite database that the settings name, also while a server works on it (OPS-60). */
export const backupOf = async (settings: Settings, to: string, replaces: boolean): Promise<MadeBackup> => {
  const masterKey = readableKey(settings);
  const { file } = fileOptions(settings);
  const made = await backupSqlite({ file, to, replaces, random: systemRandom, ...(masterKey && { masterKey }) });
  const files = await operatorFiles(settings.dataDir);
  return {
    ...made,
    isOpened: masterKey !== undefined,
    beside: { masterKey: placeOfMasterKey(settings), nodes: settings.nodes, ...files },
  };
};
