import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SqlValue, statement } from '../sql/verbs/verb.ts';
import { clientConfig } from './connections.ts';
import { readDatabaseUrl } from './database-url.ts';
import { sendStatement } from './statement-query.ts';

const PLACES = { text: 'SELECT CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS BYTEA)' };

describeWith(['postgres'], 'a statement on its way', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createDatabase();
    client = new pg.Client(clientConfig(readDatabaseUrl(database.url, { insecure: false })));
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.close();
  });

  const send = (text: string, ...values: readonly SqlValue[]) =>
    sendStatement(client, { wants: 'rows', statement: statement(text), values });

  test('that brings a number which is none of ours is refused, and the connection goes on (OPS-15)', async () => {
    const [tooMuch, next] = await Promise.allSettled([
      send(PLACES.text, '9007199254740993', 'text', null),
      send(PLACES.text, '9007199254740991', 'text', null),
    ]);
    expect(tooMuch).toMatchObject({
      status: 'rejected',
      reason: new TypeError('the database has a number that is none of ours'),
    });
    expect(next).toMatchObject({ status: 'fulfilled', value: [[9_007_199_254_740_991, 'text', null]] });
  });

  test('that the server refuses says why, and those behind it are answered', async () => {
    const [refused, next] = await Promise.allSettled([
      send('SELECT CAST(? AS BIGINT)', 'no number'),
      send(PLACES.text, 1, '', Buffer.from([0, 255])),
    ]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: '22P02' } });
    expect(next).toMatchObject({ status: 'fulfilled', value: [[1, '', Buffer.from([0, 255])]] });
  });

  test('brings what is wanted of it: its rows, the first, or how many it changed', async () => {
    const two = statement('SELECT 1 UNION ALL SELECT 2');
    expect(await sendStatement(client, { wants: 'rows', statement: two, values: [] })).toEqual([[1], [2]]);
    expect(await sendStatement(client, { wants: 'row', statement: two, values: [] })).toEqual([1]);
    const none = statement('SELECT 1 WHERE 1 = 2');
    expect(await sendStatement(client, { wants: 'row', statement: none, values: [] })).toBeUndefined();
    expect(await sendStatement(client, { wants: 'count', statement: none, values: [] })).toBe(0);
  });
});
