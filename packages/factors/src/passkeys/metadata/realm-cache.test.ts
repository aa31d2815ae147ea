import { expect, test } from 'vitest';
import { RealmCache } from './realm-cache.ts';

const cacheOf = (maxSize: number, maxSizeOfRealm = maxSize) =>
  new RealmCache<string>({ maxSize, maxSizeOfRealm, sizeOf: ({ length }) => length });

test('a realm that fills the cache evicts its own values, the least recently used one first (SEC-93)', () => {
  const cache = cacheOf(10);
  cache.set('/small', 0, 'aa');
  for (let place = 0; place < 4; place += 1) cache.set('/greedy', place, 'bb');
  expect(cache.get('/greedy', 0)).toBe('bb');
  for (let place = 4; place < 6; place += 1) cache.set('/greedy', place, 'bb');
  expect([0, 1, 2, 3, 4, 5].map((place) => cache.get('/greedy', place))).toEqual([
    'bb',
    undefined,
    undefined,
    'bb',
    'bb',
    'bb',
  ]);
  for (let place = 6; place < 1_000; place += 1) cache.set('/greedy', place, 'bb');
  expect(cache.get('/small', 0)).toBe('aa');
});

test('a realm that comes later gets its share of a full cache (SEC-93)', () => {
  const cache = cacheOf(10);
  for (let place = 0; place < 10; place += 1) cache.set('/greedy', place, 'b');
  for (let place = 0; place < 5; place += 1) cache.set('/late', place, 'c');
  const held = (realm: string) => Array.from({ length: 10 }, (_, place) => cache.get(realm, place)).filter(Boolean);
  expect(held('/late')).toHaveLength(5);
  expect(held('/greedy')).toHaveLength(5);
});

test('a value that replaces another one counts once', () => {
  const cache = cacheOf(4);
  for (const value of ['aaaa', 'bb', 'cc']) cache.set('/alpha', 0, value);
  cache.set('/beta', 0, 'dd');
  expect([cache.get('/alpha', 0), cache.get('/beta', 0), cache.get('/gamma', 0)]).toEqual(['cc', 'dd', undefined]);
});

test('a realm has room within its share, and a value that is replaced does not count', () => {
  const cache = cacheOf(100, 10);
  cache.set('/alpha', 0, 'aaaa');
  cache.set('/alpha', 1, 'bbbb');
  cache.set('/beta', 0, 'cccc');
  expect([2, 3].map((size) => cache.hasRoomFor('/alpha', 2, size))).toEqual([true, false]);
  expect([6, 7].map((size) => cache.hasRoomFor('/alpha', 0, size))).toEqual([true, false]);
  expect([10, 11].map((size) => cache.hasRoomFor('/new', 0, size))).toEqual([true, false]);
  cache.retain('/alpha', (place, value) => place === 1 && value === 'bbbb');
  expect([6, 7].map((size) => cache.hasRoomFor('/alpha', 2, size))).toEqual([true, false]);
  expect([cache.get('/alpha', 0), cache.get('/alpha', 1), cache.get('/beta', 0)]).toEqual([undefined, 'bbbb', 'cccc']);
});
