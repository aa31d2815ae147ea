import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { runInChild } from '../testing/processes/run-in-child.ts';
import { configuring, mustCommit, NOW, newUser } from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { driverFor, openDatabase } from './driver.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

const reopen = (file: string) => openSqliteStore({ file, masterKey: masterKeyOf('test'), random: systemRandom });

test('a process that is killed loses nothing that it acknowledged (REL-02)', async () => {
  const file = scratchFile();
  const child = runInChild(new URL('../testing/processes/commit-until-killed.ts', import.meta.url), file);
  const acknowledged: string[] = [];
  let killed: Promise<void> | undefined;
  // What was printed before the end is read to its end: those were acknowledged too.
  for await (const id of child.lines) {
    acknowledged.push(id);
    if (acknowledged.length === 600) killed = child.kill();
  }
  await killed;
  expect(acknowledged.length).toBeGreaterThanOrEqual(600);
  const store = await reopen(file);
  const lost: string[] = [];
  for (const id of acknowledged) if ((await store.journeySessions.get(id)) === undefined) lost.push(id);
  await store.close();
  expect(lost).toEqual([]);
});

test('a migration that was killed half-way starts again from nothing (REL-20)', async () => {
  const file = scratchFile();
  const child = runInChild(new URL('../testing/processes/migrate-until-killed.ts', import.meta.url), file);
  let killed: Promise<void> | undefined;
  for await (const line of child.lines) {
    expect(line).toBe('half-way');
    killed = child.kill();
  }
  await killed;
  expect(killed).toBeDefined();
  const store = await reopen(file);
  await mustCommit(store, newUser());
  expect(await store.sweep(NOW, 10)).toBe(0);
  await store.close();
});

test('what was committed is there after a restart, configuration and secrets too', async () => {
  const file = scratchFile();
  const before = await reopen(file);
  await mustCommit(before, newUser({ hash: 'h' }));
  await configuring(before).saveService({ realm: '/', type: 'pushNotification', config: { a: [1] } });
  const secret = await before.secrets.getOrCreate('key', () => new Uint8Array([1, 2, 3]));
  await before.close();
  await before.close();

  const after = await reopen(file);
  expect(await after.identities.find('/alpha', 'demo')).toMatchObject({ id: 'user-1' });
  expect((await after.configuration.load()).services).toHaveLength(1);
  expect(await after.secrets.getOrCreate('key', () => new Uint8Array([9]))).toEqual(secret);
  await after.close();
});

test('the settings of a service are sealed, and open in their own row alone', async () => {
  const file = scratchFile();
  const store = await reopen(file);
  await configuring(store).saveService({ realm: '/', type: 'pushNotification', config: { secret: 'in-plain-sight' } });
  await store.close();
  for (const companion of ['', '-wal']) {
    const path = `${file}${companion}`;
    expect(existsSync(path) && readFileSync(path).includes('in-plain-sight')).toBe(false);
  }
  const db = await openDatabase(file, driverFor(process.versions.node));
  db.exec("UPDATE service SET realm = '/alpha'");
  db.close();
  const after = await reopen(file);
  expect((await after.configuration.load()).services).toEqual([]);
  await after.close();
});

test('a file that has lost its journal has what was there at the last sweep, and is no new one (F24)', async () => {
  const file = scratchFile();
  const store = await reopen(file);
  await mustCommit(store, newUser());
  const sweep = async (limit: number) => {
    await store.sweep(NOW, limit);
    const copy = scratchFile();
    copyFileSync(file, copy);
    const found = await reopen(copy);
    const user = await found.identities.findById('user-1');
    await found.close();
    return user;
  };
  expect(await sweep(0), 'there is more to sweep').toBeUndefined();
  expect(await sweep(10)).toBeDefined();
  await store.close();
});

test('a commit that waits is written when the store closes', async () => {
  const file = scratchFile();
  const store = await reopen(file);
  const waiting = mustCommit(store, newUser());
  await store.close();
  await waiting;
  const after = await reopen(file);
  expect(await after.identities.findById('user-1')).toBeDefined();
  await after.close();
});
