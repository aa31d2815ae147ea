import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { hostileUrls, NOT_PUBLIC_ADDRESSES } from '../testing/hostile-addresses.ts';
import {
  type GuardedRequests,
  type GuardedRequestsOptions,
  guardedRequests,
  type RealmRequests,
} from './guarded-requests.ts';

const servers: Server[] = [];
const opened: GuardedRequests[] = [];
afterEach(async () => {
  for (const it of opened.splice(0)) it.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

type OfOneRealm = RealmRequests & Pick<GuardedRequests, 'close'>;

const guarded = (options: Partial<GuardedRequestsOptions> = {}): OfOneRealm => {
  const made = guardedRequests({ allowsLoopback: false, ...options });
  opened.push(made);
  return { ...made.of('/alpha'), close: made.close };
};

const listening = async (answer: RequestListener): Promise<number> => {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return (server.address() as AddressInfo).port;
};

const get = (from: OfOneRealm, url: string, over: { readonly maxBytes?: number; readonly millis?: number } = {}) =>
  from.send(new URL(url), {
    method: 'GET',
    headers: {},
    signal: AbortSignal.timeout(over.millis ?? 5_000),
    ...(over.maxBytes !== undefined && { maxBytes: over.maxBytes }),
  });

describe('an address that may not be called (OIDC-25)', () => {
  test.each(hostileUrls('app.example.com'))('%s: no name is asked for but to be judged', async (_what, url) => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return [{ address: '127.0.0.1', family: 4 }];
    };
    await expect(get(guarded({ resolve }), url)).rejects.toThrow(expect.objectContaining({ name: 'AddressRefused' }));
    expect(asked.filter((name) => name !== 'localhost')).toEqual([]);
  });

  test.each(NOT_PUBLIC_ADDRESSES)('a name that leads to %s, though to a public address first', async (address) => {
    const resolve = async () => [
      { address: '93.184.215.14', family: 4 },
      { address, family: address.includes(':') ? 6 : 4 },
    ];
    await expect(get(guarded({ resolve }), 'https://app.example.com/')).rejects.toThrow(
      /no address that may be called/,
    );
  });

  test('a name that leads nowhere', async () => {
    const nowhere = guarded({ resolve: async () => [] });
    await expect(get(nowhere, 'https://app.example.com/')).rejects.toThrow(/no address that may be called/);
    const failing = guarded({ resolve: () => Promise.reject(new Error('no such name')) });
    await expect(get(failing, 'https://app.example.com/')).rejects.toThrow('no such name');
  });

  test('a name that nobody answers for is asked for once, however many wait, and anew after that', async () => {
    const open: (() => void)[] = [];
    const resolve = (name: string) =>
      new Promise<never>((_, fail) => open.push(() => fail(new Error(`no answer for ${name}`))));
    const requests = guarded({ resolve });
    const calls = [1, 2, 3].map(() => get(requests, 'https://dead.example.com/'));
    const other = get(requests, 'https://other.example.org/');
    await expect(get(requests, 'https://dead.example.com/', { millis: 5 })).rejects.toThrow();
    expect(open).toHaveLength(2);
    for (const end of open.splice(0)) end();
    for (const call of calls) await expect(call).rejects.toThrow('no answer for dead.example.com');
    await expect(other).rejects.toThrow('no answer for other.example.org');
    await expect(get(requests, 'https://dead.example.com/', { millis: 5 })).rejects.toThrow();
    expect(open).toHaveLength(1);
  });

  test('the look-up that is judged is the one that is called: no second answer is asked for', async () => {
    const port = await listening((_request, response) => response.end('ours'));
    const answers = ['127.0.0.1', '10.0.0.1'];
    const resolve = async () => [{ address: answers.shift() ?? '', family: 4 }];
    const ours = guarded({ resolve, allowsLoopback: true });
    expect(await get(ours, `http://localhost:${port}/`, { maxBytes: 100 })).toMatchObject({ status: 200 });
    expect(answers).toEqual(['10.0.0.1']);
  });

  test('http is for this machine alone, also where an operator names a host', async () => {
    const own = guarded({ allowsLoopback: true, privateHosts: ['app.internal'] });
    await expect(get(own, 'http://app.internal/')).rejects.toThrow(/not one of https/);
  });

  test.each([
    [['app.internal'], 'https://app.internal/', true],
    [['app.internal'], 'https://other.internal/', false],
    [['app.internal'], 'https://app.internal:8443/', false],
    [['app.internal:8443'], 'https://app.internal:8443/', true],
    [['*.internal'], 'https://app.internal/', true],
    [['*.internal'], 'https://internal/', false],
    [['10.0.0.7'], 'https://10.0.0.7/', true],
    [['10.0.0.7'], 'https://10.0.0.8/', false],
  ])('of private hosts %j, %s may be called: %s', async (privateHosts, url, isCalled) => {
    const resolve = async () => [{ address: '10.0.0.7', family: 4 }];
    const failed = await get(guarded({ resolve, privateHosts }), url, { millis: 5 }).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.name : ''),
    );
    expect(failed === 'AddressRefused').toBe(!isCalled);
  });
});

describe('a connection of HTTP/2', () => {
  /** What became of it: why it was not made, or that it was. */
  const attempt = (from: OfOneRealm, url: string): Promise<string> =>
    new Promise((done) => {
      try {
        const session = from.connect(new URL(url));
        session.on('connect', () => done('connected'));
        session.on('error', (error) => done(error.name));
      } catch (error) {
        done(error instanceof Error ? error.name : 'Unknown');
      }
    });

  test.each(hostileUrls('app.example.com'))('is not made to %s (SEC-69, A162)', async (_what, url) => {
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    expect(await attempt(guarded({ resolve }), url)).toBe('AddressRefused');
  });

  test.each(NOT_PUBLIC_ADDRESSES)('is not made to a name that leads to %s', async (address) => {
    const resolve = async () => [{ address, family: address.includes(':') ? 6 : 4 }];
    expect(await attempt(guarded({ resolve }), 'https://app.example.com/')).toBe('AddressRefused');
  });

  test('ends with the way out that it was made by', async () => {
    const server = createHttp2Server();
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const requests = guarded({ allowsLoopback: true });
    const session = requests.connect(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    await once(session, 'connect');
    const closed = once(session, 'close');
    requests.close();
    await closed;
    expect(session.destroyed).toBe(true);
    await new Promise((ended) => server.close(ended));
  });
});

describe('an answer', () => {
  const world = async (answer: RequestListener) => {
    const port = await listening(answer);
    const requests = guarded({ allowsLoopback: true });
    return { requests, url: `http://127.0.0.1:${port}/x` };
  };

  test('is read as far as somebody wants it', async () => {
    const { requests, url } = await world((_request, response) => response.end('12345'));
    expect((await get(requests, url, { maxBytes: 5 })).body.toString()).toBe('12345');
    expect((await get(requests, url)).body).toHaveLength(0);
    await expect(get(requests, url, { maxBytes: 4 })).rejects.toThrow(
      expect.objectContaining({ name: 'AnswerTooLong' }),
    );
  });

  test('without end ends where nobody reads on', async () => {
    let written = 0;
    const { requests, url } = await world((_request, response) => {
      const chunk = Buffer.alloc(16_384);
      const more = (): void => {
        while (!response.destroyed && written < 1e9) {
          written += chunk.length;
          if (!response.write(chunk)) break;
        }
      };
      response.on('drain', more);
      more();
    });
    await expect(get(requests, url, { maxBytes: 65_536 })).rejects.toThrow(/more than 65536/);
    expect(written).toBeLessThan(1e8);
  });

  test.each([301, 302, 303, 307, 308])('that leads on (%d) is not followed', async (status) => {
    let calls = 0;
    const { requests, url } = await world((request, response) => {
      calls += 1;
      response.writeHead(status, { location: `http://${request.headers.host}/secret` }).end();
    });
    expect(await get(requests, url, { maxBytes: 10 })).toMatchObject({ status });
    expect(calls).toBe(1);
  });

  test('that does not come, or stops on the way, is none', async () => {
    const silent = await world(() => undefined);
    await expect(get(silent.requests, silent.url, { millis: 20 })).rejects.toThrow();
    const slow = await world((_request, response) => response.write('a'));
    await expect(get(slow.requests, slow.url, { millis: 20, maxBytes: 10 })).rejects.toThrow();
  });

  test.each([
    ['that would change the protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
    ['that only ever announces another', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n'],
    ['with two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\nabc'],
    ['with a head without end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}`],
    ['that is no HTTP', 'SSH-2.0-x\r\n'],
  ])('%s is none, and leaves nobody waiting', async (_what, said) => {
    const server = createSocketServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.write(said));
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const requests = guarded({ allowsLoopback: true });
    for (const maxBytes of [undefined, 10]) {
      const over = { millis: 50, ...(maxBytes !== undefined && { maxBytes }) };
      await expect(get(requests, url, over)).rejects.toThrow();
    }
    server.close();
  });

  test('that is under way ends with the guard', async () => {
    const { requests, url } = await world(() => requests.close());
    await expect(get(requests, url)).rejects.toThrow();
  });
});
