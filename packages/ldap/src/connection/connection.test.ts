import { lookup } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Connection, type LookUp } from './connection.ts';
import { DirectoryUnavailable } from './directory-errors.ts';

const SETTINGS = { startTls: false, caCertificates: '', timeoutMillis: 300 };

/** Its time is never what ends a call, on however slow a machine. */
const PATIENT = { ...SETTINGS, timeoutMillis: 60_000 };

/** Holds the only thread. */
const busyFor = (millis: number): void => {
  const end = performance.now() + millis;
  while (performance.now() < end);
};

/** That of the system, for whatever is called. */
const anywhere: LookUp = () => lookup;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server on this machine that answers each first message so. */
const liar = async (answer: (socket: Socket) => void): Promise<string> => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const search = async (url: string, settings = SETTINGS) => {
  const connection = await Connection.open(url, settings, anywhere);
  try {
    return await connection.call((client) => client.search('dc=example'));
  } finally {
    connection.close();
  }
};

/** An entry without a name or attributes, for the first message of a connection. */
const ENTRY = Buffer.from('3009020102640404003000', 'hex');

const flood = (piece: Buffer) => (socket: Socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
};

test.each([
  ['says nothing', () => undefined, /did not answer within 300 ms/],
  // They end by what an answer may have, or else by its time.
  ['sends one message without an end', flood(Buffer.alloc(65_536, 0x30)), /larger|did not answer|cannot be read/],
  ['sends entries without an end', flood(Buffer.concat(Array(5_000).fill(ENTRY))), /larger|did not answer|messages/],
])('a server that %s costs a call its time, and nothing else (OPS-73, OPS-77)', async (_what, answer, message) => {
  const failure = await search(await liar(answer)).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DirectoryUnavailable);
  expect(String(failure)).toMatch(message);
});

test.each([
  ['hangs up', (socket: Socket) => socket.destroy(), /has ended the connection/],
  [
    'speaks of something else',
    (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    /no message of LDAP/,
  ],
  [
    'promises two gigabytes',
    (socket: Socket) => socket.write(Buffer.from('30847fffffff0201', 'hex')),
    /announces a message of 2147483653 bytes/,
  ],
  [
    'announces a value of 127 bytes and sends 1',
    (socket: Socket) => socket.write(Buffer.from('301902010264140404636e3d78300c300a04037569643103047f61', 'hex')),
    /cannot be read: An element of its value set is longer/,
  ],
  ['sends nonsense', (socket: Socket) => socket.write(Buffer.alloc(4_096, 0xff)), /no message of LDAP/],
])('a server that %s ends a call at once, which says why (OPS-73, OPS-77)', async (_what, answer, message) => {
  const failure = await search(await liar(answer), PATIENT).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DirectoryUnavailable);
  expect(String(failure)).toMatch(message);
});

test('an answer that came while this process was busy counts, though its time is over', async () => {
  const url = await liar((socket) => socket.write(resultOf(10)));
  const connection = await Connection.open(url, SETTINGS, anywhere);
  servers[0]?.on('connection', (socket) =>
    socket.once('data', () => setImmediate(busyFor, 3 * SETTINGS.timeoutMillis)),
  );
  try {
    expect((await connection.call((client) => client.search('dc=example'))).searchEntries).toEqual([]);
  } finally {
    connection.close();
  }
});

/** A result of the first search, with a text of so many bytes. */
const resultOf = (length: number): Buffer => {
  const text = Buffer.alloc(length, 0x61);
  const within = (tag: number, value: Buffer): Buffer => {
    const head = Buffer.from([tag, 0x84, 0, 0, 0, 0]);
    head.writeUInt32BE(value.length, 2);
    return Buffer.concat([head, value]);
  };
  const result = within(0x65, Buffer.concat([Buffer.from('0a01000400', 'hex'), within(0x04, text)]));
  return within(0x30, Buffer.concat([Buffer.from('020102', 'hex'), result]));
};

test.each([1, 2, 3, 7, 100_000])('messages are read, in pieces of %i bytes as well', async (size) => {
  const answer = Buffer.concat([...Array<Buffer>(50).fill(ENTRY), resultOf(10)]);
  const url = await liar((socket) => {
    socket.setNoDelay(true);
    let at = 0;
    const next = () => {
      socket.write(answer.subarray(at, at + size));
      at += size;
      if (at < answer.length) setImmediate(next);
    };
    next();
  });
  expect((await search(url, { ...SETTINGS, timeoutMillis: 5_000 })).searchEntries).toHaveLength(50);
});

test('a message of megabytes costs milliseconds, and not what it has times its pieces', async () => {
  const costOf = async (bytes: number): Promise<number> => {
    const answer = resultOf(bytes);
    const url = await liar((socket) => socket.write(answer));
    const before = process.cpuUsage();
    expect((await search(url, { ...SETTINGS, timeoutMillis: 80_000 })).searchEntries).toEqual([]);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  const ofOne = await costOf(1_000_000);
  // Joined anew with each of its pieces, eight cost 64 times as much as one, which was more than two seconds.
  expect(await costOf(8_000_000)).toBeLessThan(Math.max(1_000, 24 * ofOne));
});

test('a server that does not encrypt when it is asked to gets no password', async () => {
  const seen: Buffer[] = [];
  const url = await liar((socket) => socket.write(Buffer.from('300c02010278070a010204000400', 'hex')));
  servers[0]?.on('connection', (socket) => socket.on('data', (data) => seen.push(data)));
  await expect(Connection.open(url, { ...SETTINGS, startTls: true }, anywhere)).rejects.toThrow(DirectoryUnavailable);
  expect(seen).toHaveLength(1);
});

test.each(['ldap', 'ldaps'])(
  'a server that may not be called is not, by %s, and that is told (SEC-69)',
  async (scheme) => {
    const url = (await liar((socket) => socket.destroy())).replace('ldap', scheme);
    let calls = 0;
    servers[0]?.on('connection', () => {
      calls += 1;
    });
    const asked: unknown[] = [];
    const nowhere: LookUp = (...given) => {
      asked.push(given);
      throw new Error('The address may not be called.');
    };
    const connection = await Connection.open(url, SETTINGS, nowhere);
    await expect(connection.call((client) => client.search('dc=example'))).rejects.toThrow(
      `${url} cannot be asked: The address may not be called.`,
    );
    connection.close();
    expect(asked).toEqual([['127.0.0.1', Number(new URL(url).port), [389, 636]]]);
    expect(calls).toBe(0);
  },
);

test('nobody there is told as that', async () => {
  await expect(search('ldap://127.0.0.1:1')).rejects.toThrow(/ldap:\/\/127\.0\.0\.1:1 cannot be asked/);
});

test('a connection that has ended is not made anew behind the back of who uses it', async () => {
  const connection = await Connection.open(await liar((socket) => socket.destroy()), SETTINGS, anywhere);
  const ask = () => connection.call((client) => client.search('dc=example'));
  await expect(ask()).rejects.toThrow(DirectoryUnavailable);
  expect(connection.isUsable).toBe(false);
  await expect(ask()).rejects.toThrow(/The connection has ended/);
});
