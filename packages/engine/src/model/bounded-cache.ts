/** What an entry takes beside its key and value. */
const BYTES_OF_ENTRY = 128;
const BYTES_OF_CHARACTER = 2;

/**
 * Remembers what was put or asked for last, up to so many bytes, however large or many the entries are (REL-14, docs/adr/0039):
 * the one cache of the server for whatever a stranger can make large. Two generations, each of half the bytes: a full young one
 * becomes the old one, which is forgotten, and what is asked for again is young again. So nothing is sorted on the hot path.
 */
export class BoundedCache<V> {
  readonly #half: number;
  #young = new Map<string, Entry<V>>();
  #old = new Map<string, Entry<V>>();
  #youngBytes = 0;

  constructor(mostBytes: number) {
    this.#half = mostBytes / 2;
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young.value;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.#add(key, old);
    return old.value;
  }

  /** `bytes` is about what the value takes. One that takes more than half of all is not kept. */
  put(key: string, value: V, bytes: number): void {
    this.forget(key);
    const cost = bytes + BYTES_OF_CHARACTER * key.length + BYTES_OF_ENTRY;
    if (cost <= this.#half) this.#add(key, { value, cost });
  }

  forget(key: string): void {
    this.#youngBytes -= this.#young.get(key)?.cost ?? 0;
    this.#young.delete(key);
    this.#old.delete(key);
  }

  forgetAll(): void {
    this.#young.clear();
    this.#old.clear();
    this.#youngBytes = 0;
  }

  /** Forgets what was neither put nor asked for since the last time. */
  age(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }

  #add(key: string, entry: Entry<V>): void {
    if (this.#youngBytes + entry.cost > this.#half) this.age();
    this.#young.set(key, entry);
    this.#youngBytes += entry.cost;
  }
}

interface Entry<V> {
  readonly value: V;
  readonly cost: number;
}

/** About what a text takes in memory, and what was made from it once more. */
export const bytesOfText = (text: string): number => 2 * BYTES_OF_CHARACTER * text.length;
