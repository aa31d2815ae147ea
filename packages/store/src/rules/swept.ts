import type { StoreObserver } from '../ports/store-observer.ts';

/** What one sweep has deleted, table by table; told once it is committed, so that one that is repeated is told once. */
export class Swept {
  readonly #limit: number;
  readonly #tables: { readonly table: string; readonly rows: number; readonly isClear: boolean }[] = [];
  readonly #expired: { readonly realm: string; readonly tree: string }[] = [];
  #rows = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get rows(): number {
    return this.#rows;
  }

  /** How many rows it may still delete. */
  get left(): number {
    return this.#limit - this.#rows;
  }

  add(table: string, rows: number): void {
    this.#tables.push({ table, rows, isClear: rows < this.left });
    this.#rows += rows;
  }

  /** Journeys among them that nobody had ended. */
  addExpired(realm: string, tree: string): void {
    this.#expired.push({ realm, tree });
  }

  tellTo(observer: Pick<StoreObserver, 'swept' | 'expired'>): void {
    for (const { table, rows, isClear } of this.#tables) observer.swept(table, rows, isClear);
    for (const { realm, tree } of this.#expired) observer.expired(realm, tree);
  }
}
