import type { ConfigurationChange } from '@assent/engine/host';
import { all, run, statement, type Verb } from '../verbs/verb.ts';

/** An instance that is further behind reads everything. */
const KEPT_VERSIONS = 256;

export type KindOfRow = 'tree' | 'service' | 'script' | 'node' | 'client';
/** A row that was written or deleted; or a realm that was created or deleted, and with it every row of an earlier realm of that path. */
export type Touched = readonly [kind: KindOfRow, realm: string, key: string] | readonly [kind: 'realm', realm: string];

const insert = statement('INSERT INTO configuration_change (version, touched) VALUES (?, ?)');
const deleteOlder = statement('DELETE FROM configuration_change WHERE version <= ?');
const selectSince = statement<[version: number, touched: string]>(
  'SELECT version, touched FROM configuration_change WHERE version > ? ORDER BY version',
);

const touchedBy = (change: ConfigurationChange): readonly Touched[] => {
  const { createRealm, deleteRealm } = change;
  const emptied = [createRealm?.realm, deleteRealm].filter((realm) => realm !== undefined);
  const rows = <T extends { readonly realm: string }>(
    kind: KindOfRow,
    keyOf: (row: T) => string,
    ...lists: readonly (readonly T[] | undefined)[]
  ): readonly Touched[] => lists.flatMap((list = []) => list.map((row) => [kind, row.realm, keyOf(row)] as const));
  const byId = ({ id }: { readonly id: string }) => id;
  return [
    ...emptied.map((realm) => ['realm', realm] as const),
    ...rows<{ realm: string; type: string }>('service', ({ type }) => type, change.putServices, change.deleteServices),
    ...rows<{ realm: string; id: string }>('script', byId, change.putScripts, change.deleteScripts),
    ...rows<{ realm: string; id: string }>('node', byId, change.putNodes, change.deleteNodes),
    ...rows<{ realm: string; name: string }>('tree', ({ name }) => name, change.publishTrees, change.deleteTrees),
    ...rows<{ realm: string; id: string }>('client', byId, change.putClients, change.deleteClients),
  ];
};

/** Keeps which rows the change has touched, under the version that the configuration has after it. */
export function* keepTouched(change: ConfigurationChange): Verb<void> {
  const version = change.seenVersion + 1;
  yield* run(insert, version, JSON.stringify(touchedBy(change)));
  yield* run(deleteOlder, version - KEPT_VERSIONS);
}

/** What was touched since a version, up to another one or later; undefined where that is not known any more. */
export function* touchedSince(version: number, until: number): Verb<readonly Touched[] | undefined> {
  const changes = yield* all(selectSince, version);
  const isComplete = changes.filter((it) => it[0] <= until).length === until - version;
  return isComplete ? changes.flatMap(([, touched]) => JSON.parse(touched) as readonly Touched[]) : undefined;
}
