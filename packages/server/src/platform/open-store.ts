import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMemoryStore, openPostgresStore, openSqliteStore, type Store } from '@assent/store';
import type { Settings } from '../settings/settings.ts';
import { masterKey } from './master-key.ts';
import { systemRandom } from './system-ports.ts';

/** The store that the settings name; also what the commands that work on a store open. */
export const openStore = async (settings: Settings): Promise<Store> => {
  const { databaseUrl, databasePasswordFile: file } = settings;
  if (databaseUrl === 'memory:') return openMemoryStore();
  if (databaseUrl === undefined) {
    return openSqliteStore({
      file: join(settings.dataDir, 'assent.db'),
      masterKey: masterKey(settings),
      random: systemRandom,
      fullSync: settings.sqliteSync === 'full',
    });
  }
  return openPostgresStore({
    url: databaseUrl,
    insecure: settings.insecure,
    masterKey: masterKey(settings),
    random: systemRandom,
    poolSize: settings.databasePool,
    migrate: settings.migrate,
    ...(settings.databasePooler !== undefined && { pooler: settings.databasePooler }),
    ...(file !== undefined && { readPassword: () => readFileSync(file, 'utf8').trimEnd() }),
  });
};

/** Where the data is, in words for an operator. */
export const placeOfData = ({ databaseUrl, dataDir }: Pick<Settings, 'databaseUrl' | 'dataDir'>): string => {
  if (databaseUrl === 'memory:') return 'in memory (nothing is kept)';
  if (databaseUrl === undefined) return `${dataDir} (SQLite)`;
  const { host, pathname } = new URL(databaseUrl);
  return `PostgreSQL, ${pathname.slice(1)} on ${host}`;
};
