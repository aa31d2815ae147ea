import { simulatedClock } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { cachedDocuments } from './cached-documents.ts';
import { HostLookupFailed } from './host-resolver.ts';

const HOUR = 3_600_000;
const KIB = 1_024;
const BOUNDS = { one: 64 * KIB, ofRealm: 256 * KIB, all: 1_024 * KIB };

/** Documents of 32 KiB; those whose path has a number of KiB have as many. */
const setUp = (bounds = BOUNDS) => {
  const clock = simulatedClock();
  const asked: string[] = [];
  const sizes = new Set<number | undefined>();
  let isDown = false;
  let isRefused = false;
  let underWay = 0;
  let mostUnderWay = 0;
  let parsedInTurn = 0;
  let mostParsedInTurn = 0;
  const documents = cachedDocuments({
    clock,
    bounds,
    timer: () => () => undefined,
    requests: {
      of: () => ({
        send: async (url, { maxBytes }) => {
          asked.push(String(url));
          sizes.add(maxBytes);
          underWay += 1;
          mostUnderWay = Math.max(mostUnderWay, underWay);
          await new Promise(setImmediate);
          underWay -= 1;
          if (isRefused) throw new HostLookupFailed('EAI_AGAIN', 'full');
          if (isDown) throw new Error('down');
          const kib = Number(/\d+(?=KiB)/.exec(url.pathname)?.[0] ?? 32);
          return { status: 200, headers: {}, body: Buffer.alloc(kib * KIB, `of ${url.pathname} `) };
        },
      }),
    },
    parse: (body) => {
      parsedInTurn += 1;
      mostParsedInTurn = Math.max(mostParsedInTurn, parsedInTurn);
      setImmediate(() => {
        parsedInTurn = 0;
      });
      return body.toString().split(' ')[1];
    },
  });
  const read = async (realm: string, ...addresses: string[]) => {
    const found = await documents.read(realm, addresses);
    return found.map((it) => (it.status === 'fulfilled' ? it.value : String(it.reason.message)));
  };
  return {
    clock,
    asked,
    sizes,
    read,
    counts: () => ({ mostUnderWay, mostParsedInTurn }),
    setRefused: (refused: boolean) => {
      isRefused = refused;
    },
    setDown: (down: boolean) => {
      isDown = down;
    },
  };
};
const at = (name: string) => `https://lists.example.com/${name}`;
const many = (name: string, count: number) => Array.from({ length: count }, (_, n) => at(`${name}-${n}`));

test('a document that was never read and cannot be read now is an error, and is not asked for at each use', async () => {
  const { read, asked, setDown } = setUp();
  setDown(true);
  expect(await read('/', at('a'))).toEqual([`The document at ${at('a')} cannot be read.`]);
  expect(await read('/', at('a'))).toEqual([`The document at ${at('a')} cannot be read.`]);
  expect(asked).toHaveLength(1);
});

test('SEC-93: a document is asked for by the next realm at once where too many look-ups of the first one wait', async () => {
  const { read, asked, setRefused } = setUp();
  setRefused(true);
  expect(await read('/greedy', at('a'))).toEqual(['full']);
  setRefused(false);
  expect(await read('/', at('a'))).toEqual(['/a']);
  expect(asked).toHaveLength(2);
});

test('a document that cannot be read again is used for a week, and no longer', async () => {
  const { read, clock, setDown } = setUp();
  await read('/', at('a'));
  setDown(true);
  clock.advance(6 * 24 * HOUR);
  expect(await read('/', at('a'))).toEqual(['/a']);
  clock.advance(2 * 24 * HOUR);
  expect((await read('/', at('a')))[0]).toContain('cannot be read');
});

test('a document is read once a day, and once for those who ask at the same time', async () => {
  const { read, clock, asked } = setUp();
  await Promise.all([read('/', at('a')), read('/', at('a'))]);
  expect(asked).toHaveLength(1);
  clock.advance(24 * HOUR);
  await read('/', at('a'));
  expect(asked).toHaveLength(2);
});

test('SEC-93: twenty documents of a realm are all kept, and read eight at a time and parsed one in a turn', async () => {
  const { read, asked, sizes, counts } = setUp({ ...BOUNDS, ofRealm: 1_024 * KIB });
  const addresses = many('list', 20);
  for (let n = 0; n < 3; n += 1)
    expect(await read('/', ...addresses)).toEqual(addresses.map((it) => new URL(it).pathname));
  expect(asked).toHaveLength(20);
  expect([...sizes]).toEqual([64 * KIB]);
  expect(counts()).toEqual({ mostUnderWay: 8, mostParsedInTurn: 1 });
});

test('SEC-93: a realm whose documents have too many bytes reads no further one, at any use', async () => {
  const { read, asked } = setUp({ one: 64 * KIB, ofRealm: 64 * KIB, all: 1_024 * KIB });
  const addresses = many('list', 20);
  const found = await read('/', ...addresses);
  const calls = asked.length;
  expect(calls).toBeLessThanOrEqual(10);
  expect(found.filter((it) => it?.includes('65536 bytes already'))).toHaveLength(20 - calls);
  for (let n = 0; n < 3; n += 1) await read('/', ...addresses);
  expect(asked).toHaveLength(calls);
});

test('what a realm names no more does not count for it', async () => {
  const { read, asked } = setUp({ one: 64 * KIB, ofRealm: 64 * KIB, all: 1_024 * KIB });
  expect(await read('/', at('64KiB'))).toEqual(['/64KiB']);
  expect((await read('/', at('64KiB'), at('b')))[1]).toContain('bytes already');
  expect(await read('/', at('b'))).toEqual(['/b']);
  expect(asked).toEqual([at('64KiB'), at('b')]);
});

test('SEC-93: realms with many documents displace their own, and none of another realm', async () => {
  const { read, asked } = setUp();
  await read('/quiet', at('quiet'));
  for (let n = 0; n < 20; n += 1) await read(`/greedy-${n}`, ...many(`greedy-${n}`, 8));
  asked.length = 0;
  await read('/quiet', at('quiet'));
  expect(asked).toEqual([]);
});

test('a document that several realms name stays where one of them names many', async () => {
  const { read, asked } = setUp();
  for (const realm of ['/a', '/b', '/greedy-0']) await read(realm, at('shared'));
  expect(asked).toHaveLength(1);
  for (let n = 0; n < 20; n += 1) await read(`/greedy-${n}`, at('shared'), ...many(`greedy-${n}`, 8));
  asked.length = 0;
  await read('/b', at('shared'));
  expect(asked).toEqual([]);
});

test('SEC-93: realms that name the same many addresses displace none of another realm', async () => {
  const { read, asked } = setUp({ ...BOUNDS, ofRealm: 4_096 * KIB });
  await read('/quiet', at('quiet'));
  for (const realm of ['/one', '/two']) await read(realm, ...many('greedy', 32));
  asked.length = 0;
  await read('/quiet', at('quiet'));
  expect(asked).toEqual([]);
});

test('SEC-93: addresses without a document are bounded, too', async () => {
  const { read, asked, setDown } = setUp();
  setDown(true);
  for (let n = 0; n < 65; n += 1) await read(`/realm-${n}`, at(String(n)));
  asked.length = 0;
  await read('/realm-64', at('64'));
  await read('/realm-0', at('0'));
  expect(asked).toEqual([at('0')]);
});
