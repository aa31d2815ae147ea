import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { detailHashOfText } from '../chain/seals.ts';
import { StoreRefused } from '../ports/store.ts';
import type { ColumnValue, Row } from '../sql/verbs/verb.ts';

/** A prepared statement. `R` is the shape of its rows: the values in the order of the columns. */
export interface PreparedStatement<R extends Row = Row> {
  /** How many rows were changed. */
  run(...values: readonly ColumnValue[]): number;
  get(...values: readonly ColumnValue[]): R | undefined;
  all(...values: readonly ColumnValue[]): readonly R[];
}

export interface Database {
  prepare<R extends Row = Row>(sql: string): PreparedStatement<R>;
  exec(sql: string): void;
  /** All of it as bytes, where the driver can tell: another database begins with them. */
  image?(): Uint8Array;
  close(): void;
}

/** What both drivers have in common, and how each is told to give rows as arrays. */
interface NativeStatement {
  run(...values: readonly ColumnValue[]): { readonly changes: number | bigint };
  get(...values: readonly ColumnValue[]): unknown;
  all(...values: readonly ColumnValue[]): unknown[];
  /** node:sqlite since Node 22.16. */
  setReturnArrays?(wanted: true): void;
  /** better-sqlite3, where `raw` throws for a statement that gives no rows. */
  readonly reader?: boolean;
  raw?(): void;
}
interface NativeDatabase {
  prepare(sql: string): NativeStatement;
  exec(sql: string): unknown;
  function(
    name: string,
    options: { readonly deterministic: true },
    of: (...given: readonly ColumnValue[]) => ColumnValue,
  ): unknown;
  /** better-sqlite3, which also opens what it returns. */
  serialize?(): Uint8Array;
  close(): unknown;
}
type NativeConstructor = new (place: string | Uint8Array) => NativeDatabase;

export type DriverName = 'node:sqlite' | 'better-sqlite3';

/** Node 22 before that has it behind a flag, or not at all. */
const BUILT_IN_SINCE = { major: 22, minor: 13 } as const;

/** What older Nodes need beside Assent; newer ones bring SQLite. @internal for the test that holds it to the package.json. */
export const DRIVER_PACKAGE = 'better-sqlite3@12.11.1';
const NOT_INSTALLED =
  `SQLite needs ${DRIVER_PACKAGE} on Node before 22.13, and it is not installed. Install python3, make and g++, then run ` +
  `\`npm install ${DRIVER_PACKAGE}\` beside Assent. On Node 22.13 or newer nothing needs installing.`;
const CANNOT_BUILD =
  'SQLite needs better-sqlite3 on Node before 22.13, and it is not built. Install python3, make and g++, then run ' +
  '`npm rebuild better-sqlite3`. On Node 22.13 or newer nothing needs building.';

/**
 * Why better-sqlite3 could not be loaded, in words: it is there and not built, or it is not there at all (OPS-67).
 *
 * @internal for its test: what is missing there is missing on no machine that tests.
 */
export const whyNoDriver = (error: unknown): string =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND' ? NOT_INSTALLED : CANNOT_BUILD;

const constructors: Record<DriverName, () => Promise<NativeConstructor>> = {
  'node:sqlite': async () => {
    // By a variable: the floor is Node 20, whose types do not know the module.
    const name: string = 'node:sqlite';
    const { DatabaseSync } = (await import(/* @vite-ignore */ name)) as { DatabaseSync: NativeConstructor };
    return DatabaseSync;
  },
  'better-sqlite3': async () => {
    try {
      const { default: BetterSqlite } = await import('better-sqlite3');
      // The binary is loaded by the first database, so a missing one shows here and not at the user's.
      new BetterSqlite(':memory:').close();
      return BetterSqlite as unknown as NativeConstructor;
    } catch (cause) {
      throw new StoreRefused(whyNoDriver(cause), { cause });
    }
  },
};

/** The driver for a version of Node, such as `22.13.0`. */
export const driverFor = (nodeVersion: string): DriverName => {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const isBuiltIn = major > BUILT_IN_SINCE.major || (major === BUILT_IN_SINCE.major && minor >= BUILT_IN_SINCE.minor);
  return isBuiltIn ? 'node:sqlite' : 'better-sqlite3';
};

const rowOf = (found: unknown): Row | undefined => {
  if (found === undefined || Array.isArray(found)) return found;
  // Node 22 before 22.16: an object, whose members stand in the order of the columns.
  return Object.values(found as Readonly<Record<string, ColumnValue>>);
};

/** Where the header says how the file is written to, and what it says of one that has no journal beside it (SQLite file format, §1.3.3). */
const WRITE_VERSION = { at: 18, withoutJournal: 1 } as const;

const writeVersionOf = (file: string): number | undefined => {
  const handle = openSync(file, 'r');
  try {
    const header = new Uint8Array(WRITE_VERSION.at + 1);
    readSync(handle, header, 0, header.length, 0);
    return header[WRITE_VERSION.at];
  } finally {
    closeSync(handle);
  }
};

/**
 * A backup is one file. Whoever copies it over a database whose server was killed leaves that one's journal beside it, and SQLite would write
 * the pages of the one into the other without a word.
 */
const refuseStrangeJournal = (file: string): void => {
  const journal = `${file}-wal`;
  if ((statSync(journal, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return;
  if (writeVersionOf(file) !== WRITE_VERSION.withoutJournal) return;
  throw new StoreRefused(
    `${journal} is the journal of another database, which lay there before ${file}. Give it another name, such as ${journal}.old, and come again; nothing was changed.`,
  );
};

const databaseOf = (native: NativeDatabase): Database => {
  const { serialize } = native;
  // PostgreSQL has functions for this (`{detail_hash}`).
  native.function('detail_hash_of', { deterministic: true }, (salt, detail) =>
    detailHashOfText(String(detail), salt === null ? '' : String(salt)),
  );
  return {
    prepare<R extends Row>(sql: string): PreparedStatement<R> {
      const statement = native.prepare(sql);
      statement.setReturnArrays?.(true);
      if (statement.reader === true) statement.raw?.();
      return {
        run: (...values) => Number(statement.run(...values).changes),
        get: (...values) => rowOf(statement.get(...values)) as R | undefined,
        all: (...values) => statement.all(...values).map(rowOf) as unknown as R[],
      };
    },
    exec: (sql) => void native.exec(sql),
    ...(serialize && { image: () => serialize.call(native) }),
    close: () => void native.close(),
  };
};

export const openDatabase = async (file: string, driver: DriverName): Promise<Database> => {
  const Native = await constructors[driver]();
  refuseStrangeJournal(file);
  return databaseOf(new Native(file));
};

/** A database that ends with its process: an empty one, or one that begins as another was. */
export const openInMemory = async (driver: DriverName, image?: Uint8Array): Promise<Database> => {
  const Native = await constructors[driver]();
  return databaseOf(new Native(image ?? ':memory:'));
};
