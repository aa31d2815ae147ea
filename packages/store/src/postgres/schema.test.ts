import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { driverFor, openDatabase } from '../sqlite/driver.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { DEVELOPMENT_REFUSAL, developmentSchema } from '../testing/tables/development-schema.ts';
import { migratePostgresSchema, planPostgresSchema } from './postgres-schema.ts';
import { openPostgresStore } from './postgres-store.ts';
import { restorePostgresInPlace } from './restore.ts';

/** SQLite lists the users of the audit log in tables of their own (ADR 33), and has a table that nothing uses. */
const SQLITE_ALONE = new Set(['audit_listed', 'audit_of_user', 'tree_unsealed']);
/** Indexes are made there while others write. */
const POSTGRES_ALONE = new Set(['schema_index']);

describeWith(['postgres'], 'the schema of PostgreSQL', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createDatabase();
    const store = await openPostgresStore({ url: database.url, masterKey: masterKeyOf('t'), random: systemRandom });
    await store.close();
    client = new pg.Client(database.url);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.close();
    removeScratch();
  });

  test('has the tables and columns of SQLite, nullable where those are (OPS-17)', async () => {
    const file = scratchFile();
    await (await openSqliteStore({ file, masterKey: masterKeyOf('t'), random: systemRandom })).close();
    const sqlite = await openDatabase(file, driverFor(process.versions.node));
    const names = sqlite
      .prepare<[name: string]>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all()
      .map(([name]) => name);
    const ofSqlite = names
      .filter((name) => !SQLITE_ALONE.has(name))
      .flatMap((table) =>
        sqlite
          .prepare<[name: string, required: number, key: number]>(
            `SELECT name, "notnull", pk FROM pragma_table_info('${table}')`,
          )
          .all()
          .map(([name, required, key]) => `${table}.${name}${required === 1 || key > 0 ? '' : ' NULL'}`),
      );
    sqlite.close();
    const { rows } = await client.query<{ table_name: string; column_name: string; is_nullable: string }>(
      "SELECT table_name, column_name, is_nullable FROM information_schema.columns WHERE table_schema = 'public'",
    );
    const ofPostgres = rows
      .filter(({ table_name }) => !POSTGRES_ALONE.has(table_name))
      .map((it) => `${it.table_name}.${it.column_name}${it.is_nullable === 'NO' ? '' : ' NULL'}`);
    expect(ofPostgres.toSorted()).toEqual(ofSqlite.toSorted());
  });

  test('has an index for whatever SQLite has one for (OPS-17)', async () => {
    const { rows } = await client.query<{ indexdef: string }>(
      "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    );
    const found = rows.map(({ indexdef }) => indexdef.replace(/^.* ON public\.(\w+) USING btree /, '$1 '));
    const file = scratchFile();
    await (await openSqliteStore({ file, masterKey: masterKeyOf('t'), random: systemRandom })).close();
    const sqlite = await openDatabase(file, driverFor(process.versions.node));
    const wanted = sqlite
      .prepare<[table: string, sql: string]>(
        "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
      )
      .all()
      .filter(([table]) => !SQLITE_ALONE.has(table))
      .map(([table, sql]) => `${table} ${/\([^)]*\)/.exec(sql)?.[0]}`);
    sqlite.close();
    for (const index of wanted)
      expect(
        found.some((it) => it.startsWith(index)),
        index,
      ).toBe(true);
  });

  test.each([37, 39])(
    'refuses a database of a development version with %i migrations, says how to move, and changes nothing (ADR 140)',
    async (count) => {
      const old = await createDatabase();
      const theirs = new pg.Client(old.url);
      await theirs.connect();
      try {
        for (const text of developmentSchema(count)) await theirs.query(text);
        const common = { url: old.url, random: systemRandom };
        const keyed = { ...common, masterKey: masterKeyOf('t') };
        const uses = [
          () => openPostgresStore(keyed),
          () => openPostgresStore({ ...keyed, migrate: 'off' }),
          () => migratePostgresSchema(common),
          () => planPostgresSchema(common),
          () => restorePostgresInPlace({ ...keyed, now: 0, transactionId: 't', voidCodes: false }),
        ];
        for (const use of uses)
          await expect(use()).rejects.toMatchObject({
            name: 'StoreRefused',
            message: expect.stringMatching(DEVELOPMENT_REFUSAL),
          });
        const { rows } = await theirs.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
        expect(rows.map(({ tablename }) => tablename)).toEqual(['schema_floor', 'schema_migration']);
        expect((await theirs.query('SELECT 1 FROM schema_migration')).rowCount).toBe(count);
      } finally {
        await theirs.end();
        await old.close();
      }
    },
  );
});
