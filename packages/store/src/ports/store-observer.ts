/** Sees what a store does by itself, for whoever counts it. It must not throw, and changes nothing. */
export interface StoreObserver {
  /** A transaction is tried once more, by the SQLSTATE of what became of the last try; none where its connection has died. */
  repeated(sqlState: string | undefined): void;
  /** Somebody has a connection of a pool after so long, or has given up waiting for one. */
  waited(pool: PoolName, millis: number): void;
  /** A sweep has deleted so many rows of a table; `isClear` where it has left none. */
  swept(table: string, rows: number, isClear: boolean): void;
  /** A journey ran out of time that nobody had ended, and is swept. */
  expired(realm: string, tree: string): void;
}

/** `commits` has what writes, `listings` what reads much and what is done beside the requests. */
export type PoolName = 'commits' | 'listings';

export interface PoolState {
  readonly pool: PoolName;
  readonly busy: number;
  readonly idle: number;
  /** How many wait for one. */
  readonly waiting: number;
}

/** What is told to whoever observes by then; nobody may. */
export class ObservedStore {
  #observer: Partial<StoreObserver> = {};

  readonly observe = (observer: StoreObserver): void => {
    this.#observer = observer;
  };

  /** @see StoreObserver */
  readonly tell: StoreObserver = {
    repeated: (sqlState) => this.#observer.repeated?.(sqlState),
    waited: (pool, millis) => this.#observer.waited?.(pool, millis),
    swept: (table, rows, isClear) => this.#observer.swept?.(table, rows, isClear),
    expired: (realm, tree) => this.#observer.expired?.(realm, tree),
  };
}
