import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { StoreRefused } from '../ports/store.ts';
import { migrations } from '../schema/all-migrations.ts';
import { clientConfig, DatabaseClient } from './connections.ts';
import { DatabaseFailure, failureAtStart } from './failures.ts';
import type { MigrationOptions } from './migrate.ts';
import { connectionOf, type PostgresSchemaOptions } from './schema-options.ts';

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
        const client = new DatabaseClient(config);
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
