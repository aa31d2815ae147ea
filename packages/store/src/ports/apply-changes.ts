import type { Change } from '@assent/engine/host';
import type { ChangeTable, ChangeType, StoreChange } from './store.ts';

/** Applies the changes in order and stops at the first that no longer applies; undoing the others is the caller's. */
export const firstRefused = (table: ChangeTable, changes: readonly Change[]): ChangeType | undefined => {
  for (const change of changes as readonly StoreChange[]) {
    if (!Object.hasOwn(table, change.type)) throw new TypeError(`no store applies the type ${change.type}`);
    const apply = table[change.type] as (given: StoreChange) => boolean;
    if (!apply(change)) return change.type;
  }
  return undefined;
};
