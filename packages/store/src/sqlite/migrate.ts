import { checksumOf, type Migration, sqlFor, sqlite } from '../migrations/migration.ts';
import { StoreRefused } from '../ports/store.ts';
import {
  type Applied,
  BOOKKEEPING,
  type Floor,
  livesWithAll,
  notUpToDate,
  pendingIn,
  READ_FLOOR,
  refuseForeign,
  type SchemaState,
  WRITE_FLOOR,
} from '../schema/applied.ts';
import { plannedOnSqlite, type SchemaPlan } from '../schema/plan.ts';
import type { Database } from './driver.ts';

const stateOf = (db: Database): SchemaState => {
  const tables = db
    .prepare<[name: string]>("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'schema_%'")
    .all()
    .flat();
  const applied = tables.includes('schema_migration')
    ? db.prepare<Applied>('SELECT version, checksum FROM schema_migration ORDER BY version').all()
    : [];
  const floor = tables.includes('schema_floor') ? db.prepare<Floor>(READ_FLOOR).get() : undefined;
  return { applied, ...(floor !== undefined && { floor }) };
};

/** The migrations that a database has had. */
export const appliedIn = (db: Database): readonly Applied[] => stateOf(db).applied;

/** Brings the schema up to date; two processes that start at once take turns, and a killed one leaves nothing half done. */
export const migrate = (db: Database, known: readonly Migration[]): void => {
  db.exec('BEGIN EXCLUSIVE');
  try {
    for (const text of BOOKKEEPING) db.exec(text);
    const state = stateOf(db);
    refuseForeign(state, known);
    const pending = pendingIn(state, known);
    const record = db.prepare('INSERT INTO schema_migration (version, name, checksum) VALUES (?, ?, ?)');
    for (const migration of pending) {
      db.exec(sqlFor(migration, sqlite));
      record.run(migration.version, migration.name, checksumOf(migration));
    }
    if (pending.length > 0) db.prepare(WRITE_FLOOR).run(known.length, livesWithAll(known));
    db.exec('COMMIT');
  } catch (failure) {
    db.exec('ROLLBACK');
    throw failure;
  }
};

/** Throws where the schema is not one that a program with these migrations can serve on, and changes nothing. */
export const refuseOutdated = (db: Database, known: readonly Migration[]): void => {
  const state = stateOf(db);
  refuseForeign(state, known);
  if (pendingIn(state, known).length > 0) throw notUpToDate(state);
};

/** Throws where the schema is older or newer than these migrations, and changes nothing. */
export const refuseOtherSchema = (db: Database, known: readonly Migration[]): void => {
  refuseOutdated(db, known);
  const { length } = appliedIn(db);
  if (length > known.length)
    throw new StoreRefused(
      `The database has schema ${length}, and this version of Assent ${known.length}. Use the newer version.`,
    );
};

/** What `migrate` would do. */
export const planOf = (db: Database, known: readonly Migration[]): SchemaPlan => {
  const state = stateOf(db);
  refuseForeign(state, known);
  return {
    version: state.applied.length,
    known: known.length,
    migrations: pendingIn(state, known).map(plannedOnSqlite),
    indexes: [],
  };
};
