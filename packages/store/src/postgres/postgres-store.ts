import { randomInt } from 'node:crypto';
import type { ConfigurationReader } from '@assent/engine/host';
import type pg from 'pg';
import { V7Generator } from 'uuidv7';
import type { AuditChain } from '../ports/audit-chain.ts';
import type { AuditFeed } from '../ports/audit-feed.ts';
import { newCounters } from '../ports/counters.ts';
import type { Instances } from '../ports/instances.ts';
import { HEARD_WITHIN_MILLIS } from '../ports/key-kinds.ts';
import { OutboxWatch } from '../ports/outbox-watch.ts';
import { type Store, StoreUnavailable } from '../ports/store.ts';
import { ObservedStore, type PoolName, type PoolState } from '../ports/store-observer.ts';
import { refuseUntold } from '../rules/refuse-untold.ts';
import { type Retention, USUAL_RETENTION } from '../rules/retention.ts';
import { BrokenSeals } from '../sealing/broken-seals.ts';
import { DataKeyRing, UnknownDataKey } from '../sealing/data-key-ring.ts';
import { createSealer } from '../sealing/sealer.ts';
import { loadDataKeys, type MasterKeySource, MasterKeys } from '../sql/installation/data-keys.ts';
import { keysOf } from '../sql/keys-of.ts';
import { configurationLock } from '../sql/locks.ts';
import { STEP_CACHE_SIZE } from '../sql/logins/journeys.ts';
import { methodsOf, readersOf } from '../sql/methods-of.ts';
import { createTopics } from '../sql/topics.ts';
import { auditByIdTopic } from '../sql/trail/audit-by-id.ts';
import { createAgingCache, nothingKept } from '../sql/verbs/row-cache.ts';
import { type Call, first, rowsReturned, statement, together, type Verb } from '../sql/verbs/verb.ts';
import type { CommitVariants } from './commit-variants.ts';
import { createPool, LIMITS, SharedConnections } from './connections.ts';
import { createDatabaseClock } from './database-clock.ts';
import { DatabaseFailure, failureAtStart, failureForCallers } from './failures.ts';
import { prepareSchema } from './postgres-schema.ts';
import { connectionOf, type PostgresSchemaOptions } from './schema-options.ts';
import { locksTables } from './table-locks.ts';
import { carryOut } from './together.ts';
import { createTransactions, type TransactionOptions } from './transactions.ts';

export interface PostgresStoreOptions extends PostgresSchemaOptions {
  /** How many commits may be under way at once. */
  readonly poolSize?: number;
  /** 32 bytes; the database can be read with no other. */
  readonly masterKey: MasterKeySource;
  /** How long what is over is kept, where it is not as usual. */
  readonly retention?: Partial<Retention>;
  /** How long a commit waits for a connection that others use, in milliseconds. */
  readonly maxWait?: number;
  /** @internal For tests: commits are right at the stricter one, too (OPS-04). */
  readonly isolation?: CommitVariants['isolation'];
  /** @internal For a test that finds out when they are in the wrong order, or not there. */
  readonly locks?: CommitVariants['locks'];
  /** @internal For tests of what changes touch. */
  readonly watch?: CommitVariants['watch'];
}

const DEFAULT_POOL_SIZE = 10;
const SHARED_CONNECTIONS = 2;
const LISTING_CONNECTIONS = 1;

/** What reads many rows has a connection of its own, so that no login waits for it (OPS-11). */
const LISTINGS: ReadonlySet<string> = new Set([
  'identities.page',
  'journeySessions.ofUser',
  'messages.unclaimed',
  'outbox.backlog',
  'outbox.due',
  'outbox.list',
]);

const wait = (millis: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, millis));

/** How often the time of the database is asked for. */
const MEASURED_EVERY = 30_000;
const selectNow = statement<[millis: number]>('SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)');

/**
 * Opens the database that the URL names, made if it is empty; throws `StoreRefused` with what to do where it cannot, and
 * `StoreUnavailable` where there is no server now.
 */
export const openPostgresStore = async (options: PostgresStoreOptions): Promise<Store> => {
  const { random, masterKey, pooler, poolSize = DEFAULT_POOL_SIZE } = options;
  const connection = connectionOf(options);
  await prepareSchema(options);

  const counters = newCounters();
  const fraction = () => randomInt(1_000) / 1_000;
  const { maxWait = LIMITS.pool } = options;
  const commits = createPool(connection, { size: poolSize, maxWait, random: fraction });
  const listings = createPool(connection, { size: LISTING_CONNECTIONS, maxWait, random: fraction });
  const shared = new SharedConnections(connection, SHARED_CONNECTIONS);
  let isClosed = false;
  let measuring: NodeJS.Timeout | undefined;

  let notes: (() => void)[] | undefined;
  const outboxWatch = new OutboxWatch();
  const collectNotes: TransactionOptions['collectNotes'] = (into, work) => {
    notes = into;
    try {
      return work();
    } finally {
      notes = undefined;
    }
  };
  const ids = new V7Generator({ nextUint32: () => new DataView(random.bytes(4).buffer).getUint32(0) });
  const audit = auditByIdTopic((at) => ids.generateOrResetWithTs(at).toString(), configurationLock, random);

  const observed = new ObservedStore();
  const base = {
    counters,
    repeated: observed.tell.repeated,
    random,
    trail: audit,
    collectNotes,
    wait,
    elapsed: () => performance.now(),
    ...(pooler !== undefined && { pooler }),
    ...(options.isolation !== undefined && { isolation: options.isolation }),
    ...(options.locks !== undefined && { locks: options.locks }),
    ...(options.watch !== undefined && { watch: options.watch }),
  };
  const lent = (name: PoolName, pool: pg.Pool) => ({
    pool,
    waited: (millis: number) => observed.tell.waited(name, millis),
  });
  const ofCommits = lent('commits', commits);
  const ofListings = lent('listings', listings);
  const stateOf = (name: PoolName, { totalCount, idleCount, waitingCount }: pg.Pool): PoolState => ({
    pool: name,
    busy: totalCount - idleCount,
    idle: idleCount,
    waiting: waitingCount,
  });
  const sealerVerbs = createTransactions({ ...base, ...ofCommits, changes: {} as TransactionOptions['changes'] });
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    clearInterval(measuring);
    await Promise.all([commits.end(), listings.end(), shared.close()]);
  };
  try {
    const seals = new BrokenSeals();
    const openings = createAgingCache(STEP_CACHE_SIZE);
    const masterKeys = new MasterKeys(masterKey);
    const dataKeys = new DataKeyRing(await sealerVerbs.alone(() => loadDataKeys(masterKeys, random)), {
      look: (id) => {
        throw new UnknownDataKey(`a record lies under the data key ${id}, which is read first`);
      },
    });
    const sealer = createSealer(dataKeys, random, seals.note);
    let canLockTables = true;
    const topics = createTopics({
      sealer,
      dataKeys,
      masterKeys,
      random,
      outboxWatch: { note: (entry, became) => notes?.push(() => outboxWatch.note(entry, became)) },
      audit,
      retention: { ...USUAL_RETENTION, ...options.retention },
      locksTables: () => canLockTables,
      // Nothing of a row that can change is kept: other instances change it, and tell nobody (OPS-27).
      caches: { steps: nothingKept(), requests: nothingKept(), openings },
    });
    const transactions = createTransactions({ ...base, ...ofCommits, changes: topics.changes });
    const background = createTransactions({ ...base, ...ofListings, changes: topics.changes });

    await transactions.alone(() => topics.settle());
    canLockTables = await locksTables(transactions);

    const whileOpen = <T>(work: () => Promise<T>): Promise<T> =>
      isClosed ? Promise.reject(new StoreUnavailable('the store is closed')) : work();
    const readKeys = (): Promise<unknown> => whileOpen(() => carryOut(topics.keys.refresh(), sendShared));
    /** Once more with the keys that another instance has made meanwhile (OPS-21, SEC-75). */
    const withNewKeys = async <T>(failure: unknown, work: () => Promise<T>): Promise<T> => {
      if (!(failure instanceof UnknownDataKey)) throw failure;
      await whileOpen(() => carryOut(topics.keys.readDataKeys(), sendShared));
      return work();
    };
    /** Nobody seals under a key that may have been replaced a while ago (docs/adr/0106). */
    const open = <T>(work: () => Promise<T>): Promise<T> => {
      const begun = dataKeys.age > HEARD_WITHIN_MILLIS ? readKeys().then(() => whileOpen(work)) : whileOpen(work);
      return begun.catch((failure: unknown) => withNewKeys(failure, work));
    };
    const counted = (calls: readonly Call[], answers: readonly unknown[]): readonly unknown[] => {
      counters.rows += rowsReturned(calls, answers);
      return answers;
    };
    /** A read whose connection has died is asked once more, by another. */
    const sendShared = async (calls: readonly Call[]): Promise<readonly unknown[]> => {
      const begin = base.elapsed();
      counters.statements += calls.length;
      try {
        return counted(calls, await shared.send(calls));
      } catch (failure) {
        const isGone = failure instanceof DatabaseFailure && failure.kind === 'gone';
        if (!isGone || base.elapsed() - begin >= LIMITS.replace) throw failureForCallers(failure);
        await wait(LIMITS.replaceAfter);
      }
      const again = await shared.send(calls).catch((failure: unknown) => {
        throw failureForCallers(failure);
      });
      return counted(calls, again);
    };
    const readShared = <T>(begin: () => Verb<T>): Promise<T> => open(() => carryOut(begin(), sendShared));

    const clock = createDatabaseClock(
      async () => (await readShared(() => first(selectNow)))?.[0] ?? Number.NaN,
      () => performance.now(),
    );
    await clock.measure();
    // One that has no answer is asked again; until then the time runs on.
    measuring = setInterval(() => void clock.measure().catch(() => undefined), MEASURED_EVERY).unref();

    return {
      counters,
      clock,
      committer: {
        commit: async (changes) => {
          refuseUntold(changes);
          return open(() => transactions.commit(changes));
        },
      },
      ...readersOf(
        topics.readers,
        counters,
        (topic) => (begin, name) =>
          LISTINGS.has(`${topic}.${name}`) ? open(() => background.snapshot(begin)) : readShared(begin),
      ),
      configuration: methodsOf<ConfigurationReader>(topics.configuration, (begin, name) =>
        name === 'version' ? readShared(begin) : open(() => background.snapshot(begin)),
      ),
      secrets: {
        get: (name) => readShared(() => topics.secrets.get(name)),
        getOrCreate: (name, make) =>
          open(async () => {
            const stored = await readShared(() => topics.secrets.get(name));
            return stored ?? (await transactions.alone(() => topics.secrets.getOrCreate(name, make)));
          }),
      },
      keys: keysOf({
        topics,
        sealer,
        random,
        read: readShared,
        commit: (begin) => open(() => background.alone(begin, [configurationLock])),
        // Each a commit of its own, so that none holds a row while it waits for another; and on no connection that reads of logins wait for.
        each: async (calls) => {
          for (const call of calls) await open(() => background.alone(() => together([call])));
        },
      }),
      // Others tell nobody what they commit: whoever waits has to look.
      mayHaveChangedElsewhere: () => true,
      watchOutbox: outboxWatch.watch,
      watchSeals: seals.watch,
      instances: {
        ...methodsOf<Pick<Instances, 'list'>>(topics.instances.reader, readShared),
        ...methodsOf<Omit<Instances, 'list'>>(topics.instances.writer, (begin) => open(() => background.alone(begin))),
      },
      auditFeed: methodsOf<AuditFeed>(topics.auditFeed, (begin) => open(() => background.alone(begin))),
      auditChain: methodsOf<AuditChain>(topics.auditChain, (begin) => open(() => background.alone(begin))),
      observe: observed.observe,
      pools: () => [stateOf('commits', commits), stateOf('listings', listings)],
      sweep: async (now, limit, holder) => {
        openings.age();
        const swept = await open(() => background.alone(() => topics.sweep(now, limit, holder)));
        swept?.tellTo(observed.tell);
        return swept?.rows;
      },
      check: () => open(() => background.trial(() => topics.check())),
      close,
    };
  } catch (failure) {
    await close();
    throw failureAtStart(failure);
  }
};
