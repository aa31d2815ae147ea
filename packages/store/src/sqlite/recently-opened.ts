/**
 * Values that were sealed or opened a moment ago, so that a page that polls does not have them opened each time. They are
 * secrets: there are never many, whoever keeps them forgets each that can be of no use any more, and what nobody asked
 * for between two sweeps is forgotten anyway. The database stays the truth: a value counts only with the row just read.
 */
export class RecentlyOpened<T> {
  readonly #most: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  /** Keeps `most` values at the most. */
  constructor(most: number) {
    this.#most = most / 2;
  }

  get(id: string): T | undefined {
    const young = this.#young.get(id);
    if (young !== undefined) return young;
    const old = this.#old.get(id);
    if (old !== undefined) this.put(id, old);
    return old;
  }

  put(id: string, value: T): void {
    if (this.#young.size >= this.#most) this.age();
    this.#young.set(id, value);
  }

  forget(id: string): void {
    this.#young.delete(id);
    this.#old.delete(id);
  }

  forgetAll(): void {
    this.#young.clear();
    this.#old.clear();
  }

  /** Forgets what was neither put nor asked for since the last time. */
  age(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }
}
