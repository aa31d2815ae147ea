import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '@assent/engine';
import { StoreRefused } from '../ports/store.ts';
import { type Contents, contents, lastOfTrail } from '../sql/contents.ts';
import { checkMasterKey, type MasterKeySource } from '../sql/installation/data-keys.ts';
import { markAs } from '../sql/installation/life.ts';
import { type Database, type DriverName, driverFor, openDatabase } from './driver.ts';
import { appliedIn } from './migrate.ts';
import { createRunner } from './runner.ts';

export interface BackupOptions {
  /** The database, which a server may work on meanwhile. */
  readonly file: string;
  /** The file to be made, for this user only. */
  readonly to: string;
  /** A file of that name may be replaced, once the new one is whole. */
  readonly replaces?: boolean;
  /** With it the copy is opened, so that nobody finds out later that they have another key; not looked at where absent. */
  readonly masterKey?: MasterKeySource;
  readonly random: Random;
  /** By the version of Node where it is absent. */
  readonly driver?: DriverName;
}

/** What a backup holds. */
export interface Backup {
  readonly bytes: number;
  /** The version of its schema. */
  readonly schema: number;
  readonly rows: Contents;
}

/** There is a file of that name, and nobody has said that it may be replaced. */
class BackupExists extends Error {
  override readonly name = 'BackupExists';
  constructor(file: string) {
    super(`There is a file ${file} already.`);
  }
}

const refuse = (why: string, cause?: unknown): never => {
  throw new StoreRefused(`The backup was not made: ${why} Nothing is left of it.`, { cause });
};

/** Flushes a file, or the names in a folder, to disk. */
export const flush = (path: string): void => {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

const tablesOf = (db: Database): string =>
  JSON.stringify(
    db.prepare("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name").all(),
  );

/** Opens a copy as a restore would, and tells what it holds; throws where it is not whole. */
const examine = (copy: Database, options: BackupOptions, wanted: { tables: string; trail: number }): Backup => {
  const run = createRunner(copy);
  const damage = copy.prepare<[finding: string]>('PRAGMA integrity_check(1)').get()?.[0];
  if (damage !== 'ok') return refuse(`the copy is damaged (${damage}).`);
  if (tablesOf(copy) !== wanted.tables)
    return refuse('its tables are not those of the database, which somebody may have changed meanwhile; try again.');
  if (run(lastOfTrail()) < wanted.trail) return refuse('it lacks what was there before it began.');
  if (options.masterKey !== undefined) run(checkMasterKey(options.masterKey));
  const schema = appliedIn(copy).length;
  // A server that finds it in the place of its database does not take it for that.
  run(markAs('backup'));
  return {
    bytes: statSync(options.to).size,
    schema,
    rows: run(contents()),
  };
};

/** By a transaction of SQLite that reads: all of it is as of one moment, and whoever writes goes on beside it. */
const copyInto = async (options: BackupOptions): Promise<Backup> => {
  const driver = options.driver ?? driverFor(process.versions.node);
  const db = await openDatabase(options.file, driver);
  let wanted: { readonly tables: string; readonly trail: number };
  try {
    db.exec('PRAGMA busy_timeout = 5000');
    wanted = { tables: tablesOf(db), trail: createRunner(db)(lastOfTrail()) };
    db.prepare('VACUUM INTO ?').run(options.to);
  } finally {
    db.close();
  }
  const copy = await openDatabase(options.to, driver);
  try {
    return examine(copy, options, wanted);
  } finally {
    copy.close();
  }
};

/** Gives a finished file its name, which nobody else may have taken meanwhile. */
const giveName = (from: string, { to, replaces = false }: BackupOptions): void => {
  if (replaces) renameSync(from, to);
  else {
    linkSync(from, to);
    unlinkSync(from);
  }
  flush(dirname(to));
};

const isSameFile = (one: string, other: string): boolean =>
  existsSync(one) && existsSync(other) && realpathSync(one) === realpathSync(other);

/**
 * Copies a database while a server works on it (OPS-60). The copy has its name only when it is whole, was opened and is on the disk;
 * until then it has a name that ends in `.part`, and one that cannot be finished leaves nothing.
 */
export const backupSqlite = async (options: BackupOptions): Promise<Backup> => {
  const { to, file, random } = options;
  if (isSameFile(file, to)) return refuse(`${to} is the database itself.`);
  if (options.replaces !== true && existsSync(to)) throw new BackupExists(to);
  const part = `${to}.${Buffer.from(random.bytes(6)).toString('hex')}.part`;
  try {
    closeSync(openSync(part, 'wx', 0o600));
  } catch (failure) {
    return refuse(`${dirname(to)} is no folder that can be written to.`, failure);
  }
  try {
    const made = await copyInto({ ...options, to: part });
    flush(part);
    giveName(part, options);
    return made;
  } catch (failure) {
    if (failure instanceof StoreRefused) throw failure;
    if ((failure as NodeJS.ErrnoException).code === 'EEXIST') throw new BackupExists(to);
    return refuse(`${failure instanceof Error ? failure.message : 'for no reason that is known'}.`, failure);
  } finally {
    rmSync(part, { force: true });
  }
};
