import type { StoreChange } from '../ports/store.ts';
import { createdIn, factsOf } from './all-changes.ts';
import type { Reach, Table } from './verbs/define-changes.ts';

const tablesToShare = (change: StoreChange): readonly Reach[] => {
  const { tables } = factsOf(change);
  return typeof tables === 'function' ? tables(change) : tables;
};

/**
 * The tables that a change may touch. A change that creates something reads its realm, which no other change of its commit writes.
 *
 * @internal The contract holds every statement against it.
 */
export const tablesOf = (change: StoreChange): readonly Table[] => [
  ...tablesToShare(change).map((it) => (typeof it === 'string' ? it : it[0])),
  ...(createdIn(change) === undefined ? [] : (['realm'] as const)),
];

/** Where a change meets other changes of its commit: in tables, or in parts of tables. */
export const reachOf = (change: StoreChange): readonly Reach[] =>
  factsOf(change).rows?.(change) ?? tablesToShare(change);

/** What the changes before one have still to finish. */
export class Claimed {
  readonly #tables = new Set<Table>();
  readonly #tablesOfParts = new Set<Table>();
  readonly #parts = new Set<string>();

  add(reach: readonly Reach[]): void {
    for (const it of reach) {
      if (typeof it === 'string') this.#tables.add(it);
      else {
        this.#parts.add(it.join(' '));
        this.#tablesOfParts.add(it[0]);
      }
    }
  }

  meets(reach: readonly Reach[]): boolean {
    return reach.some((it) =>
      typeof it === 'string'
        ? this.#tables.has(it) || this.#tablesOfParts.has(it)
        : this.#tables.has(it[0]) || this.#parts.has(it.join(' ')),
    );
  }
}
