import { type DatabaseFacts, migrateSqliteSchema, planSqliteSchema, type SchemaPlan } from '@assent/store';
import type { Settings } from '../settings/settings.ts';
import { fileOptions, serverOptions } from './open-store.ts';

/** What is to be changed of a schema, and the change. */
interface Schema {
  plan(): Promise<SchemaPlan>;
  migrate(): Promise<void>;
}

const postgres = () => import('@assent/store/postgres');

/** The schema of the database that the settings name; what is kept in memory has none. */
export const schemaOf = (settings: Settings): Schema => {
  const { databaseUrl } = settings;
  if (databaseUrl === undefined) {
    const options = fileOptions(settings);
    return { plan: () => planSqliteSchema(options), migrate: () => migrateSqliteSchema(options) };
  }
  const options = serverOptions(databaseUrl, settings);
  return {
    plan: async () => (await postgres()).planPostgresSchema(options),
    migrate: async () => (await postgres()).migratePostgresSchema(options),
  };
};

/** What the PostgreSQL that the settings name says of itself; undefined where they name none. */
export const databaseFacts = async (settings: Settings): Promise<DatabaseFacts | undefined> => {
  const { databaseUrl } = settings;
  if (databaseUrl === undefined || databaseUrl === 'memory:') return undefined;
  return (await postgres()).examineDatabase(serverOptions(databaseUrl, settings));
};
