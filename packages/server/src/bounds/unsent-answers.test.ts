import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { after } from '../platform/system-ports.ts';
import { boundedResponses, isBounded } from './bounded-response.ts';
import { UNSENT_LIMITS, UnsentAnswers } from './unsent-answers.ts';

/** As much of a socket as is used: it is destroyed once, and says that it is closed. */
const socketNamed = (name: string, destroyed: string[]): Socket => {
  const socket = new EventEmitter();
  return Object.assign(socket, {
    destroy: () => {
      destroyed.push(name);
      socket.emit('close');
    },
  }) as unknown as Socket;
};

describe('bytes of answers that wait (REL-14, SEC-93)', () => {
  const LIMITS = { most: 100, mostOfRealm: 60, mostOfSource: 50, stallMillis: 10_000, lifeMillis: 120_000 };
  const NEVER = () => () => undefined;
  const setup = () => {
    const destroyed: string[] = [];
    const unsent = new UnsentAnswers(NEVER, LIMITS);
    const hold = (
      realm: string,
      source: string,
      bytes: number,
      socket = socketNamed(`${realm} ${source}`, destroyed),
    ) => unsent.hold({ realm, source }, bytes, socket);
    return { unsent, destroyed, hold };
  };

  test('of one source are bounded, and another source has room', () => {
    const { unsent, destroyed, hold } = setup();
    expect(hold('/a', 'one', 30)).toBeTypeOf('function');
    expect(hold('/b', 'one', 20)).toBeTypeOf('function');
    expect(hold('/c', 'one', 1)).toBe(false);
    expect(hold('/c', 'two', 20)).toBeTypeOf('function');
    expect([unsent.bytes, destroyed]).toEqual([70, []]);
  });

  test('of one realm are bounded: its largest source gives up its oldest answer, and no other realm does', () => {
    const { unsent, destroyed, hold } = setup();
    hold('/a', 'greedy', 20);
    hold('/a', 'greedy', 25);
    hold('/a', 'small', 10);
    hold('/b', 'other', 30);
    expect(hold('/a', 'small', 15)).toBeTypeOf('function');
    expect([unsent.bytes, destroyed]).toEqual([80, ['/a greedy']]);
  });

  test('a greedy source takes nothing from smaller ones', () => {
    const { destroyed, hold } = setup();
    hold('/a', 'small', 15);
    hold('/a', 'greedy', 45);
    expect(hold('/a', 'greedy', 5)).toBe(false);
    expect(destroyed).toEqual([]);
  });

  test('in total are bounded: the largest realm makes room for a smaller one, and not the other way round', () => {
    const { destroyed, hold } = setup();
    hold('/a', 'one', 40);
    hold('/a', 'two', 20);
    hold('/b', 'three', 40);
    expect(hold('/a', 'four', 5)).toBeTypeOf('function');
    expect(destroyed).toEqual(['/a one']);
    hold('/b', 'five', 20);
    expect(hold('/b', 'six', 50)).toBe(false);
    expect(hold('/c', 'seven', 30)).toBeTypeOf('function');
    expect(destroyed).toEqual(['/a one', '/b three']);
  });

  test('are forgotten once they were taken, or their connection is closed, and leave no listener behind', () => {
    const { unsent, hold } = setup();
    const socket = socketNamed('socket', []);
    const first = hold('/a', 'one', 10, socket);
    const second = hold('/a', 'one', 10, socket);
    if (first === false || second === false) throw new Error('There is no room.');
    expect([first(), first(), unsent.bytes]).toEqual([true, true, 10]);
    expect([second(), unsent.bytes, socket.listenerCount('close')]).toEqual([false, 0, 0]);
    for (let at = 0; at < 20; at += 1) hold('/a', 'one', 1, socket);
    expect(socket.listenerCount('close')).toBe(1);
    socket.emit('close');
    expect([unsent.bytes, socket.listenerCount('close')]).toEqual([0, 0]);
    expect(hold('/a', 'one', 50)).toBeTypeOf('function');
  });

  test('are given up after a time, however steadily they are read', () => {
    const timers: (() => void)[] = [];
    const destroyed: string[] = [];
    const unsent = new UnsentAnswers((_millis, action) => {
      timers.push(action);
      return () => undefined;
    }, LIMITS);
    unsent.hold({ realm: '/a', source: 'one' }, 10, socketNamed('one', destroyed));
    for (const action of timers) action();
    expect([destroyed, unsent.bytes]).toEqual([['one'], 0]);
  });
});

describe('responses of a server (REL-14)', () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  const BIG = 'x'.repeat(12 * 1_024 * 1_024);
  const serve = async (limits: Partial<typeof UNSENT_LIMITS> = {}) => {
    const unsent = new UnsentAnswers(after, { ...UNSENT_LIMITS, ...limits });
    const answered = new EventEmitter();
    const Response = boundedResponses(unsent, ({ url = '' }) => ({ realm: url.split('/', 2)[1] ?? '', source: 'one' }));
    const server = createServer({ ServerResponse: Response }, (request, response) => {
      const text = request.url?.endsWith('/big') === true ? BIG : 'small';
      if (isBounded(response) && text === BIG && !response.hasRoomFor(text.length)) response.writeHead(503).end();
      else if (request.url === '/stream') response.write(BIG);
      else response.end(text, 'latin1');
      answered.emit('answered');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    endings.push(() => new Promise((done) => server.close(done)));
    const ask = async (path: string): Promise<Socket> => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      endings.unshift(() => socket.destroy());
      const once = new Promise((done) => answered.once('answered', done));
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await once;
      return socket;
    };
    const textOf = (socket: Socket, isAll: (text: string) => boolean): Promise<string> =>
      new Promise((done) => {
        let text = '';
        socket.on('data', (bytes) => {
          text += bytes.toString('latin1');
          if (isAll(text)) done(text);
        });
        socket.on('close', () => done(text));
        socket.resume();
      });
    return { unsent, ask, textOf };
  };

  test('that are taken at once are counted nowhere', async () => {
    const { unsent, ask } = await serve();
    await ask('/a/small');
    expect(unsent.bytes).toBe(0);
  });

  test('that nobody reads are counted, and refused beyond the bound; those that are read go on', async () => {
    const { unsent, ask, textOf } = await serve();
    const stalled = await ask('/a/big');
    expect(unsent.bytes).toBeGreaterThan(BIG.length / 2);
    const refused = await ask('/a/big');
    const isEnd = (text: string) => text.includes('\r\n\r\n');
    expect(await textOf(refused, isEnd)).toContain('503 Service Unavailable');
    const small = await ask('/a/small');
    expect(await textOf(small, (text) => text.endsWith('small'))).toContain('200 OK');
    expect((await textOf(stalled, (text) => text.length > BIG.length)).length).toBeGreaterThan(BIG.length);
    const again = await ask('/a/big');
    expect((await textOf(again, (text) => text.length > BIG.length)).length).toBeGreaterThan(BIG.length);
    while (unsent.bytes > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test.each(['/a/big', '/stream'])('whose reader takes no byte end with their connection: %s', async (path) => {
    const { unsent, ask, textOf } = await serve({ stallMillis: 50 });
    const stalled = await ask(path);
    expect(unsent.bytes).toBeGreaterThan(0);
    while (unsent.bytes > 0) await new Promise((resolve) => setImmediate(resolve));
    // What the system has buffered is read to the end of the connection, which comes before that of the answer.
    expect((await textOf(stalled, () => false)).length).toBeLessThan(BIG.length);
  });

  test('a connection that has read a large answer rests as long as any other, and is used again', async () => {
    const { ask, textOf } = await serve({ stallMillis: 1_000 });
    const socket = await ask('/a/big');
    await textOf(socket, (text) => text.length > BIG.length);
    socket.write('GET /a/small HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await textOf(socket, (text) => text.endsWith('small'))).toContain('200 OK');
  });
});
