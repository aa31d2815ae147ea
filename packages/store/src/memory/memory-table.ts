/** Remembers what a commit overwrote, so that a refused one leaves nothing. */
export class UndoLog {
  readonly #entries: (() => void)[] = [];

  note(undo: () => void): void {
    this.#entries.push(undo);
  }

  rollback(): void {
    for (let undo = this.#entries.pop(); undo !== undefined; undo = this.#entries.pop()) undo();
  }

  forget(): void {
    this.#entries.length = 0;
  }
}

/** Keys of rows by some value of theirs. One key is the usual case and costs no Set, which is what keeps rows small. */
class MemoryIndex<Row> {
  readonly #keys = new Map<string, string | Set<string>>();
  readonly #valueOf: (row: Row) => string | undefined;

  constructor(indexed: (row: Row) => string | undefined) {
    this.#valueOf = indexed;
  }

  /** One key, all that there are, or undefined for none. */
  keys(value: string): string | ReadonlySet<string> | undefined {
    return this.#keys.get(value);
  }

  move(key: string, before: Row | undefined, after: Row | undefined): void {
    const from = before === undefined ? undefined : this.#valueOf(before);
    const to = after === undefined ? undefined : this.#valueOf(after);
    if (from === to) return;
    if (from !== undefined) this.#remove(from, key);
    if (to !== undefined) this.#add(to, key);
  }

  #add(value: string, key: string): void {
    const found = this.#keys.get(value);
    if (found === undefined) this.#keys.set(value, key);
    else if (typeof found === 'string') this.#keys.set(value, new Set([found, key]));
    else found.add(key);
  }

  #remove(value: string, key: string): void {
    const found = this.#keys.get(value);
    if (typeof found === 'string' || found === undefined) this.#keys.delete(value);
    else if (found.delete(key) && found.size === 0) this.#keys.delete(value);
  }
}

export type Indexes<Row, Name extends string> = { readonly [N in Name]: (row: Row) => string | undefined };

/** Rows by key, with indexes; an index leaves out the rows for which it has no value. Rows are frozen, never copied. */
export class MemoryTable<Row extends object, Name extends string = never> {
  readonly #rows = new Map<string, Row>();
  readonly #indexes: { readonly [N in Name]: MemoryIndex<Row> };
  readonly #allIndexes: readonly MemoryIndex<Row>[];
  readonly #keyOf: (row: Row) => string;
  readonly #undoLog: UndoLog;

  constructor(undoLog: UndoLog, keyOf: (row: Row) => string, indexes: Indexes<Row, Name>) {
    this.#undoLog = undoLog;
    this.#keyOf = keyOf;
    const made = (Object.keys(indexes) as Name[]).map((name) => [name, new MemoryIndex(indexes[name])] as const);
    this.#indexes = Object.fromEntries(made) as { readonly [N in Name]: MemoryIndex<Row> };
    this.#allIndexes = made.map(([, index]) => index);
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  /** Oldest first. */
  rows(): IterableIterator<Row> {
    return this.#rows.values();
  }

  by(name: Name, value: string): readonly Row[] {
    const keys = this.#indexes[name].keys(value);
    if (keys === undefined) return [];
    const found: Row[] = [];
    for (const key of typeof keys === 'string' ? [keys] : keys) {
      const row = this.#rows.get(key);
      if (row !== undefined) found.push(row);
    }
    return found;
  }

  /** `false` where the key is taken. */
  insert(row: Row): boolean {
    const key = this.#keyOf(row);
    if (this.#rows.has(key)) return false;
    this.#change(key, undefined, Object.freeze(row));
    return true;
  }

  put(row: Row): void {
    const key = this.#keyOf(row);
    this.#change(key, this.#rows.get(key), Object.freeze(row));
  }

  /** `false` where there was no such row. */
  replace(row: Row): boolean {
    const key = this.#keyOf(row);
    const before = this.#rows.get(key);
    if (before === undefined) return false;
    this.#change(key, before, Object.freeze(row));
    return true;
  }

  /** `false` where there was no such row. */
  delete(key: string): boolean {
    const before = this.#rows.get(key);
    if (before === undefined) return false;
    this.#change(key, before, undefined);
    return true;
  }

  /** Removes a row that is to be found elsewhere from now on, which is no change that could be undone. */
  release(key: string): void {
    this.#write(key, this.#rows.get(key), undefined);
  }

  /** The other way round. */
  adopt(row: Row): void {
    this.#write(this.#keyOf(row), undefined, Object.freeze(row));
  }

  /** Deletes up to `limit` rows of which `isDue` is true; returns how many. */
  deleteWhere(isDue: (row: Row) => boolean, limit = Number.POSITIVE_INFINITY): number {
    let deleted = 0;
    for (const [key, row] of this.#rows) {
      if (deleted >= limit) break;
      if (!isDue(row)) continue;
      this.#change(key, row, undefined);
      deleted += 1;
    }
    return deleted;
  }

  #change(key: string, before: Row | undefined, after: Row | undefined): void {
    this.#undoLog.note(() => this.#write(key, after, before));
    this.#write(key, before, after);
  }

  #write(key: string, before: Row | undefined, after: Row | undefined): void {
    for (const index of this.#allIndexes) index.move(key, before, after);
    if (after === undefined) this.#rows.delete(key);
    else this.#rows.set(key, after);
  }
}
