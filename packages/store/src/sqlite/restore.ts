import { chmodSync, closeSync, existsSync, linkSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '@assent/engine';
import type { Erasure } from '@assent/engine/host';
import type { Migration } from '../migrations/migration.ts';
import { StoreRefused } from '../ports/store.ts';
import { migrations } from '../schema/all-migrations.ts';
import { changesAlone } from '../sql/changes-alone.ts';
import { type Contents, contents } from '../sql/contents.ts';
import type { MasterKeySource } from '../sql/installation/data-keys.ts';
import { type Life, lifeOf, markAs } from '../sql/installation/life.ts';
import { allErasures } from '../sql/people/erasures.ts';
import { type Restored, restored } from '../sql/restored.ts';
import { auditInBatchesTopic } from '../sql/trail/audit-in-batches.ts';
import { takeAlone } from './alone.ts';
import { flush } from './backup.ts';
import { type Database, type DriverName, driverFor, openDatabase } from './driver.ts';
import { appliedIn, migrate } from './migrate.ts';
import { createRunner } from './runner.ts';

export interface RestoreOptions {
  /** The database, whose place the backup takes; it need not be there. */
  readonly file: string;
  /** 32 bytes: the ones that the backup was made with. */
  readonly masterKey: MasterKeySource;
  readonly voidCodes: boolean;
  readonly now: number;
  readonly transactionId: string;
  readonly random: Random;
  /** Who was erased, beside those of whom the database knows that is replaced. */
  readonly erasures?: readonly Erasure[];
  /** By the version of Node where it is absent. */
  readonly driver?: DriverName;
  /** @internal Migrations of another version, for tests of backups that are older than the program. */
  readonly migrations?: readonly Migration[];
}

export interface RestoredFile extends Restored {
  readonly rows: Contents;
  /** Where the database of before is now; absent where there was none. */
  readonly kept?: string;
}

const refuse = (why: string, cause?: unknown): never => {
  throw new StoreRefused(`Nothing was restored: ${why}`, { cause });
};

const driverOf = ({ driver }: RestoreOptions): DriverName => driver ?? driverFor(process.versions.node);

/** Within one transaction: all of it, or nothing. */
const inOne = <T>(db: Database, work: () => T): T => {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (failure) {
    db.exec('ROLLBACK');
    throw failure;
  }
};

/** Makes of a database that was put back one to be served on. */
const beginAnew = (
  db: Database,
  options: RestoreOptions,
  before?: Replaced,
): Restored & { readonly rows: Contents } => {
  db.exec('PRAGMA secure_delete = ON');
  migrate(db, options.migrations ?? migrations);
  const run = createRunner(db);
  const changes = run(changesAlone(options.masterKey, options.random, auditInBatchesTopic(options.random)));
  const after = before?.life;
  return inOne(db, () => {
    const done = run(
      restored({
        ...options,
        ...(after && { after }),
        erasures: [...(before?.erasures ?? []), ...(options.erasures ?? [])],
        changes,
      }),
    );
    return { ...done, rows: run(contents()) };
  });
};

const STRANGE = "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index') LIMIT 1";

/** A copy of the backup beside the database, which is whole; the backup stays as it is. */
const copyOf = async (from: string, to: string, options: RestoreOptions): Promise<void> => {
  closeSync(openSync(to, 'wx', 0o600));
  const unreadable = (failure: unknown) => refuse(`${from} cannot be read (${(failure as Error).message}).`, failure);
  const db = await openDatabase(from, driverOf(options)).catch(unreadable);
  try {
    const damage = db.prepare<[finding: string]>('PRAGMA integrity_check(1)').get()?.[0];
    if (damage !== 'ok') return refuse(`${from} is damaged (${damage}). Take another backup.`);
    if (appliedIn(db).length === 0) return refuse(`${from} is no database of Assent.`);
    // Ours has none: one that somebody has put there would act at every later write, of whatever is written.
    const strange = db.prepare<[type: string, name: string]>(STRANGE).get();
    if (strange !== undefined)
      return refuse(`${from} has a ${strange[0]} (${strange[1]}), which no backup of ours has. It was changed.`);
    db.prepare('VACUUM INTO ?').run(to);
  } catch (failure) {
    if (failure instanceof StoreRefused) throw failure;
    return unreadable(failure);
  } finally {
    db.close();
  }
};

/** The database whose place is taken, held so that nobody begins to work on it meanwhile. */
interface Replaced {
  readonly life?: Life;
  readonly erasures: readonly Erasure[];
  /** Nobody serves on it from now on. */
  mark(by: string): void;
  close(): void;
}

const DAMAGED: Replaced = { erasures: [], mark: () => undefined, close: () => undefined };

const holdReplaced = async (options: RestoreOptions): Promise<Replaced> => {
  const db = await openDatabase(options.file, driverOf(options));
  try {
    takeAlone(db, options.file);
    const run = createRunner(db);
    const isOurs = appliedIn(db).length > 0;
    return {
      ...(isOurs && { life: run(lifeOf()) }),
      erasures: isOurs ? run(allErasures()) : [],
      mark: (by) => isOurs && inOne(db, () => run(markAs(`replaced ${by}`))),
      close: () => db.close(),
    };
  } catch (failure) {
    db.close();
    // A restore is what it needs: it is kept as it is.
    if (failure instanceof Error && /malformed|not a database|disk image/.test(failure.message)) return DAMAGED;
    throw failure;
  }
};

const COMPANIONS = ['', '-wal', '-shm', '-journal'] as const;

const nameOfKept = (file: string, now: number): string => {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const kept = `${file}.before-${time}`;
  return existsSync(kept) ? refuse(`${kept} is there already.`) : kept;
};

/** Gives it another name beside its own, which the new one takes over: at no moment is there none, of which a start would make a new one. */
const keep = (file: string, kept: string): void => {
  try {
    linkSync(file, kept);
  } catch {
    renameSync(file, kept);
  }
  // Of one that is damaged; a journal must not be taken for that of the new file.
  moveCompanions(companionsOf(file), file, kept);
};

const companionsOf = (file: string): readonly string[] =>
  COMPANIONS.slice(1).filter((companion) => existsSync(`${file}${companion}`));

const moveCompanions = (companions: readonly string[], file: string, kept: string): void => {
  for (const companion of companions) renameSync(`${file}${companion}`, `${kept}${companion}`);
};

/** Where none was when it began: a server that has started meanwhile has made one, and would go on in a file that has no name any more. */
const giveFreeName = (part: string, file: string): void => {
  try {
    linkSync(part, file);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'EEXIST')
      refuse(`${file} has been made meanwhile, as a server does that starts. Stop it first.`);
    renameSync(part, file);
  }
};

/**
 * Puts a backup in the place of the database, which is kept beside it (OPS-61). Until all is ready the database is as it was; refuses while
 * another process has it open.
 */
export const restoreSqlite = async (from: string, options: RestoreOptions): Promise<RestoredFile> => {
  const { file, now, random } = options;
  if (!existsSync(from)) return refuse(`there is no file ${from}.`);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.${Buffer.from(random.bytes(6)).toString('hex')}.part`;
  const before = existsSync(file) ? await holdReplaced(options) : undefined;
  // Somebody has taken a database away, and left its journal.
  const left = before === undefined ? companionsOf(file) : [];
  let kept: string | undefined;
  try {
    await copyOf(from, part, options);
    const copy = await openDatabase(part, driverOf(options));
    let done: Awaited<ReturnType<typeof beginAnew>>;
    try {
      done = beginAnew(copy, options, before);
    } catch (failure) {
      if (failure instanceof StoreRefused) throw failure;
      return refuse(`${from} cannot be brought up to date (${(failure as Error).message}).`, failure);
    } finally {
      copy.close();
    }
    chmodSync(part, 0o600);
    flush(part);
    const asideAs = nameOfKept(file, now);
    if (before === undefined) {
      giveFreeName(part, file);
      moveCompanions(left, file, asideAs);
    } else {
      kept = asideAs;
      before.mark(from);
      keep(file, kept);
      renameSync(part, file);
    }
    flush(dirname(file));
    return { ...done, ...(kept !== undefined && { kept }) };
  } finally {
    before?.close();
    // Whoever has a file alone keeps an empty journal beside it, which went along.
    if (kept !== undefined && before !== DAMAGED) rmSync(`${kept}-journal`, { force: true });
    for (const companion of COMPANIONS) rmSync(`${part}${companion}`, { force: true });
  }
};

/** Makes of a database that lies in its place already, put there by other means, one to be served on. */
export const restoreSqliteInPlace = async (options: RestoreOptions): Promise<RestoredFile> => {
  const db = await openDatabase(options.file, driverOf(options));
  try {
    takeAlone(db, options.file);
    return beginAnew(db, options);
  } finally {
    db.close();
  }
};
