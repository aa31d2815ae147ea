import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { treeDocument } from '@assent/engine/host';
import { afterAll, expect, test } from 'vitest';
import { beginMove } from '../copy/final.ts';
import { checksumOf } from '../migrations/migration.ts';
import { StoreRefused } from '../ports/store.ts';
import { migrations } from '../schema/all-migrations.ts';
import {
  codeRow,
  configuring,
  deviceRow,
  journeyRow,
  keyRow,
  messageRow,
  mustCommit,
  NOW,
  oathRow,
  parkedRow,
  proposalRow,
} from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { DEVELOPMENT_REFUSAL, developmentSchema } from '../testing/tables/development-schema.ts';
import { DRIVER_PACKAGE, driverFor, openDatabase, whyNoDriver } from './driver.ts';
import { migrate } from './migrate.ts';
import { migrateSqliteSchema, planSqliteSchema } from './open-file.ts';
import { restoreSqlite } from './restore.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

const options = (file: string) => ({ file, masterKey: masterKeyOf('test'), random: systemRandom });
const native = (file: string) => openDatabase(file, driverFor(process.versions.node));
const newDatabase = async (): Promise<string> => {
  const file = scratchFile();
  await (await openSqliteStore(options(file))).close();
  return file;
};

test('another master key is refused in plain words, and changes nothing (SEC-75)', async () => {
  const file = await newDatabase();
  const before = readFileSync(file);
  const wrong = openSqliteStore({ ...options(file), masterKey: masterKeyOf('other') });
  await expect(wrong).rejects.toThrow(StoreRefused);
  await expect(wrong).rejects.toThrow('The master key is not the one that this database was made with.');
  expect(readFileSync(file).equals(before)).toBe(true);
  await (await openSqliteStore(options(file))).close();
});

test('a master key of another length is refused', async () => {
  const short = openSqliteStore({ ...options(scratchFile()), masterKey: new Uint8Array(16) });
  await expect(short).rejects.toThrow('The master key has to be 32 bytes.');
});

test('a database of a newer version is refused, and both versions are named', async () => {
  const file = await newDatabase();
  const db = await native(file);
  db.prepare("INSERT INTO schema_migration (version, name, checksum) VALUES (99, 'from the future', 'x')").run();
  db.close();
  await expect(openSqliteStore(options(file))).rejects.toThrow(
    `newer version of Assent (schema 99, this one knows ${migrations.length})`,
  );
});

test('a migration that was edited after it ran is refused', async () => {
  const file = await newDatabase();
  const db = await native(file);
  db.prepare("UPDATE schema_migration SET checksum = 'other' WHERE version = 1").run();
  db.close();
  await expect(openSqliteStore(options(file))).rejects.toThrow(/another migration 1/);
});

test.each([37, 39])(
  'refuses a database of a development version with %i migrations, says how to move, and changes nothing (ADR 140)',
  async (count) => {
    const file = scratchFile();
    const db = await native(file);
    for (const text of developmentSchema(count)) db.exec(text);
    db.close();
    const uses = [
      () => openSqliteStore(options(file)),
      () => openSqliteStore({ ...options(file), migrate: 'off' }),
      () => migrateSqliteSchema({ file }),
      () => planSqliteSchema({ file }),
      () => beginMove(file, 'db'),
      () => restoreSqlite(file, { ...options(scratchFile()), now: NOW, transactionId: 't', voidCodes: false }),
    ];
    for (const use of uses)
      await expect(use()).rejects.toMatchObject({
        name: 'StoreRefused',
        message: expect.stringMatching(DEVELOPMENT_REFUSAL),
      });
    const after = await native(file);
    expect(after.prepare('SELECT COUNT(*) FROM sqlite_master WHERE sql IS NOT NULL').get()).toEqual([2]);
    expect(after.prepare('SELECT COUNT(*) FROM schema_migration').get()).toEqual([count]);
    after.close();
  },
);

test('a failing migration leaves the schema as it was', async () => {
  const file = await newDatabase();
  const db = await native(file);
  const broken = {
    version: migrations.length + 1,
    name: 'broken',
    sql: 'CREATE TABLE half (id TEXT); CREATE NONSENSE;',
  };
  expect(() => migrate(db, [...migrations, broken])).toThrow();
  expect(db.prepare("SELECT name FROM sqlite_master WHERE name = 'half'").all()).toEqual([]);
  db.close();
  await (await openSqliteStore(options(file))).close();
});

test('each migration after the baseline says which older programs can serve beside it (OPS-19, REL-20)', () => {
  let livesWith = 1;
  for (const { version, beside } of migrations.slice(1)) {
    if (beside?.kind === 'expand') expect([version, beside.livesWith]).toEqual([version, livesWith]);
    else {
      // The release that is replaced serves until then, and the one before it may come back.
      expect(beside?.livesWith, `migration ${version}`).toBeLessThan(version - 1);
      livesWith = beside?.livesWith ?? version;
    }
  }
});

test('the migrations are numbered without a gap, and their texts have not changed', () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, at) => at + 1));
  expect(migrations.map(checksumOf)).toMatchInlineSnapshot(`
    [
      "9977dc55da47ec7278720175263b7a907f2c60350c567397e971031a0b014797",
    ]
  `);
});

test('a database from before something was sealed for a purpose of its own gets a key for it', async () => {
  const file = await newDatabase();
  const db = await native(file);
  expect(db.prepare('SELECT purpose FROM data_key ORDER BY id').all().flat().at(-1)).toBe('outbox');
  db.exec("DELETE FROM data_key WHERE purpose IN ('oidc-signing', 'outbox')");
  db.close();
  const store = await openSqliteStore(options(file));
  await mustCommit(store, { type: 'signingKey.insert', row: keyRow() });
  await store.close();
  const after = await openSqliteStore(options(file));
  expect(await after.signingKeys.ofRealm('/alpha')).toEqual([keyRow()]);
  await after.close();
});

test('a file that is no database is refused in plain words', async () => {
  const file = scratchFile();
  writeFileSync(file, 'not a database, but long enough to be read as the header of one '.repeat(80));
  await expect(openSqliteStore(options(file))).rejects.toThrow(StoreRefused);
});

test('a file that cannot be written is refused in plain words, and nothing else is made in its place (F24)', async () => {
  const folder = dirname(scratchFile());
  writeFileSync(join(folder, 'no-folder'), '');
  for (const file of [folder, join(folder, 'no-folder', 'assent.db')]) {
    const refused = openSqliteStore(options(file));
    await expect(refused).rejects.toThrow(StoreRefused);
    await expect(refused).rejects.toThrow(`The database ${file} cannot be written (`);
    await expect(refused).rejects.toThrow('or name another folder by ASSENT_DATA_DIR.');
  }
  expect(readdirSync(folder)).toEqual(['no-folder']);
});

test('a damaged database is refused in plain words (REL-19)', async () => {
  const file = await newDatabase();
  const bytes = readFileSync(file);
  bytes.fill(0xa5, 4_096, 4_096 * 4);
  writeFileSync(file, bytes);
  await expect(openSqliteStore(options(file))).rejects.toThrow(StoreRefused);
});

test('the database and its companions are for this user only', async () => {
  const file = scratchFile();
  const store = await openSqliteStore(options(file));
  await mustCommit(store, { type: 'journey.insert', row: journeyRow() });
  const modes = readdirSync(dirname(file)).map((name) => statSync(join(dirname(file), name)).mode & 0o777);
  await store.close();
  expect(modes).toHaveLength(3);
  expect(new Set(modes)).toEqual(new Set([0o600]));
});

test('no secret can be read in the files, as text or bytes, while open or closed (SEC-74)', async () => {
  const file = scratchFile();
  const store = await openSqliteStore(options(file));
  const canary = (name: string) => `canary-of-${name}-5b1f`;
  const bytes = (name: string) => new TextEncoder().encode(canary(name).padEnd(32, '.'));
  const open = messageRow({ challenge: bytes('challenge'), secret: bytes('pending-key'), expectedNumber: 73_519_264 });
  const envelope = { ...open.envelope, jwt: canary('jwt'), text: canary('text') } as typeof open.envelope & object;
  await mustCommit(
    store,
    { type: 'journey.insert', row: journeyRow({ state: JSON.stringify({ secure: canary('state') }) }) },
    {
      type: 'journey.advance',
      seenNonce: 'nonce-1',
      row: journeyRow({ nonce: 'nonce-2', state: JSON.stringify({ secure: canary('next-state') }) }),
    },
    {
      type: 'device.insert',
      row: deviceRow({ secret: bytes('key'), deviceId: canary('device-id'), communicationId: canary('address') }),
      maxDevices: 5,
    },
    { type: 'oath.insert', row: oathRow({ secret: bytes('oath-key') }), maxDevices: 5 },
    { type: 'signingKey.insert', row: keyRow({ privateKey: canary('private-key') }) },
    { type: 'parked.put', row: parkedRow({ request: canary('login-hint') }), now: NOW },
    { type: 'proposal.put', row: proposalRow({ document: canary('proposed-secret') }), now: NOW },
    { type: 'codes.replace', userId: 'user-1', deviceType: 'push', rows: [codeRow({ hash: 'not-a-secret-hash' })] },
    { type: 'push.open', rows: [{ ...open, envelope }] },
    {
      type: 'push.answer',
      id: open.id,
      state: 'approved',
      at: NOW + 1,
      answerHash: 'h',
      claims: {
        mechanismUid: 'm',
        deviceId: canary('claimed-id'),
        deviceType: 'web',
        communicationType: 'relay',
        communicationId: canary('claimed-address'),
      },
    },
  );
  await store.secrets.getOrCreate('signing-key', () => bytes('signing-key'));
  const sender = { id: 'n', type: 'OneTimePasswordSmtpSenderNode', config: { password: canary('mail-password') } };
  const tree = treeDocument.parse({ entryNodeId: 'n', nodes: { n: { nodeType: sender.type } } });
  await configuring(store).publishTree({ realm: '/', name: 'Mail', tree, nodes: { n: sender } });
  const spellings = (text: string) => {
    const raw = Buffer.from(text);
    return [raw, raw.toString('hex'), raw.toString('base64').slice(0, -4), raw.toString('base64url').slice(0, -4)];
  };
  const found = () =>
    readdirSync(dirname(file)).flatMap((name) => {
      const content = readFileSync(join(dirname(file), name));
      const wanted = [...spellings('canary-of-'), '73519264', Buffer.from(masterKeyOf('test'))];
      return wanted.filter((it) => content.includes(it)).map((it) => `${name}: ${it}`);
    });
  // The scan finds what is there: otherwise it would prove nothing.
  const all = readdirSync(dirname(file)).map((name) => readFileSync(join(dirname(file), name)));
  expect(all.some((content) => content.includes('not-a-secret-hash'))).toBe(true);
  expect(found()).toEqual([]);
  await store.close();
  expect(found()).toEqual([]);
});

test.each<[string, string]>([
  ['device', 'uuid'],
  ['oath_device', 'uuid'],
  ['push_message', 'id'],
])('sealed columns of %s that were swapped between rows do not open (SEC-74)', async (table, key) => {
  const file = scratchFile();
  const store = await openSqliteStore(options(file));
  await mustCommit(
    store,
    { type: 'device.insert', row: deviceRow({ uuid: 'a' }), maxDevices: 5 },
    { type: 'device.insert', row: deviceRow({ uuid: 'b' }), maxDevices: 5 },
    { type: 'oath.insert', row: oathRow({ uuid: 'a' }), maxDevices: 5 },
    { type: 'oath.insert', row: oathRow({ uuid: 'b' }), maxDevices: 5 },
    { type: 'push.open', rows: [messageRow({ id: 'a' }), messageRow({ id: 'b', request: 'a' })] },
  );
  await store.close();
  const db = await native(file);
  const read = db.prepare<[sealed: Uint8Array]>(`SELECT sealed FROM ${table} WHERE ${key} = ?`);
  const write = db.prepare(`UPDATE ${table} SET sealed = ? WHERE ${key} = ?`);
  const [a, b] = [read.get('a'), read.get('b')];
  if (a === undefined || b === undefined) throw new Error('the rows are missing');
  write.run(a[0], 'b');
  write.run(b[0], 'a');
  db.close();
  const after = await openSqliteStore(options(file));
  const reader = { device: after.devices, oath_device: after.oathDevices }[table] ?? after.messages;
  expect(await reader.get('a')).toBeUndefined();
  expect(await reader.get('b')).toBeUndefined();
  await after.close();
});

test('two processes on one file wait for each other, and each sees what the other wrote (REL-19)', async () => {
  const file = scratchFile();
  const [one, two] = [await openSqliteStore(options(file)), await openSqliteStore(options(file))];
  const rows = Array.from({ length: 20 }, (_, at) => journeyRow({ id: `journey-${at}` }));
  const results = await Promise.all(
    rows.flatMap((row) => [one, two].map((it) => it.committer.commit([{ type: 'journey.insert', row }]))),
  );
  expect(results.filter(({ committed }) => committed)).toHaveLength(20);
  expect(await two.journeySessions.get('journey-7')).toEqual(await one.journeySessions.get('journey-7'));
  const made = [one, two].map((it, at) => it.secrets.getOrCreate('key', () => new Uint8Array([at])));
  expect(await Promise.all(made)).toEqual([new Uint8Array([0]), new Uint8Array([0])]);
  await one.close();
  await two.close();
});

test('a database that another process holds fails closed, and works again afterwards (REL-18)', async () => {
  const file = scratchFile();
  const store = await openSqliteStore({ ...options(file), busyTimeoutMillis: 1 });
  const other = await native(file);
  other.exec('BEGIN IMMEDIATE');
  const insert = () => store.committer.commit([{ type: 'journey.insert', row: journeyRow() }]);
  await expect(insert()).rejects.toThrow('the database could not be written');
  await expect(store.check()).rejects.toThrow();
  expect(await store.journeySessions.get('journey-1')).toBeUndefined();
  other.exec('ROLLBACK');
  expect(await insert()).toEqual({ committed: true });
  other.close();
  await store.close();
});

test('a full disk fails closed, reads go on, and writes return with the space (REL-18)', async () => {
  const file = scratchFile();
  const db = await native(file);
  db.close();
  const store = await openSqliteStore({ ...options(file), maxPages: 160 });
  const insert = (at: number) =>
    store.committer.commit([
      { type: 'journey.insert', row: journeyRow({ id: `journey-${at}`, state: 'x'.repeat(20_000) }) },
    ]);
  let failure: unknown;
  let stored = 0;
  while (failure === undefined && stored < 200) {
    try {
      await insert(stored);
      stored += 1;
    } catch (caught) {
      failure = caught;
    }
  }
  expect(failure).toMatchObject({ name: 'StoreUnavailable' });
  expect(stored).toBeGreaterThan(0);
  expect(await store.journeySessions.get('journey-0')).toBeDefined();
  expect(await store.journeySessions.get(`journey-${stored}`)).toBeUndefined();
  expect(await store.sweep(NOW + 300_000, 1_000)).toBe(stored);
  expect(await insert(stored)).toEqual({ committed: true });
  await store.close();
});

test('the driver is the built-in one from Node 22.13 on, before which it is behind a flag or not there', () => {
  expect(driverFor('20.19.0')).toBe('better-sqlite3');
  expect(driverFor('22.12.0')).toBe('better-sqlite3');
  expect(driverFor('22.13.0')).toBe('node:sqlite');
  expect(driverFor('23.4.0')).toBe('node:sqlite');
  expect(driverFor('24.1.0')).toBe('node:sqlite');
});

test.each([
  ['ERR_MODULE_NOT_FOUND', `npm install ${DRIVER_PACKAGE}`],
  ['ERR_DLOPEN_FAILED', 'npm rebuild better-sqlite3'],
])('without a driver on Node 20 the fix is named: %s (OPS-67)', (code, fix) => {
  expect(whyNoDriver(Object.assign(new Error('no driver'), { code }))).toContain(fix);
});

test('the driver that is named is the one that is tested (OPS-67)', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  expect(Object.entries(manifest.optionalDependencies).map((it) => it.join('@'))).toEqual([DRIVER_PACKAGE]);
});
