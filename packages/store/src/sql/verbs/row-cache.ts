import { LRUCache } from 'lru-cache';

/**
 * What a topic has read or written last, and would read again from the same rows. A verb that changes a row sets it anew or
 * deletes it; what else makes an entry out of date, as a commit of another process, is for the database to know (ADR 30).
 */
export interface RowCache<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  clear(): void;
}

export interface AgingCache<V> extends RowCache<V> {
  /** Deletes what nobody has put or asked for since the time before last: what is opened is not kept for longer. */
  age(): void;
}

export interface CacheSize<V> {
  readonly maxBytes: number;
  readonly bytesOf: (value: V) => number;
}

export const nothingKept = <V>(): RowCache<V> => ({
  get: () => undefined,
  set: () => undefined,
  delete: () => undefined,
  clear: () => undefined,
});

/** What an entry takes beside its value: its key, its size, its place in the order. */
const BYTES_OF_ENTRY = 256;

/** The values that were used last. */
export const createAgingCache = <V>({ maxBytes, bytesOf }: CacheSize<V>): AgingCache<V> => {
  let generation = 0;
  const entries = new LRUCache<string, { readonly value: V; usedIn: number }>({
    maxSize: maxBytes,
    sizeCalculation: ({ value }) => BYTES_OF_ENTRY + bytesOf(value),
  });
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entry.usedIn = generation;
      return entry.value;
    },
    set: (key, value) => void entries.set(key, { value, usedIn: generation }),
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
