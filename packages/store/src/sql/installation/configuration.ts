import type { RealmSettings, ScriptDocument } from '@assent/engine';
import type {
  ClientDocument,
  ConfigurationReader,
  PublishedTree,
  ServiceDocument,
  StoredNode,
} from '@assent/engine/host';
import type { ClientOfRow } from '../../rules/ended-with-client.ts';
import { KEPT_TREE_VERSIONS } from '../../rules/retention.ts';
import type { Place, Sealer } from '../../sealing/sealer.ts';
import { REALM_LASTS } from '../verbs/conditions.ts';
import { defineChanges, TABLES, type VerbsOf } from '../verbs/define-changes.ts';
import { all, first, firstOfEach, type ReadVerbs, type Row, run, statement, type Verb } from '../verbs/verb.ts';
import { keepTouched, touchedSince } from './configuration-changes.ts';
import { loadAll, loadTouched, type Rows } from './loaded-rows.ts';

interface TreeHead {
  readonly realm: string;
  readonly name: string;
  readonly version: number;
}
type HeadRow = readonly [realm: string, name: string, version: number];
type TreeRow = readonly [...head: HeadRow, tree: string, nodes: Uint8Array];
type SealedRow = readonly [realm: string, key: string, sealed: Uint8Array];

const selectVersion = statement<[version: number]>('SELECT version FROM configuration_version WHERE id = 1');
const moveOn = statement('UPDATE configuration_version SET version = version + 1 WHERE id = 1');
const writeNothing = statement('UPDATE configuration_version SET version = version WHERE id = 1');
const selectRealms = statement<[settings: string]>('SELECT settings FROM realm ORDER BY path');
const insertRealm = statement(
  `INSERT INTO realm (path, settings) SELECT ?, ? WHERE ${REALM_LASTS} ON CONFLICT DO NOTHING`,
);
const upsertRealm = statement(
  `INSERT INTO realm (path, settings) SELECT ?, ? WHERE ${REALM_LASTS}
   ON CONFLICT (path) DO UPDATE SET settings = excluded.settings`,
);
/**
 * After this, each commit that has found the realm on is over, and each later one sees what is written of the realm (SEC-89). It locks the table
 * rather than the row: each login would write a lock of the row, and who waits for a table is not overtaken by those who come later.
 */
const lockRealms = statement('{lock_table} realm {exclusively}');
const deleteRealm = statement('DELETE FROM realm WHERE path = ?');
const selectTrees = statement<TreeRow>('SELECT realm, name, version, tree, nodes FROM tree WHERE retired_at IS NULL');
const selectTreeInForce = statement<TreeRow>(
  'SELECT realm, name, version, tree, nodes FROM tree WHERE realm = ? AND name = ? AND retired_at IS NULL',
);
const selectTree = statement<TreeRow>(
  'SELECT realm, name, version, tree, nodes FROM tree WHERE realm = ? AND name = ? AND version = ?',
);
const selectNextVersion = statement<[version: number]>(
  'SELECT COALESCE(MAX(version), 0) + 1 FROM tree WHERE realm = ? AND name = ?',
);
const retireTree = statement('UPDATE tree SET retired_at = 0 WHERE realm = ? AND name = ? AND retired_at IS NULL');
const insertTree = statement('INSERT INTO tree (realm, name, version, tree, nodes) VALUES (?, ?, ?, ?, ?)');
/** The sweep deletes the newer ones once they are old enough. */
const deleteOldVersions = statement(
  `DELETE FROM tree WHERE realm = ? AND name = ? AND version <= ?
     AND NOT EXISTS (SELECT 1 FROM journey_session AS journey WHERE journey.realm = tree.realm
       AND journey.tree = tree.name AND journey.tree_version = tree.version AND journey.ended = 0)`,
);
const deleteTreesInForce = statement('DELETE FROM tree WHERE realm = ? AND retired_at IS NULL');
const deleteSomeVersions = statement(
  `DELETE FROM tree WHERE (realm, name, version) IN (
     SELECT realm, name, version FROM tree WHERE realm = ? LIMIT ?)`,
);
const setRetiredAt = statement(
  `UPDATE tree SET retired_at = ? WHERE (realm, name, version) IN (
     SELECT realm, name, version FROM tree WHERE retired_at = 0 LIMIT ?)`,
);
const sweepRetired = statement(
  `DELETE FROM tree WHERE (realm, name, version) IN (
     SELECT realm, name, version FROM tree AS old
     WHERE retired_at > 0 AND retired_at <= ?
       AND version < (SELECT MAX(version) FROM tree WHERE realm = old.realm AND name = old.name)
       AND NOT EXISTS (SELECT 1 FROM journey_session AS journey WHERE journey.realm = old.realm
         AND journey.tree = old.name AND journey.tree_version = old.version AND journey.ended = 0)
     LIMIT ?)`,
);
type NodeRow = readonly [realm: string, id: string, type: string, config: Uint8Array];
const selectNodes = statement<NodeRow>('SELECT realm, id, type, config FROM node');
const selectNode = statement<NodeRow>('SELECT realm, id, type, config FROM node WHERE realm = ? AND id = ?');
const upsertNode = statement(
  `INSERT INTO node (realm, id, type, config) VALUES (?, ?, ?, ?)
   ON CONFLICT (realm, id) DO UPDATE SET type = excluded.type, config = excluded.config`,
);
const deleteNode = statement('DELETE FROM node WHERE realm = ? AND id = ?');
const deleteNodes = statement('DELETE FROM node WHERE realm = ?');
const selectServices = statement<SealedRow>('SELECT realm, type, config FROM service');
const selectService = statement<SealedRow>('SELECT realm, type, config FROM service WHERE realm = ? AND type = ?');
const upsertService = statement(
  `INSERT INTO service (realm, type, config) VALUES (?, ?, ?)
   ON CONFLICT (realm, type) DO UPDATE SET config = excluded.config`,
);
const deleteService = statement('DELETE FROM service WHERE realm = ? AND type = ?');
type ScriptRow = readonly [realm: string, id: string, name: string, document: string];
const selectScripts = statement<ScriptRow>('SELECT realm, id, name, document FROM script');
const selectScript = statement<ScriptRow>('SELECT realm, id, name, document FROM script WHERE realm = ? AND id = ?');
const selectNamesake = statement<[id: string]>('SELECT id FROM script WHERE realm = ? AND name = ? AND id <> ?');
const upsertScript = statement(
  `INSERT INTO script (realm, id, name, document) VALUES (?, ?, ?, ?)
   ON CONFLICT (realm, id) DO UPDATE SET name = excluded.name, document = excluded.document`,
);
const deleteScript = statement('DELETE FROM script WHERE realm = ? AND id = ?');
const deleteScripts = statement('DELETE FROM script WHERE realm = ?');
const deleteServices = statement('DELETE FROM service WHERE realm = ?');
type ClientRow = readonly [...client: SealedRow, secretDigest: string | null];
const selectClients = statement<ClientRow>('SELECT realm, id, document, secret_digest FROM oauth_client');
const selectClient = statement<ClientRow>(
  'SELECT realm, id, document, secret_digest FROM oauth_client WHERE realm = ? AND id = ?',
);
const upsertClient = statement(
  `INSERT INTO oauth_client (realm, id, document, secret_digest) VALUES (?, ?, ?, ?)
   ON CONFLICT (realm, id) DO UPDATE SET document = excluded.document, secret_digest = excluded.secret_digest`,
);
const deleteClient = statement('DELETE FROM oauth_client WHERE realm = ? AND id = ?');
const deleteClients = statement('DELETE FROM oauth_client WHERE realm = ?');

/** A version of a tree has up to 2 MiB, and counts as so many rows where rows are deleted at once. */
const ROWS_OF_A_VERSION = 50;

const versionsWithin = (rows: number): number => Math.max(1, Math.floor(rows / ROWS_OF_A_VERSION));

/** The versions that a realm has of its trees: a full realm has some hundred MiB of them when it is deleted. */
export const treeVersions = {
  *deleteSome(realm: string, limit: number): Verb<number> {
    if (limit <= 0) return 0;
    const atOnce = versionsWithin(limit);
    const gone = yield* run(deleteSomeVersions, realm, atOnce);
    return gone === atOnce ? limit : Math.min(limit - 1, gone * ROWS_OF_A_VERSION);
  },
};

/** The section in which the generation of a client is sealed with its document; no document has a section of this name. */
const GENERATION = '#generation';

/** What the other tables keep of a realm that is deleted goes with it, at once or after a while. */
interface RowsOfRealms {
  isLeaving(realm: string): Verb<boolean>;
  leave(realm: string): Verb<unknown>;
  clearForNew(realm: string): Verb<unknown>;
}

/** Sealed whole: which settings are secret is for the service to know, and one it adds later is safe from the start. */
export const placeOfService = (realm: string, type: string) => ({ table: 'service', id: type, realm, userId: '' });
export const placeOfNode = (realm: string, id: string) => ({ table: 'node', id, realm, userId: '' });
/** Its key set may hold keys that the client shares with the server. */
export const placeOfClient = (realm: string, id: string) => ({ table: 'oauth_client', id, realm, userId: '' });
export const placeOfTree = ({ realm, name, version }: TreeHead) => ({
  table: 'tree',
  id: `${version} ${name}`,
  realm,
  userId: '',
});

const OF_CONFIGURATION = [
  'configuration_version',
  'configuration_change',
  'realm',
  'leaving_realm',
  'service',
  'script',
  'node',
  'tree',
  'oauth_client',
  // Tree versions that journeys use are kept.
  'journey_session',
] as const;

export const CONFIGURATION_CHANGES = defineChanges({
  'configuration.change': {
    // A deleted realm takes all its rows with it. A new realm deletes what came too late to go with an earlier realm of its path.
    tables: ({ createRealm, deleteRealm }) =>
      createRealm === undefined && deleteRealm === undefined ? OF_CONFIGURATION : TABLES,
    creates: 'nothing',
    locks: { configuration: true },
    durability: 'disk',
  },
});

/** Configuration is always flushed to disk. */
export const configurationTopic = (
  sealer: Sealer,
  rowsOfRealms: RowsOfRealms,
  askVersion: () => Verb<number>,
  locksTables: () => boolean = () => true,
) => {
  /** Undefined for what does not open: one such record takes no other with it. */
  const openJson = (place: Place, sealed: Uint8Array): unknown => {
    const plain = sealer.tryOpen('secret', place, sealed);
    return plain === undefined ? undefined : JSON.parse(plain.toString());
  };
  function* version(): Verb<number> {
    return (yield* first(selectVersion))?.[0] ?? 0;
  }

  const treeOf = ([realm, name, version, tree, nodes]: TreeRow): PublishedTree | undefined => {
    const head = { realm, name, version };
    const opened = openJson(placeOfTree(head), nodes) as PublishedTree['nodes'] | undefined;
    return opened && { ...head, tree: JSON.parse(tree), nodes: opened };
  };
  const trees: Rows<PublishedTree, TreeRow> = {
    kind: 'tree',
    all: selectTrees,
    one: selectTreeInForce,
    keyOf: ({ name }) => name,
    documentOf: treeOf,
  };
  const services: Rows<ServiceDocument, SealedRow> = {
    kind: 'service',
    all: selectServices,
    one: selectService,
    keyOf: ({ type }) => type,
    documentOf: ([realm, type, sealed]) => {
      const config = openJson(placeOfService(realm, type), sealed) as ServiceDocument['config'] | undefined;
      return config && { realm, type, config };
    },
  };
  const scripts: Rows<ScriptDocument, ScriptRow> = {
    kind: 'script',
    all: selectScripts,
    one: selectScript,
    keyOf: ({ id }) => id,
    documentOf: ([realm, id, name, document]) => ({ ...JSON.parse(document), realm, id, name }),
  };
  const clients: Rows<ClientDocument, ClientRow> = {
    kind: 'client',
    all: selectClients,
    one: selectClient,
    keyOf: ({ id }) => id,
    documentOf: ([realm, id, sealed, secretDigest]) => {
      const opened = openJson(placeOfClient(realm, id), sealed) as ClientDocument['document'] | undefined;
      if (opened === undefined) return undefined;
      const { [GENERATION]: generation, ...document } = opened;
      return {
        realm,
        id,
        document,
        ...(secretDigest !== null && { secretDigest }),
        ...(typeof generation === 'string' && { generation }),
      };
    },
  };
  const nodes: Rows<StoredNode, NodeRow> = {
    kind: 'node',
    all: selectNodes,
    one: selectNode,
    keyOf: ({ id }) => id,
    documentOf: ([realm, id, type, sealed]) => {
      const config = openJson(placeOfNode(realm, id), sealed) as StoredNode['config'] | undefined;
      return config && { realm, id, type, config };
    },
  };
  function* writeTree(published: PublishedTree): Verb<void> {
    const { realm, name, version, tree, nodes } = published;
    const sealed = sealer.seal('secret', placeOfTree(published), JSON.stringify(nodes));
    yield* run(insertTree, realm, name, version, JSON.stringify(tree), sealed);
  }
  function* publish(tree: Omit<PublishedTree, 'version'>): Verb<void> {
    const version = (yield* first(selectNextVersion, tree.realm, tree.name))?.[0] ?? 1;
    yield* run(retireTree, tree.realm, tree.name);
    yield* writeTree({ ...tree, version });
    yield* run(deleteOldVersions, tree.realm, tree.name, version - KEPT_TREE_VERSIONS);
  }
  function* putNode({ realm, id, type, config }: StoredNode): Verb<void> {
    yield* run(upsertNode, realm, id, type, sealer.seal('secret', placeOfNode(realm, id), JSON.stringify(config)));
  }

  function* putClient({ realm, id, document, secretDigest, generation }: ClientDocument): Verb<void> {
    const text = JSON.stringify({ ...document, [GENERATION]: generation });
    const sealed = sealer.seal('secret', placeOfClient(realm, id), text);
    yield* run(upsertClient, realm, id, sealed, secretDigest ?? null);
  }

  const reader = {
    version: askVersion,
    *load(earlier) {
      // Read first: what another process writes meanwhile then counts as still to be read, and not as read.
      const loaded = yield* version();
      const touched = earlier && (yield* touchedSince(earlier.version, loaded));
      const read = <T extends { readonly realm: string }, R extends Row>(of: Rows<T, R>, before: readonly T[] = []) =>
        touched === undefined ? loadAll(of) : loadTouched(of, before, touched);
      return {
        version: loaded,
        emptied: touched?.flatMap(([kind, realm]) => (kind === 'realm' ? [realm] : [])),
        realms: (yield* all(selectRealms)).map(([settings]) => JSON.parse(settings)),
        trees: yield* read(trees, earlier?.trees),
        services: yield* read(services, earlier?.services),
        scripts: yield* read(scripts, earlier?.scripts),
        clients: yield* read(clients, earlier?.clients),
      };
    },
    *loadNodes(earlier) {
      const loaded = yield* version();
      const touched = earlier && (yield* touchedSince(earlier.version, loaded));
      const read = touched === undefined ? loadAll(nodes) : loadTouched(nodes, earlier?.nodes ?? [], touched);
      return { version: loaded, nodes: yield* read };
    },
    isBeingDeleted: rowsOfRealms.isLeaving,
    *loadTree(realm, name, wanted) {
      const row = yield* first(selectTree, realm, name, wanted);
      return row && treeOf(row);
    },
  } satisfies ReadVerbs<ConfigurationReader>;

  function* putService({ realm, type, config }: ServiceDocument): Verb<void> {
    yield* run(upsertService, realm, type, sealer.seal('secret', placeOfService(realm, type), JSON.stringify(config)));
  }
  function* deleteAllOf(realm: string): Verb<void> {
    for (const it of [deleteTreesInForce, deleteNodes, deleteServices, deleteScripts, deleteClients])
      yield* run(it, realm);
  }

  /** False where there is one of the path, or an earlier one is still being deleted. */
  function* newRealm(settings: RealmSettings): Verb<boolean> {
    const { realm } = settings;
    if ((yield* run(insertRealm, realm, JSON.stringify(settings), realm)) === 0) return false;
    // Of the root realm there was never another.
    if (realm !== '/') {
      yield* deleteAllOf(realm);
      yield* rowsOfRealms.clearForNew(realm);
    }
    return true;
  }
  /** False where there is none. */
  function* dropRealm(realm: string): Verb<boolean> {
    if ((yield* run(deleteRealm, realm)) === 0) return false;
    yield* deleteAllOf(realm);
    yield* rowsOfRealms.leave(realm);
    return true;
  }
  function* putRealm(settings: RealmSettings): Verb<void> {
    if (locksTables()) yield* first(lockRealms);
    yield* run(upsertRealm, settings.realm, JSON.stringify(settings), settings.realm);
  }
  /** False where another script of the realm has the name. */
  function* putScript({ realm, id, name, ...document }: ScriptDocument): Verb<boolean> {
    if ((yield* first(selectNamesake, realm, name, id)) !== undefined) return false;
    yield* run(upsertScript, realm, id, name, JSON.stringify(document));
    return true;
  }

  return {
    reader,
    changes: {
      *'configuration.change'(change) {
        if ((yield* version()) !== change.seenVersion) return false;
        if (change.createRealm !== undefined && !(yield* newRealm(change.createRealm))) return false;
        if (change.deleteRealm !== undefined && !(yield* dropRealm(change.deleteRealm))) return false;
        for (const service of change.putServices ?? []) yield* putService(service);
        for (const { realm, type } of change.deleteServices ?? []) yield* run(deleteService, realm, type);
        for (const { realm, id } of change.deleteScripts ?? []) yield* run(deleteScript, realm, id);
        for (const script of change.putScripts ?? []) if (!(yield* putScript(script))) return false;
        for (const { realm, id } of change.deleteScripts ?? []) yield* run(deleteScript, realm, id);
        for (const node of change.putNodes ?? []) yield* putNode(node);
        for (const { realm, id } of change.deleteNodes ?? []) yield* run(deleteNode, realm, id);
        for (const { realm, name } of change.deleteTrees ?? []) yield* run(retireTree, realm, name);
        for (const tree of change.publishTrees ?? []) yield* publish(tree);
        for (const client of change.putClients ?? []) yield* putClient(client);
        for (const { realm, id } of change.deleteClients ?? []) yield* run(deleteClient, realm, id);
        yield* run(moveOn);
        yield* keepTouched(change);
        // Last, since logins of all realms wait from here to the end of the commit.
        if (change.putRealm !== undefined) yield* putRealm(change.putRealm);
        return true;
      },
    } satisfies VerbsOf<typeof CONFIGURATION_CHANGES>,
    /** Versions that nobody can be on any more; the newest of a name stays, so that its number is not given again. */
    *sweep(now: number, retiredBy: number, limit: number): Verb<number> {
      if (limit <= 0) return 0;
      const atOnce = versionsWithin(limit);
      const marked = yield* run(setRetiredAt, now, atOnce);
      const deleted = yield* run(sweepRetired, retiredBy, atOnce);
      // More are left where as many were found as are worked on at once.
      return marked === atOnce || deleted === atOnce ? limit : deleted;
    },
    /** Of each client the text of its generations; `none` where there is no client, undefined where its document cannot be opened. */
    *clientsOf(keys: readonly (readonly [realm: string, id: string])[]): Verb<readonly (ClientOfRow | undefined)[]> {
      const rows = yield* firstOfEach(selectClient, keys);
      return rows.map((row): ClientOfRow | undefined => (row === undefined ? 'none' : clients.documentOf(row)));
    },
    /** Throws where the database cannot be written. */
    *check(): Verb<void> {
      yield* run(writeNothing);
    },
  };
};
