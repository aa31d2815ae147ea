import { join } from 'node:path';
import { openMemoryStore, openSqliteStore, type Store } from '@assent/store';
import type { Settings } from '../settings/settings.ts';
import { masterKey } from './master-key.ts';
import { systemRandom } from './system-ports.ts';

/** The store that the settings name; also what the commands `user`, `realm` and `doctor` work on. */
export const openStore = async (settings: Settings): Promise<Store> =>
  settings.databaseUrl === 'memory:'
    ? openMemoryStore()
    : openSqliteStore({
        file: join(settings.dataDir, 'assent.db'),
        masterKey: masterKey(settings),
        random: systemRandom,
        fullSync: settings.sqliteSync === 'full',
      });
