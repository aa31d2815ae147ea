import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Random } from '@assent/engine';
import { migrations } from '../migrations/index.ts';
import { firstRefused } from '../ports/apply-changes.ts';
import { countedReads } from '../ports/counted-reads.ts';
import { type ChangeTable, type Store, type StoreCounters, StoreRefused } from '../ports/store.ts';
import { DEFAULT_MESSAGE_RETENTION, horizonsAt } from '../rules/retention.ts';
import { accountOf } from '../rules/throttle-subjects.ts';
import { BrokenSeals } from '../sealing/broken-seals.ts';
import { createSealer } from '../sealing/sealer.ts';
import { sqliteAudit } from '../sql/audit.ts';
import { sqliteBackChannels } from '../sql/back-channels.ts';
import { sqliteConfiguration } from '../sql/configuration.ts';
import { loadDataKeys } from '../sql/data-keys.ts';
import { sqliteDevices } from '../sql/devices.ts';
import { sqliteIdentities } from '../sql/identities.ts';
import { sqliteJourneys } from '../sql/journeys.ts';
import { sqliteMessages } from '../sql/messages.ts';
import { sqliteOathDevices } from '../sql/oath-devices.ts';
import { sqliteSecrets } from '../sql/secrets.ts';
import { sqliteSessions } from '../sql/sessions.ts';
import { sqliteThrottles } from '../sql/throttles.ts';
import { createDataVersion } from './data-version.ts';
import { type Database, type DriverName, driverFor, openDatabase } from './driver.ts';
import { migrate } from './migrate.ts';
import { createTransactions } from './transactions.ts';

export interface SqliteStoreOptions {
  readonly file: string;
  /** 32 bytes; the database can be read with no other. */
  readonly masterKey: Uint8Array;
  readonly random: Random;
  /** Flushes every commit to disk, not only those of devices, codes, users and configuration. */
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

const openTables = (db: Database, options: SqliteStoreOptions): Store => {
  const { random, masterKey, fullSync = false } = options;
  const counters: StoreCounters = { reads: 0, commits: 0, changes: 0 };
  const version = createDataVersion(db);
  const transactions = createTransactions(db, {
    fullSync,
    counters,
    version,
    apply: (changes) => firstRefused(table, changes),
  });
  const seals = new BrokenSeals();
  const sealer = createSealer(
    transactions.durably(() => loadDataKeys(db, masterKey, random)),
    random,
    seals.note,
  );
  const journeys = sqliteJourneys(db, sealer, version);
  const sessions = sqliteSessions(db);
  const throttles = sqliteThrottles(db);
  const audit = sqliteAudit(db);
  const backChannels = sqliteBackChannels(db, sealer);
  const messages = sqliteMessages(db, sealer, version);
  const devices = sqliteDevices(db, sealer, version, messages.voidDevice);
  const oathDevices = sqliteOathDevices(db, sealer, (userId) => devices.deleteCodes(userId, 'oath'));
  const identities = sqliteIdentities(db, version, ({ id, realm, username }) => {
    devices.deleteUser(id);
    oathDevices.deleteUser(id);
    messages.deleteUser(id);
    sessions.deleteUser(id);
    backChannels.deleteUser(id);
    throttles.deleteUser(id, accountOf(realm, username));
  });
  transactions.durably(identities.indexOlder);
  const configuration = sqliteConfiguration(db, sealer, transactions, (realm) => {
    for (const rows of [identities, journeys, sessions, backChannels, devices, oathDevices, messages])
      rows.deleteRealm(realm);
  });
  transactions.durably(configuration.moveOlder);
  const table = {
    ...journeys.changes,
    ...sessions.changes,
    ...backChannels.changes,
    ...identities.changes,
    ...throttles.changes,
    ...audit.changes,
    ...devices.changes,
    ...oathDevices.changes,
    ...messages.changes,
    ...configuration.changes,
  } satisfies ChangeTable;
  const writeNothing = db.prepare('UPDATE configuration_version SET version = version WHERE id = 1');

  return {
    counters,
    committer: { commit: transactions.commit },
    identities: countedReads(counters, identities.reader),
    journeySessions: countedReads(counters, journeys.reader),
    sessions: countedReads(counters, sessions.reader),
    backChannels: countedReads(counters, backChannels.reader),
    throttles: countedReads(counters, throttles.reader),
    audit: countedReads(counters, audit.reader),
    configuration: configuration.store,
    devices: countedReads(counters, devices.reader),
    oathDevices: countedReads(counters, oathDevices.reader),
    messages: countedReads(counters, messages.reader),
    secrets: sqliteSecrets(db, sealer, transactions),
    watchSeals: seals.watch,
    sweep: async (now, limit) =>
      transactions.quickly(() => {
        const due = horizonsAt(now, options.messageRetentionMillis ?? DEFAULT_MESSAGE_RETENTION);
        identities.age();
        let swept = journeys.sweep(due.journeyExpiredBy, limit);
        swept += sessions.sweep(due.sessionExpiredBy, limit - swept);
        swept += messages.sweep(due.messageExpiredBy, limit - swept);
        swept += devices.sweep(now, limit - swept);
        swept += throttles.sweep(now, due.throttleIdleSince, limit - swept);
        swept += backChannels.sweep(due.backChannelExpiredBy, limit - swept);
        swept += configuration.sweep(now, due.treeRetiredBy, limit - swept);
        return swept;
      }),
    check: async () => {
      transactions.quickly(() => writeNothing.run());
    },
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
