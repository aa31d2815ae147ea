import { existsSync, rmSync } from 'node:fs';
import type pg from 'pg';
import { migrations } from '../migrations/index.ts';
import { StoreRefused } from '../ports/store.ts';
import { migratePostgres } from '../postgres/migrate.ts';
import { onSchema } from '../postgres/on-schema.ts';
import type { PostgresSchemaOptions } from '../postgres/schema-options.ts';
import { lifeOf, markAs } from '../sql/installation/life.ts';
import type { ColumnValue, Row } from '../sql/verbs/verb.ts';
import { backupSqlite } from '../sqlite/backup.ts';
import { type Database, driverFor, openDatabase } from '../sqlite/driver.ts';
import { appliedIn } from '../sqlite/migrate.ts';
import { createRunner } from '../sqlite/runner.ts';
import { canonical, Digest, keyText, type Table } from './rows.ts';
import { batchFrom, columnsIn } from './source.ts';
import { beginIn, countOf, finishIn, isUnderWay, progressOf, readBack, tablesOf, write } from './target.ts';

export interface CopyOptions {
  /** The database of SQLite, which a server may work on meanwhile. */
  readonly file: string;
  readonly to: PostgresSchemaOptions;
  /** 32 bytes: those of the source, and of the target afterwards, since what is sealed goes as it is. */
  readonly masterKey: Uint8Array;
  /** For good: nobody serves on the source any more, which this run has begun, or one before it that was broken off. */
  readonly move?: 'begins' | 'goesOn';
  /** Told of each table as it comes to its end. */
  readonly onTable?: (name: string, rows: number) => void;
}

/** A table in both databases, each as it was read back. */
export interface CopiedTable {
  readonly name: string;
  readonly rows: number;
  readonly sha256: string;
}

export interface Difference {
  readonly table: string;
  /** Of which row, in words; absent where only the number of rows is another. */
  readonly key?: string;
  readonly problem: string;
}

export interface CopyResult {
  readonly tables: readonly CopiedTable[];
  /** What is not the same in both, as far as it was looked at; none: the target is whole. */
  readonly differences: readonly Difference[];
}

const MAX_DIFFERENCES = 20;

/** Beside the database, until the copy is whole: what is copied after a break is as of the same moment. */
const snapshotOf = (file: string): string => `${file}.copying`;

const open = (file: string): Promise<Database> => openDatabase(file, driverFor(process.versions.node));

const idIn = (db: Database): string =>
  String(db.prepare<[home: string | null]>('SELECT home FROM configuration_version').get()?.[0] ?? '').replace(
    'copying ',
    '',
  );

/** Beginning of the id of a copy whose snapshot was made when nobody served on the source any more. */
const OF_MOVE = 'move ';

/** What was written after a snapshot is not in it, so that a move goes on by one of its own only. */
const isAsOfNow = (id: string, move: CopyOptions['move']): boolean =>
  move === undefined || (move === 'goesOn' && id.startsWith(OF_MOVE));

/** The snapshot of a copy that was broken off, where the target has a part of it; another one is made otherwise. */
const takeSnapshot = async (client: pg.Client, options: CopyOptions): Promise<Database> => {
  const file = snapshotOf(options.file);
  const { masterKey, to, move } = options;
  if (existsSync(file)) {
    const db = await open(file);
    if (isAsOfNow(idIn(db), move) && (await isUnderWay(client, idIn(db)))) return db;
    db.close();
  }
  await backupSqlite({ file: options.file, to: file, replaces: true, masterKey, random: to.random });
  const db = await open(file);
  createRunner(db)(markAs(`copying ${move === undefined ? '' : OF_MOVE}${to.random.uuid()}`));
  return db;
};

const count = (db: Database, table: string): number =>
  db.prepare<[count: number]>(`SELECT COUNT(*) FROM ${table}`).get()?.[0] ?? 0;

/** Of what an older version has left to the next start, PostgreSQL would never be told. */
const refuseOlder = (db: Database): void => {
  if (appliedIn(db).length === migrations.length && count(db, 'tree_unsealed') === 0) return;
  throw new StoreRefused('The database is of another version of Assent. Start this version on it once, then copy it.');
};

const refuseStrange = (db: Database, tables: readonly Table[]): void => {
  for (const { name, columns } of tables) {
    const there = columnsIn(db, name);
    const lacking = columns.filter((column) => !there.includes(column));
    if (lacking.length > 0 || there.length > columns.length)
      throw new StoreRefused(`The table ${name} is not the same in both databases. Both need this version of Assent.`);
  }
};

const copyTable = async (db: Database, client: pg.Client, id: string, table: Table): Promise<void> => {
  for (;;) {
    const { after, isDone } = await progressOf(client, id, table);
    if (isDone) return;
    const batch = batchFrom(db, table, after);
    await write(client, id, table, { ...batch, behind: after });
  }
};

const keyOf = ({ columns, key }: Table, row: Row): readonly ColumnValue[] =>
  key.map((column) => row[columns.indexOf(column)] ?? null);

/** Reads a table from both sides, by key, and compares row by row; what the target has beside that shows by the number of rows. */
const compareTable = async (
  db: Database,
  client: pg.Client,
  table: Table,
  differences: Difference[],
): Promise<CopiedTable> => {
  const { name } = table;
  const [digest, copied] = [new Digest(), new Digest()];
  let after: readonly ColumnValue[] | undefined;
  do {
    const batch = batchFrom(db, table, after);
    const keys = batch.rows.map((row) => keyOf(table, row));
    const found = new Map(
      (await readBack(client, table, keys)).map((row) => [canonical(keyOf(table, row)), canonical(row)]),
    );
    for (const [at, row] of batch.rows.entries()) {
      const key = keys[at] ?? [];
      const wanted = canonical(row);
      const there = found.get(canonical(key));
      digest.add(wanted);
      if (there !== undefined) copied.add(there);
      if (there === wanted || differences.length >= MAX_DIFFERENCES) continue;
      differences.push({
        table: name,
        key: keyText(table, key),
        problem: there === undefined ? 'is missing' : 'is another',
      });
    }
    after = batch.after;
  } while (after !== undefined);
  const rows = await countOf(client, table);
  if (rows !== digest.rows && differences.length < MAX_DIFFERENCES)
    differences.push({ table: name, problem: `has ${rows} rows, and ought to have ${digest.rows}` });
  const sha256 = digest.end();
  if (sha256 !== copied.end() && differences.length === 0) differences.push({ table: name, problem: 'is another' });
  return { name, rows: digest.rows, sha256 };
};

/**
 * Copies a store from SQLite to PostgreSQL (OPS-62): as of one moment, a thousand rows a transaction, each with how far it has come by it.
 * Begun again it goes on. In the end all of it is read from both sides and compared (OPS-63); a target that differs is not served on.
 */
export const copyStore = (options: CopyOptions): Promise<CopyResult> =>
  onSchema(options.to, async (schema) => {
    await migratePostgres(schema);
    const client = await schema.connect();
    let db: Database | undefined;
    try {
      db = await takeSnapshot(client, options);
      refuseOlder(db);
      const tables = await tablesOf(client);
      refuseStrange(db, tables);
      const id = idIn(db);
      if (!(await isUnderWay(client, id))) await beginIn(client, tables, id);
      for (const table of tables) {
        await copyTable(db, client, id, table);
        options.onTable?.(table.name, count(db, table.name));
      }
      const differences: Difference[] = [];
      const copied: CopiedTable[] = [];
      for (const table of tables) copied.push(await compareTable(db, client, table, differences));
      if (differences.length === 0) {
        await finishIn(client, id, createRunner(db)(lifeOf()));
        db.close();
        db = undefined;
        rmSync(snapshotOf(options.file), { force: true });
      }
      return { tables: copied, differences };
    } finally {
      db?.close();
      await client.end().catch(() => undefined);
    }
  });
