/** Lets holders of the same key go one after the other, in the order in which they came. */
export class Turns {
  /** By key that is taken, those who wait for it. */
  readonly #waiting = new Map<string, (() => void)[]>();

  isTaken(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** The function that ends the turn, or undefined where somebody has it: nobody waits here. */
  takeFree(key: string): (() => void) | undefined {
    if (this.#waiting.has(key)) return undefined;
    this.#waiting.set(key, []);
    return this.#turn(key);
  }

  /** Resolves with the function that ends the turn. */
  async take(key: string): Promise<() => void> {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, []);
    else await new Promise<void>((begin) => waiting.push(begin));
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
