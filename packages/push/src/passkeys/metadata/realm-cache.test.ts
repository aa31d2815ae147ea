import { expect, test } from 'vitest';
import { RealmCache } from './realm-cache.ts';

const cacheOf = (maxSize: number) => new RealmCache<string>({ maxSize, sizeOf: ({ length }) => length });

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
