import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyStored } from '../chain/verify-stored.ts';
import type { Store, StoreChange } from '../ports/store.ts';
import { auditEvent, CHECKPOINT_KEY_OF_TESTS, commit, mustCommit, NOW, newUser } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

describeWith(['postgres'], 'a user who is erased while the trail is sealed', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let store: Store;
  beforeAll(async () => {
    database = await createDatabase();
    client = new pg.Client(database.url);
    await client.connect();
    store = await openPostgresStore({ url: database.url, masterKey: masterKeyOf('test'), random: systemRandom });
  });
  afterAll(async () => {
    await store.close();
    await client.end();
    await database.close();
  });

  const order = { holder: 'a', now: NOW, limit: 100, key: CHECKPOINT_KEY_OF_TESTS, transactionId: 't' };
  /** Until as many commits wait for a lock, or that one has ended. */
  const waiting = async (sessions: number, ended: () => boolean = () => false): Promise<void> => {
    for (let isSo = false; !isSo; ) {
      const { rows } = await client.query(
        "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      isSo = ended() || rows[0].n >= sessions;
    }
  };

  test('leaves no detail in a row that comes between the erasure and its commit (security-reliability §7)', async () => {
    const hit: StoreChange = {
      type: 'throttle.hit',
      subject: 'counter',
      policy: { windowMillis: 60_000, free: 50, lockMillis: 1_000, maxLockMillis: 1_000 },
      at: NOW,
    };
    const told = (address: string): StoreChange => ({
      type: 'audit.append',
      event: auditEvent({ userId: 'user-1', detail: { address } }),
    });
    await mustCommit(store, newUser(), hit, told('192.0.2.1'));
    expect(await store.auditChain.seal(order)).toMatchObject({ rows: 1 });

    await client.query('BEGIN');
    await client.query("SELECT 1 FROM throttle WHERE subject = 'counter' FOR UPDATE");
    const erased = commit(
      store,
      { type: 'identity.erase', id: 'user-1', realm: '/alpha', at: NOW, journeys: [] },
      { type: 'audit.erase', userId: 'user-1' },
      { type: 'audit.append', event: auditEvent({ event: 'ERASE', userId: 'user-1' }) },
      hit,
    );
    await waiting(1);
    // A guess that was under way, and the sealer, are both here before the erasure is committed.
    await mustCommit(store, told('192.0.2.2'));
    let hasSealed = false;
    const sealed = store.auditChain.seal(order).finally(() => {
      hasSealed = true;
    });
    await waiting(2, () => hasSealed);
    expect(hasSealed).toBe(false);
    await client.query('COMMIT');

    expect(await erased).toEqual({ committed: true });
    expect(await sealed).toMatchObject({ rows: 2 });
    const rows = await store.auditChain.rows({ position: 0 }, 9);
    expect(rows.map(({ event }) => event?.detail)).toEqual([undefined, undefined, undefined]);
    const { publicKey } = CHECKPOINT_KEY_OF_TESTS;
    expect(await verifyStored({ chain: store.auditChain, keys: [publicKey] })).toMatchObject({ rows: 3, faults: 0 });
  });
});
