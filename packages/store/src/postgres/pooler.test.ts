import type { Random } from '@assent/engine';
import { createDatabase, PgBouncerServer, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll } from 'vitest';
import { type Store, StoreUnavailable } from '../ports/store.ts';
import { describeRaces } from '../testing/describe-races.ts';
import { emptyDatabase } from '../testing/emptied-database.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore, type PostgresStoreOptions } from './postgres-store.ts';

const openAt = async (url: string, options: Partial<PostgresStoreOptions>): Promise<readonly [Store, Store]> => {
  // What is overtaken often is not to pause for long.
  const random: Random = { ...systemRandom, int: (most) => systemRandom.int(Math.min(most, 10)) };
  const open = () => openPostgresStore({ url, masterKey: masterKeyOf('test'), random, maxWait: 15_000, ...options });
  return [await open(), await open()];
};

/** Whoever is told that others were always first has changed nothing, and comes again: on a slow machine that may be often. */
const comingAgain = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
};

/** They stay open from test to test, so that a test costs no more than what it does. */
const keptOpen = ([one, other]: readonly [Store, Store]): readonly [Store, Store] => {
  const kept = (store: Store): Store => ({
    ...store,
    committer: { ...store.committer, commit: (changes) => comingAgain(() => store.committer.commit(changes)) },
    sweep: (...given) => comingAgain(() => store.sweep(...given)),
    close: () => Promise.resolve(),
  });
  return [kept(one), kept(other)];
};

describeWith(
  ['postgres', 'pgbouncer'],
  'by way of PgBouncer, which lends a connection for a transaction (OPS-13)',
  () => {
    let database: TestDatabase;
    let stores: readonly [Store, Store];
    let pooler: PgBouncerServer;
    beforeAll(async () => {
      database = await createDatabase();
      // Fewer connections than the stores have, so that each transaction may get another one.
      pooler = await PgBouncerServer.launch({ postgres: database.server, poolSize: 4 });
      stores = await openAt(pooler.urlThrough(database.url), { pooler: 'transaction' });
    });
    afterAll(async () => {
      for (const store of stores) await store.close();
      await pooler.stop();
      await database.close();
    });
    describeRaces(async () => {
      await emptyDatabase(database.url, { isOpen: true });
      return keptOpen(stores);
    });
  },
);

describeWith(['postgres'], 'at SERIALIZABLE, the strictest isolation (OPS-04)', () => {
  let database: TestDatabase;
  let stores: readonly [Store, Store];
  beforeAll(async () => {
    database = await createDatabase();
    stores = await openAt(database.url, { isolation: 'SERIALIZABLE' });
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await database.close();
  });
  describeRaces(async () => {
    await emptyDatabase(database.url, { isOpen: true });
    return keptOpen(stores);
  });
});
