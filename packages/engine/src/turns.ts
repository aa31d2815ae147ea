/** Lets holders of the same key go one after the other, in the order in which they came. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  isTaken(key: string): boolean {
    return this.#last.has(key);
  }

  /** Resolves with the function that ends the turn. */
  async take(key: string): Promise<() => void> {
    const before = this.#last.get(key);
    let end: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last.set(key, mine);
    if (before !== undefined) await before;
    return () => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
      end();
    };
  }
}
