import { afterAll, expect, test } from 'vitest';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import { World } from '../testing/pairs/world.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { tablesOfFile } from '../testing/tables/tables-of-file.ts';
import { createdIn, freesPlainText, isCreating } from './all-changes.ts';
import { tablesOf } from './reach.ts';
import { TABLES } from './verbs/define-changes.ts';

const changes = Object.values(new World('alpha').changes(0));

afterAll(removeScratch);

test('says where each change that creates something creates it (SEC-89)', () => {
  const creating = changes.filter(isCreating);
  expect(creating.map(({ type }) => type)).toContain('journey.advance');
  for (const change of creating) {
    const created = createdIn(change);
    expect(created === undefined ? undefined : 'realm' in created ? created.realm : created.id).toMatch(/alpha$/);
  }
});

test('has SQLite overwrite no more for a push login than for a step (ADR 108)', () => {
  const { 'session.insert': session, ...others } = new World('alpha').changes(0);
  const { replaces, ...login } = session;
  expect(replaces).toBeDefined();
  const ofLogin = ['journey.advance', 'push.consume', 'throttle.clear', 'identity.usable', 'device.accessed'] as const;
  expect([login, ...ofLogin.map((type) => others[type])].filter(freesPlainText)).toEqual([]);
  expect(freesPlainText(session)).toBe(true);
});

test('names tables of the schema, and none that no change of its own topic touches', async () => {
  const file = scratchFile();
  await (await openSqliteStore({ file, masterKey: masterKeyOf('t'), random: systemRandom })).close();
  expect(await tablesOfFile(file).tables()).toEqual(expect.arrayContaining([...TABLES]));
  const named = changes.map(tablesOf).filter((tables) => tables.length < TABLES.length);
  expect(new Set(named.flat())).toEqual(new Set(TABLES));
});
