import { LRUCache } from 'lru-cache';
import type { RowCache } from '../sql/row-cache.ts';
import type { DataVersion } from './data-version.ts';

/** What an entry takes beside its value: its key, its size, its place in the order. */
const BYTES_OF_ENTRY = 256;

interface Entry<V> {
  readonly value: V;
  readonly seenIn: number;
  /** In which generation it was put or asked for last. */
  usedIn: number;
}

/** A cache whose entries count while no other process has committed to the database (ADR 30). */
export interface VersionedCache<V> extends RowCache<V> {
  /** Deletes what nobody has put or asked for since the time before last: what is opened is not kept for longer. */
  age(): void;
}

export const createVersionedCache = <V extends object>(
  version: DataVersion,
  options: { readonly maxBytes: number; readonly bytesOf: (value: V) => number },
): VersionedCache<V> => {
  let generation = 0;
  const entries = new LRUCache<string, Entry<V>>({
    maxSize: options.maxBytes,
    sizeCalculation: ({ value }) => BYTES_OF_ENTRY + options.bytesOf(value),
  });
  return {
    get(key) {
      // Asked for in any case: what is read now, and set later, must not count in a version that begins meanwhile.
      const current = version.current();
      const entry = entries.get(key);
      if (entry?.seenIn !== current) return undefined;
      entry.usedIn = generation;
      return entry.value;
    },
    set(key, value) {
      entries.set(key, { value, seenIn: version.current(), usedIn: generation });
    },
    delete: (key) => void entries.delete(key),
    clear: () => entries.clear(),
    age() {
      generation += 1;
      for (const key of [...entries.rkeys()]) {
        if ((entries.peek(key)?.usedIn ?? 0) >= generation - 1) return;
        entries.delete(key);
      }
    },
  };
};
