import { OrderedKeys } from './ordered-keys.ts';

/** One key of several parts. */
export const keyOf = (...parts: readonly (string | number)[]): string => parts.join('\0');

/** The first of some rows, of which no more are looked at. */
export const taken = <T>(rows: Iterable<T>, limit: number): readonly T[] => {
  const first: T[] = [];
  for (const row of rows) {
    if (first.push(row) >= limit) break;
  }
  return first;
};

/** Devices of a user in the order that they are read in. */
export const newestFirst = <D extends { readonly uuid: string; readonly createdAt: number }>(
  rows: readonly D[],
): readonly D[] => rows.toSorted((a, b) => b.createdAt - a.createdAt || (a.uuid < b.uuid ? -1 : 1));

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

/** Keys of rows by some value of theirs. */
class MemoryIndex<Row> {
  readonly #keys = new Map<string, Set<string>>();
  readonly #valueOf: (row: Row) => string | undefined;

  constructor(indexed: (row: Row) => string | undefined) {
    this.#valueOf = indexed;
  }

  /** The values that rows have now; a row may go while they are gone through. */
  values(): readonly string[] {
    return [...this.#keys.keys()];
  }

  keys(value: string): ReadonlySet<string> {
    return this.#keys.get(value) ?? new Set();
  }

  move(key: string, before: Row | undefined, after: Row | undefined): void {
    const from = before === undefined ? undefined : this.#valueOf(before);
    const to = after === undefined ? undefined : this.#valueOf(after);
    if (from === to) return;
    if (from !== undefined) this.#remove(from, key);
    if (to !== undefined) this.#keys.set(to, (this.#keys.get(to) ?? new Set()).add(key));
  }

  #remove(value: string, key: string): void {
    const keys = this.#keys.get(value);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(value);
  }
}

/** Keys of rows in the order of some text of theirs, which no two rows share. */
class MemoryOrder<Row> {
  readonly #keys = new OrderedKeys();
  readonly #textOf: (row: Row) => string;

  constructor(textOf: (row: Row) => string) {
    this.#textOf = textOf;
  }

  from(text: string): IterableIterator<{ readonly text: string; readonly key: string }> {
    return this.#keys.from(text);
  }

  move(key: string, before: Row | undefined, after: Row | undefined): void {
    const from = before === undefined ? undefined : this.#textOf(before);
    const to = after === undefined ? undefined : this.#textOf(after);
    if (from === to) return;
    if (from !== undefined) this.#keys.delete(from);
    if (to !== undefined) this.#keys.add(to, key);
  }
}

export type Indexes<Row, Name extends string> = { readonly [N in Name]: (row: Row) => string | undefined };

/** Rows by key, with indexes; an index leaves out the rows for which it has no value. Rows are frozen, never copied. */
export class MemoryTable<Row extends object, Name extends string = never> {
  readonly #rows = new Map<string, Row>();
  readonly #indexes: { readonly [N in Name]: MemoryIndex<Row> };
  readonly #order: MemoryOrder<Row> | undefined;
  readonly #allIndexes: readonly (MemoryIndex<Row> | MemoryOrder<Row>)[];
  readonly #keyOf: (row: Row) => string;
  readonly #undoLog: UndoLog;

  /** `orderOf` is by what the rows are kept in order, where they are. */
  constructor(
    undoLog: UndoLog,
    keyOf: (row: Row) => string,
    indexes: Indexes<Row, Name>,
    orderOf?: (row: Row) => string,
  ) {
    this.#undoLog = undoLog;
    this.#keyOf = keyOf;
    const made = (Object.keys(indexes) as Name[]).map((name) => [name, new MemoryIndex(indexes[name])] as const);
    this.#indexes = Object.fromEntries(made) as { readonly [N in Name]: MemoryIndex<Row> };
    this.#order = orderOf && new MemoryOrder(orderOf);
    this.#allIndexes = [...made.map(([, index]) => index), ...(this.#order === undefined ? [] : [this.#order])];
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  /** Oldest first. */
  rows(): IterableIterator<Row> {
    return this.#rows.values();
  }

  /** Those whose text begins so, in order, from the text or after it. */
  *inOrder(beginning: string, { from = beginning, isAfter = false } = {}): IterableIterator<Row> {
    for (const { text, key } of this.#order?.from(from) ?? []) {
      if (!text.startsWith(beginning)) return;
      const row = isAfter && text === from ? undefined : this.#rows.get(key);
      if (row !== undefined) yield row;
    }
  }

  by(name: Name, value: string): readonly Row[] {
    return [...this.#indexes[name].keys(value)].flatMap((key) => this.#rows.get(key) ?? []);
  }

  /** Each value of an index that a row has. */
  valuesOf(name: Name): readonly string[] {
    return this.#indexes[name].values();
  }

  count(name: Name, value: string): number {
    return this.#indexes[name].keys(value).size;
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

  /** Puts a row as a rule leaves it; `false` where the rule says that it stays as it is. */
  putIf(row: Row | undefined): boolean {
    if (row !== undefined) this.put(row);
    return row !== undefined;
  }

  /** Puts what `change` makes of a row; `false` where there is no such row, or nothing is made of it. */
  update(key: string, change: (row: Row) => Row | undefined): boolean {
    const row = this.#rows.get(key);
    return row !== undefined && this.putIf(change(row));
  }

  /** `false` where there was no such row. */
  delete(key: string): boolean {
    const before = this.#rows.get(key);
    if (before === undefined) return false;
    this.#change(key, before, undefined);
    return true;
  }

  deleteBy(name: Name, value: string): void {
    for (const row of this.by(name, value)) this.delete(this.#keyOf(row));
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
