import type { Place } from './sealer.ts';

/** A record whose seal does not open: it was changed, or moved here from another row. */
export type BrokenSeal = Place;

/** As many are told of as somebody can look into; a database that is in pieces says so well before. */
const MAX_TOLD = 1_000;

/** Tells of each broken record once, also of those that were found before anybody listened. */
export class BrokenSeals {
  readonly #found = new Map<string, BrokenSeal>();
  readonly #listeners: ((broken: BrokenSeal) => void)[] = [];

  readonly note = (broken: BrokenSeal): void => {
    const key = [broken.table, broken.id, broken.realm, broken.userId].join('\0');
    if (this.#found.has(key) || this.#found.size >= MAX_TOLD) return;
    this.#found.set(key, broken);
    for (const listener of this.#listeners) listener(broken);
  };

  readonly watch = (listener: (broken: BrokenSeal) => void): void => {
    this.#listeners.push(listener);
    for (const broken of this.#found.values()) listener(broken);
  };
}
