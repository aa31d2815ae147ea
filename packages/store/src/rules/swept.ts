import type { StoreObserver } from '../ports/store-observer.ts';
import { type EndedExcess, SESSIONS_TOLD_AT_ONCE } from './session-rules.ts';

/** What one sweep has deleted, table by table; told once it is committed, so that one that is repeated is told once. */
export class Swept {
  readonly #limit: number;
  readonly #tables: { readonly table: string; readonly rows: number; readonly isClear: boolean }[] = [];
  readonly #expired: { readonly realm: string; readonly tree: string }[] = [];
  #rows = 0;
  #told = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How much of its limit is used up: all of it where there is more to do. */
  get rows(): number {
    return this.#rows;
  }

  /** How many rows it may still delete. */
  get left(): number {
    return this.#limit - this.#rows;
  }

  /** Of how many sessions it may still tell webhooks, each of which is a row that it writes. */
  get toldLeft(): number {
    return Math.min(this.left, SESSIONS_TOLD_AT_ONCE - this.#told);
  }

  /** `told` is how many sessions among them have had their webhooks told: with as many as it may, the sweep has done enough. */
  add(table: string, rows: number, told = 0): void {
    this.#told += told;
    const isEnough = told > 0 && this.#told >= SESSIONS_TOLD_AT_ONCE;
    this.#tables.push({ table, rows, isClear: rows < this.left && !isEnough });
    this.#rows = isEnough ? this.#limit : this.#rows + rows;
  }

  addExcess(ended: readonly EndedExcess[]): void {
    const sum = (of: 'sessions' | 'told') => ended.reduce((total, it) => total + it[of], 0);
    this.add('session_excess', sum('sessions'), sum('told'));
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
