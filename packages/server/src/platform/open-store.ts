import { join } from 'node:path';
import { openMemoryStore, openSqliteStore, type Store } from '@assent/store';
import { SettingsRefused } from '../settings/load-settings.ts';
import { retentionOf } from '../settings/retention-settings.ts';
import { readSecretFile, secretFileProblem } from '../settings/secret-file.ts';
import type { Settings } from '../settings/settings.ts';
import { masterKey, takeOverMasterKey } from './master-key.ts';
import { systemRandom } from './system-ports.ts';

/** The file of SQLite that the settings name. */
export const fileOptions = ({ dataDir, migrate }: Settings) => ({ file: join(dataDir, 'assent.db'), migrate });

/** A file that is not there would look like a database that does not answer, for which a server waits. */
export const checkPasswordFile = (path: string): void => {
  const file = readSecretFile(path);
  if ('fault' in file) {
    throw new SettingsRefused([secretFileProblem('ASSENT_DATABASE_PASSWORD_FILE', path, file.fault)]);
  }
};

const passwordIn = (path: string): string => {
  const file = readSecretFile(path);
  if ('fault' in file) throw new Error(secretFileProblem('ASSENT_DATABASE_PASSWORD_FILE', path, file.fault));
  return file.text;
};

/** The PostgreSQL that the settings name. The password is read for each connection, so that it may change meanwhile. */
export const serverOptions = (url: string, settings: Settings) => {
  const { databasePasswordFile: file, databasePooler: pooler } = settings;
  if (file !== undefined) checkPasswordFile(file);
  return {
    url,
    insecure: settings.insecure,
    random: systemRandom,
    migrate: settings.migrate,
    ...(pooler !== undefined && { pooler }),
    ...(file !== undefined && { readPassword: () => passwordIn(file) }),
  };
};

/** The store that the settings name; also what the commands that work on a store open. */
export const openStore = async (settings: Settings): Promise<Store> => {
  const { databaseUrl } = settings;
  if (databaseUrl === 'memory:') return openMemoryStore({ retention: retentionOf(settings) });
  if (databaseUrl === undefined) {
    const store = await openSqliteStore({
      ...fileOptions(settings),
      masterKey: masterKey(settings),
      random: systemRandom,
      fullSync: settings.sqliteSync === 'full',
      retention: retentionOf(settings),
    });
    // Whoever replaced it was stopped between the database and the file.
    takeOverMasterKey(settings, (await store.keys.master())?.id ?? '');
    return store;
  }
  const { openPostgresStore } = await import('@assent/store/postgres');
  return openPostgresStore({
    ...serverOptions(databaseUrl, settings),
    masterKey: masterKey(settings),
    poolSize: settings.databasePool,
    retention: retentionOf(settings),
  });
};

/** Where the data is, in words for an operator. */
export const placeOfData = ({ databaseUrl, dataDir }: Pick<Settings, 'databaseUrl' | 'dataDir'>): string => {
  if (databaseUrl === 'memory:') return 'in memory (nothing is kept)';
  if (databaseUrl === undefined) return `${dataDir} (SQLite)`;
  const { host, pathname } = new URL(databaseUrl);
  return `PostgreSQL, ${pathname.slice(1)} on ${host}`;
};
