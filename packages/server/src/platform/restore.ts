import type { Erasure } from '@assent/engine/host';
import { type RestoredFile, restoreSqlite, restoreSqliteInPlace } from '@assent/store';
import type { Settings } from '../settings/settings.ts';
import { neededMasterKey } from './master-key.ts';
import { fileOptions, serverOptions } from './open-store.ts';
import { systemRandom } from './system-ports.ts';

export interface RestoreChoice {
  /** Recovery codes go, since some may have been used since the backup. */
  readonly voidCodes: boolean;
  readonly now: number;
  readonly transactionId: string;
  /** Who was erased since the backup, as far as it stands elsewhere. */
  readonly erasures?: readonly Erasure[];
}

/** Puts a backup in the place of the SQLite database that the settings name (OPS-61). */
export const restoreFrom = (settings: Settings, from: string, choice: RestoreChoice): Promise<RestoredFile> =>
  restoreSqlite(from, {
    ...fileOptions(settings),
    ...choice,
    random: systemRandom,
    masterKey: neededMasterKey(settings),
  });

/** Makes of the database that the settings name, which was put back there by other means, one to be served on. */
export const restoreInPlace = async (settings: Settings, choice: RestoreChoice): Promise<RestoredFile> => {
  const { databaseUrl } = settings;
  const masterKey = neededMasterKey(settings);
  if (databaseUrl !== undefined) {
    const { restorePostgresInPlace } = await import('@assent/store/postgres');
    return restorePostgresInPlace({ ...serverOptions(databaseUrl, settings), ...choice, masterKey });
  }
  return restoreSqliteInPlace({ ...fileOptions(settings), ...choice, random: systemRandom, masterKey });
};
