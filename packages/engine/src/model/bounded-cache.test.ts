import { describe, expect, test } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';

const KIB = 1_024;
const keptOf = (cache: BoundedCache<number>, keys: readonly string[]) =>
  keys.filter((key) => cache.get(key) !== undefined);

describe('a bounded cache (A4, REL-14)', () => {
  test('never keeps more bytes than it may, whatever comes', () => {
    const cache = new BoundedCache<number>(64 * KIB);
    for (let at = 0; at < 1_000; at += 1) cache.put(`key-${at}`, at, (at % 7) * KIB);
    const kept = keptOf(
      cache,
      Array.from({ length: 1_000 }, (_, at) => `key-${at}`),
    );
    const bytes = kept.reduce((sum, key) => sum + (Number(key.slice(4)) % 7) * KIB, 0);
    expect(bytes).toBeLessThanOrEqual(64 * KIB);
    expect(kept.length).toBeGreaterThan(5);
  });

  test('counts keys, too: many small entries with long keys are no way around it', () => {
    const cache = new BoundedCache<number>(64 * KIB);
    const keys = Array.from({ length: 200 }, (_, at) => `${at}`.padEnd(KIB, 'x'));
    for (const key of keys) cache.put(key, 1, 0);
    expect(keptOf(cache, keys).length).toBeLessThanOrEqual(32);
  });

  test('does not keep what takes more than half of it, nor what was there under that key', () => {
    const cache = new BoundedCache<number>(64 * KIB);
    cache.put('small', 1, KIB);
    cache.put('large', 1, KIB);
    cache.put('large', 2, 40 * KIB);
    expect([cache.get('small'), cache.get('large')]).toEqual([1, undefined]);
  });

  test('keeps what is asked for again, however much else comes', () => {
    const cache = new BoundedCache<number>(16 * KIB);
    cache.put('poll', 1, KIB);
    for (let at = 0; at < 500; at += 1) {
      cache.put(`other-${at}`, at, KIB);
      expect(cache.get('poll')).toBe(1);
    }
    expect(cache.get('other-1')).toBeUndefined();
  });

  test('forgets one, all, and what nobody asked for between two times', () => {
    const cache = new BoundedCache<number>(64 * KIB);
    for (const key of ['a', 'b', 'c']) cache.put(key, 1, KIB);
    cache.forget('a');
    cache.age();
    expect(keptOf(cache, ['a', 'b'])).toEqual(['b']);
    cache.age();
    expect(keptOf(cache, ['b', 'c'])).toEqual(['b']);
    cache.forgetAll();
    expect(keptOf(cache, ['b'])).toEqual([]);
  });

  test('gives back the bytes of what is put again, or forgotten', () => {
    const cache = new BoundedCache<number>(16 * KIB);
    cache.put('kept', 1, KIB);
    for (let at = 0; at < 100; at += 1) cache.put('same', at, KIB);
    for (let at = 0; at < 100; at += 1) {
      cache.put('gone', at, KIB);
      cache.forget('gone');
    }
    cache.age();
    expect(cache.get('kept')).toBe(1);
  });
});
