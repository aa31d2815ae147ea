import { randomBytes } from 'node:crypto';

const NONE = -1;
const MIN_SLOTS = 64;
/** By how much a table of slots grows: what it takes beyond its rows, at the most. */
export const GROWTH = 1.25;

/** Others for each process, as in the Maps of the language: nobody can choose names that all have one hash. */
const START = randomBytes(4).readInt32LE();
const FACTOR = randomBytes(4).readInt32LE() | 1;

/** 32 bits, never 0. */
export const hashOf = (text: string): number => {
  let hash = START;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), FACTOR);
    hash ^= hash >>> 15;
  }
  return hash === 0 ? 1 : hash;
};

const grown = (before: Int32Array, length: number): Int32Array<ArrayBuffer> => {
  const after = new Int32Array(length);
  after.set(before);
  return after;
};

/**
 * Slot numbers by a hash. All of it is flat arrays of numbers: about 18 bytes a slot, where a Map of strings takes 100, and
 * nothing that the garbage collector has to walk through. Different values may have one hash, so who looks up compares.
 */
export class SlotIndex {
  /** By the low bits of a hash: the slot that was added last. */
  #heads = new Int32Array(MIN_SLOTS).fill(NONE);
  #next = new Int32Array(MIN_SLOTS);
  /** A list in both directions, so that one of very many with the same value is removed as fast as any. */
  #previous = new Int32Array(MIN_SLOTS);
  /** By slot; 0 where the index does not have it. */
  #hashes = new Int32Array(MIN_SLOTS);

  /** The first slot with that hash; below 0 where there is none. */
  first(hash: number): number {
    return this.#skipOthers(this.#heads[hash & (this.#heads.length - 1)] ?? NONE, hash);
  }

  /** The next slot with the same hash; below 0 where there is none. */
  after(slot: number): number {
    return this.#skipOthers(this.#next[slot] ?? NONE, this.#hashes[slot] ?? 0);
  }

  add(slot: number, hash: number): void {
    if (slot >= this.#hashes.length) this.#grow(slot);
    this.#hashes[slot] = hash;
    this.#link(slot, hash);
  }

  remove(slot: number): void {
    const hash = this.#hashes[slot] ?? 0;
    if (hash === 0) return;
    const next = this.#next[slot] ?? NONE;
    const previous = this.#previous[slot] ?? NONE;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous === NONE) this.#heads[hash & (this.#heads.length - 1)] = next;
    else this.#next[previous] = next;
    this.#hashes[slot] = 0;
  }

  #skipOthers(from: number, hash: number): number {
    let slot = from;
    while (slot !== NONE && this.#hashes[slot] !== hash) slot = this.#next[slot] ?? NONE;
    return slot;
  }

  #link(slot: number, hash: number): void {
    const bucket = hash & (this.#heads.length - 1);
    const next = this.#heads[bucket] ?? NONE;
    this.#next[slot] = next;
    this.#previous[slot] = NONE;
    if (next !== NONE) this.#previous[next] = slot;
    this.#heads[bucket] = slot;
  }

  #grow(slot: number): void {
    const slots = Math.ceil((slot + 1) * GROWTH);
    this.#hashes = grown(this.#hashes, slots);
    this.#next = grown(this.#next, slots);
    this.#previous = grown(this.#previous, slots);
    if (slots <= 2 * this.#heads.length) return;
    this.#heads = new Int32Array(2 ** (31 - Math.clz32(slots))).fill(NONE);
    this.#hashes.forEach((hash, at) => {
      if (hash !== 0) this.#link(at, hash);
    });
  }
}
