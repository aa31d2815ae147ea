import type pg from 'pg';
import { type Applied, refuseForeign } from '../migrations/applied.ts';
import { checksumOf, type Migration, postgres, sqlFor } from '../migrations/migration.ts';
import { BASELINE, BASELINE_VERSION } from '../migrations/postgres-baseline.ts';
import { StoreRefused } from '../ports/store.ts';
import { DatabaseFailure } from './failures.ts';

/** Milliseconds that the lease lasts if its holder is gone. */
const LEASE_MILLIS = 30_000;
const LOOK_AGAIN_AFTER = 200;
/** Two who make the same table at once: the second finds it in the catalogue, or the name of its row type. */
const MADE_BY_ANOTHER: ReadonlySet<string> = new Set(['23505', '42P07', '42710']);

/** The database's own, in milliseconds: instances may disagree about the time. */
const NOW = 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)';

export interface MigrationOptions {
  readonly client: pg.Client;
  readonly known: readonly Migration[];
  /** Says who holds the lease. */
  readonly holder: string;
  /** Without it, a schema that is not up to date is refused. */
  readonly mayMigrate: boolean;
  readonly wait: (millis: number) => Promise<unknown>;
}

const makeLeases = async (client: pg.Client): Promise<void> => {
  for (;;) {
    try {
      await client.query(
        'CREATE TABLE IF NOT EXISTS lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, held_until BIGINT NOT NULL)',
      );
      await client.query(
        'CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)',
      );
      return;
    } catch (failure) {
      if (!MADE_BY_ANOTHER.has(new DatabaseFailure(failure).sqlState ?? '')) throw failure;
    }
  }
};

const takeLease = async ({ client, holder }: MigrationOptions): Promise<boolean> => {
  const { rowCount } = await client.query(
    `INSERT INTO lease (name, holder, held_until) VALUES ('migration', $1, ${NOW} + ${LEASE_MILLIS})
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
     WHERE lease.held_until <= ${NOW} OR lease.holder = excluded.holder`,
    [holder],
  );
  return rowCount === 1;
};

const appliedIn = async (client: pg.Client): Promise<readonly Applied[]> => {
  const { rows } = await client.query({
    text: 'SELECT version, checksum FROM schema_migration ORDER BY version',
    rowMode: 'array',
  });
  return rows.map(([version, checksum]: unknown[]) => [Number(version), String(checksum)]);
};

/** One step, with the lease in its condition: whoever has lost it meanwhile changes nothing. */
const applyInOne = async (
  { client, holder }: MigrationOptions,
  sql: string,
  records: readonly Migration[],
): Promise<void> => {
  await client.query('BEGIN');
  try {
    const { rowCount } = await client.query(
      `UPDATE lease SET held_until = ${NOW} + ${LEASE_MILLIS} WHERE name = 'migration' AND holder = $1`,
      [holder],
    );
    if (rowCount !== 1)
      throw new StoreRefused('Another instance has taken over the changes of the schema. Start again.');
    await client.query(sql);
    for (const migration of records) {
      await client.query('INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)', [
        migration.version,
        migration.name,
        checksumOf(migration),
      ]);
    }
    await client.query('COMMIT');
  } catch (failure) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw failure;
  }
};

const NOT_UP_TO_DATE =
  'The schema of the database is not the one of this version of Assent, and ASSENT_MIGRATE is off. Run `assent migrate`.';

/**
 * Brings the schema up to date. Instances that start at once take turns by a lease, which one that is killed lets go in time
 * (OPS-18); each step is a transaction of its own.
 */
export const migratePostgres = async (options: MigrationOptions): Promise<void> => {
  const { client, known, mayMigrate, wait } = options;
  if (!mayMigrate) {
    const { rows } = await client.query("SELECT to_regclass('schema_migration') IS NOT NULL AS is_there");
    const applied = rows[0]?.is_there === true ? await appliedIn(client) : [];
    refuseForeign(applied, known);
    if (applied.length < known.length) throw new StoreRefused(NOT_UP_TO_DATE);
    return;
  }
  await makeLeases(client);
  const isDone = async () => {
    const applied = await appliedIn(client);
    refuseForeign(applied, known);
    return applied.length >= known.length;
  };
  while (!(await isDone())) {
    if (!(await takeLease(options))) {
      await wait(LOOK_AGAIN_AFTER);
      continue;
    }
    const applied = await appliedIn(client);
    if (applied.length === 0) {
      await applyInOne(
        options,
        BASELINE,
        known.filter(({ version }) => version <= BASELINE_VERSION),
      );
    }
    const from = Math.max(applied.length, BASELINE_VERSION);
    for (const migration of known.filter(({ version }) => version > from)) {
      await applyInOne(options, sqlFor(migration, postgres), [migration]);
    }
    await client.query("DELETE FROM lease WHERE name = 'migration' AND holder = $1", [options.holder]);
  }
};
