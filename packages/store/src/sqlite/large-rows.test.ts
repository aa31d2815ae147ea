import type { RealmSettings } from '@assent/engine';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Store } from '../ports/store.ts';
import { configuring, journeyRow, mustCommit, NOW } from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { openSqliteStore } from './sqlite-store.ts';

// What an owner can make large is deleted and read in parts: the event loop waits for each of them (SEC-93).

const settingsOf = (realm: string) => ({ realm, active: true, defaultTree: 'T' }) as unknown as RealmSettings;

const SWEEP_ROWS = 500;
const MEBIBYTE = 1_024 * 1_024;

let store: Store;
beforeEach(async () => {
  store = await openSqliteStore({ file: scratchFile(), random: systemRandom, masterKey: masterKeyOf('one') });
  return () => store.close();
});
afterAll(removeScratch);

const treeOf = (realm: string, name: string, bytes: number) => ({
  realm,
  name,
  tree: { entryNodeId: 'a', enabled: true, nodes: {} } as never,
  nodes: { a: { id: 'a', type: 'PageNode', config: { text: 'x'.repeat(bytes) } } },
});

test('expired journeys that keep 24 MiB are swept in two parts', async () => {
  const state = 'x'.repeat(MEBIBYTE / 4);
  for (let at = 0; at < 96; at += 1) {
    await mustCommit(store, { type: 'journey.insert', row: journeyRow({ id: `j${at}`, realm: '/', state }) });
  }
  const later = NOW + 24 * 3_600_000;
  const left = async () => {
    const rows = await Promise.all(Array.from({ length: 96 }, (_, at) => store.journeySessions.get(`j${at}`)));
    return rows.filter((row) => row !== undefined).length;
  };
  expect(await store.sweep(later, SWEEP_ROWS)).toBe(SWEEP_ROWS);
  const between = await left();
  expect(between).toBeGreaterThan(96 / 4);
  expect(between).toBeLessThan(96 / 2);
  expect(await store.sweep(later, SWEEP_ROWS)).toBe(between);
  expect(await left()).toBe(0);
});

test('a realm goes with some of its old versions of journeys, and the sweep takes the others, some at a time', async () => {
  const { change, createRealm, deleteRealm } = configuring(store);
  await createRealm(settingsOf('/alpha'));
  for (let version = 1; version <= 30; version += 1) await change({ publishTrees: [treeOf('/alpha', 'T', 1_000)] });
  const versions = async () => {
    const trees = await Promise.all(
      Array.from({ length: 30 }, (_, at) => store.configuration.loadTree('/alpha', 'T', at + 1)),
    );
    return trees.filter((tree) => tree !== undefined).length;
  };
  expect(await versions()).toBe(30);
  await deleteRealm('/alpha');
  expect((await store.configuration.load()).trees).toEqual([]);
  expect(await versions()).toBe(19);
  expect(await store.configuration.isBeingDeleted('/alpha')).toBe(true);
  expect(await createRealm(settingsOf('/alpha'))).toBe(false);
  expect(await store.sweep(NOW, SWEEP_ROWS)).toBe(SWEEP_ROWS);
  expect(await versions()).toBe(9);
  while ((await store.sweep(NOW, SWEEP_ROWS)) === SWEEP_ROWS);
  expect(await versions()).toBe(0);
  expect(await createRealm(settingsOf('/alpha'))).toBe(true);
  await change({ publishTrees: [treeOf('/alpha', 'T', 1)] });
  expect((await store.configuration.load()).trees.map(({ version }) => version)).toEqual([1]);
});

test('8 MiB of configuration are read with turns for others, and what is written meanwhile is read after it', async () => {
  const { change, createRealm } = configuring(store);
  await createRealm(settingsOf('/alpha'));
  for (let at = 0; at < 8; at += 1) await change({ publishTrees: [treeOf('/alpha', `T${at}`, MEBIBYTE)] });
  const before = await store.configuration.load();
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const reading = store.configuration.load();
  await change({ publishTrees: [treeOf('/alpha', 'T9', 10)] });
  const read = await reading;
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(7);
  expect(read.version).toBe(before.version);
  const then = await store.configuration.load(read);
  expect(then.version).toBe(before.version + 1);
  expect(then.trees.map(({ name }) => name)).toContain('T9');
});
