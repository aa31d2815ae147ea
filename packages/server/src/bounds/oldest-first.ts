/** The place of a value in {@link OldestFirst}. */
export interface Place<T> {
  readonly value: T;
  older: Place<T> | undefined;
  newer: Place<T> | undefined;
}

/** Values in the order in which they were added: a linked list. A `Set` skips the places of all values that were removed before it finds the first. */
export class OldestFirst<T> {
  #oldest: Place<T> | undefined;
  #newest: Place<T> | undefined;

  get oldest(): T | undefined {
    return this.#oldest?.value;
  }

  add(value: T): Place<T> {
    const place: Place<T> = { value, older: this.#newest, newer: undefined };
    if (this.#newest === undefined) this.#oldest = place;
    else this.#newest.newer = place;
    this.#newest = place;
    return place;
  }

  /** Removes the value of a place that is in here. */
  remove({ older, newer }: Place<T>): void {
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
  }
}
