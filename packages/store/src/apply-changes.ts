import type { Change } from '@assent/engine';
import type { ChangeTable, StoreChange, Verb } from './store.ts';

/** Applies the changes in order and stops at the first that no longer applies; undoing the others is the caller's. */
export const firstRefused = (table: ChangeTable, changes: readonly Change[]): Verb | undefined => {
  for (const change of changes as readonly StoreChange[]) {
    if (!Object.hasOwn(table, change.verb)) throw new TypeError(`no store applies the verb ${change.verb}`);
    const apply = table[change.verb] as (given: StoreChange) => boolean;
    if (!apply(change)) return change.verb;
  }
  return undefined;
};
