import { setImmediate as nextTurn } from 'node:timers/promises';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Call, statement } from '../sql/verbs/verb.ts';
import { SharedConnections } from './connections.ts';
import { readDatabaseUrl } from './database-url.ts';

const backend: Call = { wants: 'row', statement: statement('SELECT pg_backend_pid()'), values: [] };
const mistaken: Call = { wants: 'row', statement: statement('SELECT 1 / 0'), values: [] };

describeWith(['postgres'], 'connections that reads share (OPS-08, OPS-11)', () => {
  let database: TestDatabase;
  let shared: SharedConnections;
  beforeEach(async () => {
    database = await createDatabase();
    shared = new SharedConnections(readDatabaseUrl(database.url, { insecure: false }), 2);
  });
  afterEach(async () => {
    await shared.close();
    await database.close();
  });

  const backendOf = async () => ((await shared.send([backend]))[0] as readonly number[])[0];

  test('a mistake of one read is not the mistake of another of the same turn', async () => {
    const [failed, answered] = await Promise.allSettled([shared.send([mistaken]), backendOf()]);
    expect(failed.status).toBe('rejected');
    expect(answered.status).toBe('fulfilled');
  });

  test('reads of one turn go by one connection, those of the next by another', async () => {
    await backendOf();
    await nextTurn();
    const [one, other] = await Promise.all([backendOf(), backendOf()]);
    expect(other).toBe(one);
    await nextTurn();
    expect(await backendOf()).not.toBe(one);
  });

  test('a connection that has died between two turns is replaced', async () => {
    const gone = await backendOf();
    const operator = new pg.Client(database.superuserUrl);
    await operator.connect();
    await operator.query('SELECT pg_terminate_backend($1)', [gone]);
    await operator.end();
    for (let turn = 0; turn < 4; turn += 1) {
      await nextTurn();
      await backendOf().catch(() => undefined);
    }
    expect(await backendOf()).not.toBe(gone);
  });
});
