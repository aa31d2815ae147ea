import { ByteSlab } from './byte-slab.ts';
import { CommonText } from './common-text.ts';
import type { Indexes } from './memory-table.ts';
import { GROWTH, hashOf, SlotIndex } from './slot-index.ts';

/** How the rows of a table are kept while they rest. */
export interface Rest<Row> {
  toText(row: Row): string;
  fromText(text: string): Row;
  /** Whether the row is only kept in case somebody asks again: packing it would take longer than it is worth. */
  isOver(row: Row): boolean;
  /** From when on a sweep may take the row, so that a sweep reads no other. */
  sweptFrom(row: Row): number;
}

const NOWHERE = -1;
const MIN_SLOTS = 64;

/**
 * Rows as bytes, each about a fifth of what it is as an object. A row is found by its slot number; it is made anew each time
 * it is read.
 */
export class RestingRows<Row extends object, Name extends string> {
  readonly #texts = new CommonText();
  readonly #slab = new ByteSlab();
  readonly #keyOf: (row: Row) => string;
  readonly #indexed: Indexes<Row, Name>;
  readonly #names: readonly Name[];
  readonly #rest: Rest<Row>;
  readonly #keys = new SlotIndex();
  readonly #indexes: { readonly [N in Name]: SlotIndex };
  /** By slot: where the bytes of the row are. */
  #addresses = new Int32Array(MIN_SLOTS).fill(NOWHERE);
  /** By slot. */
  #sweptFrom = new Float64Array(MIN_SLOTS);
  /** How many slots were ever taken at a time. */
  #slots = 0;
  readonly #freeSlots: number[] = [];

  constructor(keyOf: (row: Row) => string, indexed: Indexes<Row, Name>, rest: Rest<Row>) {
    this.#keyOf = keyOf;
    this.#indexed = indexed;
    this.#names = Object.keys(indexed) as Name[];
    this.#rest = rest;
    const indexes = this.#names.map((name) => [name, new SlotIndex()]);
    this.#indexes = Object.fromEntries(indexes) as { readonly [N in Name]: SlotIndex };
  }

  get(key: string): Row | undefined {
    return this.#find(key)?.row;
  }

  /** At most `most` of the rows with that value. */
  by(name: Name, value: string, most = Number.POSITIVE_INFINITY): Row[] {
    const index = this.#indexes[name];
    const found: Row[] = [];
    for (let slot = index.first(hashOf(value)); slot >= 0 && found.length < most; slot = index.after(slot)) {
      const row = this.#read(slot);
      if (this.#indexed[name](row) === value) found.push(row);
    }
    return found;
  }

  *rows(): Generator<Row> {
    for (let slot = 0; slot < this.#slots; slot += 1) {
      if (this.#addresses[slot] !== NOWHERE) yield this.#read(slot);
    }
  }

  /** The row must not be there yet. */
  add(row: Row): void {
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    if (slot >= this.#addresses.length) this.#grow();
    const text = this.#rest.toText(row);
    this.#addresses[slot] = this.#slab.put(this.#rest.isOver(row) ? this.#texts.keep(text) : this.#texts.pack(text));
    this.#sweptFrom[slot] = this.#rest.sweptFrom(row);
    this.#keys.add(slot, hashOf(this.#keyOf(row)));
    for (const name of this.#names) {
      const value = this.#indexed[name](row);
      if (value !== undefined) this.#indexes[name].add(slot, hashOf(value));
    }
  }

  /** Removes a row and returns it. */
  take(key: string): Row | undefined {
    const found = this.#find(key);
    if (found !== undefined) this.#remove(found.slot);
    return found?.row;
  }

  /** Removes up to `limit` rows whose time has come and, where `isDue` is given, of which it is true; returns how many. */
  sweep(now: number, limit: number, isDue?: (row: Row) => boolean): number {
    let swept = 0;
    for (let slot = 0; slot < this.#slots && swept < limit; slot += 1) {
      if (this.#addresses[slot] === NOWHERE || (this.#sweptFrom[slot] ?? now) > now) continue;
      if (isDue !== undefined && !isDue(this.#read(slot))) continue;
      this.#remove(slot);
      swept += 1;
    }
    return swept;
  }

  #find(key: string): { readonly slot: number; readonly row: Row } | undefined {
    for (let slot = this.#keys.first(hashOf(key)); slot >= 0; slot = this.#keys.after(slot)) {
      const row = this.#read(slot);
      if (this.#keyOf(row) === key) return { slot, row };
    }
    return undefined;
  }

  #read(slot: number): Row {
    return this.#rest.fromText(this.#texts.unpack(this.#slab.get(this.#addresses[slot] ?? NOWHERE)));
  }

  #remove(slot: number): void {
    const address = this.#addresses[slot] ?? NOWHERE;
    this.#texts.forget(this.#slab.get(address));
    this.#slab.delete(address);
    this.#addresses[slot] = NOWHERE;
    this.#keys.remove(slot);
    for (const name of this.#names) this.#indexes[name].remove(slot);
    this.#freeSlots.push(slot);
  }

  #grow(): void {
    const length = Math.ceil(this.#addresses.length * GROWTH);
    const addresses = new Int32Array(length).fill(NOWHERE);
    addresses.set(this.#addresses);
    this.#addresses = addresses;
    const sweptFrom = new Float64Array(length);
    sweptFrom.set(this.#sweptFrom);
    this.#sweptFrom = sweptFrom;
  }
}
