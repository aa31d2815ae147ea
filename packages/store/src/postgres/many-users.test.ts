import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import type { Store } from '../ports/store.ts';
import { driverFor, openDatabase } from '../sqlite/driver.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import { createManyRealm, describeMeasured } from '../testing/describe-many-users.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

/** As many as are cheap; `npm run tools -- millions` makes a million, and prints what each look costs. */
const USERS = Number(process.env.ASSENT_TEST_USERS ?? 20_000);
const wanted = process.env.ASSENT_TEST_USERS_STORE;
const options = { masterKey: masterKeyOf('many'), random: systemRandom };

/** An installation with nothing but the realm. */
const begin = async (store: Store): Promise<void> => {
  await createManyRealm(store);
  await store.close();
};

/** Users, their values and a session for each, by SQL: `series` gives the numbers, `padded` makes seven digits of one. */
const fill = (series: string, padded: string): readonly string[] => [
  `INSERT INTO identity (id, realm, username, folded, active, attributes, rev, indexed)
   SELECT 'id-' || ${padded}, '/many', 'user' || ${padded}, 'user' || ${padded}, 1,
     '{"mail":["user' || ${padded} || '@example.com"],"sn":["Name ' || (i % 1000) || '"]}', 1, 1 ${series}`,
  `INSERT INTO identity_value (user_id, realm, name, folded)
   SELECT 'id-' || ${padded}, '/many', 'mail', 'user' || ${padded} || '@example.com' ${series}`,
  `INSERT INTO identity_value (user_id, realm, name, folded)
   SELECT 'id-' || ${padded}, '/many', 'sn', 'name ' || (i % 1000) ${series}`,
  `INSERT INTO session (token_hash, handle, realm, user_id, username, properties, created_at, last_used_at, max_expires_at,
     max_idle_millis, expires_at, sid, has_webhooks, strength)
   SELECT 'token-' || ${padded}, '', '/many', 'id-' || ${padded}, 'user' || ${padded}, '{}', 0, 0, 9999999999999,
     9999999999999, 9999999999999, '', 0, 1 ${series}`,
];

describe.skipIf(wanted === 'postgres')('many users on SQLite (OPS-24)', () => {
  afterAll(removeScratch);

  describeMeasured(USERS, async (): Promise<Store> => {
    const file = scratchFile();
    await begin(await openSqliteStore({ file, ...options }));
    const db = await openDatabase(file, driverFor(process.versions.node));
    const series = `FROM (WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${USERS - 1}) SELECT i FROM n)`;
    db.exec(`BEGIN; ${fill(series, "printf('%07d', i)").join('; ')}; COMMIT`);
    db.close();
    return openSqliteStore({ file, ...options });
  });
});

describeWith(wanted === 'sqlite' ? [] : ['postgres'], 'many users on PostgreSQL (OPS-24)', () => {
  if (wanted === 'sqlite') {
    test.skip('not asked for', () => undefined);
    return;
  }
  let database: TestDatabase | undefined;
  afterAll(() => database?.close());

  const asSuperuser = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client(database?.superuserUrl);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };

  const { wasClosed } = describeMeasured(USERS, async () => {
    database = await createDatabase();
    const { url } = database;
    await begin(await openPostgresStore({ url, ...options }));
    await asSuperuser(async (client) => {
      const series = `FROM generate_series(0, ${USERS - 1}) AS i`;
      for (const statement of fill(series, "lpad(i::text, 7, '0')")) await client.query(statement);
      await client.query('VACUUM ANALYZE');
      await client.query('SELECT pg_stat_reset()');
    });
    return openPostgresStore({ url, ...options });
  });

  test('the server itself has counted no reading of a whole table, and few rows', async () => {
    await wasClosed();
    // A connection tells what it has read when it ends.
    const read = await asSuperuser(async (client) => {
      const { rows } = await client.query<{ relname: string; whole: string; rows: string }>(
        `SELECT relname, COALESCE(seq_tup_read, 0) AS whole, COALESCE(idx_tup_fetch, 0) AS rows
         FROM pg_stat_user_tables WHERE relname IN ('identity', 'identity_value', 'session', 'throttle', 'device')`,
      );
      return rows.map((row) => ({ table: row.relname, whole: Number(row.whole), rows: Number(row.rows) }));
    });
    expect(read).toHaveLength(5);
    for (const { table, whole } of read) expect({ table, whole }).toEqual({ table, whole: 0 });
  });
});
