import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '@assent/engine';
import type { JourneySession } from '@assent/engine/host';
import type { MessageSummary } from '@assent/push';
import { migrations } from '../migrations/index.ts';
import { firstRefused } from '../ports/apply-changes.ts';
import { newCounters } from '../ports/counters.ts';
import type { Instances } from '../ports/instances.ts';
import { OutboxWatch } from '../ports/outbox-watch.ts';
import { type Store, StoreRefused } from '../ports/store.ts';
import { DEFAULT_MESSAGE_RETENTION } from '../rules/retention.ts';
import { BrokenSeals } from '../sealing/broken-seals.ts';
import { createSealer } from '../sealing/sealer.ts';
import { auditInBatchesTopic } from '../sql/audit-in-batches.ts';
import type { ConfigurationReads, ConfigurationWrites } from '../sql/configuration.ts';
import { loadDataKeys } from '../sql/data-keys.ts';
import { methodsOf, readersOf } from '../sql/methods-of.ts';
import { createTopics } from '../sql/topics.ts';
import type { Verb } from '../sql/verb.ts';
import { createDataVersion } from './data-version.ts';
import { type Database, type DriverName, driverFor, openDatabase } from './driver.ts';
import { migrate } from './migrate.ts';
import { changesNow, createRunner } from './runner.ts';
import { createTransactions } from './transactions.ts';
import { createVersionedCache } from './versioned-cache.ts';

export interface SqliteStoreOptions {
  readonly file: string;
  /** 32 bytes; the database can be read with no other. */
  readonly masterKey: Uint8Array;
  readonly random: Random;
  /** Flushes every commit to disk, not only those that `isDurable` says must outlast a power failure. */
  readonly fullSync?: boolean;
  /** How long push messages are kept beyond what the protocol needs, in milliseconds. */
  readonly messageRetentionMillis?: number;
  /** How long a write waits for another process, such as the command line. */
  readonly busyTimeoutMillis?: number;
  /** By the version of Node where it is absent. */
  readonly driver?: DriverName;
  /** Limits the size of the database, in pages of 4 KiB. */
  readonly maxPages?: number;
}

const WAL_BYTES_KEPT = 64 * 1024 * 1024;

/** Of 4 KiB. A page that many commits change is copied into the database, and flushed, once for all of them. */
const WAL_PAGES_UNTIL_CHECKPOINT = 4_000;

const CACHE_KIBIBYTES = 16_000;

/** The file is for this user only; SQLite gives its companions (WAL, shared memory) the same mode. */
const createFile = (file: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
};

const prepareDatabase = (db: Database, busyTimeoutMillis: number): void => {
  db.exec(`PRAGMA busy_timeout = ${Math.trunc(busyTimeoutMillis)}`);
  const damage = db.prepare<[finding: string]>('PRAGMA quick_check(1)').get()?.[0];
  if (damage !== 'ok') {
    throw new StoreRefused(`The database is damaged (${damage}). Restore the last backup; nothing was changed.`);
  }
  db.exec('PRAGMA journal_mode = WAL');
  db.exec(`PRAGMA journal_size_limit = ${WAL_BYTES_KEPT}`);
  db.exec(`PRAGMA wal_autocheckpoint = ${WAL_PAGES_UNTIL_CHECKPOINT}`);
  db.exec(`PRAGMA cache_size = -${CACHE_KIBIBYTES}`);
  db.exec('PRAGMA foreign_keys = ON');
  db.exec('PRAGMA synchronous = FULL');
  // What a migration takes out of a table is overwritten in the file, not only let go of: it may be what must not be there.
  db.exec('PRAGMA secure_delete = ON');
  migrate(db, migrations);
  db.exec('PRAGMA secure_delete = OFF');
};

/** Both are about what waits for a user at one time on a busy server: some 12 KiB for a step, and less for a request. */
const MAX_STEP_BYTES = 16 * 1_024 * 1_024;
const MAX_REQUEST_BYTES = 4 * 1_024 * 1_024;
const BYTES_OF_SUMMARY = 512;
const BYTES_OF_CHARACTER = 2;

const openTables = (db: Database, options: SqliteStoreOptions): Store => {
  const { random, masterKey, fullSync = false } = options;
  const counters = newCounters();
  const runNow = createRunner(db);
  const readNow = <T>(begin: () => Verb<T>): T => runNow(begin());
  const version = createDataVersion(db);
  const steps = createVersionedCache<JourneySession>(version, {
    maxBytes: MAX_STEP_BYTES,
    // Once as text, and about twice that for what the engine reads in it and keeps as long as the row is here.
    bytesOf: ({ state }) => 3 * BYTES_OF_CHARACTER * state.length,
  });
  const requests = createVersionedCache<readonly MessageSummary[]>(version, {
    maxBytes: MAX_REQUEST_BYTES,
    bytesOf: (messages) => BYTES_OF_SUMMARY * messages.length,
  });
  const transactions = createTransactions(db, {
    fullSync,
    counters,
    onBegin: version.refresh,
    onRollback: () => {
      steps.clear();
      requests.clear();
    },
    apply: (changes) => firstRefused(table, changes),
  });
  const seals = new BrokenSeals();
  const sealer = createSealer(
    transactions.durably(() => runNow(loadDataKeys(masterKey, random))),
    random,
    seals.note,
  );
  const outboxWatch = new OutboxWatch();
  const topics = createTopics({
    sealer,
    outboxWatch,
    audit: auditInBatchesTopic(),
    messageRetentionMillis: options.messageRetentionMillis ?? DEFAULT_MESSAGE_RETENTION,
    caches: { steps, requests },
  });
  const table = changesNow(topics.changes, runNow);
  transactions.durably(() => runNow(topics.moveOlder()));
  let lastAsked = version.current();

  return {
    counters,
    committer: { commit: transactions.commit },
    ...readersOf(topics.readers, counters, () => readNow),
    configuration: {
      ...methodsOf<ConfigurationReads>(topics.configuration.reader, readNow),
      ...methodsOf<ConfigurationWrites>(topics.configuration.writer, (begin) =>
        transactions.durably(() => runNow(begin())),
      ),
    },
    secrets: {
      async getOrCreate(name, make) {
        const stored = runNow(topics.secrets.get(name));
        if (stored !== undefined) return stored;
        return transactions.durably(() => runNow(topics.secrets.getOrCreate(name, make)));
      },
    },
    watchOutbox: outboxWatch.watch,
    mayHaveChangedElsewhere: () => {
      const before = lastAsked;
      lastAsked = version.current();
      return lastAsked !== before;
    },
    watchSeals: seals.watch,
    instances: {
      ...methodsOf<Pick<Instances, 'list'>>(topics.instances.reader, readNow),
      ...methodsOf<Omit<Instances, 'list'>>(topics.instances.writer, (begin) =>
        transactions.quickly(() => runNow(begin())),
      ),
    },
    sweep: async (now, limit, holder) => {
      steps.age();
      requests.age();
      return transactions.quickly(() => runNow(topics.sweep(now, limit, holder)));
    },
    check: async () => transactions.quickly(() => runNow(topics.check())),
    close: async () => {
      if (!transactions.close()) return;
      db.close();
    },
  };
};

/** Opens the database in a file, made if it is not there; throws `StoreRefused` with what to do where it cannot. */
export const openSqliteStore = async (options: SqliteStoreOptions): Promise<Store> => {
  createFile(options.file);
  const db = await openDatabase(options.file, options.driver ?? driverFor(process.versions.node));
  try {
    prepareDatabase(db, options.busyTimeoutMillis ?? 5_000);
    if (options.maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${Math.trunc(options.maxPages)}`);
    return openTables(db, options);
  } catch (failure) {
    db.close();
    if (failure instanceof Error && /malformed|not a database/.test(failure.message)) {
      throw new StoreRefused('The file is damaged, or not a database of Assent. Restore the last backup.', {
        cause: failure,
      });
    }
    throw failure;
  }
};
