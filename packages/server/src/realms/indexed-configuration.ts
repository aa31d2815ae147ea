import type { RealmSettings, ScriptDocument } from '@assent/engine';
import type { ClientDocument, ConfigurationSnapshot, PublishedTree, ServiceDocument } from '@assent/engine/host';
import { withLaterSettings } from './realm-defaults.ts';
import { aliasesOf } from './realm-names.ts';

/** Documents by the path of their realm, and then by name: what is asked of one realm takes no longer where another one has many. */
export type ByRealm<T> = ReadonlyMap<string, ReadonlyMap<string, T>>;

/** One version of the configuration of all realms, found by realm and name. */
export interface Indexed {
  readonly version: number;
  /** Of all realms: what has not changed need not be read again. */
  readonly snapshot: ConfigurationSnapshot;
  /** All realms, also those that are switched off. */
  readonly stored: ReadonlyMap<string, RealmSettings>;
  /** Paths of realms that are switched off: their rows are in the maps below, and are not in force. */
  readonly off: ReadonlySet<string>;
  readonly realms: ReadonlyMap<string, RealmSettings>;
  /** Paths by alias, also of realms that are switched off: their names and hosts mean no other realm. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly trees: ByRealm<PublishedTree>;
  readonly services: ByRealm<ServiceDocument>;
  readonly scripts: ByRealm<ScriptDocument>;
  readonly clients: ByRealm<ClientDocument>;
}

export const byRealm = <T extends { readonly realm: string }>(
  rows: readonly T[],
  nameOf: (row: T) => string,
): Map<string, Map<string, T>> => {
  const all = new Map<string, Map<string, T>>();
  for (const row of rows) {
    const ofRealm = all.get(row.realm);
    if (ofRealm === undefined) all.set(row.realm, new Map([[nameOf(row), row]]));
    else ofRealm.set(nameOf(row), row);
  }
  return all;
};

export const index = (snapshot: ConfigurationSnapshot, includesInactiveRealms: boolean): Indexed => {
  const stored = snapshot.realms.map(withLaterSettings);
  const isInForce = ({ active }: RealmSettings) => active || includesInactiveRealms;
  const off = new Set(stored.filter((it) => !isInForce(it)).map(({ realm }) => realm));
  return {
    version: snapshot.version,
    snapshot,
    stored: new Map(stored.map((realm) => [realm.realm, realm])),
    off,
    realms: new Map(stored.filter(isInForce).map((realm) => [realm.realm, realm])),
    aliases: aliasesOf(stored),
    trees: byRealm(snapshot.trees, ({ name }) => name),
    services: byRealm(snapshot.services, ({ type }) => type),
    scripts: byRealm(snapshot.scripts, ({ id }) => id),
    clients: byRealm(snapshot.clients, ({ id }) => id),
  };
};
