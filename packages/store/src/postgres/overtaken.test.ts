import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Store, StoreUnavailable } from '../ports/store.ts';
import { emptyDatabase } from '../testing/emptied-database.ts';
import { auditEvent, commit, journeyRow, mustCommit } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

const ATTEMPTS = 6;

/** Fails the insert of a journey so many times as `fails` says; a sequence counts what is rolled back, too. */
const FAILING = `
CREATE SEQUENCE tried;
CREATE TABLE planned (fails BIGINT NOT NULL, state TEXT NOT NULL);
CREATE FUNCTION fail_as_planned() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE it planned;
BEGIN
  SELECT * INTO it FROM planned;
  IF nextval('tried') <= it.fails THEN RAISE EXCEPTION 'as planned' USING ERRCODE = it.state; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER as_planned BEFORE INSERT ON journey_session FOR EACH ROW EXECUTE FUNCTION fail_as_planned()`;

describeWith(['postgres'], 'a commit that is overtaken', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let store: Store;
  beforeAll(async () => {
    database = await createDatabase();
    // The shortest pauses that there are, and few connections, so that one that were not given back would be missed.
    const random = { ...systemRandom, int: () => 0 };
    store = await openPostgresStore({ url: database.url, masterKey: masterKeyOf('test'), random, poolSize: 2 });
    client = new pg.Client(database.url);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await store.close();
    await database.close();
  });
  beforeEach(() => emptyDatabase(database.url));

  const write = (id: string) =>
    commit(
      store,
      { type: 'journey.insert', row: journeyRow({ id }) },
      { type: 'audit.append', event: auditEvent({ userId: 'user-1' }) },
    );
  const tried = async (): Promise<number> =>
    Number((await client.query('SELECT last_value FROM tried')).rows[0].last_value);
  const mustHaveAllConnections = async (): Promise<void> => {
    const results = await Promise.all(['a', 'b', 'c', 'd'].map(write));
    expect(results.every(({ committed }) => committed)).toBe(true);
    const { rows } = await client.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
    );
    expect(rows).toEqual([]);
  };

  /** Until a transaction that has begun after `since` waits for a lock; resolves to when it has begun. */
  const untilWaiting = async (since = '-infinity'): Promise<string> => {
    for (;;) {
      const { rows } = await client.query(
        `SELECT CAST(MIN(xact_start) AS TEXT) AS begun FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND xact_start > CAST($1 AS TIMESTAMPTZ)`,
        [since],
      );
      if (rows[0].begun !== null) return rows[0].begun;
    }
  };

  test('by a lock that another keeps, waits for a second and begins anew (F22, OPS-12)', async () => {
    await mustCommit(store, { type: 'journey.insert', row: journeyRow({ id: 'held' }) });
    const holder = new pg.Client(database.url);
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query("SELECT 1 FROM journey_session WHERE id = 'held' FOR UPDATE");
    const row = journeyRow({ id: 'held', nonce: 'nonce-2' });
    const advanced = commit(store, { type: 'journey.advance', seenNonce: 'nonce-1', row });
    await untilWaiting(await untilWaiting());
    await holder.query('ROLLBACK');
    await holder.end();
    expect(await advanced).toEqual({ committed: true });
    await mustHaveAllConnections();
  });

  test('in a deadlock, which two others have begun, is applied once they have ended (F22, OPS-09)', async () => {
    const rows = ['one', 'two'].map((id) => journeyRow({ id }));
    await mustCommit(store, ...rows.map((row) => ({ type: 'journey.insert', row }) as const));
    const moves = rows.map(
      (row) => ({ type: 'journey.advance', seenNonce: 'nonce-1', row: { ...row, nonce: 'nonce-2' } }) as const,
    );
    const holder = new pg.Client(database.url);
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query("SELECT 1 FROM journey_session WHERE id = 'two' FOR UPDATE");
    const moved = commit(store, ...moves);
    await untilWaiting();
    // One of the two is chosen as the victim. Where it is this one, the commit goes on at once.
    await holder.query("SELECT 1 FROM journey_session WHERE id = 'one' FOR UPDATE").catch(() => undefined);
    await holder.query('ROLLBACK');
    await holder.end();
    expect(await moved).toEqual({ committed: true });
    await mustHaveAllConnections();
  });

  const plan = async (fails: number, state: string): Promise<void> => {
    await client.query('TRUNCATE planned');
    await client.query('INSERT INTO planned VALUES ($1, $2)', [fails, state]);
    await client.query('ALTER SEQUENCE tried RESTART');
  };
  const withPlans = async (work: () => Promise<void>): Promise<void> => {
    await client.query(FAILING);
    try {
      await work();
    } finally {
      await client.query('DROP FUNCTION fail_as_planned CASCADE; DROP TABLE planned; DROP SEQUENCE tried');
    }
  };

  test.each(['40001', '40P01', '55P03'])(
    '%s is repeated five times as it is, and no more (F22, OPS-09)',
    async (state) => {
      await withPlans(async () => {
        await plan(ATTEMPTS - 1, state);
        expect(await write('journey-1')).toEqual({ committed: true });
        expect(await tried()).toBe(ATTEMPTS);
        expect(await store.audit.ofUser('user-1', 9)).toHaveLength(1);

        await plan(1_000, state);
        await expect(write('journey-2')).rejects.toThrow(StoreUnavailable);
        expect(await tried()).toBe(ATTEMPTS);
        expect(await store.audit.ofUser('user-1', 9)).toHaveLength(1);

        await plan(0, state);
        await mustHaveAllConnections();
      });
    },
  );

  test.each([
    ['53200', 2],
    ['57P03', 2],
    ['57014', 1],
  ])('%s is tried on %i connections, and then said to be unavailable (OPS-09)', async (state, attempts) => {
    await withPlans(async () => {
      await plan(1_000, state);
      await expect(write('journey-1')).rejects.toThrow(StoreUnavailable);
      expect(await tried()).toBe(attempts);
      await plan(0, state);
      await mustHaveAllConnections();
    });
  });

  test('a mistake is not repeated, and not said to be unavailable', async () => {
    await withPlans(async () => {
      await plan(1_000, '22012');
      await expect(write('journey-1')).rejects.not.toThrow(StoreUnavailable);
      expect(await tried()).toBe(1);
      await plan(0, '22012');
      await mustHaveAllConnections();
    });
  });
});
