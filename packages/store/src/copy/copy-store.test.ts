import { existsSync } from 'node:fs';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migratePostgresSchema } from '../postgres/postgres-schema.ts';
import { openPostgresStore } from '../postgres/postgres-store.ts';
import { trailIdOf } from '../sql/trail/trail-id.ts';
import { driverFor, openDatabase } from '../sqlite/driver.ts';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import {
  auditEvent,
  boundRow,
  codeRow,
  configuring,
  deviceRow,
  journeyRow,
  mustCommit,
  NOW,
  newUser,
  passkeyRow,
  sessionRow,
  takeTrail,
} from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { copyStore } from './copy-store.ts';
import { beginMove, callOffMove, endMove } from './final.ts';
import { type Batch, batchFrom } from './source.ts';

afterAll(removeScratch);

const masterKey = masterKeyOf('test');
const random = systemRandom;
const openSqlite = (file: string) => openSqliteStore({ file, masterKey, random });
const openPostgres = (url: string) => openPostgresStore({ url, masterKey, random, poolSize: 2 });

/** More than goes into one transaction, of one table. */
const JOURNEYS = 2_300;

const filled = async (journeys = 3): Promise<string> => {
  const file = scratchFile();
  const store = await openSqlite(file);
  await mustCommit(
    store,
    newUser({ hash: 'h' }),
    { type: 'device.insert', row: deviceRow(), maxDevices: 5 },
    { type: 'passkey.insert', row: passkeyRow(), maxDevices: 5 },
    // One kid in two realms: the key of a row has two columns.
    { type: 'bound.insert', row: boundRow(), maxDevices: 5 },
    { type: 'bound.insert', row: boundRow({ realm: '/beta' }), maxDevices: 5 },
    { type: 'codes.replace', userId: 'user-1', deviceType: 'push', rows: [codeRow()] },
    { type: 'session.insert', row: sessionRow() },
    ...Array.from(
      { length: journeys },
      (_, at) => ({ type: 'journey.insert', row: journeyRow({ id: `journey-é-${at}` }) }) as const,
    ),
    ...[0, 1, 2].map(
      (at) => ({ type: 'audit.append', event: auditEvent({ userId: 'user-1', outcome: `o${at}` }) }) as const,
    ),
  );
  await configuring(store).saveService({ realm: '/', type: 'pushNotification', config: { secret: 's' } });
  await store.secrets.getOrCreate('auth-id-key', () => new Uint8Array([7]));
  await store.close();
  return file;
};

test('a row of the trail has one id each time, in the order of the numbers (OPS-63)', () => {
  expect(trailIdOf(1_800_000_000_000, 7)).toBe('01a3185c-5000-7000-8000-000000000007');
  const ids = [9, 10, 255, 256, 70_000].map((number) => trailIdOf(1_800_000_000_000, number));
  expect(ids.toSorted()).toEqual(ids);
  expect(() => trailIdOf(1, -1)).toThrow('has no number');
});

describeWith(['postgres'], 'a store that is copied to PostgreSQL', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeEach(async () => {
    database = await createDatabase();
    client = new pg.Client(database.url);
    await client.connect();
  });
  afterEach(async () => {
    await client.end();
    await database.close();
  });
  const copy = (
    file: string,
    more: { key?: Uint8Array; onTable?: (name: string) => void; move?: 'begins' | 'goesOn' } = {},
  ) =>
    copyStore({
      file,
      to: { url: database.url, random },
      masterKey: more.key ?? masterKey,
      ...(more.onTable && { listener: { written: more.onTable } }),
      ...(more.move && { move: more.move }),
    });
  const brokenOff = async (file: string, move?: 'begins') => {
    const killed = () => {
      throw new Error('killed');
    };
    await expect(copy(file, { onTable: killed, ...(move && { move }) })).rejects.toThrow();
  };
  const write = async (file: string, id: string) => {
    const store = await openSqlite(file);
    await mustCommit(store, { type: 'journey.insert', row: journeyRow({ id }) });
    await store.close();
  };
  const journeysThere = async () =>
    (await client.query<{ id: string }>('SELECT id FROM journey_session ORDER BY id')).rows.map(({ id }) => id);

  test('is there whole, opens by the same key, and was compared on both sides (OPS-62, OPS-63)', async () => {
    const file = await filled(JOURNEYS);
    const { tables, differences } = await copy(file);
    expect(differences).toEqual([]);
    expect(tables.find(({ name }) => name === 'journey_session')).toMatchObject({
      rows: JOURNEYS,
      sha256: expect.stringMatching(/^[\da-f]{64}$/),
    });
    expect(existsSync(`${file}.copying`)).toBe(false);
    const [from, to] = [await openSqlite(file), await openPostgres(database.url)];
    for (const store of [from, to]) {
      expect(await store.identities.passwordHash('user-1')).toBe('h');
      expect(await store.journeySessions.get(`journey-é-${JOURNEYS - 1}`)).toBeDefined();
      expect(await store.sessions.get(sessionRow().tokenHash)).toBeDefined();
      expect(await store.passkeys.ofUser('user-1')).toEqual([passkeyRow()]);
      expect(await store.boundDevices.get('/beta', 'kid-1')).toEqual(boundRow({ realm: '/beta' }));
      expect((await store.audit.ofUser('user-1', 9)).map(({ outcome }) => outcome)).toEqual(['o2', 'o1', 'o0']);
      expect((await store.configuration.load()).services).toMatchObject([{ config: { secret: 's' } }]);
      expect(await store.secrets.getOrCreate('auth-id-key', () => new Uint8Array([0]))).toEqual(new Uint8Array([7]));
    }
    expect(await to.configuration.version()).toBe(await from.configuration.version());
    // A journey that began on the one goes on on the other.
    await from.close();
    await mustCommit(to, { type: 'audit.append', event: auditEvent({ userId: 'user-1', outcome: 'later' }) });
    expect((await to.audit.ofUser('user-1', 1))[0]?.outcome).toBe('later');
    await to.close();
  });

  test('goes on sending the trail on, from where SQLite had come, under the same ids and positions (OPS-58)', async () => {
    const file = await filled();
    const [from, by] = [await openSqlite(file), { holder: 'a', now: NOW }];
    const had = await takeTrail(from, by, 2);
    const next = await from.auditFeed.next(by, 9);
    await from.close();
    await copy(file);
    const to = await openPostgres(database.url);
    // Whoever begins there begins nothing anew.
    await to.auditFeed.begin(NOW);
    await mustCommit(to, { type: 'audit.append', event: auditEvent({ event: 'LATER', at: NOW + 1 }) });
    const comes = await takeTrail(to, { holder: 'b', now: NOW });
    expect(comes[0]).toEqual(next?.[0]);
    expect([...had, ...comes].map(({ event, outcome, position }) => [outcome ?? event, position])).toEqual([
      ['o0', 1],
      ['o1', 2],
      ['o2', 3],
      ['CONFIG_CHANGE', 4],
      ['LATER', 5],
    ]);
    await to.close();
  });

  test('of which no trail was sent begins with what happens there, and leaves out what came with it (OPS-58)', async () => {
    const file = await filled();
    await copy(file);
    const to = await openPostgres(database.url);
    await to.auditFeed.begin(NOW + 1);
    await mustCommit(to, { type: 'audit.append', event: auditEvent({ event: 'LATER', at: NOW + 1 }) });
    expect((await takeTrail(to, { holder: 'b', now: NOW })).map(({ event }) => event)).toEqual(['LATER']);
    await to.close();
  });

  test('goes on where it was broken off, as of the same moment, and is not served on until then (OPS-62)', async () => {
    const file = await filled();
    const seen: string[] = [];
    const broken = copy(file, {
      onTable: (name) => {
        seen.push(name);
        if (name === 'journey_session') throw new Error('killed');
      },
    });
    await expect(broken).rejects.toThrow();
    await expect(openPostgres(database.url)).rejects.toThrow('A copy into this database was begun and not ended');
    // What comes meanwhile is of later than the copy.
    const store = await openSqlite(file);
    await mustCommit(store, { type: 'journey.insert', row: journeyRow({ id: 'later' }) });
    await store.close();
    await client.query("DELETE FROM journey_session WHERE id = 'journey-é-1'");
    const again = await copy(file);
    // It was done already, and is not written anew: the comparison finds what somebody took away.
    expect(again.differences).toEqual([
      { table: 'journey_session', key: 'id journey-é-1', problem: 'is missing' },
      { table: 'journey_session', problem: 'has 2 rows, and ought to have 3' },
    ]);
    await client.query(
      "UPDATE store_copy SET is_done = 0, after = '[\"journey-é-0\"]', rows = 1 WHERE table_name = 'journey_session' AND phase = 'written'",
    );
    await client.query("DELETE FROM journey_session WHERE id > 'journey-é-0'");
    expect((await copy(file)).differences).toEqual([]);
    const to = await openPostgres(database.url);
    expect(await to.journeySessions.get('later')).toBeUndefined();
    await to.close();
  });

  test('a move has all of the source, also what was written since an earlier copy was broken off (OPS-62)', async () => {
    const file = await filled(0);
    await brokenOff(file);
    await write(file, 'after a copy');
    await beginMove(file, 'db');
    await brokenOff(file, 'begins');
    await callOffMove(file);
    await write(file, 'after a move that was called off');
    await beginMove(file, 'db');
    await brokenOff(file, 'begins');
    const before = (await client.query('SELECT home FROM configuration_version')).rows;
    expect((await copy(file, { move: 'goesOn' })).differences).toEqual([]);
    expect(before).toEqual([{ home: expect.stringMatching(/^copying move /) }]);
    expect(await journeysThere()).toEqual(['after a copy', 'after a move that was called off']);
  });

  test('a move that was broken off before its snapshot takes none of an earlier copy for it (OPS-62)', async () => {
    const file = await filled(0);
    await brokenOff(file);
    await write(file, 'later');
    await beginMove(file, 'db');
    expect((await copy(file, { move: 'goesOn' })).differences).toEqual([]);
    expect(await journeysThere()).toEqual(['later']);
  });

  test('of two copies at once the later one takes the database, and the earlier writes nothing more (OPS-62)', async () => {
    const [one, other] = [await filled(JOURNEYS), await filled(0)];
    await write(other, 'of the other');
    let copied: Promise<unknown> | undefined;
    const late = copyStore({
      file: one,
      to: { url: database.url, random },
      masterKey,
      listener: {
        written: (name) => {
          if (name === 'identity') copied = copy(other);
        },
      },
    });
    const ended = expect(late).rejects.toThrow('Another copy into this database was begun, or has come to its end');
    await ended;
    expect(await copied).toMatchObject({ differences: [] });
    expect(await journeysThere()).toEqual(['of the other']);
    const store = await openPostgres(database.url);
    await store.close();
  });

  describe('a server that starts at that moment', () => {
    /** Until somebody waits for what the client holds; by another connection, since a transaction is told the same each time. */
    const untilOneWaits = async (): Promise<void> => {
      const watcher = new pg.Client(database.url);
      await watcher.connect();
      const text = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      while ((await watcher.query(text)).rows.length === 0);
      await watcher.end();
    };
    const copying = "UPDATE configuration_version SET home = 'copying x'";

    test('makes no keys in a database that somebody copies into', async () => {
      await migratePostgresSchema({ url: database.url, random });
      await client.query('BEGIN');
      await client.query(copying);
      const refused = expect(openPostgres(database.url)).rejects.toThrow('was begun and not ended');
      await untilOneWaits();
      await client.query('COMMIT');
      await refused;
      expect((await client.query('SELECT 1 FROM data_key')).rows).toEqual([]);
    });

    test('does not serve on a copy that is being made anew', async () => {
      await copy(await filled(0));
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM configuration_version FOR SHARE');
      const refused = expect(openPostgres(database.url)).rejects.toThrow('was begun and not ended');
      await untilOneWaits();
      await client.query(copying);
      await client.query('COMMIT');
      await refused;
    });
  });

  test('large rows go in parts that have room (OPS-62)', async () => {
    const file = await filled(0);
    const db = await openDatabase(file, driverFor(process.versions.node));
    db.exec(`INSERT INTO journey_session (id, realm, tree, tree_version, nonce, expires_at, ended, state)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)
      SELECT 'large ' || i, '/', 't', 1, 'n', 1, 0, zeroblob(CASE i WHEN 2 THEN 17000000 ELSE 6000000 END) FROM n`);
    const table = { name: 'journey_session', columns: ['id', 'state'], key: ['id'] };
    const parts: number[] = [];
    for (let after: Batch['after'] | 'begin' = 'begin'; after !== undefined; ) {
      const batch: Batch = batchFrom(db, table, after === 'begin' ? undefined : after);
      parts.push(batch.rows.length);
      after = batch.after;
    }
    db.close();
    expect(parts).toEqual([1, 1, 2, 1]);
  });

  test('one byte that is another is found, by table and key (OPS-63)', async () => {
    const file = await filled();
    const { differences } = await copy(file, {
      onTable: (name) => {
        // In a transaction of its own, while other tables are still to come.
        if (name === 'secret')
          flipped = client.query('UPDATE secret SET sealed = set_byte(sealed, 9, get_byte(sealed, 9) # 1)');
      },
    });
    await flipped;
    expect(differences).toEqual([{ table: 'secret', key: 'name auth-id-key', problem: 'is another' }]);
    await expect(openPostgres(database.url)).rejects.toThrow('A copy into this database was begun and not ended');
  });
  let flipped: Promise<unknown> | undefined;

  test('a comparison that is broken off goes on, and forgets nothing that it has found (OPS-63)', async () => {
    const file = await filled(JOURNEYS);
    const brokenAt = (table: string) =>
      copyStore({
        file,
        to: { url: database.url, random },
        masterKey,
        listener: {
          compared({ name }) {
            if (name === table) throw new Error('killed');
          },
        },
      });
    const compared = async () => {
      const { rows } = await client.query(
        "SELECT table_name AS name FROM store_copy WHERE phase = 'compared' AND is_done = 1 ORDER BY table_name",
      );
      return rows.map(({ name }) => name as string);
    };
    await expect(brokenAt('data_key')).rejects.toThrow();
    expect(await compared()).toEqual([
      'audit',
      'audit_seal',
      'audit_sealed',
      'audit_sent',
      'authenticator_metadata',
      'back_channel',
      'bound_device',
      'configuration_change',
      'data_key',
    ]);
    await client.query("UPDATE journey_session SET tree = 'Other' WHERE id = 'journey-é-7'");
    await expect(brokenAt('secret')).rejects.toThrow();
    expect(await compared()).toContain('journey_session');
    const { differences } = await brokenAt('none');
    expect(differences).toEqual([{ table: 'journey_session', key: 'id journey-é-7', problem: 'is another' }]);
    await client.query("UPDATE journey_session SET tree = 'PushLogin' WHERE id = 'journey-é-7'");
    expect((await copy(file)).differences).toEqual([]);
  });

  test('leaves a database alone that has rows of its own, and wants the right key first', async () => {
    const file = await filled();
    await expect(copy(file, { key: masterKeyOf('another') })).rejects.toThrow('The master key is not the one');
    const other = await openPostgres(database.url);
    await mustCommit(other, newUser({ id: 'theirs' }));
    await other.close();
    await expect(copy(file)).rejects.toThrow(/has rows of its own.*nothing was changed/);
    expect((await client.query('SELECT id FROM identity')).rows).toEqual([{ id: 'theirs' }]);
  });

  test('is copied anew into a database that has an earlier copy on which nobody has served', async () => {
    const file = await filled();
    await copy(file);
    const store = await openSqlite(file);
    await mustCommit(store, { type: 'journey.insert', row: journeyRow({ id: 'later' }) });
    await store.close();
    expect((await copy(file)).differences).toEqual([]);
    const to = await openPostgres(database.url);
    expect(await to.journeySessions.get('later')).toBeDefined();
    await to.close();
    await expect(copy(file)).rejects.toThrow('has rows of its own');
  });
});

test('a database that is moved for good is not served on, and comes back when that is called off (OPS-62)', async () => {
  const file = await filled();
  const server = await openSqlite(file);
  await expect(beginMove(file, 'db')).rejects.toThrow('Stop it first');
  await server.close();
  await beginMove(file, 'db');
  await expect(openSqlite(file)).rejects.toThrow(/is being moved to db.*assent store copy --final/);
  await expect(beginMove(file, 'another')).rejects.toThrow('and not to another');
  await beginMove(file, 'db');
  await endMove(file, 'db');
  await expect(openSqlite(file)).rejects.toThrow(/was moved to db.*ASSENT_DATABASE_URL/);
  await expect(beginMove(file, 'db')).rejects.toThrow('was moved already');
  expect(await callOffMove(file)).toBe(true);
  expect(await callOffMove(file)).toBe(false);
  await (await openSqlite(file)).close();
});
