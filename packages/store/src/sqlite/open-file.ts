import type { Migration } from '../migrations/migration.ts';
import { StoreRefused } from '../ports/store.ts';
import { migrations } from '../schema/all-migrations.ts';
import type { SchemaPlan } from '../schema/plan.ts';
import { type Database, type DriverName, driverFor, openDatabase } from './driver.ts';
import { migrate, planOf, refuseOutdated } from './migrate.ts';

export interface SqliteFileOptions {
  readonly file: string;
  /** How long a write waits for another process, such as the command line. */
  readonly busyTimeoutMillis?: number;
  /** By the version of Node where it is absent. */
  readonly driver?: DriverName;
  /** `off`: a schema that is not up to date is refused. */
  readonly migrate?: 'auto' | 'off';
  /** @internal Those of another version, for tests of two versions at once. */
  readonly migrations?: readonly Migration[];
}

const WAL_BYTES_KEPT = 64 * 1024 * 1024;

/** Of 4 KiB. A page that many commits change is copied into the database, and flushed, once for all of them. */
const WAL_PAGES_UNTIL_CHECKPOINT = 4_000;

const CACHE_KIBIBYTES = 16_000;

/** A file that may not be written, or whose folder may not: SQLite needs its companions beside it, also to read (F24). */
export const cannotBeWritten = (file: string, cause: unknown): StoreRefused =>
  new StoreRefused(
    `The database ${file} cannot be written (${cause instanceof Error ? cause.message : 'for no reason that is known'}). ` +
      'Give the file and its folder to the user of this process, or name another folder by ASSENT_DATA_DIR.',
    { cause },
  );

/** Opens the database in a file, and works on it; what it cannot be read for is said to an operator. */
export const openFile = async <T>(
  options: SqliteFileOptions,
  work: (db: Database, known: readonly Migration[]) => T,
): Promise<T> => {
  const db = await openDatabase(options.file, options.driver ?? driverFor(process.versions.node));
  try {
    db.exec(`PRAGMA busy_timeout = ${Math.trunc(options.busyTimeoutMillis ?? 5_000)}`);
    const damage = db.prepare<[finding: string]>('PRAGMA quick_check(1)').get()?.[0];
    if (damage !== 'ok') {
      throw new StoreRefused(`The database is damaged (${damage}). Restore the last backup; nothing was changed.`);
    }
    db.exec('PRAGMA synchronous = FULL');
    return work(db, options.migrations ?? migrations);
  } catch (failure) {
    db.close();
    if (failure instanceof Error && /malformed|not a database/.test(failure.message)) {
      throw new StoreRefused('The file is damaged, or not a database of Assent. Restore the last backup.', {
        cause: failure,
      });
    }
    if (failure instanceof Error && /readonly database|unable to open database file/.test(failure.message)) {
      throw cannotBeWritten(options.file, failure);
    }
    throw failure;
  }
};

const migrateSecurely = (db: Database, known: readonly Migration[]): void => {
  // What a migration takes out of a table is overwritten in the file, not only let go of: it may be what must not be there.
  db.exec('PRAGMA secure_delete = ON');
  migrate(db, known);
};

const MAX_TRIES = 100;

/**
 * To change to a journal a file must be had alone for a moment, and SQLite, which waits for others everywhere else, gives that up at once: of
 * two processes that start on a new file one would be told that it is locked. So it waits as for a write, and tries again.
 *
 * @internal for its test: two processes meet there once in a hundred times.
 */
export const beginJournal = (db: Pick<Database, 'exec'>): void => {
  for (let tries = 1; ; tries += 1) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (failure) {
      const isHeld = failure instanceof Error && /locked|busy/i.test(failure.message);
      if (!isHeld || tries === MAX_TRIES) throw failure;
      db.exec('BEGIN EXCLUSIVE');
      db.exec('COMMIT');
    }
  }
};

/** As the store works with it, with the schema up to date; throws where it is not, and may not be changed. */
export const prepareDatabase = (
  db: Database,
  known: readonly Migration[],
  { migrate: mode }: SqliteFileOptions,
): void => {
  if (mode === 'off') refuseOutdated(db, known);
  beginJournal(db);
  db.exec(`PRAGMA journal_size_limit = ${WAL_BYTES_KEPT}`);
  db.exec(`PRAGMA wal_autocheckpoint = ${WAL_PAGES_UNTIL_CHECKPOINT}`);
  db.exec(`PRAGMA cache_size = -${CACHE_KIBIBYTES}`);
  db.exec('PRAGMA foreign_keys = ON');
  if (mode !== 'off') migrateSecurely(db, known);
};

/** Brings the schema of the database in a file up to date, also while others serve on it. */
export const migrateSqliteSchema = (options: SqliteFileOptions): Promise<void> =>
  openFile(options, (db, known) => {
    migrateSecurely(db, known);
    db.close();
  });

/** What {@link migrateSqliteSchema} would do. */
export const planSqliteSchema = (options: SqliteFileOptions): Promise<SchemaPlan> =>
  openFile(options, (db, known) => {
    const plan = planOf(db, known);
    db.close();
    return plan;
  });
