import { afterAll, expect, test } from 'vitest';
import { openSqliteStore } from '../sqlite/sqlite-store.ts';
import { World } from '../testing/pairs/world.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { tablesOfFile } from '../testing/tables/tables-of-file.ts';
import { createdIn, isCreating } from './all-changes.ts';
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

test('names tables of the schema, and none that no change of its own topic touches', async () => {
  const file = scratchFile();
  await (await openSqliteStore({ file, masterKey: masterKeyOf('t'), random: systemRandom })).close();
  expect(await tablesOfFile(file).tables()).toEqual(expect.arrayContaining([...TABLES]));
  const named = changes.map(tablesOf).filter((tables) => tables.length < TABLES.length);
  expect(new Set(named.flat())).toEqual(new Set(TABLES));
});
