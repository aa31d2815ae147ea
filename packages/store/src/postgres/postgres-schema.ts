import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@assent/engine';
import pg from 'pg';
import { migrations } from '../migrations/index.ts';
import type { Migration } from '../migrations/migration.ts';
import { StoreRefused } from '../ports/store.ts';
import type { SchemaPlan } from '../schema/plan.ts';
import { type ConnectionOptions, clientConfig } from './connections.ts';
import { readDatabaseUrl } from './database-url.ts';
import { DatabaseFailure, failureAtStart } from './failures.ts';
import { type MigrationOptions, migratePostgres, planOf, refuseOutdated } from './migrate.ts';

export interface PostgresSchemaOptions {
  /** `postgres://user@host:5432/database?sslmode=verify-full&sslrootcert=…` */
  readonly url: string;
  /** Lets the connection to another machine go unencrypted. */
  readonly insecure?: boolean;
  /** Asked at each connect; the password of the URL where absent. */
  readonly readPassword?: () => string;
  /** A pooler stands between, and gives each transaction another session of the server. */
  readonly pooler?: 'transaction';
  readonly random: Random;
  /** `off`: a schema that is not up to date is refused. */
  readonly migrate?: 'auto' | 'off';
  /** @internal Those of another version, for tests of two versions at once. */
  readonly migrations?: readonly Migration[];
}

/** Where the options lead to. */
export const connectionOf = ({ url, insecure = false, readPassword, pooler }: PostgresSchemaOptions) =>
  ({
    ...readDatabaseUrl(url, { insecure }),
    ...(readPassword !== undefined && { readPassword }),
    ...(pooler !== undefined && { pooler }),
  }) satisfies ConnectionOptions;

/** Works on connections that nothing else uses, with the time that changes of the schema may take. */
export const onSchema = async <T>(
  options: PostgresSchemaOptions,
  work: (options: MigrationOptions) => Promise<T>,
): Promise<T> => {
  const config: pg.ClientConfig = {
    ...clientConfig(connectionOf(options)),
    pipeline: false,
    query_timeout: 0,
    ...(options.pooler === undefined && {
      statement_timeout: 0,
      lock_timeout: 0,
      idle_in_transaction_session_timeout: 0,
    }),
  };
  try {
    return await work({
      connect: async () => {
        const client = new pg.Client(config);
        client.on('error', () => undefined);
        await client.connect();
        return client;
      },
      known: options.migrations ?? migrations,
      holder: options.random.uuid(),
      // A connection keeps the process alive; the time does not.
      wait: (millis) => delay(millis, undefined, { ref: false }),
    });
  } catch (failure) {
    if (failure instanceof StoreRefused) throw failure;
    throw failureAtStart(new DatabaseFailure(failure));
  }
};

/** Before anything is read or written: brings the schema up to date, or refuses it where it may not be changed. */
export const prepareSchema = (options: PostgresSchemaOptions): Promise<void> =>
  onSchema(options, options.migrate === 'off' ? refuseOutdated : migratePostgres);

/** Brings the schema of the database up to date, while others serve on it. */
export const migratePostgresSchema = (options: PostgresSchemaOptions): Promise<void> =>
  onSchema(options, migratePostgres);

/** What {@link migratePostgresSchema} would do. */
export const planPostgresSchema = (options: PostgresSchemaOptions): Promise<SchemaPlan> => onSchema(options, planOf);
