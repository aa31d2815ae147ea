import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import { createServer as createSecureHttpServer } from 'node:https';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { selfSignedCertificate } from '../testing/providers/self-signed-certificate.ts';
import { guardedRequests, type RealmRequests } from './guarded-requests.ts';

const KIB = 1_024;
const MIB = 1_024 * KIB;
/** One read of the network has so many bytes at the most. */
const ONE_READ = 64 * KIB;

const certificate = selfSignedCertificate();
const closings: (() => unknown)[] = [];
/** Sockets of clients. */
const opened: Socket[] = [];
const keep = (message: unknown): void => {
  opened.push((message as { readonly socket: Socket }).socket);
};
beforeEach(() => subscribe('net.client.socket', keep));
afterEach(async () => {
  unsubscribe('net.client.socket', keep);
  opened.length = 0;
  for (const close of closings.splice(0)) await close();
});

const guarded = (): RealmRequests => {
  const made = guardedRequests({ allowsLoopback: true, trusted: certificate.certificate });
  closings.push(made.close);
  return made.of('/alpha');
};

const portOf = async (server: Server): Promise<number> => {
  closings.push(() => server.close());
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return (server.address() as AddressInfo).port;
};

/** A server that sends the text once it has been asked for something, and its end. `taken` is settled when the connection is over. */
const saying = async (said: (socket: Socket) => void): Promise<{ port: number; over: Promise<void> }> => {
  let isOver: () => void;
  const over = new Promise<void>((done) => {
    isOver = done;
  });
  const server = createSocketServer((socket) => {
    socket.on('error', () => undefined).on('close', () => isOver());
    socket.once('data', () => said(socket.on('data', () => undefined)));
  });
  return { port: await portOf(server), over };
};

const get = (from: RealmRequests, url: string, maxBytes?: number) =>
  from.send(new URL(url), {
    method: 'GET',
    headers: {},
    signal: AbortSignal.timeout(20_000),
    ...(maxBytes !== undefined && { maxBytes }),
  });

const readByClients = (): number => opened.reduce((sum, { bytesRead }) => sum + bytesRead, 0);

const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};
const repeated = (piece: Buffer, bytes: number): Buffer =>
  Buffer.concat(Array<Buffer>(Math.ceil(bytes / piece.length)).fill(piece));
const SETTINGS = frame(4, 0, 0, Buffer.alloc(0));
/** HPACK: the status 103 as a literal that is not indexed. */
const EARLY_HINTS = frame(1, 4, 1, Buffer.concat([Buffer.from([0x08, 3]), Buffer.from('103')]));

describe('over HTTP/1', () => {
  const OK = 'HTTP/1.1 200 OK\r\n';
  const HOST = '127.0.0.1';
  test.each([
    ['answers with a status of 1xx', 'HTTP/1.1 102 P\r\n\r\n', 64 * KIB, /127\.0\.0\.1 sends more than 10 answers/],
    ['lines of trailers', `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nx: `, 64 * KIB, /127\.0\.0\.1|Parse Error/],
    ['chunks of one byte', '1\r\na\r\n', 64 * KIB, /127\.0\.0\.1 comes in more than 576 chunks/],
    ['chunks of one byte where they would all be read', '1\r\na\r\n', 12 * MIB, /127\.0\.0\.1 .*more/],
    ['bytes without the end of a chunk', `${OK}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(100)}`, KIB, /./],
  ])('SEC-93: endless %s end at a bound of bytes and pieces', async (what, said, maxBytes, message) => {
    const { port, over } = await saying((socket) => {
      if (what.startsWith('chunks')) socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`);
      socket.end(repeated(Buffer.from(said), 40 * MIB));
    });
    await expect(get(guarded(), `http://${HOST}:${port}/`, maxBytes)).rejects.toThrow(message);
    await over;
    expect(readByClients()).toBeLessThanOrEqual(2 * maxBytes + 64 * KIB + ONE_READ);
  });

  test('SEC-93: ten answers with a status of 1xx are no fault', async () => {
    const { port } = await saying((socket) =>
      socket.end(`${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(10)}${OK}Content-Length: 2\r\n\r\nok`),
    );
    expect((await get(guarded(), `http://${HOST}:${port}/`, 10)).body.toString()).toBe('ok');
  });

  test('SEC-93: an answer that comes byte by byte ends after 256 pieces, though it has few bytes', async () => {
    const { port, over } = await saying((socket) => {
      socket.setNoDelay(true).write(OK);
      let sent = OK.length;
      // Each byte is sent once the client has read the one before.
      const next = (): void => {
        if (socket.destroyed) return;
        if (sent === 2_000) {
          socket.end();
          return;
        }
        if (readByClients() === sent) {
          socket.write('H');
          sent += 1;
        }
        setImmediate(next);
      };
      next();
    });
    await expect(get(guarded(), `http://${HOST}:${port}/`)).rejects.toThrow(
      '127.0.0.1 sends its answer in too many pieces.',
    );
    await over;
    expect(readByClients()).toBeLessThan(1_000);
  });

  const answering = async (answer: RequestListener) => {
    let connections = 0;
    const server = createServer(answer).on('connection', () => {
      connections += 1;
    });
    closings.push(() => server.closeAllConnections());
    return { url: `http://${HOST}:${await portOf(server)}/`, connections: () => connections };
  };

  test('each request over a kept connection has the whole allowance', async () => {
    const body = Buffer.alloc(60 * KIB, 'a');
    const { url, connections } = await answering((_request, response) => response.end(body));
    const requests = guarded();
    for (let n = 0; n < 20; n += 1) expect((await get(requests, url, 60 * KIB)).body).toHaveLength(60 * KIB);
    expect(connections()).toBe(1);
  });

  test('SEC-93: an idle kept connection ends where the other side sends on', async () => {
    const sockets: Socket[] = [];
    const { url } = await answering((request, response) => {
      sockets.push(request.socket);
      response.end('ok');
    });
    await get(guarded(), url, 10);
    // The agent has taken the connection back.
    await new Promise(setImmediate);
    const [socket] = sockets as [Socket];
    const over = new Promise((done) => socket.on('error', () => undefined).on('close', done));
    socket.end(Buffer.alloc(40 * MIB));
    await over;
    expect(readByClients()).toBeLessThanOrEqual(2 * 10 + 64 * KIB + ONE_READ);
  });
});

describe('over TLS', () => {
  test('answers with their whole body, and shakes hands once for many requests', async () => {
    let connections = 0;
    const body = Buffer.alloc(3 * MIB, 'a');
    const server = createSecureHttpServer({ cert: certificate.certificate, key: certificate.key }, (_, response) =>
      response.end(body),
    ).on('secureConnection', () => {
      connections += 1;
    });
    closings.push(() => server.closeAllConnections());
    const url = `https://localhost:${await portOf(server)}/`;
    const requests = guarded();
    for (let n = 0; n < 3; n += 1) expect((await get(requests, url, 3 * MIB)).body.equals(body)).toBe(true);
    expect(connections).toBe(1);
  });

  test('answers whole where the server closes the connection', async () => {
    const body = Buffer.alloc(3 * MIB, 'a');
    const server = createSecureHttpServer({ cert: certificate.certificate, key: certificate.key }, (_, response) =>
      response.setHeader('connection', 'close').end(body),
    );
    closings.push(() => server.closeAllConnections());
    const url = `https://127.0.0.1:${await portOf(server)}/`;
    expect((await get(guarded(), url, 3 * MIB)).body.equals(body)).toBe(true);
  });

  test.each(['http', 'https'])(
    'SEC-94: bytes behind an answer that ends where a part of a piece ends are no fault of the process (%s)',
    async (scheme) => {
      const parts = 2 * 4_096;
      const headOf = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
      const length = parts - headOf(parts - 100).length;
      const say = (socket: Socket) =>
        socket
          .on('error', () => undefined)
          .on('data', () => socket.write(`${headOf(length)}${'a'.repeat(length)}more`));
      const { key, certificate: cert } = certificate;
      const server = scheme === 'http' ? createSocketServer(say) : createTlsServer({ key, cert }, say);
      const port = await portOf(server);
      const from = guarded();
      // The second one gets a connection of its own: the first has said more than its answer.
      for (const _request of [1, 2])
        expect((await get(from, `${scheme}://localhost:${port}/`, MIB)).body).toHaveLength(length);
    },
  );

  test('SEC-93: counts what is below the encryption', async () => {
    const server = createTlsServer({ cert: certificate.certificate, key: certificate.key }, (socket) => {
      socket.on('error', () => undefined);
      // Each byte is a record of its own, with 22 bytes around it.
      const sendFrom = (left: number): void => {
        if (left > 0) socket.write('a', () => sendFrom(left - 1));
      };
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nx: ', () => sendFrom(10_000)));
    });
    const url = `https://localhost:${await portOf(server)}/`;
    await expect(get(guarded(), url)).rejects.toThrow(/^localhost sends (?:more bytes|its answer in too many)/);
    expect(readByClients()).toBeLessThanOrEqual(64 * KIB + ONE_READ);
  });

  test.each([
    ['is for another name', selfSignedCertificate({ isOfAnother: true }), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['has run out', selfSignedCertificate({ hasRunOut: true }), 'CERT_HAS_EXPIRED'],
  ])('refuses a certificate that %s, for HTTP/1 and HTTP/2 alike', async (_what, { certificate: cert, key }, code) => {
    const made = guardedRequests({ allowsLoopback: true, trusted: cert });
    closings.push(made.close);
    const requests = made.of('/alpha');
    const http1 = `https://localhost:${await portOf(createSecureHttpServer({ cert, key }))}/`;
    await expect(get(requests, http1)).rejects.toMatchObject({ code });
    const http2 = `https://localhost:${await portOf(createSecureServer({ cert, key }))}/`;
    const session = requests.connect(new URL(http2));
    expect(await once(session, 'error')).toMatchObject([{ code }]);
  });
});

describe('over HTTP/2', () => {
  /** A session with a server that sends frames, and why it ended. */
  const session = async (frames: Buffer) => {
    const { port, over } = await saying((socket) => socket.end(Buffer.concat([SETTINGS, frames])));
    const made = guarded().connect(new URL(`http://127.0.0.1:${port}/`));
    const fault = new Promise<Error>((done) => made.on('error', done));
    return { made, over, fault };
  };

  test.each([
    ['SETTINGS', frame(4, 0, 0, Buffer.alloc(6))],
    ['PING', frame(6, 0, 0, Buffer.alloc(8))],
    ['ALTSVC', frame(10, 0, 0, Buffer.from('\0\x0ahttps://a.h'))],
    ['WINDOW_UPDATE', frame(8, 0, 0, Buffer.from([0, 0, 0, 1]))],
    ['unknown', frame(0xbe, 0, 0, Buffer.alloc(0))],
    ['PRIORITY', frame(2, 0, 1, Buffer.from([0, 0, 0, 3, 1]))],
  ])('SEC-93: endless frames (%s) end an idle session at a bound of bytes', async (_name, one) => {
    const { over, fault } = await session(repeated(one, 40 * MIB));
    await over;
    expect(readByClients()).toBeLessThanOrEqual(64 * KIB + 2 * ONE_READ);
    expect((await fault).message).not.toBe('');
  });

  test('SEC-93: more than ten answers with a status of 1xx end the session', async () => {
    const { made, fault, over } = await session(repeated(EARLY_HINTS, 4 * KIB));
    const stream = made.request({ ':path': '/' });
    stream.on('error', () => undefined);
    expect((await fault).message).toBe('127.0.0.1 sends more than 10 answers with a status of 1xx.');
    await over;
  });

  test('the error names the host, for the session and for what is under way', async () => {
    const { made, fault } = await session(repeated(frame(0xbe, 0, 0, Buffer.alloc(0)), 4 * MIB));
    const stream = made.request({ ':path': '/' });
    const [failed] = (await once(stream, 'error')) as [Error];
    const message = '127.0.0.1 sends more bytes than its answer may have.';
    expect((await fault).message).toBe(message);
    expect((failed.cause instanceof Error ? failed.cause : failed).message).toBe(message);
  });

  test('a session serves many requests, since each adds its own allowance', async () => {
    let sessions = 0;
    const server = createHttp2Server((_request, response) => response.end(Buffer.alloc(4_000))).on('session', () => {
      sessions += 1;
    });
    const made = guarded().connect(new URL(`http://127.0.0.1:${await portOf(server)}/`));
    const bodyOf = async (): Promise<number> => {
      let length = 0;
      for await (const chunk of made.request({ ':path': '/' }) as AsyncIterable<Buffer>) length += chunk.length;
      return length;
    };
    for (let n = 0; n < 10; n += 1)
      expect(await Promise.all(Array.from({ length: 20 }, bodyOf))).toEqual(Array(20).fill(4_000));
    expect(sessions).toBe(1);
    expect(readByClients()).toBeGreaterThan(800_000);
    made.destroy();
  });
});

/** What opens connections, and why its answers are bounded or its address is none of a realm's. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  'push/src/outbound/metered-connections.ts': 'bounded here',
  'push/src/outbound/guarded-requests.ts': 'by the connections above',
  'ldap/src/connection/connection.ts': 'bounded-socket.ts',
  'server/src/mail/smtp-socket.ts': 'bounded there',
  'server/src/audit-sink/syslog-sink.ts': 'of the operator, and what it says is dropped',
  'cli/src/doctor/public-url-check.ts': 'the own address, by a command of the operator',
  'cli/src/health/health-command.ts': 'the own address, by a command of the operator',
  'cli/src/phone/server/http-call.ts': 'of the user, by a command on their own machine',
  'cli/src/doctor/machine-checks.ts': 'the own address, by a command of the operator',
};

test('SEC-93: every source that opens a connection bounds what arrives', () => {
  const packages = fileURLToPath(new URL('../../../', import.meta.url));
  const opening =
    /\b(?:connect(?: as \w+)?|createConnection)\b[^;]*from 'node:(?:net|tls|http2)'|from 'node:(?:https|http2)'|import \* as http\b|(?<![#\w])fetch\(/;
  const found = ['engine', 'push', 'factors', 'nodes', 'oidc', 'server', 'scripting', 'ldap', 'store', 'cli']
    .flatMap((folder) =>
      readdirSync(join(packages, folder, 'src'), { recursive: true, encoding: 'utf8' }).map(
        (file) => `${folder}/src/${file}`,
      ),
    )
    .filter((file) => /\.ts$/.test(file) && !/\.test\.ts$|\/testing\//.test(file))
    .filter((file) =>
      readFileSync(join(packages, file), 'utf8')
        .replaceAll(/import type [^;]*;/g, '')
        .split('\n\n')
        .some((part) => opening.test(part)),
    );
  expect(found.toSorted()).toEqual(Object.keys(WAYS_OUT).toSorted());
});
