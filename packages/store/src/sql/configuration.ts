import type { ScriptDocument } from '@assent/engine';
import type { ConfigurationStore, NodeDocument, PublishedTree, ServiceDocument, StoredNode } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import type { Place, Sealer } from '../sealing/sealer.ts';
import type { Database } from '../sqlite/driver.ts';
import type { Transactions } from '../sqlite/transactions.ts';

interface TreeHead {
  readonly realm: string;
  readonly name: string;
  readonly version: number;
}
type HeadRow = readonly [realm: string, name: string, version: number];

/** `deleteRows` removes what the other tables keep of a realm. Configuration is always flushed to disk. */
export const sqliteConfiguration = (
  db: Database,
  sealer: Sealer,
  transactions: Transactions,
  deleteRows: (realm: string) => void,
) => {
  const selectVersion = db.prepare<[version: number]>('SELECT version FROM configuration_version WHERE id = 1');
  const moveOn = db.prepare('UPDATE configuration_version SET version = version + 1 WHERE id = 1');
  const selectRealms = db.prepare<[settings: string]>('SELECT settings FROM realm ORDER BY path');
  const insertRealm = db.prepare('INSERT INTO realm (path, settings) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const upsertRealm = db.prepare(
    'INSERT INTO realm (path, settings) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET settings = excluded.settings',
  );
  const deleteRealm = db.prepare('DELETE FROM realm WHERE path = ?');
  const selectHeads = db.prepare<HeadRow>('SELECT realm, name, version FROM tree WHERE retired_at IS NULL');
  const selectTree = db.prepare<[tree: string, nodes: Uint8Array]>(
    'SELECT tree, nodes FROM tree WHERE realm = ? AND name = ? AND version = ?',
  );
  const selectNextVersion = db.prepare<[version: number]>(
    'SELECT COALESCE(MAX(version), 0) + 1 FROM tree WHERE realm = ? AND name = ?',
  );
  const retireTree = db.prepare('UPDATE tree SET retired_at = 0 WHERE realm = ? AND name = ? AND retired_at IS NULL');
  const insertTree = db.prepare('INSERT INTO tree (realm, name, version, tree, nodes) VALUES (?, ?, ?, ?, ?)');
  const deleteTrees = db.prepare('DELETE FROM tree WHERE realm = ?');
  const stampRetired = db.prepare('UPDATE tree SET retired_at = ? WHERE retired_at = 0');
  const sweepRetired = db.prepare(
    `DELETE FROM tree WHERE (realm, name, version) IN (
       SELECT realm, name, version FROM tree AS old
       WHERE retired_at > 0 AND retired_at <= ?
         AND version < (SELECT MAX(version) FROM tree WHERE realm = old.realm AND name = old.name)
         AND NOT EXISTS (SELECT 1 FROM journey_session AS journey WHERE journey.realm = old.realm
           AND journey.tree = old.name AND journey.tree_version = old.version AND journey.ended = 0)
       LIMIT ?)`,
  );
  const selectNodes = db.prepare<[realm: string, id: string, type: string, config: Uint8Array]>(
    'SELECT realm, id, type, config FROM node',
  );
  const upsertNode = db.prepare(
    `INSERT INTO node (realm, id, type, config) VALUES (?, ?, ?, ?)
     ON CONFLICT (realm, id) DO UPDATE SET type = excluded.type, config = excluded.config`,
  );
  const deleteNode = db.prepare('DELETE FROM node WHERE realm = ? AND id = ?');
  const deleteNodes = db.prepare('DELETE FROM node WHERE realm = ?');
  const selectUnsealed = db.prepare<[...head: HeadRow, tree: string, nodes: string]>(
    'SELECT realm, name, version, tree, nodes FROM tree_unsealed ORDER BY realm, name, version',
  );
  const deleteUnsealed = db.prepare('DELETE FROM tree_unsealed');
  const selectServices = db.prepare<[realm: string, type: string, config: Uint8Array]>(
    'SELECT realm, type, config FROM service',
  );
  const upsertService = db.prepare(
    `INSERT INTO service (realm, type, config) VALUES (?, ?, ?)
     ON CONFLICT (realm, type) DO UPDATE SET config = excluded.config`,
  );
  const deleteService = db.prepare('DELETE FROM service WHERE realm = ? AND type = ?');
  const selectScripts = db.prepare<[realm: string, id: string, name: string, document: string]>(
    'SELECT realm, id, name, document FROM script',
  );
  const selectNamesake = db.prepare<[id: string]>('SELECT id FROM script WHERE realm = ? AND name = ? AND id <> ?');
  const upsertScript = db.prepare(
    `INSERT INTO script (realm, id, name, document) VALUES (?, ?, ?, ?)
     ON CONFLICT (realm, id) DO UPDATE SET name = excluded.name, document = excluded.document`,
  );
  const deleteScript = db.prepare('DELETE FROM script WHERE realm = ? AND id = ?');
  const deleteScripts = db.prepare('DELETE FROM script WHERE realm = ?');
  const deleteServices = db.prepare('DELETE FROM service WHERE realm = ?');
  // Sealed whole: which settings are secret is for the service to know, and one it adds later is safe from the start.
  const placeOf = (realm: string, type: string) => ({ table: 'service', id: type, realm, userId: '' });
  const placeOfNode = (realm: string, id: string) => ({ table: 'node', id, realm, userId: '' });
  const placeOfTree = ({ realm, name, version }: TreeHead) => ({
    table: 'tree',
    id: `${version} ${name}`,
    realm,
    userId: '',
  });
  /** Nothing for what does not open: one such record takes no other with it. */
  const openJson = (place: Place, sealed: Uint8Array): unknown => {
    const plain = sealer.tryOpen('secret', place, sealed);
    return plain === undefined ? undefined : JSON.parse(plain.toString());
  };
  const version = (): number => selectVersion.get()?.[0] ?? 0;

  const treeAt = (head: TreeHead): PublishedTree | undefined => {
    const row = selectTree.get(head.realm, head.name, head.version);
    if (row === undefined) return undefined;
    const [tree, nodes] = row;
    const opened = openJson(placeOfTree(head), nodes) as PublishedTree['nodes'] | undefined;
    return opened && { ...head, tree: JSON.parse(tree), nodes: opened };
  };
  const writeTree = (published: PublishedTree): void => {
    const { realm, name, version, tree, nodes } = published;
    const sealed = sealer.seal('secret', placeOfTree(published), JSON.stringify(nodes));
    insertTree.run(realm, name, version, JSON.stringify(tree), sealed);
  };
  const publish = (tree: Omit<PublishedTree, 'version'>): PublishedTree => {
    const next = selectNextVersion.get(tree.realm, tree.name)?.[0] ?? 1;
    retireTree.run(tree.realm, tree.name);
    const published = { ...tree, version: next };
    writeTree(published);
    return published;
  };
  const putNode = ({ realm, id, type, config }: StoredNode): void => {
    upsertNode.run(realm, id, type, sealer.seal('secret', placeOfNode(realm, id), JSON.stringify(config)));
  };

  const store: ConfigurationStore = {
    version: async () => version(),
    load: async (held) => ({
      version: version(),
      realms: selectRealms.all().map(([settings]) => JSON.parse(settings)),
      trees: selectHeads
        .all()
        .flatMap(([realm, name, version]) => held?.(realm, name, version) ?? treeAt({ realm, name, version }) ?? []),
      services: selectServices.all().flatMap(([realm, type, sealed]) => {
        const config = openJson(placeOf(realm, type), sealed) as ServiceDocument['config'] | undefined;
        return config === undefined ? [] : [{ realm, type, config }];
      }),
      scripts: selectScripts
        .all()
        .map(([realm, id, name, document]): ScriptDocument => ({ ...JSON.parse(document), realm, id, name })),
    }),
    loadNodes: async () => ({
      version: version(),
      nodes: selectNodes.all().flatMap(([realm, id, type, sealed]) => {
        const config = openJson(placeOfNode(realm, id), sealed) as StoredNode['config'] | undefined;
        return config === undefined ? [] : [{ realm, id, type, config }];
      }),
    }),
    loadTree: async (realm, name, wanted) => treeAt({ realm, name, version: wanted }),
    createRealm: async (settings) =>
      transactions.durably(() => {
        if (insertRealm.run(settings.realm, JSON.stringify(settings)) === 0) return false;
        moveOn.run();
        return true;
      }),
    saveRealm: async (settings) =>
      transactions.durably(() => {
        upsertRealm.run(settings.realm, JSON.stringify(settings));
        moveOn.run();
      }),
    deleteRealm: async (realm) =>
      transactions.durably(() => {
        if (deleteRealm.run(realm) === 0) return false;
        deleteTrees.run(realm);
        deleteNodes.run(realm);
        deleteServices.run(realm);
        deleteScripts.run(realm);
        deleteRows(realm);
        moveOn.run();
        return true;
      }),
    publishTree: async (tree) =>
      transactions.durably(() => {
        for (const node of Object.values(tree.nodes)) putNode({ ...node, realm: tree.realm });
        const published = publish(tree);
        moveOn.run();
        return published;
      }),
    saveService: async ({ realm, type, config }) =>
      transactions.durably(() => {
        upsertService.run(realm, type, sealer.seal('secret', placeOf(realm, type), JSON.stringify(config)));
        moveOn.run();
      }),
    saveScript: async ({ realm, id, name, ...document }) =>
      transactions.durably(() => {
        if (selectNamesake.get(realm, name, id) !== undefined) return false;
        upsertScript.run(realm, id, name, JSON.stringify(document));
        moveOn.run();
        return true;
      }),
    deleteScript: async (realm, id) =>
      transactions.durably(() => {
        if (deleteScript.run(realm, id) === 0) return false;
        moveOn.run();
        return true;
      }),
    deleteService: async (realm, type) =>
      transactions.durably(() => {
        if (deleteService.run(realm, type) === 0) return false;
        moveOn.run();
        return true;
      }),
  };

  return {
    store,
    changes: {
      'configuration.change': (change) => {
        if (version() !== change.seenVersion) return false;
        for (const node of change.putNodes ?? []) putNode(node);
        for (const { realm, id } of change.deleteNodes ?? []) deleteNode.run(realm, id);
        for (const { realm, name } of change.deleteTrees ?? []) retireTree.run(realm, name);
        for (const tree of change.publishTrees ?? []) publish(tree);
        moveOn.run();
        return true;
      },
    } satisfies ChangesOf<'configuration.change'>,
    /** Versions that nobody can be on any more; the newest of a name stays, so that its number is not given again. */
    sweep: (now: number, retiredBy: number, limit: number): number => {
      stampRetired.run(now);
      return sweepRetired.run(retiredBy, limit);
    },
    /** Trees from before nodes were kept apart and sealed; neither is a business of SQL. */
    moveOlder: (): void => {
      for (const [realm, name, version, tree, nodes] of selectUnsealed.all()) {
        const documents: Readonly<Record<string, NodeDocument>> = JSON.parse(nodes);
        for (const node of Object.values(documents)) putNode({ ...node, realm });
        retireTree.run(realm, name);
        writeTree({ realm, name, version, tree: JSON.parse(tree), nodes: documents });
      }
      deleteUnsealed.run();
    },
  };
};
