import { copyFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Migration } from '../migrations/migration.ts';
import type { Store } from '../ports/store.ts';
import { migrations } from '../schema/all-migrations.ts';
import { describeRestore } from '../testing/describe-restore.ts';
import { auditEvent, configuring, mustCommit, NOW, newUser, sessionRow, takeTrail } from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { backupSqlite } from './backup.ts';
import { driverFor, openDatabase } from './driver.ts';
import { appliedIn } from './migrate.ts';
import { restoreSqlite, restoreSqliteInPlace } from './restore.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

const masterKey = masterKeyOf('test');
const random = systemRandom;
const open = (file: string) => openSqliteStore({ file, masterKey, random });
const options = (file: string) => ({ file, masterKey, random, now: NOW, transactionId: 't', voidCodes: false });

describeRestore(async () => {
  const file = scratchFile();
  return {
    open: () => open(file),
    restore: (choice) => restoreSqliteInPlace({ ...options(file), ...choice }),
    close: async () => undefined,
  };
});

/** Yesterday's backup, and the database of today, in which somebody was added. */
const yesterday = async () => {
  const file = scratchFile();
  const backup = join(dirname(file), 'yesterday.db');
  const store = await open(file);
  await mustCommit(store, newUser(), { type: 'session.insert', row: sessionRow() });
  await backupSqlite({ file, to: backup, masterKey, random });
  await mustCommit(store, newUser({ id: 'user-2', username: 'later' }));
  await store.close();
  return { file, backup };
};
const users = async (file: string) => {
  const store = await open(file);
  const found = await Promise.all(['demo', 'later'].map((name) => store.identities.find('/alpha', name)));
  await store.close();
  return found.map((user) => user?.username);
};
const partsIn = (file: string) => readdirSync(dirname(file)).filter((name) => name.includes('.part'));

test('erases once more whom the database of before knows to be erased (security-reliability §7)', async () => {
  const { file, backup } = await yesterday();
  const store = await open(file);
  await mustCommit(store, { type: 'identity.erase', id: 'user-1', realm: '/alpha', at: NOW, journeys: [] });
  await store.close();
  expect(await restoreSqlite(backup, options(file))).toMatchObject({ erasedAgain: 1, rows: { users: 0 } });
  expect(await users(file)).toEqual([undefined, undefined]);
});

test('takes the place of the database, which is kept beside it and not served on (OPS-61)', async () => {
  const { file, backup } = await yesterday();
  const done = await restoreSqlite(backup, options(file));
  expect(done).toMatchObject({ epoch: 1, ended: { sessions: 1 }, rows: { users: 1 } });
  expect(await users(file)).toEqual(['demo', undefined]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { kept = '' } = done;
  expect(readdirSync(dirname(file)).filter((name) => name.includes('before'))).toEqual([basename(kept)]);
  await expect(open(kept)).rejects.toThrow(/replaced by a backup .*yesterday\.db.*assent restore FILE/);
  // And back: the life after both.
  expect(await restoreSqlite(kept, { ...options(file), now: NOW + 1_000 })).toMatchObject({ epoch: 2 });
  expect(await users(file)).toEqual(['demo', 'later']);
  expect(partsIn(file)).toEqual([]);
});

test('what a sink had of after the backup is told from what comes in its place, by id and epoch (OPS-58)', async () => {
  const file = scratchFile();
  const backup = join(dirname(file), 'yesterday.db');
  const write = (store: Store, event: string, at: number) =>
    mustCommit(store, { type: 'audit.append', event: auditEvent({ event, at }) });
  const by = (holder: string) => ({ holder, now: NOW });
  const store = await open(file);
  await write(store, 'KEPT', NOW);
  await backupSqlite({ file, to: backup, masterKey, random });
  await write(store, 'LOST', NOW + 1);
  const had = await takeTrail(store, by('a'));
  await store.close();
  await restoreSqlite(backup, { ...options(file), now: NOW + 2 });
  const restored = await open(file);
  const comes = await takeTrail(restored, by('b'));
  await restored.close();
  expect(had.map(({ event, position, epoch }) => [event, position, epoch])).toEqual([
    ['KEPT', 1, 0],
    ['LOST', 2, 0],
  ]);
  // It was sent after the backup, so the backup knows nothing of that: it comes once more, as it was.
  expect(comes.map(({ event, position, epoch }) => [event, position, epoch])).toEqual([
    ['KEPT', 1, 1],
    ['RESTORE', 2, 1],
  ]);
  expect(comes[0]?.id).toBe(had[0]?.id);
  expect(comes[1]?.id).not.toBe(had[1]?.id);
});

test('a backup that was copied into its place is known for one, and not served on until that is said (REL-26)', async () => {
  const { file, backup } = await yesterday();
  copyFileSync(backup, file);
  await expect(open(file)).rejects.toThrow(/This file is a backup.*assent restore --in-place/);
  await restoreSqliteInPlace(options(file));
  expect(await users(file)).toEqual(['demo', undefined]);
});

test('refuses while a server has the database open, also one that does nothing', async () => {
  const { file, backup } = await yesterday();
  const server = await open(file);
  for (const restore of [() => restoreSqlite(backup, options(file)), () => restoreSqliteInPlace(options(file))])
    await expect(restore()).rejects.toThrow(/works on .*Stop it first; nothing was changed/);
  await mustCommit(server, newUser({ id: 'user-3', username: 'still' }));
  await server.close();
  expect(await users(file)).toEqual(['demo', 'later']);
  expect(partsIn(file)).toEqual([]);
});

test('changes nothing where the backup is none, is damaged, or is of another master key', async () => {
  const { file, backup } = await yesterday();
  const junk = join(dirname(file), 'junk.db');
  writeFileSync(junk, 'junk');
  const empty = join(dirname(file), 'empty.db');
  writeFileSync(empty, '');
  const cases = [
    [() => restoreSqlite(join(dirname(file), 'none.db'), options(file)), 'there is no file'],
    [() => restoreSqlite(junk, options(file)), 'cannot be read'],
    [() => restoreSqlite(empty, options(file)), 'is no database of Assent'],
    [() => restoreSqlite(dirname(file), options(file)), 'cannot be read'],
    [
      () => restoreSqlite(backup, { ...options(file), masterKey: masterKeyOf('another') }),
      'The master key is not the one',
    ],
  ] as const;
  for (const [restore, message] of cases) await expect(restore()).rejects.toThrow(message);
  expect(await users(file)).toEqual(['demo', 'later']);
  expect(partsIn(file)).toEqual([]);
});

test('changes nothing where somebody has changed the backup', async () => {
  const { file, backup } = await yesterday();
  for (const [change, message] of [
    ['CREATE TRIGGER t AFTER INSERT ON session BEGIN UPDATE identity SET active = 0; END', 'has a trigger (t)'],
    ['CREATE VIEW v AS SELECT * FROM identity', 'has a view (v)'],
    ['UPDATE configuration_version SET epoch = 9223372036854775807', 'is no number of ours'],
    ["UPDATE configuration_version SET epoch = 'x'", 'is no number of ours'],
    ['UPDATE configuration_version SET version = -1', 'is no number of ours'],
    ['DROP TABLE session', 'cannot be brought up to date'],
  ] as const) {
    const changed = `${backup}.changed`;
    copyFileSync(backup, changed);
    const db = await openDatabase(changed, driverFor(process.versions.node));
    db.exec(change);
    db.close();
    await expect(restoreSqlite(changed, options(file)), change).rejects.toMatchObject({
      name: 'StoreRefused',
      message: expect.stringContaining(message),
    });
  }
  expect(await users(file)).toEqual(['demo', 'later']);
  expect(partsIn(file)).toEqual([]);
});

test('applies the migrations that a backup of an older version lacks, or changes nothing (OPS-61)', async () => {
  const { file, backup } = await yesterday();
  const next = { version: migrations.length + 1, name: 'planted', sql: 'CREATE TABLE planted (id TEXT);' };
  const broken = { ...next, sql: 'CREATE TABLE planted (id TEXT); CREATE NONSENSE;' };
  const restoring = (migration: Migration) =>
    restoreSqlite(backup, { ...options(file), migrations: [...migrations, migration] });
  await expect(restoring(broken)).rejects.toThrow('cannot be brought up to date');
  expect(await users(file)).toEqual(['demo', 'later']);
  expect(partsIn(file)).toEqual([]);
  await restoring(next);
  const db = await openDatabase(file, driverFor(process.versions.node));
  expect(appliedIn(db).map(([version]) => version)).toEqual([...migrations, next].map(({ version }) => version));
  expect(db.prepare('SELECT id FROM planted').all()).toEqual([]);
  db.close();
});

test('an epoch that cannot be counted on from goes with the database that has it (REL-26)', async () => {
  const { file, backup } = await yesterday();
  const db = await openDatabase(file, driverFor(process.versions.node));
  db.exec('UPDATE configuration_version SET epoch = 9223372036854775807');
  db.close();
  expect(await restoreSqlite(backup, options(file))).toMatchObject({ epoch: 1 });
});

test('takes the place of a database that is damaged, or of none', async () => {
  const { file, backup } = await yesterday();
  writeFileSync(file, 'no database any more');
  writeFileSync(`${file}-wal`, 'nor a journal');
  const { kept = '' } = await restoreSqlite(backup, options(file));
  expect(readFileSync(kept, 'utf8')).toBe('no database any more');
  expect(await users(file)).toEqual(['demo', undefined]);
  rmSync(dirname(file), { recursive: true });
  await expect(restoreSqlite(backup, options(file))).rejects.toThrow('there is no file');
});

/** Yesterday's backup, and what a server that was killed has left of today. */
const killed = async () => {
  const { file: served, backup } = await yesterday();
  const server = await open(served);
  await mustCommit(server, newUser({ id: 'user-3', username: 'last' }));
  const file = scratchFile();
  for (const companion of ['', '-wal']) copyFileSync(`${served}${companion}`, `${file}${companion}`);
  await server.close();
  return { file, backup };
};

test('nothing of a journal that lies there alone comes into the new database (OPS-61, REL-26)', async () => {
  const { file, backup } = await killed();
  rmSync(file);
  expect(await restoreSqlite(backup, options(file))).toMatchObject({ epoch: 1, rows: { users: 1 } });
  const store = await open(file);
  expect(await store.identities.findById('user-3')).toBeUndefined();
  expect(await store.sessions.get(sessionRow().tokenHash)).toBeUndefined();
  await store.close();
  // It may be all that there is of the last hour.
  expect(readdirSync(dirname(file)).filter((name) => /\.before-.*-wal$/.test(name))).toHaveLength(1);
});

test('a backup that was copied beside the journal of another database is not opened with it (REL-26)', async () => {
  const { file, backup } = await killed();
  copyFileSync(backup, file);
  const journal = readFileSync(`${file}-wal`);
  for (const use of [
    () => open(file),
    () => restoreSqliteInPlace(options(file)),
    () => restoreSqlite(backup, options(file)),
    () => backupSqlite({ file, to: `${file}.backup`, masterKey, random }),
  ])
    await expect(use()).rejects.toThrow(/assent\.db-wal is the journal of another database.*Give it another name/);
  expect([readFileSync(file), readFileSync(`${file}-wal`)]).toEqual([readFileSync(backup), journal]);
  renameSync(`${file}-wal`, `${file}-wal.old`);
  expect(await restoreSqliteInPlace(options(file))).toMatchObject({ epoch: 1, rows: { users: 1 } });
  expect(await users(file)).toEqual(['demo', undefined]);
});

test('a server that has begun a database where none was keeps it (OPS-61)', async () => {
  const { backup } = await yesterday();
  const file = scratchFile();
  const refused = expect(restoreSqlite(backup, options(file))).rejects.toThrow(/has been made meanwhile/);
  const server = await open(file);
  await mustCommit(server, newUser({ id: 'user-4', username: 'theirs' }));
  await refused;
  expect(await server.identities.findById('user-4')).toBeDefined();
  await server.close();
  expect(partsIn(file)).toEqual([]);
});

test('makes its folder where there is none', async () => {
  const { backup } = await yesterday();
  const file = join(dirname(scratchFile()), 'new', 'assent.db');
  expect((await restoreSqlite(backup, options(file))).kept).toBeUndefined();
  expect(await users(file)).toEqual(['demo', undefined]);
});

test('a server whose database becomes an older one finds out by the read that it makes once a second (OPS-61)', async () => {
  const { file } = await yesterday();
  const server = await open(file);
  await configuring(server).saveService({ realm: '/', type: 'a', config: {} });
  const version = await server.configuration.version();
  const db = await openDatabase(file, driverFor(process.versions.node));
  db.exec(`UPDATE configuration_version SET version = ${version - 1}`);
  await expect(server.configuration.version()).rejects.toMatchObject({ name: 'StoreReplaced' });
  db.exec(`UPDATE configuration_version SET version = ${version}, epoch = 5`);
  await expect(server.configuration.version()).rejects.toThrow('its epoch is 5, and was 0');
  db.close();
  await server.close();
});
