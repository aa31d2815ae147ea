import { type CommitResult, USER_TOO_LARGE } from '@assent/engine/host';
import type { ChangeTable, StoreChange } from './store.ts';

export type Refusal = Extract<CommitResult, { readonly committed: false }>;

/** A change of something in a realm that is switched off (SEC-89). */
export const refusedByRealm = (realm: string): Refusal => ({ committed: false, refused: 'realm.usable', realm });

/** A change that would make a user larger than a user may be. */
export const REFUSED_BY_SIZE: Refusal = Object.freeze({ committed: false, refused: USER_TOO_LARGE });

/** What is told of a change that no longer applies: its type, where there is no other cause. */
export const refusalOf = ({ type }: { readonly type: string }, cause: Refusal | undefined): Refusal =>
  cause ?? { committed: false, refused: type };

/**
 * Applies the changes in order and stops at the first that no longer applies; undoing the others is the caller's. `causeOf` is asked of
 * that change.
 */
export const firstRefused = (
  table: ChangeTable,
  changes: readonly StoreChange[],
  causeOf: (change: StoreChange) => Refusal | undefined,
): Refusal | undefined => {
  for (const change of changes) {
    const apply = table[change.type] as (given: StoreChange) => boolean;
    if (!apply(change)) return refusalOf(change, causeOf(change));
  }
  return undefined;
};
