import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../ports/store.ts';
import { auditEvent, mustCommit, NOW, sealAll } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

const a = { holder: 'a', now: NOW };

describeWith(['postgres'], 'the trail of PostgreSQL as it is sent on', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let store: Store;
  beforeAll(async () => {
    database = await createDatabase();
    store = await openPostgresStore({ url: database.url, masterKey: masterKeyOf('test'), random: systemRandom });
    client = new pg.Client(database.url);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await store.close();
    await database.close();
  });

  const takeAll = async () => {
    await sealAll(store);
    const rows = (await store.auditFeed.next(a, 100)) ?? [];
    const last = rows.at(-1);
    if (last !== undefined) await store.auditFeed.sent(a, last.position);
    return rows.map(({ event, position }) => [event, position]);
  };
  const write = (event: string) => mustCommit(store, { type: 'audit.append', event: auditEvent({ event }) });

  test('a commit that began before all others, and ends after them, is not left out (OPS-58)', async () => {
    await client.query('BEGIN');
    // By a clock that is behind, too: its id is before all others.
    await client.query(
      `INSERT INTO audit (id, at, event, realm, transaction_id)
       VALUES ('00000000-0000-7000-8000-000000000001', 0, 'LONG', '/', 't')`,
    );
    await write('FIRST');
    await write('SECOND');
    expect(await takeAll()).toEqual([
      ['FIRST', 1],
      ['SECOND', 2],
    ]);
    await client.query('COMMIT');
    await write('LAST');
    expect(await takeAll()).toEqual([
      ['LONG', 3],
      ['LAST', 4],
    ]);
    expect(await takeAll()).toEqual([]);
  });

  test('what comes after an operator has emptied the trail is sent (OPS-58)', async () => {
    await write('BEFORE');
    const sent = await takeAll();
    await client.query('DELETE FROM audit');
    await write('AFTER');
    expect(await takeAll()).toEqual([['AFTER', Number(sent.at(-1)?.[1]) + 1]]);
  });

  test('what was numbered and not sent is found by an index, and what has no number, too (OPS-58)', async () => {
    await client.query('SET enable_seqscan = off');
    const planOf = async (text: string) =>
      (await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`)).rows.map((row) => row['QUERY PLAN']).join(' ');
    expect(await planOf('SELECT id FROM audit WHERE position IS NULL ORDER BY id LIMIT 5')).toContain('audit_unplaced');
    expect(await planOf('SELECT id FROM audit WHERE position > 7 ORDER BY position LIMIT 5')).toContain('audit_placed');
    expect(await planOf('SELECT COALESCE(MAX(position), 0) FROM audit')).toContain('audit_placed');
  });
});
