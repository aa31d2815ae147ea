import type { ChangeTable, StoreChange } from '../ports/store.ts';
import { type CreatedIn, createdIn } from '../rules/created-in-realm.ts';

type TableOfRow = Extract<CreatedIn, { readonly table: string }>['table'];

interface Realms {
  readonly isOff: (realm: string) => boolean;
  /** The realm of a row, by its table. */
  readonly realmOf: Readonly<Record<TableOfRow, (id: string) => string | undefined>>;
}

/** Refuses what would create something in a realm that is switched off, before it is applied (SEC-89). */
export const realmGuard = (table: ChangeTable, { isOff, realmOf }: Realms) => {
  const offRealmOf = (change: StoreChange): string | undefined => {
    const created = createdIn(change);
    if (created === undefined) return undefined;
    const realm = 'realm' in created ? created.realm : realmOf[created.table](created.id);
    return realm !== undefined && isOff(realm) ? realm : undefined;
  };
  const guarded = Object.entries(table as Record<string, (change: StoreChange) => boolean>).map(([type, apply]) => [
    type,
    (change: StoreChange) => offRealmOf(change) === undefined && apply(change),
  ]);
  return {
    table: Object.fromEntries(guarded) as ChangeTable,
    realmThatRefuses: (change: StoreChange) => (change.type === 'realm.usable' ? change.realm : offRealmOf(change)),
  };
};
