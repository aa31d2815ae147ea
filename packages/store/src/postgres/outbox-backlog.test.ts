import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import type { Store } from '../ports/store.ts';
import { mustCommit, NOW, outboxEntry } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

const BACKLOG = 20_000;
const RECIPIENTS = 20;
const ROUNDS = 20;
const AT_ONCE = 64;

/** What nobody has tried yet: for the realm that is full of it, what is in it does not matter. */
const FILL = `INSERT INTO outbox (id, kind, realm, recipient, payload, tries, first_tried_at, next_try_at)
  SELECT 'slow-' || i, 'webhook', '/slow', 'app-' || (i % ${RECIPIENTS}), '\\x00', 0, 0, 0
  FROM generate_series(1, ${BACKLOG}) AS i`;

describeWith(['postgres'], 'an outbox of which one realm has a long backlog', () => {
  let database: TestDatabase | undefined;
  let store: Store | undefined;
  afterAll(async () => {
    await store?.close();
    await database?.close();
  });

  const asSuperuser = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client(database?.superuserUrl);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

  describe('is asked what is due', () => {
    test('and reads little of it: the server itself has counted (OPS-24, OPS-44)', async () => {
      database = await createDatabase();
      store = await openPostgresStore({ url: database.url, masterKey: masterKeyOf('test'), random: systemRandom });
      // Known to be empty, as it is most of the time, and asked so often that a plan would be kept.
      await asSuperuser((client) => client.query('VACUUM ANALYZE outbox'));
      for (let round = 0; round < ROUNDS; round += 1) expect(await store.outbox.due(NOW, AT_ONCE, 8)).toEqual([]);
      await asSuperuser(async (client) => {
        await client.query(FILL);
        await client.query('SELECT pg_stat_reset()');
      });
      await mustCommit(store, { type: 'outbox.put', entry: outboxEntry({ realm: '/other', kind: 'mail' }) });
      for (let round = 0; round < ROUNDS; round += 1) {
        const due = await store.outbox.due(NOW, AT_ONCE, 8, { lastRealm: '/other' });
        expect(due.map(({ realm }) => realm)).toEqual(['/other']);
      }
      await store.close();
      store = undefined;
      // A connection tells what it has read when it ends.
      const read = await asSuperuser(async (client) => {
        const { rows } = await client.query<{ whole: string; keys: string }>(
          `SELECT (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'outbox') AS whole,
             (SELECT SUM(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'outbox') AS keys`,
        );
        return rows.map(({ whole, keys }) => ({ whole: Number(whole), perRound: Number(keys) / ROUNDS }));
      });
      expect(read[0]?.whole).toBe(0);
      expect(read[0]?.perRound).toBeGreaterThan(0);
      expect(read[0]?.perRound).toBeLessThan(4 * AT_ONCE);
    });
  });
});
