import { existsSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { CANARY, erasePerson, personalRows } from '../testing/pairs/person.ts';
import { mustCommit, newUser, sessionRow } from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

/** How often the canary stands in the files of a database: its tables and indexes, its free pages, its journal. */
const countIn = (file: string): number =>
  ['', '-wal', '-shm']
    .filter((companion) => existsSync(`${file}${companion}`))
    .map((companion) => readFileSync(`${file}${companion}`).toString('latin1').split(CANARY).length - 1)
    .reduce((sum, count) => sum + count, 0);

test('nothing personal of a user who was erased stands in the files any more, not in free pages or the journal either (security-reliability §7)', async () => {
  const file = scratchFile();
  const store = await openSqliteStore({ file, masterKey: masterKeyOf('test'), random: systemRandom });
  await mustCommit(store, newUser({ id: 'user-0', username: 'before' }));
  for (const change of personalRows()) await mustCommit(store, change);
  for (let at = 0; at < 50; at += 1) {
    await mustCommit(store, { type: 'session.insert', row: sessionRow({ tokenHash: `t${at}`, userId: 'user-0' }) });
  }
  expect(countIn(file)).toBeGreaterThan(20);
  await mustCommit(store, ...erasePerson());
  expect(countIn(file)).toBe(0);
  expect(await store.audit.ofUser('user-1', 9)).toHaveLength(4);
  expect(await store.sessions.get('t0')).toBeDefined();
  await store.close();
  expect(countIn(file)).toBe(0);
});
