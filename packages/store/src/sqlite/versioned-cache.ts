import { type AgingCache, type CacheSize, createAgingCache } from '../sql/verbs/row-cache.ts';
import type { DataVersion } from './data-version.ts';

/** A cache whose entries count while no other process has committed to the database (ADR 30). */
export const createVersionedCache = <V extends object>(version: DataVersion, size: CacheSize<V>): AgingCache<V> => {
  const entries = createAgingCache<{ readonly value: V; readonly seenIn: number }>({
    maxBytes: size.maxBytes,
    bytesOf: ({ value }) => size.bytesOf(value),
  });
  return {
    get(key) {
      // Asked for in any case: what is read now, and set later, must not count in a version that begins meanwhile.
      const current = version.current();
      const entry = entries.get(key);
      return entry?.seenIn === current ? entry.value : undefined;
    },
    set: (key, value) => entries.set(key, { value, seenIn: version.current() }),
    delete: entries.delete,
    clear: entries.clear,
    age: entries.age,
  };
};
