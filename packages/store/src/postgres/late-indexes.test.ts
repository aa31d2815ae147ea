import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Migration } from '../migrations/migration.ts';
import { migrations } from '../schema/all-migrations.ts';
import { systemRandom } from '../testing/scratch.ts';
import { migratePostgresSchema, planPostgresSchema } from './postgres-schema.ts';

/** `ASSENT_TEST_ROWS=1000000` has it as large as OPS-20 says. */
const ROWS = Number(process.env.ASSENT_TEST_ROWS ?? 100_000);
/** Milliseconds: who waits behind another that waits for the end of the test does so for longer, on however slow a machine. */
const MAX_WAIT = 15_000;
const NOW_KNOWN = migrations.length;

const planted = (by: number, sql: string): Migration => ({
  version: NOW_KNOWN + by,
  name: `planted ${by}`,
  sql,
  beside: { kind: 'expand', livesWith: NOW_KNOWN },
});

describeWith(['postgres'], 'changes of a table that everybody writes to', () => {
  let database: TestDatabase;
  const clients: pg.Client[] = [];
  let client: pg.Client;
  const connected = async (): Promise<pg.Client> => {
    const made = new pg.Client(database.url);
    made.on('error', () => undefined);
    await made.connect();
    // Whoever waits for longer than anybody should tells so by failing.
    await made.query(`SET lock_timeout = ${MAX_WAIT}`);
    clients.push(made);
    return made;
  };
  beforeAll(async () => {
    database = await createDatabase();
    await migratePostgresSchema({ url: database.url, random: systemRandom });
    client = await connected();
    await client.query(
      `INSERT INTO throttle (subject, hits, last_hit_at, last_hit_hour, locked_until, rev)
       SELECT 'subject ' || n, '[]', n, 0, 0, 1 FROM generate_series(1, ${ROWS}) AS n`,
    );
  }, 900_000);
  afterAll(async () => {
    for (const each of clients) await each.end().catch(() => undefined);
    await database.close();
  });
  beforeEach(async () => {
    await client.query('DELETE FROM schema_migration WHERE version > $1', [NOW_KNOWN]);
    await client.query('DELETE FROM schema_index');
    await client.query('DROP INDEX IF EXISTS planted');
    await client.query('ALTER TABLE throttle DROP COLUMN IF EXISTS planted');
  });

  const migrate = (...later: readonly Migration[]) =>
    migratePostgresSchema({ url: database.url, random: systemRandom, migrations: [...migrations, ...later] });
  const isValid = async (): Promise<boolean | undefined> =>
    (await client.query("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('planted')")).rows[0]
      ?.indisvalid;
  const isMigrated = async (): Promise<boolean> => {
    const { rows } = await client.query('SELECT 1 FROM schema_migration WHERE version > $1', [NOW_KNOWN]);
    return rows.length > 0;
  };

  test(`an index on ${ROWS} rows is made while others write, none of whom waits for who waits (OPS-20)`, async () => {
    // Whoever makes an index waits for this one: others are not to wait behind it.
    const holder = await connected();
    await holder.query('BEGIN');
    await holder.query("UPDATE throttle SET rev = rev + 1 WHERE subject = 'subject 2'");
    let isDone = false;
    const migrated = migrate(planted(1, 'CREATE INDEX planted ON throttle (last_hit_at, hits);')).finally(() => {
      isDone = true;
    });
    const writer = await connected();
    let writes = 0;
    while (!isDone) {
      await writer.query("UPDATE throttle SET rev = rev + 1 WHERE subject = 'subject 1'");
      if ((await isValid()) !== undefined) writes += 1;
      if (writes === 20) await holder.query('ROLLBACK');
    }
    await migrated;
    expect(await isValid()).toBe(true);
    expect(writes).toBeGreaterThan(20);
  });

  test('one that was begun and broken is dropped, and made by whoever comes next (OPS-20)', async () => {
    // No value may stand twice, and two do: the server leaves an index that is of no use.
    const index = planted(1, 'CREATE UNIQUE INDEX planted ON throttle (last_hit_at);');
    await client.query("UPDATE throttle SET last_hit_at = 2 WHERE subject = 'subject 1'");
    await expect(migrate(index)).rejects.toThrow();
    expect([await isValid(), await isMigrated()]).toEqual([false, true]);
    const plan = await planPostgresSchema({
      url: database.url,
      random: systemRandom,
      migrations: [...migrations, index],
    });
    expect(plan).toMatchObject({ migrations: [], indexes: [{ lock: 'nobody' }] });

    await client.query("UPDATE throttle SET last_hit_at = 1 WHERE subject = 'subject 1'");
    await migrate(index);
    expect(await isValid()).toBe(true);
    expect((await client.query('SELECT 1 FROM schema_index')).rows).toEqual([]);
  });

  test('one that the server still makes for a program that has died is waited for, not made twice', async () => {
    const text = 'CREATE INDEX CONCURRENTLY planted ON throttle (last_hit_at, hits)';
    const index = planted(1, 'CREATE INDEX planted ON throttle (last_hit_at, hits);');
    // It waits for this transaction, so that it is under way for as long as the test wants.
    const holder = await connected();
    await holder.query('BEGIN');
    await holder.query("UPDATE throttle SET rev = 0 WHERE subject = 'subject 2'");
    const made = (await connected()).query(text);
    const oidOf = async () => (await client.query("SELECT CAST(to_regclass('planted') AS BIGINT) AS oid")).rows[0].oid;
    while ((await oidOf()) === null);
    const before = await oidOf();
    const migrated = migrate(index);
    while (!(await isMigrated()));
    await holder.query('ROLLBACK');
    await Promise.all([made, migrated]);
    expect([await isValid(), await oidOf()]).toEqual([true, before]);
  });

  test('a new column waits for whoever reads the table, and keeps nobody else waiting until then (OPS-20)', async () => {
    const holder = await connected();
    await holder.query('BEGIN');
    await holder.query("SELECT rev FROM throttle WHERE subject = 'subject 3'");
    let isDone = false;
    const migrated = migrate(planted(1, 'ALTER TABLE throttle ADD COLUMN planted BIGINT NOT NULL DEFAULT 0;')).finally(
      () => {
        isDone = true;
      },
    );
    const waiting = async () => {
      const { rows } = await client.query(
        "SELECT 1 FROM pg_locks WHERE relation = to_regclass('throttle') AND mode = 'AccessExclusiveLock' AND NOT granted",
      );
      return rows.length > 0;
    };
    while (!(await waiting()));
    await client.query("UPDATE throttle SET rev = rev + 1 WHERE subject = 'subject 1'");
    expect(isDone).toBe(false);
    await holder.query('ROLLBACK');
    await migrated;
    expect(await isMigrated()).toBe(true);
  });
});
