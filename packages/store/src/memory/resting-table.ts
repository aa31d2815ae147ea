import { type Indexes, MemoryTable, type UndoLog } from './memory-table.ts';
import { type Rest, RestingRows } from './resting-rows.ts';

/** By how much the rows that are kept as objects may become more before the older ones are laid to rest. */
const MAX_AWAKE = 1.125;

/**
 * A table of rows most of which are written and then wait: those that were used last are objects, the others rest as bytes. A
 * row that is read or changed becomes an object again; a reader cannot tell. Rows go to rest between two commits only, so that
 * undoing a commit is about objects alone.
 */
export class RestingTable<Row extends object, Name extends string = never> {
  readonly #awake: MemoryTable<Row, Name>;
  readonly #resting: RestingRows<Row, Name>;
  readonly #keyOf: (row: Row) => string;
  readonly #sweptFrom: (row: Row) => number;

  constructor(undoLog: UndoLog, keyOf: (row: Row) => string, indexes: Indexes<Row, Name>, rest: Rest<Row>) {
    this.#awake = new MemoryTable(undoLog, keyOf, indexes);
    this.#resting = new RestingRows(keyOf, indexes, rest);
    this.#keyOf = keyOf;
    this.#sweptFrom = rest.sweptFrom;
  }

  get(key: string): Row | undefined {
    return this.#awake.get(key) ?? this.#wake(key);
  }

  by(name: Name, value: string): readonly Row[] {
    for (const row of this.#resting.by(name, value)) this.#wake(this.#keyOf(row));
    return this.#awake.by(name, value);
  }

  /** Whether there is a row with that value; reads one at the most. */
  has(name: Name, value: string): boolean {
    return this.#resting.by(name, value, 1).length > 0 || this.#awake.by(name, value).length > 0;
  }

  /** `false` where the key is taken. */
  insert(row: Row): boolean {
    return this.#resting.get(this.#keyOf(row)) === undefined && this.#awake.insert(row);
  }

  put(row: Row): void {
    if (this.#awake.replace(row)) return;
    this.#wake(this.#keyOf(row));
    this.#awake.put(row);
  }

  /** `false` where there was no such row. */
  delete(key: string): boolean {
    return this.#awake.delete(key) || (this.#wake(key) !== undefined && this.#awake.delete(key));
  }

  /** Deletes the rows of which `isDue` is true; reads all. */
  deleteWhere(isDue: (row: Row) => boolean): void {
    for (const row of this.#resting.rows()) if (isDue(row)) this.#wake(this.#keyOf(row));
    this.#awake.deleteWhere(isDue);
  }

  /** Deletes up to `limit` rows whose time has come and, where `isDue` is given, of which it is true; not to be undone. */
  sweep(now: number, limit: number, isDue?: (row: Row) => boolean): number {
    const swept = this.#resting.sweep(now, limit, isDue);
    return (
      swept + this.#awake.deleteWhere((row) => this.#sweptFrom(row) <= now && (isDue?.(row) ?? true), limit - swept)
    );
  }

  /**
   * Lays all but the rows that were used last to rest; to be called when no commit is under way. Many at a time: one alone
   * takes twice as long, as nothing that it needs is at hand in the processor.
   */
  rest(awake: number): void {
    if (this.#awake.size <= awake * MAX_AWAKE) return;
    for (const row of this.#awake.rows()) {
      this.#awake.release(this.#keyOf(row));
      this.#resting.add(row);
      if (this.#awake.size <= awake) return;
    }
  }

  /** Makes a row that rests an object again. */
  #wake(key: string): Row | undefined {
    const row = this.#resting.take(key);
    if (row !== undefined) this.#awake.adopt(row);
    return row;
  }
}
