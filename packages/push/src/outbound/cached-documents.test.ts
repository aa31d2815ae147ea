import { simulatedClock } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { cachedDocuments } from './cached-documents.ts';

const HOUR = 3_600_000;

const setUp = () => {
  const clock = simulatedClock();
  const asked: string[] = [];
  let isDown = false;
  const documents = cachedDocuments({
    clock,
    requests: {
      send: async (url) => {
        asked.push(String(url));
        if (isDown) throw new Error('down');
        return { status: 200, headers: {}, body: Buffer.from(`of ${url.pathname}`) };
      },
    },
    parse: (body) => body.toString(),
  });
  return {
    clock,
    asked,
    documents,
    setDown: (down: boolean) => {
      isDown = down;
    },
  };
};
const at = (name: string) => `https://lists.example.com/${name}`;

test('a document that was never read and cannot be read now is an error, and is not asked for at each use', async () => {
  const { documents, asked, setDown } = setUp();
  setDown(true);
  await expect(documents.read('/', at('a'))).rejects.toThrow('cannot be read');
  await expect(documents.read('/', at('a'))).rejects.toThrow('cannot be read');
  expect(asked).toHaveLength(1);
});

test('a document that cannot be read again is used for a week, and no longer', async () => {
  const { documents, clock, setDown } = setUp();
  await documents.read('/', at('a'));
  setDown(true);
  clock.advance(6 * 24 * HOUR);
  expect(await documents.read('/', at('a'))).toBe('of /a');
  clock.advance(2 * 24 * HOUR);
  await expect(documents.read('/', at('a'))).rejects.toThrow('cannot be read');
});

test('a document is read once a day, and once for those who ask at the same time', async () => {
  const { documents, clock, asked } = setUp();
  await Promise.all([documents.read('/', at('a')), documents.read('/', at('a'))]);
  expect(asked).toHaveLength(1);
  clock.advance(24 * HOUR);
  await documents.read('/', at('a'));
  expect(asked).toHaveLength(2);
});

test('SEC-93: a realm that names many addresses displaces its own documents, and none of another realm', async () => {
  const { documents, asked } = setUp();
  await documents.read('/quiet', at('quiet'));
  for (let n = 0; n < 40; n += 1) await documents.read('/greedy', at(`greedy-${n}`));
  asked.length = 0;
  await documents.read('/quiet', at('quiet'));
  expect(asked).toEqual([]);
  await documents.read('/greedy', at('greedy-39'));
  expect(asked).toEqual([]);
  await documents.read('/greedy', at('greedy-0'));
  expect(asked).toEqual([at('greedy-0')]);
});

test('a document that several realms name is read once, and stays where one of them names many', async () => {
  const { documents, asked } = setUp();
  for (const realm of ['/a', '/b', '/greedy']) await documents.read(realm, at('shared'));
  expect(asked).toHaveLength(1);
  for (let n = 0; n < 40; n += 1) await documents.read('/greedy', at(`greedy-${n}`));
  asked.length = 0;
  await documents.read('/b', at('shared'));
  expect(asked).toEqual([]);
});

test('SEC-93: two realms that name the same many addresses displace none of a third', async () => {
  const { documents, asked } = setUp();
  await documents.read('/quiet', at('quiet'));
  for (let n = 0; n < 40; n += 1) {
    for (const realm of ['/one', '/two']) await documents.read(realm, at(`greedy-${n}`));
  }
  asked.length = 0;
  await documents.read('/quiet', at('quiet'));
  expect(asked).toEqual([]);
});

test('of one realm the document that was used least recently goes first', async () => {
  const { documents, asked } = setUp();
  for (let n = 0; n < 8; n += 1) await documents.read('/', at(String(n)));
  await documents.read('/', at('0'));
  await documents.read('/', at('8'));
  asked.length = 0;
  await documents.read('/', at('0'));
  expect(asked).toEqual([]);
  await documents.read('/', at('1'));
  expect(asked).toEqual([at('1')]);
});
