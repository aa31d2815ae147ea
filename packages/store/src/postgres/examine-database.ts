import { postgres, sqlFor } from '../migrations/migration.ts';
import { migrations } from '../schema/all-migrations.ts';
import { clientConfig, DatabaseClient } from './connections.ts';
import { connectionOf, type PostgresSchemaOptions } from './schema-options.ts';

/** What a PostgreSQL says of itself and of the role that asks, for whoever looks for what is wrong (OPS-51). */
export interface DatabaseFacts {
  /** Something stands between that gives each transaction another session of the server. */
  readonly isPooled: boolean;
  /** Nothing can be written: a standby, or a database or a role that was set so. */
  readonly isReadOnly: boolean;
  /** Whether the role may make tables, as a new version of Assent does. */
  readonly mayCreate: boolean;
  /** Tables of ours that the role may not read and write. */
  readonly closedTables: readonly string[];
  /** The limits of a session, milliseconds; 0 for one that is not set. Behind a pooler they are those of the role. */
  readonly timeouts: { readonly statement: number; readonly lock: number; readonly idleInTransaction: number };
}

const OURS: readonly string[] = migrations.flatMap((migration) =>
  [...sqlFor(migration, postgres).matchAll(/\bCREATE TABLE (?:IF NOT EXISTS )?(\w+)/g)].flatMap(
    ([, name]) => name ?? [],
  ),
);

const EXAMINE = `SELECT pg_backend_pid() AS session, current_setting('transaction_read_only') = 'on' AS is_read_only,
    has_schema_privilege(current_schema(), 'CREATE') AS may_create,
    ARRAY(SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY($1) AND relkind IN ('r', 'p')
      AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
        AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')) ORDER BY relname) AS closed_tables,
    (SELECT json_object_agg(name, CAST(setting AS BIGINT)) FROM pg_settings
      WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')) AS timeouts`;

interface Row {
  readonly session: number;
  readonly is_read_only: boolean;
  readonly may_create: boolean | null;
  readonly closed_tables: readonly string[];
  readonly timeouts: Readonly<Record<string, number>>;
}

/**
 * Asks the database that the options lead to, and changes nothing. Throws what the driver throws, whose code says what is wrong. A pooler
 * answers for a server, and so gives itself away: the session that it names at the beginning is not the one that answers.
 */
export const examineDatabase = async (options: PostgresSchemaOptions): Promise<DatabaseFacts> => {
  const client = new DatabaseClient({ ...clientConfig(connectionOf(options)), pipeline: false });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { processID } = client as unknown as { readonly processID: number };
    const { rows } = await client.query<Row>(EXAMINE, [OURS]);
    const [row] = rows;
    if (row === undefined) throw new TypeError('the database has not answered');
    const { session, is_read_only: isReadOnly, may_create: mayCreate, closed_tables: closedTables, timeouts } = row;
    return {
      isPooled: processID !== session,
      isReadOnly,
      mayCreate: mayCreate === true,
      closedTables,
      timeouts: {
        statement: timeouts.statement_timeout ?? 0,
        lock: timeouts.lock_timeout ?? 0,
        idleInTransaction: timeouts.idle_in_transaction_session_timeout ?? 0,
      },
    };
  } finally {
    await client.end().catch(() => undefined);
  }
};
