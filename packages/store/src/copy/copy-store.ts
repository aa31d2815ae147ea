import { existsSync, rmSync } from 'node:fs';
import type pg from 'pg';
import { StoreRefused } from '../ports/store.ts';
import { migratePostgres } from '../postgres/migrate.ts';
import { onSchema } from '../postgres/on-schema.ts';
import type { PostgresSchemaOptions } from '../postgres/schema-options.ts';
import { migrations } from '../schema/all-migrations.ts';
import type { MasterKeySource } from '../sql/installation/data-keys.ts';
import { lifeOf, markAs } from '../sql/installation/life.ts';
import { backupSqlite } from '../sqlite/backup.ts';
import { type Database, driverFor, openDatabase } from '../sqlite/driver.ts';
import { refuseOtherSchema } from '../sqlite/migrate.ts';
import { createRunner } from '../sqlite/runner.ts';
import { compareAll, type UnderWay } from './compare.ts';
import type { CopyListener, CopyResult } from './copy-result.ts';
import type { Table } from './rows.ts';
import { type Batch, batchBehind, batchFrom, columnsIn } from './source.ts';
import { beginIn, finishIn, inCopy, isUnderWay, progressOf, tablesOf, write } from './target.ts';

export interface CopyOptions {
  /** The database of SQLite, which a server may work on meanwhile. */
  readonly file: string;
  readonly to: PostgresSchemaOptions;
  /** 32 bytes: those of the source, and of the target afterwards, since what is sealed goes as it is. */
  readonly masterKey: MasterKeySource;
  /** For good: nobody serves on the source any more, which this run has begun, or one before it that was broken off. */
  readonly move?: 'begins' | 'goesOn';
  readonly listener?: CopyListener;
}

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

const refuseStrange = (db: Database, tables: readonly Table[]): void => {
  for (const { name, columns } of tables) {
    const there = columnsIn(db, name);
    const lacking = columns.filter((column) => !there.includes(column));
    if (lacking.length > 0 || there.length > columns.length)
      throw new StoreRefused(`The table ${name} is not the same in both databases. Both need this version of Assent.`);
  }
};

/** Writes a table from where it has come to, batch by batch; ends early where a copy that was killed has come further meanwhile. */
const writeOn = async ({ id, db, client }: UnderWay, table: Table, from: Batch['after']): Promise<void> => {
  let behind = from;
  let batch = batchFrom(db, table, from);
  for (;;) {
    const part = { ...batch, behind };
    // While PostgreSQL writes this one, the next is read.
    const [isWritten, next] = await inCopy(client, id, () =>
      Promise.all([write(client, table, part), batchBehind(db, table, part.after)]),
    );
    if (!isWritten || next === undefined) return;
    behind = part.after;
    batch = next;
  }
};

/** Writes what is still to be written of a table. */
const copyTable = async (underWay: UnderWay, table: Table, listener: CopyListener): Promise<void> => {
  for (let isGoingOn = false; ; isGoingOn = true) {
    const { after, isDone, rows } = await progressOf(underWay.client, underWay.id, table, 'written');
    if (isDone && isGoingOn) listener.written?.(table.name, rows);
    if (isDone) return;
    await writeOn(underWay, table, after);
  }
};

/**
 * Copies a store from SQLite to PostgreSQL (OPS-62): as of one moment, a thousand rows a transaction, each with how far it has come by it.
 * Then all of it is read from both sides and compared (OPS-63); a target that differs is not served on. Begun again it goes on, with the
 * one as with the other.
 */
export const copyStore = ({ listener = {}, ...options }: CopyOptions): Promise<CopyResult> =>
  onSchema(options.to, async (schema) => {
    await migratePostgres(schema);
    const client = await schema.connect();
    let db: Database | undefined;
    try {
      db = await takeSnapshot(client, options);
      refuseOtherSchema(db, migrations);
      const tables = await tablesOf(client);
      refuseStrange(db, tables);
      const id = idIn(db);
      const isNew = !(await isUnderWay(client, id));
      if (isNew) await beginIn(client, tables, id);
      listener.begun?.(isNew);
      const underWay = { id, db, client };
      for (const table of tables) await copyTable(underWay, table, listener);
      const result = await compareAll(underWay, tables, (table) => listener.compared?.(table));
      if (result.differences.length === 0) {
        await finishIn(client, id, createRunner(db)(lifeOf()));
        db.close();
        db = undefined;
        rmSync(snapshotOf(options.file), { force: true });
      }
      return result;
    } finally {
      db?.close();
      await client.end().catch(() => undefined);
    }
  });
