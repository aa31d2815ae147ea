import type { Change, CommitResult } from '@assent/engine/host';
import type { ChangeTable, StoreChange } from './store.ts';

export type Refusal = Extract<CommitResult, { readonly committed: false }>;

/** What is told of a change that no longer applies: its type, or the realm that refuses it (SEC-89). */
export const refusalOf = ({ type }: { readonly type: string }, realm: string | undefined): Refusal =>
  realm === undefined ? { committed: false, refused: type } : { committed: false, refused: 'realm.usable', realm };

/**
 * Applies the changes in order and stops at the first that no longer applies; undoing the others is the caller's. `realmThatRefuses` is asked
 * of that change.
 */
export const firstRefused = (
  table: ChangeTable,
  changes: readonly Change[],
  realmThatRefuses: (change: StoreChange) => string | undefined,
): Refusal | undefined => {
  for (const change of changes as readonly StoreChange[]) {
    if (!Object.hasOwn(table, change.type)) throw new TypeError(`no store applies the type ${change.type}`);
    const apply = table[change.type] as (given: StoreChange) => boolean;
    if (!apply(change)) return refusalOf(change, realmThatRefuses(change));
  }
  return undefined;
};
