/** Something with a size, and with its place in the order that {@link LargestFirst} keeps. */
export interface Sized {
  bytes: number;
  /** Set by the order alone. */
  rank: number;
}

/** Items in an order that knows the largest one: a binary heap, in which each item knows its place. A change costs O(log n). */
export class LargestFirst<T extends Sized> {
  readonly #items: T[] = [];

  get first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    item.rank = this.#items.length;
    this.#items.push(item);
    this.changed(item);
  }

  /** Puts an item in its place again, after its size has changed. */
  changed(item: T): void {
    if (!this.#rise(item)) this.#sink(item);
  }

  remove(item: T): void {
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#put(last, item.rank);
    this.changed(last);
  }

  #put(item: T, rank: number): void {
    this.#items[rank] = item;
    item.rank = rank;
  }

  #rise(item: T): boolean {
    const begin = item.rank;
    while (item.rank > 0) {
      const { rank } = item;
      const above = this.#items[(rank - 1) >> 1];
      if (above === undefined || above.bytes >= item.bytes) break;
      this.#put(item, above.rank);
      this.#put(above, rank);
    }
    return item.rank < begin;
  }

  #sink(item: T): void {
    for (;;) {
      const { rank } = item;
      const [left, right] = [this.#items[2 * rank + 1], this.#items[2 * rank + 2]];
      const larger = right !== undefined && left !== undefined && right.bytes > left.bytes ? right : left;
      if (larger === undefined || larger.bytes <= item.bytes) return;
      this.#put(item, larger.rank);
      this.#put(larger, rank);
    }
  }
}
