import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientConfig, createPool, DatabaseClient } from './connections.ts';
import { readDatabaseUrl } from './database-url.ts';

// A server that asks for a password by SCRAM and then waits for it, as PostgreSQL does for a minute.

const REQUEST = [
  [10, 'SCRAM-SHA-256\0\0'],
  [11, 'r=nonce,s=c2FsdA==,i=4096'],
].map(([kind, said]) => {
  const head = Buffer.from([0x52, 0, 0, 0, 0, 0, 0, 0, Number(kind)]);
  head.writeInt32BE(8 + String(said).length, 1);
  return Buffer.concat([head, Buffer.from(String(said))]);
});

const server = createServer((socket) => {
  const answers = [...REQUEST];
  socket.on('error', () => undefined);
  socket.on('data', () => socket.write(answers.shift() ?? ''));
});

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => server.close());

test.each([
  ['there is none', () => ''],
  ['its file cannot be read', () => expect.fail('the file is not there')],
])(
  'a connection that has no password to give is closed, and keeps no process alive, where %s',
  async (_what, readPassword) => {
    const { port } = server.address() as AddressInfo;
    const address = readDatabaseUrl(`postgres://assent@127.0.0.1:${port}/assent`, { insecure: false });
    const options = { ...address, readPassword };
    const pool = createPool(options, { size: 1, maxWait: 1_000, random: () => 0.5 });
    const ways = [() => new DatabaseClient(clientConfig(options)).connect(), () => pool.connect()];
    for (const connect of ways) {
      const came = once(server, 'connection') as Promise<[Socket]>;
      const refused = expect(connect()).rejects.toThrow(/password|file/);
      const [socket] = await came;
      await Promise.all([refused, once(socket, 'close')]);
    }
    await pool.end();
  },
);
