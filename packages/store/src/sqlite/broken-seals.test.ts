import { copyFileSync } from 'node:fs';
import { treeDocument } from '@assent/engine/host';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Store, StoreRefused } from '../ports/store.ts';
import type { BrokenSeal } from '../sealing/broken-seals.ts';
import {
  backChannelRow,
  configuring,
  deviceRow,
  journeyRow,
  keyRow,
  messageRow,
  mustCommit,
  NOW,
  oathRow,
  outboxEntry,
  parkedRow,
  proposalRow,
} from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { type Database, driverFor, openDatabase } from './driver.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

const options = (file: string) => ({ file, masterKey: masterKeyOf('test'), random: systemRandom });
const native = (file: string) => openDatabase(file, driverFor(process.versions.node));
const claims = { response: new Uint8Array(32) } as never;
const CLAIM = { by: 'one', until: NOW + 4_000 };
const RINGS = {
  kind: 'AUTHENTICATE',
  state: 'pending',
  expiresAt: NOW + 1_000,
  delivery: 'queued',
  claim: CLAIM,
  createdAt: NOW,
} as const;

/** Two of everything that is sealed: `a` is going to be broken, `b` stays. */
const fill = async (): Promise<string> => {
  const file = scratchFile();
  const store = await openSqliteStore(options(file));
  const node = (id: string) => ({ id, type: 'PageNode', config: { text: id } });
  const putClients = ['a', 'b'].map((id) => ({ realm: '/', id, document: { of: id } }));
  const seenVersion = await store.configuration.version();
  await mustCommit(store, { type: 'configuration.change', seenVersion, putClients });
  for (const id of ['a', 'b']) {
    await mustCommit(
      store,
      { type: 'journey.insert', row: journeyRow({ id, state: `{"of":"${id}"}` }) },
      { type: 'backChannel.open', row: backChannelRow({ idHash: id }) },
      { type: 'backChannel.tell', idHash: id, now: 0, notice: id },
      { type: 'backChannel.approve', idHash: id, now: 0, properties: '{}' },
      { type: 'device.insert', row: deviceRow({ uuid: id }), maxDevices: 5 },
      { type: 'oath.insert', row: oathRow({ uuid: id }), maxDevices: 5 },
      { type: 'parked.put', row: parkedRow({ idHash: id }), now: NOW },
      { type: 'proposal.put', row: proposalRow({ id }), now: NOW },
      { type: 'signingKey.insert', row: keyRow({ kid: id, status: 'retired' }) },
      { type: 'outbox.put', entry: outboxEntry({ id }) },
      { type: 'push.open', rows: [messageRow({ ...RINGS, id, request: id, deviceUuid: id, userId: `user-${id}` })] },
      {
        type: 'push.open',
        rows: [messageRow({ id: `REGISTER:${id}`, request: `REGISTER:${id}`, kind: 'REGISTER', claims })],
      },
    );
    await configuring(store).saveService({ realm: '/', type: id, config: { of: id } });
    await configuring(store).publishTree({
      realm: '/',
      name: id,
      tree: treeDocument.parse({ entryNodeId: id, nodes: {} }),
      nodes: { [id]: node(id) },
    });
    await store.secrets.getOrCreate(id, () => new Uint8Array([1]));
  }
  await store.close();
  return file;
};

/** Filled once: to do it anew for each column takes longer than all that is asked of them. */
let original: string;
beforeAll(async () => {
  original = await fill();
});
/** A file of one's own with all of that. */
const filled = (): string => {
  const file = scratchFile();
  copyFileSync(original, file);
  return file;
};

/** Everything that can be read, of both. */
const readAll = async (store: Store) => {
  const names = ['a', 'b'] as const;
  const each = <T>(read: (name: string) => Promise<T>): Promise<readonly T[]> => Promise.all(names.map(read));
  const { trees, services, clients } = await store.configuration.load();
  const { userId, realm, mechanismUid } = deviceRow();
  const owners = names.map((uuid) => ({ uuid, userId: `user-${uuid}` }));
  return {
    journeys: await each((id) => store.journeySessions.get(id)),
    channels: await each((id) => store.backChannels.get(id)),
    devices: await each((id) => store.devices.get(id)),
    ofUser: (await store.devices.ofUser(userId)).map(({ uuid }) => uuid),
    byMechanism: (await store.devices.byMechanism(realm, mechanismUid)).map(({ uuid }) => uuid),
    generators: await each((id) => store.oathDevices.get(id)),
    generatorsOfUser: (await store.oathDevices.ofUser(oathRow().userId)).map(({ uuid }) => uuid),
    messages: await each((id) => store.messages.get(id)),
    registrations: await each((id) => store.messages.get(`REGISTER:${id}`)),
    standings: await each((id) => store.messages.ofRequest(`REGISTER:${id}`)),
    pending: (
      await store.messages.pendingFor(
        owners.map((it) => deviceRow(it)),
        NOW,
      )
    ).map(({ id }) => id),
    unsent: (await store.messages.claimed(CLAIM)).map(({ id }) => id),
    proposals: await each((id) => store.proposals.get('/alpha', id)),
    parked: await each((id) => store.parkedRequests.get(id)),
    keys: (await store.signingKeys.ofRealm('/alpha')).map(({ kid }) => kid),
    outbox: (await store.outbox.due(NOW, 9, 9)).map(({ id }) => id),
    trees: trees.map(({ name }) => name),
    services: services.map(({ type }) => type),
    clients: clients.map(({ id }) => id),
    nodes: (await store.configuration.loadNodes()).nodes.map(({ id }) => id),
  };
};

const BLOBS = `
  SELECT m.name, p.name, (SELECT k.name FROM pragma_table_info(m.name) AS k WHERE k.name IN ('id', 'uuid', 'id_hash', 'name', 'type', 'kid'))
  FROM sqlite_master AS m, pragma_table_info(m.name) AS p
  WHERE m.type = 'table' AND p.type = 'BLOB' AND m.name <> 'data_key' AND m.name <> 'secret' ORDER BY 1, 2`;
const KEYS: Readonly<Record<string, string>> = { service: 'type', tree: 'name' };
const sealedColumns = (db: Database): readonly (readonly [table: string, column: string, key: string])[] =>
  db
    .prepare<[table: string, column: string, key: string]>(BLOBS)
    .all()
    .map(([table, column, key]) => [table, column, KEYS[table] ?? key] as const);

/** What is to be read whatever has become of `a`. */
const only = (names: readonly string[]) => names.filter((name) => !name.endsWith('a'));

const SEALED = [
  'back_channel.data',
  'back_channel.notice',
  'back_channel.properties',
  'device.sealed',
  'journey_session.state',
  'node.config',
  'oath_device.sealed',
  'oauth_client.document',
  'oauth_key.private_key',
  'oauth_parked.request',
  'outbox.payload',
  'proposal.document',
  'push_message.claims',
  'push_message.sealed',
  'service.config',
  'tree.nodes',
];

test.each([
  [
    'is that of another row',
    (table: string, column: string, key: string) =>
      `(SELECT ${column} FROM ${table} WHERE ${key} LIKE '%b' AND ${column} IS NOT NULL)`,
  ],
  ['is cut', () => "x'01'"],
])(
  'whichever sealed column of a row %s, all others are read as before, and the alarm tells of it once (A7, SEC-74)',
  async (_how, damaged) => {
    const file = filled();
    // One file for all columns, held open meanwhile: the last connection to leave writes all of it to the disk.
    const db = await native(file);
    const undamaged = await openSqliteStore(options(file));
    const whole = await readAll(undamaged);
    await undamaged.close();
    const columns = sealedColumns(db);
    expect(columns.map(([table, column]) => `${table}.${column}`)).toEqual(SEALED);
    for (const [table, column, key] of columns) {
      const where = `WHERE ${key} LIKE '%a' AND ${column} IS NOT NULL`;
      const kept = db
        .prepare<[key: string, sealed: Uint8Array]>(`SELECT ${key}, ${column} FROM ${table} ${where}`)
        .all();
      db.exec(`UPDATE ${table} SET ${column} = ${damaged(table, column, key)} ${where}`);
      const store = await openSqliteStore(options(file));
      const told: BrokenSeal[] = [];
      store.watchSeals((broken) => told.push(broken));
      const broken = await readAll(store);
      await readAll(store);
      for (const [what, rows] of Object.entries(broken) as [keyof typeof whole, readonly unknown[]][]) {
        // What is listed leaves the broken one out; what is asked for by name is not there, and the other is as it was.
        const all = whole[what] as readonly unknown[];
        const isAsBefore = JSON.stringify(rows) === JSON.stringify(all);
        const isList = typeof all[0] === 'string';
        if (isList) expect([table, what, only(rows as string[])]).toEqual([table, what, only(all as string[])]);
        if (!isAsBefore && !isList) expect([table, what, rows[1]]).toEqual([table, what, all[1]]);
        if (!isAsBefore && !isList && what !== 'journeys') expect([undefined, []]).toContainEqual(rows[0]);
      }
      expect(broken).not.toEqual(whole);
      expect(new Set(told.map((it) => it.table.split('.')[0]))).toEqual(new Set([table]));
      expect(new Set(told.map((it) => JSON.stringify(it))).size).toBe(told.length);
      await store.close();
      for (const [id, sealed] of kept)
        db.prepare(`UPDATE ${table} SET ${column} = ? ${where} AND ${key} = ?`).run(sealed, id);
    }
    for (const [table, column, key] of columns) {
      db.exec(
        `UPDATE ${table} SET ${column} = ${damaged(table, column, key)} WHERE ${key} LIKE '%a' AND ${column} IS NOT NULL`,
      );
    }
    const store = await openSqliteStore(options(file));
    expect(await store.sweep(NOW * 2, 1_000)).toBeGreaterThan(0);
    db.close();
    await store.close();
  },
);

test('a journey whose state does not open has ended, so that its first step starts nothing again (A7)', async () => {
  const file = filled();
  const db = await native(file);
  db.exec(`UPDATE journey_session SET state = x'01' WHERE id = 'a'`);
  db.close();
  const store = await openSqliteStore(options(file));
  expect(await store.journeySessions.get('a')).toMatchObject({ ended: true, state: '' });
  await store.close();
});

test('a secret of the installation that does not open is named, and never made anew (A7)', async () => {
  const file = filled();
  const db = await native(file);
  db.exec(`UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE name = 'b') WHERE name = 'a'`);
  db.close();
  const store = await openSqliteStore(options(file));
  const asked = store.secrets.getOrCreate('a', () => new Uint8Array([9]));
  await expect(asked).rejects.toThrow(StoreRefused);
  await expect(asked).rejects.toThrow('The secret a of the database does not open.');
  expect(await store.secrets.getOrCreate('b', () => new Uint8Array([9]))).toEqual(new Uint8Array([1]));
  await store.close();
});

test('every sealed column is sealed anew when its key is replaced, and reads as before under a key that is all there is (SEC-75, F17)', async () => {
  const file = filled();
  const store = await openSqliteStore(options(file));
  const whole = JSON.stringify(await readAll(store));
  const order = { at: NOW, transactionId: 'rotation' };
  const kinds = (await store.keys.list()).map(({ kind }) => kind).filter((kind) => kind.startsWith('sealing:'));
  for (const kind of kinds) {
    await store.keys.announce(kind, order);
    await store.keys.activate(kind, { ...order, goodFor: 0 });
  }
  const walk = async (at: number) => {
    for (let turn = 0; turn < 99; turn += 1) {
      if ((await store.keys.reseal({ ...order, at, holder: 'a' }, 1))?.isPass === true) return;
    }
    throw new Error('a walk has no end');
  };
  await walk(NOW);
  // Those that are not there for the reader have none, and those that are met once more.
  await walk(NOW + 60_000);
  for (const { kind, id, status } of await store.keys.list()) {
    if (status === 'retired') expect(await store.keys.destroy(kind, id, order)).toBe(true);
  }
  expect((await store.keys.list()).map(({ kind, status }) => `${kind} ${status}`)).toEqual(
    kinds.map((kind) => `${kind} active`),
  );
  await store.close();
  // All that lies in a file under one key, whichever column it is in: a new column that nobody walks through stands out here.
  const db = await native(file);
  const newest = new Set(db.prepare<[id: number]>('SELECT id FROM data_key').all().flat());
  for (const [table, column] of [...sealedColumns(db), ['secret', 'sealed']]) {
    const ids = db
      .prepare<[sealed: Uint8Array]>(`SELECT ${column} FROM ${table} WHERE ${column} IS NOT NULL`)
      .all()
      .map(([sealed]) => Buffer.from(sealed).readUInt32BE(1));
    expect([table, column, ids.filter((id) => !newest.has(id))]).toEqual([table, column, []]);
  }
  db.close();
  const reopened = await openSqliteStore(options(file));
  expect(JSON.stringify(await readAll(reopened))).toBe(whole);
  await reopened.close();
});
