import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { postgresVersions } from '../machine/programs.ts';
import { describeWith } from '../testing/describe-with.ts';
import { PostgresServer } from './postgres-server.ts';
import type { TestDatabase } from './test-database.ts';

describeWith(['postgres'], 'a PostgreSQL of one’s own', () => {
  let server: PostgresServer;
  let database: TestDatabase;
  beforeAll(async () => {
    server = await PostgresServer.launch({ fsync: false, settings: { max_connections: '20' } });
    database = await server.createDatabase();
  });
  afterAll(() => server.kill());

  const connected = async (): Promise<pg.Client> => {
    const client = new pg.Client(database.url);
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const valueIn = async (client: pg.Client, statement: string): Promise<unknown> =>
    Object.values((await client.query(statement)).rows[0] ?? {})[0];

  test('it is of the newest version that is installed, with the settings that were asked for', async () => {
    const client = await connected();
    expect(Math.trunc(Number(await valueIn(client, 'SHOW server_version_num')) / 10_000)).toBe(
      postgresVersions().at(-1),
    );
    expect(await valueIn(client, 'SHOW max_connections')).toBe('20');
    expect(await valueIn(client, 'SHOW fsync')).toBe('off');
    await client.end();
  });

  test.each(['kill', 'stop', 'crash'] as const)('what was committed outlives %s and a new start', async (how) => {
    const client = await connected();
    await client.query('CREATE TABLE IF NOT EXISTS kept (how TEXT)');
    await client.query('INSERT INTO kept VALUES ($1)', [how]);
    await { kill: () => server.kill(), stop: () => server.stop(), crash: () => server.crash() }[how]();
    await expect(client.query('SELECT 1')).rejects.toThrow();
    await expect(connected()).rejects.toThrow('ECONNREFUSED');
    await server.start();
    const again = await connected();
    expect(await valueIn(again, `SELECT count(*) FROM kept WHERE how = '${how}'`)).toBe('1');
    await again.end();
  });

  test('the processor time of a statement is counted, and stays counted after its connection has ended', async () => {
    const client = await connected();
    const before = server.cpuMicros();
    for (let tries = 0; tries < 100 && server.cpuMicros() - before < 100_000; tries += 1) {
      await client.query('SELECT sum(it) FROM generate_series(1, 200000) it');
    }
    const used = server.cpuMicros() - before;
    expect(used).toBeGreaterThanOrEqual(100_000);
    const id = Number(await valueIn(client, 'SELECT pg_backend_pid()'));
    await client.end();
    await vi.waitFor(() => expect(() => process.kill(id, 0)).toThrow('ESRCH'), { timeout: 60_000 });
    expect(server.cpuMicros() - before).toBeGreaterThanOrEqual(used);
  });

  test('a standby follows it, and is written to once it is promoted', async () => {
    const client = await connected();
    await client.query('CREATE TABLE followed (what TEXT)');
    await client.end();
    const standby = await server.launchStandby(server.address.port);
    const follower = new pg.Client(
      database.superuserUrl.replace(`:${server.address.port}/`, `:${standby.address.port}/`),
    );
    await follower.connect();
    await expect(follower.query("INSERT INTO followed VALUES ('early')")).rejects.toThrow('read-only transaction');
    await standby.promote();
    await follower.query("INSERT INTO followed VALUES ('late')");
    expect(await valueIn(follower, 'SELECT what FROM followed')).toBe('late');
    await follower.end();
    await standby.kill();
  });

  test('while it is held nobody answers, and afterwards everybody does', async () => {
    const client = await connected();
    await server.pause();
    let isAnswered = false;
    const answer = valueIn(client, 'SELECT 1').finally(() => {
      isAnswered = true;
    });
    // A second connection would be answered at once, too, if anybody listened: the system alone takes it.
    const other = new pg.Client({ connectionString: database.url, connectionTimeoutMillis: 100 });
    await expect(other.connect()).rejects.toThrow('timeout');
    expect(isAnswered).toBe(false);
    server.resume();
    expect(await answer).toBe(1);
    await client.end();
  });
});
