import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freePorts, LOOPBACK } from '../machine/ports.ts';
import type { TestDatabase } from '../postgres/test-database.ts';
import { createDatabase } from '../run/shared-servers.ts';
import { describeWith } from '../testing/describe-with.ts';
import { HaProxyServer } from './haproxy-server.ts';
import { PgBouncerServer } from './pgbouncer-server.ts';
import { RedisServer } from './redis-server.ts';

describeWith(['postgres', 'pgbouncer'], 'a PgBouncer', () => {
  let database: TestDatabase;
  let bouncer: PgBouncerServer;
  beforeAll(async () => {
    database = await createDatabase();
    bouncer = await PgBouncerServer.launch({ postgres: database.server, poolSize: 1 });
  });
  afterAll(async () => {
    await bouncer.kill();
    await database.close();
  });

  test('lends a connection for a transaction: two clients share the one that there is', async () => {
    const clients = [0, 1].map(() => new pg.Client(bouncer.urlThrough(database.url)));
    for (const client of clients) await client.connect();
    const backend = async (client: pg.Client): Promise<unknown> =>
      (await client.query('SELECT pg_backend_pid() AS id, current_user AS name')).rows[0];
    const [first, second] = await Promise.all(clients.map(backend));
    expect(first).toEqual(second);
    expect(first).toMatchObject({ name: database.name });
    for (const client of clients) await client.end();
  });

  test('OPS-12: refuses start parameters, as one does that nobody has told otherwise', async () => {
    const client = new pg.Client({ connectionString: bouncer.urlThrough(database.url), statement_timeout: 2_000 });
    client.on('error', () => {});
    await expect(client.connect()).rejects.toMatchObject({ code: '08P01' });
  });
});

describeWith(['redis', 'valkey'], 'a Redis', () => {
  const servers: RedisServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.kill();
  });

  const answer = async (socket: Socket, text: string): Promise<string> => {
    socket.write(text);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    return chunk.toString('latin1');
  };

  test.each(['redis', 'valkey'] as const)('%s answers, and knows its password', async (kind) => {
    const server = await RedisServer.launch({ kind, password: 'secret' });
    servers.push(server);
    const socket = connectPlain(server.port, LOOPBACK);
    expect(await answer(socket, 'PING\r\n')).toContain('NOAUTH');
    expect(await answer(socket, 'AUTH secret\r\n')).toBe('+OK\r\n');
    expect(await answer(socket, 'PING\r\n')).toBe('+PONG\r\n');
    socket.destroy();
  });

  test('it speaks TLS, with a certificate for the loopback interface', async () => {
    const server = await RedisServer.launch({ kind: 'redis', tls: true });
    servers.push(server);
    const socket = connectTls({ port: server.port, host: LOOPBACK, ca: server.authority });
    await once(socket, 'secureConnect');
    expect(await answer(socket, 'PING\r\n')).toBe('+PONG\r\n');
    socket.destroy();
  });
});

describeWith(['haproxy'], 'an HAProxy', () => {
  let proxy: HaProxyServer;
  const servers: Server[] = [];
  const start = async (name: string, port: number): Promise<Server> => {
    const server = createServer((_request, response) => response.end(name)).listen(port, LOOPBACK);
    await once(server, 'listening');
    servers.push(server);
    return server;
  };
  const called = async (): Promise<string> => (await fetch(proxy.url)).text();

  beforeAll(async () => {
    const [one = 0, two = 0] = await freePorts(2);
    await start('one', one);
    await start('two', two);
    proxy = await HaProxyServer.launch({ ports: [one, two], healthPath: '/health' });
  });
  afterAll(async () => {
    await proxy.kill();
    for (const server of servers) server.close();
  });

  test('sends requests to its instances in turn, and to those that are left', async () => {
    const answers = [await called(), await called(), await called()];
    expect(new Set(answers)).toEqual(new Set(['one', 'two']));
    servers[0]?.closeAllConnections();
    servers[0]?.close();
    await expect.poll(async () => [await called(), await called()]).toEqual(['two', 'two']);
  });
});
