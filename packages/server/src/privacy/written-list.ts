import { setImmediate as nextTurn } from 'node:timers/promises';
import { canonicalJson } from '@assent/store';

/** How many characters are written in one turn of the event loop. */
const CHARACTERS_OF_TURN = 256 * 1_024;
/** What an item costs at least, however short it is. */
const LEAST_OF_ITEM = 1_024;

/** Counts what is written in a turn of the event loop, and gives other requests theirs. */
export class Turns {
  #characters = 0;

  async next(): Promise<void> {
    await nextTurn();
    this.#characters = 0;
  }

  /** Notes what was written; resolves in a later turn where this one is full with it. */
  async take(characters: number): Promise<void> {
    this.#characters += Math.max(characters, LEAST_OF_ITEM);
    if (this.#characters >= CHARACTERS_OF_TURN) await this.next();
  }
}

/** A list as canonical JSON, written item by item: it ends in front of the item with which it would be too long. */
export class WrittenList {
  readonly #texts: string[] = [];
  readonly #turns: Turns;
  readonly #mostBytes: number;
  readonly #mostItems: number;
  #bytes = '[]'.length;
  #isCut = false;

  constructor(turns: Turns, mostBytes = Number.POSITIVE_INFINITY, mostItems = Number.POSITIVE_INFINITY) {
    this.#turns = turns;
    this.#mostBytes = mostBytes;
    this.#mostItems = mostItems;
  }

  get length(): number {
    return this.#texts.length;
  }

  /** Whether an item had no room. */
  get isCut(): boolean {
    return this.#isCut;
  }

  get text(): string {
    return `[${this.#texts.join(',')}]`;
  }

  /** False where the item has no room, and is left out. */
  async add(item: unknown): Promise<boolean> {
    const text = canonicalJson(item);
    const bytes = this.#bytes + Buffer.byteLength(text) + 1;
    this.#isCut ||= bytes > this.#mostBytes || this.#texts.length >= this.#mostItems;
    if (this.#isCut) return false;
    this.#bytes = bytes;
    this.#texts.push(text);
    await this.#turns.take(text.length);
    return true;
  }
}
