import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import type { TestDatabase } from '../postgres/test-database.ts';
import { describeWith } from '../testing/describe-with.ts';
import { createDatabase } from './shared-servers.ts';

const rowsOf = async (url: string, statement: string): Promise<unknown[]> => {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
};

describeWith(['postgres'], 'a database on the shared PostgreSQL', () => {
  const made: TestDatabase[] = [];
  const database = async (...options: Parameters<typeof createDatabase>): Promise<TestDatabase> => {
    const it = await createDatabase(...options);
    made.push(it);
    return it;
  };
  afterEach(async () => {
    for (const it of made.splice(0)) await it.close();
  });

  test('two are apart, and two clients of one are not', async () => {
    const [one, other] = await Promise.all([database(), database()]);
    await rowsOf(one.url, 'CREATE TABLE kept (value TEXT)');
    await rowsOf(one.url, "INSERT INTO kept VALUES ('x')");
    expect(await rowsOf(one.url, 'SELECT value FROM kept')).toEqual([{ value: 'x' }]);
    await expect(rowsOf(other.url, 'SELECT value FROM kept')).rejects.toThrow('does not exist');
  });

  test('its owner may do nothing outside of it', async () => {
    const { url } = await database();
    await expect(rowsOf(url, 'CREATE DATABASE more')).rejects.toThrow('permission denied');
  });

  test('it sorts by bytes, or as people of a language do', async () => {
    const [bytes, people] = await Promise.all([database(), database({ language: 'en-US' })]);
    const sorted = "SELECT v FROM (VALUES ('b'), ('B'), ('a')) AS t (v) ORDER BY v";
    expect(await rowsOf(bytes.url, sorted)).toEqual([{ v: 'B' }, { v: 'a' }, { v: 'b' }]);
    expect(await rowsOf(people.url, sorted)).toEqual([{ v: 'a' }, { v: 'b' }, { v: 'B' }]);
  });

  test('it is gone after close, with somebody connected still', async () => {
    const one = await createDatabase();
    const client = new pg.Client(one.url);
    client.on('error', () => {});
    await client.connect();
    await one.close();
    await expect(rowsOf(one.url, 'SELECT 1')).rejects.toThrow('does not exist');
  });
});
