import type pg from 'pg';
import { checksumOf, type Migration, postgres, sqlFor } from '../migrations/migration.ts';
import { StoreRefused } from '../ports/store.ts';
import {
  BOOKKEEPING,
  livesWithAll,
  notUpToDate,
  pendingIn,
  READ_FLOOR,
  refuseForeign,
  type SchemaState,
  WRITE_FLOOR,
} from '../schema/applied.ts';
import { type LateIndex, partsOf } from '../schema/parts.ts';
import { plannedBeginning, plannedIndex, plannedOnPostgres, type SchemaPlan } from '../schema/plan.ts';
import { statement } from '../sql/verbs/verb.ts';
import { DatabaseFailure } from './failures.ts';
import { makeIndex } from './late-indexes.ts';
import { MigrationLease } from './migration-lease.ts';
import { namedTextOf } from './texts.ts';

const LOOK_AGAIN_AFTER = 200;
/**
 * Milliseconds that a change of a table waits for those who are using it. Whoever comes after it waits behind it, so it lets
 * them go first and comes again (OPS-20). Now and then it waits for longer than the second after which a cleaning of the table
 * gives way.
 */
const LOCK_MILLIS = { ordinary: 500, againstVacuum: 1_500 } as const;
const AGAINST_VACUUM_EVERY = 4;
const MAX_TRIES = 60;
/** Two that wait for each other, one that has waited for long enough, and one that was overtaken. */
const COMES_AGAIN: ReadonlySet<string> = new Set(['40P01', '55P03', '40001']);
/** Two who make the same table at once: the second finds it in the catalogue, or the name of its row type. */
const MADE_BY_ANOTHER: ReadonlySet<string> = new Set(['23505', '42P07', '42710']);

export interface MigrationOptions {
  /** Connects once more. */
  readonly connect: () => Promise<pg.Client>;
  readonly known: readonly Migration[];
  /** Says who holds the lease. */
  readonly holder: string;
  readonly wait: (millis: number) => Promise<unknown>;
}

interface State extends SchemaState {
  /** Indexes of this program that are not made yet. */
  readonly indexes: readonly LateIndex[];
}

/** Of PostgreSQL alone: who is at work, and the indexes that are still to be made of what else is there already. */
const OF_POSTGRES = [
  'CREATE TABLE IF NOT EXISTS lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, held_until BIGINT NOT NULL)',
  'CREATE TABLE IF NOT EXISTS schema_index (name TEXT PRIMARY KEY, version BIGINT NOT NULL, statement TEXT NOT NULL)',
];

const makeBookkeeping = async (client: pg.Client): Promise<void> => {
  for (;;) {
    try {
      for (const text of [...OF_POSTGRES, ...BOOKKEEPING]) await client.query(text);
      return;
    } catch (failure) {
      if (!MADE_BY_ANOTHER.has(new DatabaseFailure(failure).sqlState ?? '')) throw failure;
    }
  }
};

const rowsOf = async (client: pg.Client, table: string, text: string, values: readonly unknown[] = []) => {
  const found = await client.query('SELECT to_regclass($1) IS NOT NULL AS is_there', [table]);
  if (found.rows[0]?.is_there !== true) return [];
  const { rows } = await client.query<unknown[]>({ text, values: [...values], rowMode: 'array' });
  return rows;
};

/** What is there, without making anything; throws where this program cannot live with it. */
const stateOf = async (client: pg.Client, known: readonly Migration[]): Promise<State> => {
  const applied = await rowsOf(
    client,
    'schema_migration',
    'SELECT version, checksum FROM schema_migration ORDER BY version',
  );
  const [floor] = await rowsOf(client, 'schema_floor', READ_FLOOR);
  const indexes = await rowsOf(
    client,
    'schema_index',
    'SELECT name, statement FROM schema_index WHERE version <= $1 ORDER BY version, name',
    [known.length],
  );
  const state: State = {
    applied: applied.map(([version, checksum]) => [Number(version), String(checksum)]),
    ...(floor !== undefined && { floor: [Number(floor[0]), Number(floor[1])] }),
    indexes: indexes.map(([name, text]) => ({ name: String(name), text: String(text) })),
  };
  refuseForeign(state, known);
  return state;
};

const isUpToDate = (state: State, known: readonly Migration[]): boolean =>
  pendingIn(state, known).length === 0 && state.indexes.length === 0;

interface Step {
  readonly statements: readonly string[];
  readonly indexes: readonly LateIndex[];
  readonly records: readonly Migration[];
}

/** One transaction, with the lease in its condition: whoever has lost it meanwhile changes nothing. */
const applyInOne = async (
  client: pg.Client,
  { known }: MigrationOptions,
  lease: MigrationLease,
  { statements, indexes, records }: Step,
  lockMillis: number,
): Promise<void> => {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = ${lockMillis}`);
    if (!(await lease.renew(client)))
      throw new StoreRefused('Another instance has taken over the changes of the schema. Start again.');
    for (const text of statements) await client.query(text);
    for (const { name, text } of indexes)
      await client.query(
        `INSERT INTO schema_index (name, version, statement) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET version = excluded.version, statement = excluded.statement`,
        [name, records.at(-1)?.version, text],
      );
    for (const migration of records)
      await client.query('INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)', [
        migration.version,
        migration.name,
        checksumOf(migration),
      ]);
    const version = records.at(-1)?.version ?? 0;
    const livesWith = livesWithAll(known.filter((it) => it.version <= version));
    await client.query(namedTextOf(statement(WRITE_FLOOR)).text, [version, livesWith]);
    await client.query('COMMIT');
  } catch (failure) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw failure;
  }
};

/** Again, where others were using a table for longer than they may be kept waiting. */
const apply = async (
  client: pg.Client,
  options: MigrationOptions,
  lease: MigrationLease,
  step: Step,
): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    const isAgainstVacuum = tries % AGAINST_VACUUM_EVERY === 0;
    try {
      return await applyInOne(
        client,
        options,
        lease,
        step,
        isAgainstVacuum ? LOCK_MILLIS.againstVacuum : LOCK_MILLIS.ordinary,
      );
    } catch (failure) {
      if (tries >= MAX_TRIES || !COMES_AGAIN.has(new DatabaseFailure(failure).sqlState ?? '')) throw failure;
      await options.wait(LOOK_AGAIN_AFTER);
    }
  }
};

/** What a new database gets: nobody writes to it, so that its indexes are made with their tables. */
const beginning = (known: readonly Migration[]): Step => ({
  statements: known.map((migration) => sqlFor(migration, postgres)),
  indexes: [],
  records: known,
});

/**
 * Brings the schema up to date. Instances that start at once take turns by a lease, which one that is killed lets go in time
 * (OPS-18); each migration is a transaction of its own, and large indexes come after it while others write (OPS-20).
 */
export const migratePostgres = async (options: MigrationOptions): Promise<void> => {
  const { connect, known, holder, wait } = options;
  const client = await connect();
  const lease = new MigrationLease(holder, connect, wait);
  const makeAll = (indexes: readonly LateIndex[]) =>
    lease.keptWhile(async () => {
      for (const index of indexes) await makeIndex(client, index, () => wait(LOOK_AGAIN_AFTER));
    });
  const bringUp = async (state: State): Promise<void> => {
    await makeAll(state.indexes);
    if (state.applied.length === 0) return apply(client, options, lease, beginning(known));
    for (const migration of pendingIn(state, known)) {
      const { atOnce, indexes } = partsOf(migration);
      await apply(client, options, lease, { statements: atOnce, indexes, records: [migration] });
      await makeAll(indexes);
    }
  };
  try {
    // A role that may not make tables serves where there is nothing to make: PostgreSQL asks for the right to make even one that is there.
    if (isUpToDate(await stateOf(client, known), known)) return;
    await makeBookkeeping(client);
    while (!isUpToDate(await stateOf(client, known), known)) {
      if (!(await lease.take(client))) await wait(LOOK_AGAIN_AFTER);
      else
        try {
          await bringUp(await stateOf(client, known));
        } finally {
          await lease.giveBack(client).catch(() => undefined);
        }
    }
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Throws where the schema is not one that a program with these migrations can serve on, and changes nothing. */
export const refuseOutdated = async ({ connect, known }: MigrationOptions): Promise<void> => {
  const client = await connect();
  try {
    const state = await stateOf(client, known);
    if (!isUpToDate(state, known)) throw notUpToDate(state);
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** What `migratePostgres` would do. */
export const planOf = async ({ connect, known }: MigrationOptions): Promise<SchemaPlan> => {
  const client = await connect();
  try {
    const state = await stateOf(client, known);
    return {
      version: state.applied.length,
      known: known.length,
      migrations:
        state.applied.length === 0 ? [plannedBeginning(known)] : pendingIn(state, known).map(plannedOnPostgres),
      indexes: state.indexes.map(({ text }) => plannedIndex(text)),
    };
  } finally {
    await client.end().catch(() => undefined);
  }
};
