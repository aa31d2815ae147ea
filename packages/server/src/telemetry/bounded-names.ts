import { OTHER } from './metric-table.ts';

/** Each name is told at every scrape, by every metric that has it. */
const MAX_LENGTH = 256;

/** The first so many names as they are, and one for all others: whoever makes realms and journeys must not fill a memory that counts by them. */
export class BoundedNames {
  readonly #known = new Set<string>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  of(name: string): string {
    if (this.#known.has(name)) return name;
    if (this.#known.size >= this.#limit || name.length > MAX_LENGTH) return OTHER;
    this.#known.add(name);
    return name;
  }
}
