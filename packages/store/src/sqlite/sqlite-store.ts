import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '@assent/engine';
import type { ConfigurationReader } from '@assent/engine/host';
import type { MessageSummary } from '@assent/push';
import { firstRefused } from '../ports/apply-changes.ts';
import type { AuditChain } from '../ports/audit-chain.ts';
import type { AuditFeed } from '../ports/audit-feed.ts';
import { newCounters } from '../ports/counters.ts';
import type { Instances } from '../ports/instances.ts';
import { OutboxWatch } from '../ports/outbox-watch.ts';
import type { Store } from '../ports/store.ts';
import { ObservedStore } from '../ports/store-observer.ts';
import { refuseUntold } from '../rules/refuse-untold.ts';
import { type Retention, USUAL_RETENTION } from '../rules/retention.ts';
import { BrokenSeals } from '../sealing/broken-seals.ts';
import { DataKeyRing } from '../sealing/data-key-ring.ts';
import { createSealer } from '../sealing/sealer.ts';
import { loadDataKeys, type MasterKeySource, MasterKeys } from '../sql/installation/data-keys.ts';
import { keysOf } from '../sql/keys-of.ts';
import { STEP_CACHE_SIZE } from '../sql/logins/journeys.ts';
import { methodsOf, readersOf } from '../sql/methods-of.ts';
import { causeOfRefusal } from '../sql/refusals.ts';
import { createTopics } from '../sql/topics.ts';
import { auditInBatchesTopic } from '../sql/trail/audit-in-batches.ts';
import { nothingKept } from '../sql/verbs/row-cache.ts';
import { together, type Verb } from '../sql/verbs/verb.ts';
import { createDataVersion } from './data-version.ts';
import type { Database } from './driver.ts';
import { cannotBeWritten, openFile, prepareDatabase, type SqliteFileOptions } from './open-file.ts';
import { changesNow, createRunner } from './runner.ts';
import { createTransactions } from './transactions.ts';
import { createVersionedCache } from './versioned-cache.ts';

interface TableOptions {
  /** 32 bytes; the database can be read with no other. */
  readonly masterKey: MasterKeySource;
  readonly random: Random;
  /** Flushes every commit to disk, not only those that `isDurable` says must outlast a power failure. */
  readonly fullSync?: boolean;
  /** How long what is over is kept, where it is not as usual. */
  readonly retention?: Partial<Retention>;
}

export interface SqliteStoreOptions extends SqliteFileOptions, TableOptions {
  /** Limits the size of the database, in pages of 4 KiB. */
  readonly maxPages?: number;
}

/** The file is for this user only; SQLite gives its companions (WAL, shared memory) the same mode. */
const createFile = (file: string): void => {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
  } catch (failure) {
    throw cannotBeWritten(file, failure);
  }
};

/** About what waits for a user at one time on a busy server. */
const MAX_REQUEST_BYTES = 4 * 1_024 * 1_024;
const BYTES_OF_SUMMARY = 512;

/** The store over a database whose schema is up to date. */
export const openTables = (db: Database, options: TableOptions): Store => {
  const { random, masterKey, fullSync = false } = options;
  const counters = newCounters();
  const runNow = createRunner(db, (rows) => {
    counters.statements += 1;
    counters.rows += rows;
  });
  const readInTurns = <T>(begin: () => Verb<T>): T | Promise<T> => runNow.inTurns(begin());
  const version = createDataVersion(db);
  const steps = createVersionedCache(version, STEP_CACHE_SIZE);
  const requests = createVersionedCache<readonly MessageSummary[]>(version, {
    maxBytes: MAX_REQUEST_BYTES,
    bytesOf: (messages) => BYTES_OF_SUMMARY * messages.length,
  });
  // Within the transaction, so that nothing is ever sealed under a key that another process has replaced.
  let keysReadAt: number | undefined;
  let noteChangesOfKeys = (): void => undefined;
  const transactions = createTransactions(db, {
    fullSync,
    counters,
    onBegin: () => {
      version.refresh();
      noteChangesOfKeys();
    },
    onRollback: () => {
      steps.clear();
      requests.clear();
    },
    apply: (changes) => firstRefused(table, changes, (change) => runNow(causeOfRefusal(change))),
  });
  const observed = new ObservedStore();
  const seals = new BrokenSeals();
  const masterKeys = new MasterKeys(masterKey);
  const dataKeys = new DataKeyRing(
    transactions.durably(() => runNow(loadDataKeys(masterKeys, random))),
    { look: () => runNow(topics.keys.readDataKeys()) },
  );
  const sealer = createSealer(dataKeys, random, seals.note);
  const outboxWatch = new OutboxWatch();
  const topics = createTopics({
    sealer,
    dataKeys,
    masterKeys,
    random,
    outboxWatch,
    audit: auditInBatchesTopic(random),
    retention: { ...USUAL_RETENTION, ...options.retention },
    caches: { steps, requests, openings: nothingKept() },
  });
  noteChangesOfKeys = () => {
    if (keysReadAt === version.current()) return;
    runNow(topics.keys.refresh());
    keysReadAt = version.current();
  };
  const table = changesNow(topics.changes, runNow);
  transactions.durably(() => runNow(topics.settle()));
  let lastAsked = version.current();

  return {
    counters,
    committer: {
      commit: async (changes) => {
        refuseUntold(changes);
        return transactions.commit(changes);
      },
    },
    ...readersOf(topics.readers, counters, () => readInTurns),
    configuration: methodsOf<ConfigurationReader>(topics.configuration, readInTurns),
    secrets: {
      get: async (name) => runNow(topics.secrets.get(name)),
      async getOrCreate(name, make) {
        const stored = runNow(topics.secrets.get(name));
        if (stored !== undefined) return stored;
        return transactions.durably(() => runNow(topics.secrets.getOrCreate(name, make)));
      },
    },
    keys: keysOf({
      topics,
      sealer,
      random,
      read: async (begin) => runNow(begin()),
      commit: async (begin) => transactions.durably(() => runNow(begin())),
      each: async (calls) => {
        if (calls.length > 0) transactions.quickly(() => runNow(together(calls)));
      },
    }),
    watchOutbox: outboxWatch.watch,
    mayHaveChangedElsewhere: () => {
      const before = lastAsked;
      lastAsked = version.current();
      return lastAsked !== before;
    },
    watchSeals: seals.watch,
    instances: {
      ...methodsOf<Pick<Instances, 'list'>>(topics.instances.reader, readInTurns),
      ...methodsOf<Omit<Instances, 'list'>>(topics.instances.writer, (begin) =>
        transactions.quickly(() => runNow(begin())),
      ),
    },
    auditFeed: methodsOf<AuditFeed>(topics.auditFeed, (begin) => transactions.quickly(() => runNow(begin()))),
    auditChain: methodsOf<AuditChain>(topics.auditChain, (begin) => transactions.quickly(() => runNow(begin()))),
    observe: observed.observe,
    pools: () => [],
    sweep: async (now, limit, holder) => {
      steps.age();
      requests.age();
      const swept = transactions.quickly(() => runNow(topics.sweep(now, limit, holder)));
      // Whoever loses the journal of a file that is in use has what was in the file itself: never nothing, and not for long less (F24).
      if (swept !== undefined && swept.rows < limit) db.exec('PRAGMA wal_checkpoint(PASSIVE)');
      swept?.tellTo(observed.tell);
      return swept?.rows;
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
  return openFile(options, (db, known) => {
    prepareDatabase(db, known, options);
    if (options.maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${Math.trunc(options.maxPages)}`);
    return openTables(db, options);
  });
};
