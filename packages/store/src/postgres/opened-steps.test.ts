import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Store } from '../ports/store.ts';
import { commit, journeyRow, mustCommit } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

describeWith(['postgres'], 'a step that one instance has opened (OPS-27)', () => {
  let database: TestDatabase;
  let one: Store;
  let two: Store;
  beforeEach(async () => {
    database = await createDatabase();
    const open = () => openPostgresStore({ url: database.url, masterKey: masterKeyOf('test'), random: systemRandom });
    [one, two] = [await open(), await open()];
    await mustCommit(one, { type: 'journey.insert', row: journeyRow() });
  });
  afterEach(async () => {
    await one.close();
    await two.close();
    await database.close();
  });

  const journey = (store = one) => store.journeySessions.get('journey-1');

  test('is read as another instance left it: gone on, ended, or deleted', async () => {
    expect(await journey()).toEqual(journeyRow());
    const next = journeyRow({ nonce: 'nonce-2', state: '{"next":true}' });
    await mustCommit(two, { type: 'journey.advance', seenNonce: 'nonce-1', row: next });
    expect(await journey()).toEqual(next);
    const ended = journeyRow({ nonce: 'nonce-2', ended: true, state: '' });
    await mustCommit(two, { type: 'journey.advance', seenNonce: 'nonce-2', row: ended });
    expect(await journey()).toEqual(ended);
    const operator = new pg.Client(database.url);
    await operator.connect();
    await operator.query('DELETE FROM journey_session');
    await operator.end();
    expect(await journey()).toBeUndefined();
  });

  test('of a commit that was refused is as if it had never been', async () => {
    const row = journeyRow({ nonce: 'nonce-2', state: '{"next":true}' });
    const refused = { type: 'code.use', id: 'none' } as const;
    await commit(one, { type: 'journey.advance', seenNonce: 'nonce-1', row }, refused);
    expect(await journey()).toEqual(journeyRow());
    expect(await journey(two)).toEqual(journeyRow());
  });

  test('is the same object while it waits, so that what the engine has read in it is read once', async () => {
    const read = await journey();
    expect(await journey()).toBe(read);
  });
});
