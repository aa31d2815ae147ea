import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { seededRandom } from '@assent/engine/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { after, elapsed } from '../platform/system-ports.ts';
import { BYTES_BESIDE_ANSWER, boundedResponses, isBounded, shareInMemory } from './bounded-response.ts';
import { LargestFirst } from './largest-first.ts';
import { type HeldAnswer, UNSENT_LIMITS, UnsentAnswers, type UnsentLimits } from './unsent-answers.ts';

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
  const LIMITS: UnsentLimits = {
    ...{ most: 100, mostOfRealm: 60, mostOfSource: 50, partOfSource: 8, smallOfSource: 4 },
    ...{ graceMillis: 2_000, stallMillis: 10_000, lifeMillis: 120_000 },
  };
  const NEVER = () => () => undefined;
  const setup = (limits = LIMITS) => {
    const destroyed: string[] = [];
    const clock = { now: 0 };
    const unsent = new UnsentAnswers({ after: NEVER, elapsed: () => clock.now }, limits);
    const hold = (
      realm: string,
      source: string,
      bytes: number,
      socket = socketNamed(`${realm} ${source}`, destroyed),
    ) => unsent.hold({ realm, source }, bytes, socket);
    return { unsent, destroyed, clock, hold };
  };
  const held = (answer: HeldAnswer | false): HeldAnswer => {
    if (answer === false) throw new Error('There is no room.');
    return answer;
  };

  test('of one source are bounded, and another source has room', () => {
    const { unsent, destroyed, hold } = setup();
    expect(hold('/a', 'one', 30)).toBeTruthy();
    expect(hold('/b', 'one', 20)).toBeTruthy();
    expect(hold('/c', 'one', 1)).toBe(false);
    expect(hold('/c', 'two', 20)).toBeTruthy();
    expect([unsent.bytes, destroyed]).toEqual([70, []]);
  });

  test('of one realm are bounded: its largest source gives up its oldest answer, and no other realm does', () => {
    const { unsent, destroyed, hold } = setup();
    hold('/a', 'greedy', 20);
    hold('/a', 'greedy', 25);
    hold('/a', 'small', 10);
    hold('/b', 'other', 30);
    expect(hold('/a', 'small', 15)).toBeTruthy();
    expect([unsent.bytes, destroyed]).toEqual([80, ['/a greedy']]);
  });

  test('a greedy source takes nothing from smaller ones, however long their answers wait', () => {
    const { destroyed, clock, hold } = setup();
    hold('/a', 'small', 15);
    hold('/a', 'greedy', 45);
    clock.now = LIMITS.lifeMillis;
    expect(hold('/a', 'greedy', 5)).toBe(false);
    expect(destroyed).toEqual([]);
  });

  test('in total are bounded: the largest realm makes room for a smaller one, and not the other way round', () => {
    const { destroyed, hold } = setup();
    hold('/a', 'one', 40);
    hold('/a', 'two', 20);
    hold('/b', 'three', 40);
    expect(hold('/a', 'four', 5)).toBeTruthy();
    expect(destroyed).toEqual(['/a one']);
    hold('/b', 'five', 20);
    expect(hold('/b', 'six', 50)).toBe(false);
    expect(hold('/c', 'seven', 30)).toBeTruthy();
    expect(destroyed).toEqual(['/a one', '/b three']);
  });

  test('the oldest gives way to a source that has little: at once for a few bytes, and after its grace for a part', () => {
    const { unsent, destroyed, clock, hold } = setup();
    for (let at = 0; at < 30; at += 1) hold('/a', `many-${at}`, 2);
    expect(hold('/a', 'reader', 4)).toBeTruthy();
    expect(destroyed).toEqual(['/a many-0', '/a many-1']);
    expect(hold('/a', 'page', 8)).toBe(false);
    clock.now = 1_999;
    expect(hold('/a', 'page', 8)).toBe(false);
    expect(destroyed).toHaveLength(2);
    clock.now = 2_000;
    expect(hold('/a', 'page', 8)).toBeTruthy();
    expect(destroyed.slice(2)).toEqual(['/a many-2', '/a many-3', '/a many-4', '/a many-5']);
    expect([hold('/a', 'page', 1), unsent.bytes]).toEqual([false, 60]);
  });

  test('of many realms that are full make room for the few bytes of any source', () => {
    const { unsent, destroyed, hold } = setup();
    for (let at = 0; at < 50; at += 1) hold(`/realm-${at}`, 'one', 1);
    for (let at = 0; at < 50; at += 1) hold(`/realm-${at}`, 'two', 1);
    expect(hold('/realm-7', 'reader', 2)).toBeTruthy();
    expect(hold('/new', 'reader', 2)).toBeTruthy();
    expect([unsent.bytes, destroyed.length > 0]).toEqual([100, true]);
  });

  test('an answer never makes room for itself by the end of its own connection', () => {
    const { destroyed, hold } = setup();
    const socket = socketNamed('own', destroyed);
    for (let at = 0; at < 30; at += 1) hold('/a', 'other', 1, socket);
    for (let at = 0; at < 30; at += 1) hold('/a', `many-${at}`, 1);
    expect(hold('/a', 'one', 1, socket)).toBe(false);
    expect(destroyed).toEqual([]);
  });

  test('an answer does not end its own connection in another realm either', () => {
    const { destroyed, hold } = setup();
    const socket = socketNamed('two realms', destroyed);
    hold('/a', 'one', 40, socket);
    hold('/a', 'two', 20);
    hold('/b', 'three', 40);
    expect(hold('/c', 'one', 5, socket)).toBe(false);
    expect(destroyed).toEqual([]);
  });

  test('keep their age while they grow, and are bounded with what they have grown', () => {
    const { unsent, destroyed, clock, hold } = setup();
    const first = held(hold('/a', 'first', 2));
    for (let at = 0; at < 29; at += 1) hold('/a', `many-${at}`, 2);
    clock.now = 1_000;
    expect(unsent.resize(first, 1)).toBe(true);
    expect(hold('/a', 'reader', 2)).toBeTruthy();
    expect([destroyed, unsent.bytes]).toEqual([['/a first'], 60]);
    expect(unsent.resize(first, 1)).toBe(false);
    const large = held(hold('/b', 'large', 30));
    expect(unsent.resize(large, 51)).toBe(false);
    expect(unsent.resize(large, 40)).toBe(true);
    expect(unsent.bytes).toBe(100);
  });

  test('are forgotten once they were taken, or their connection is closed, and leave no listener behind', () => {
    const { unsent, hold } = setup();
    const socket = socketNamed('socket', []);
    const first = held(hold('/a', 'one', 10, socket));
    const second = held(hold('/a', 'one', 10, socket));
    expect([unsent.release(first), unsent.release(first), unsent.bytes]).toEqual([true, true, 10]);
    expect([unsent.release(second), unsent.bytes, socket.listenerCount('close')]).toEqual([false, 0, 0]);
    for (let at = 0; at < 20; at += 1) hold('/a', 'one', 1, socket);
    expect(socket.listenerCount('close')).toBe(1);
    socket.emit('close');
    expect([unsent.bytes, socket.listenerCount('close')]).toEqual([0, 0]);
    expect(hold('/a', 'one', 50)).toBeTruthy();
  });

  test('are given up after a time, however steadily they are read', () => {
    const timers: (() => void)[] = [];
    const destroyed: string[] = [];
    const after = (_millis: number, action: () => void) => {
      timers.push(action);
      return () => undefined;
    };
    const unsent = new UnsentAnswers({ after, elapsed: () => 0 }, LIMITS);
    unsent.hold({ realm: '/a', source: 'one' }, 10, socketNamed('one', destroyed));
    for (const action of timers) action();
    expect([destroyed, unsent.bytes]).toEqual([['one'], 0]);
  });

  describe.each([2_000, 20_000])('of %i sources that do not read', (sources) => {
    const ANSWER = 15 * 1_024;
    const flooded = (realmOf: (at: number) => string) => {
      const { unsent, destroyed, clock, hold } = setup(UNSENT_LIMITS);
      let most = 0;
      for (let at = 0; at < sources; at += 1) {
        clock.now += 0.1;
        expect(hold(realmOf(at), `many-${at}`, ANSWER)).toBeTruthy();
        most = Math.max(most, unsent.bytes);
      }
      return { unsent, destroyed, clock, hold, most };
    };

    test.each([
      ['one realm', () => '/a', UNSENT_LIMITS.mostOfRealm],
      ['four realms', (at: number) => `/${'abcd'[at % 4]}`, UNSENT_LIMITS.most],
    ])('in %s keep no reader from a step or a page, and stay in their bound', (_of, realmOf, bound) => {
      const { unsent, destroyed, clock, hold, most } = flooded(realmOf);
      expect(most).toBeLessThanOrEqual(bound);
      const before = destroyed.length;
      const step = held(hold('/a', 'reader', 4_096));
      unsent.release(step);
      clock.now += UNSENT_LIMITS.graceMillis;
      for (const bytes of [30_000, 200_000, 1_000_000]) {
        const page = held(hold('/a', 'reader', bytes));
        expect(unsent.bytes).toBeLessThanOrEqual(bound);
        unsent.release(page);
      }
      expect(destroyed).not.toContain('/a reader');
      const isFull = sources * ANSWER > bound;
      expect(destroyed.length - before > 0).toBe(isFull);
      // As few as the largest answer needs.
      expect(destroyed.length - before).toBeLessThanOrEqual(Math.ceil(1_000_000 / ANSWER) + 1);
    });
  });
});

test('the largest of many sizes is found and kept by O(log n) comparisons (REL-14)', () => {
  const MANY = 20_000;
  let reads = 0;
  class Counted {
    rank = 0;
    #bytes: number;
    constructor(bytes: number) {
      this.#bytes = bytes;
    }
    get bytes(): number {
      reads += 1;
      return this.#bytes;
    }
    set bytes(bytes: number) {
      this.#bytes = bytes;
    }
  }
  const random = seededRandom(7);
  const order = new LargestFirst<Counted>();
  const items = Array.from({ length: MANY }, () => new Counted(random.int(1_000)));
  for (const item of items) order.add(item);
  for (const item of items) {
    item.bytes = random.int(1_000);
    order.changed(item);
  }
  const isIn = new Set(items);
  for (const item of items.filter((_, at) => at % 3 === 0)) {
    order.remove(item);
    isIn.delete(item);
  }
  expect(reads / MANY).toBeLessThan(3 * 4 * Math.log2(MANY));
  const sorted = [...isIn].map(({ bytes }) => bytes).toSorted((one, other) => other - one);
  const found: number[] = [];
  for (let first = order.first; first !== undefined; first = order.first) {
    found.push(first.bytes);
    order.remove(first);
  }
  expect(found).toEqual(sorted);
});

describe('responses of a server (REL-14)', () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  const BIG = 'x'.repeat(12 * 1_024 * 1_024);
  const SHARED = shareInMemory(Buffer.alloc(BIG.length, 'x'));
  const serve = async (limits: Partial<typeof UNSENT_LIMITS> = {}) => {
    const unsent = new UnsentAnswers({ after, elapsed }, { ...UNSENT_LIMITS, ...limits });
    const answered = new EventEmitter();
    const Response = boundedResponses(unsent, ({ url = '' }) => ({ realm: url.split('/', 2)[1] ?? '', source: 'one' }));
    const server = createServer({ ServerResponse: Response }, (request, response) => {
      const text = request.url?.endsWith('/big') === true ? BIG : 'small';
      if (isBounded(response) && text === BIG && !response.hasRoomFor(text.length)) response.writeHead(503).end();
      else if (request.url === '/stream') response.write(BIG);
      else if (request.url === '/shared') response.end(SHARED);
      else if (request.url === '/wide') response.end('\u65e5'.repeat(BIG.length / 3));
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

  test('with a buffer that is kept for the process are counted without it, and other texts with all their bytes', async () => {
    const { unsent, ask } = await serve();
    await ask('/shared');
    expect(unsent.bytes).toBeGreaterThan(BYTES_BESIDE_ANSWER);
    expect(unsent.bytes).toBeLessThan(BYTES_BESIDE_ANSWER + 1_024);
    await ask('/wide');
    expect(unsent.bytes).toBeGreaterThan(BIG.length);
  });

  test.each(['/a/big', '/stream', '/shared'])(
    'whose reader takes no byte end with their connection: %s',
    async (path) => {
      const { unsent, ask, textOf } = await serve({ stallMillis: 50 });
      const stalled = await ask(path);
      expect(unsent.bytes).toBeGreaterThan(0);
      while (unsent.bytes > 0) await new Promise((resolve) => setImmediate(resolve));
      // What the system has buffered is read to the end of the connection, which comes before that of the answer.
      expect((await textOf(stalled, () => false)).length).toBeLessThan(BIG.length);
    },
  );

  test('a connection that has read a large answer rests as long as any other, and is used again', async () => {
    const { ask, textOf } = await serve({ stallMillis: 1_000 });
    const socket = await ask('/a/big');
    await textOf(socket, (text) => text.length > BIG.length);
    socket.write('GET /a/small HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await textOf(socket, (text) => text.endsWith('small'))).toContain('200 OK');
  });
});
