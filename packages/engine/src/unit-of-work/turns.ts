import { JourneyError } from '../model/errors.ts';

/** How many may wait at one key; more are no person who clicks twice. */
const MAX_WAITING_AT_KEY = 16;
/** How many may wait at all keys together; each holds a request and its connection. */
const MAX_WAITING = 2_048;

/**
 * Lets holders of the same key go one after the other, in the order in which they came. Where too many wait, one more is
 * refused at once with the time to come back (REL-14): a line of hundreds keeps nobody waiting.
 */
export class Turns {
  /** By key that is taken, those who wait for it. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #count = 0;

  isTaken(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Resolves with the function that ends the turn. */
  async take(key: string): Promise<() => void> {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      this.#waiting.set(key, []);
      return this.#turn(key);
    }
    if (waiting.length >= MAX_WAITING_AT_KEY || this.#count >= MAX_WAITING)
      throw new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
    this.#count += 1;
    await new Promise<void>((begin) => waiting.push(begin));
    this.#count -= 1;
    return this.#turn(key);
  }

  #turn(key: string): () => void {
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const next = this.#waiting.get(key)?.shift();
      if (next === undefined) this.#waiting.delete(key);
      else next();
    };
  }
}
