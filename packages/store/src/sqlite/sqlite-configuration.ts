import type { ConfigurationStore, PublishedTree, ScriptDocument } from '@assent/engine';
import type { Sealer } from '../sealer.ts';
import type { Database } from './driver.ts';
import type { Transactions } from './transactions.ts';

interface TreeRow {
  readonly realm: string;
  readonly name: string;
  readonly version: number;
  readonly tree: string;
  readonly nodes: string;
}

const treeOf = (row: TreeRow): PublishedTree => ({
  realm: row.realm,
  name: row.name,
  version: row.version,
  tree: JSON.parse(row.tree),
  nodes: JSON.parse(row.nodes),
});

/** `deleteRows` removes what the other tables keep of a realm. Configuration is always flushed to disk. */
export const sqliteConfiguration = (
  db: Database,
  sealer: Sealer,
  transactions: Transactions,
  deleteRows: (realm: string) => void,
): ConfigurationStore => {
  const selectVersion = db.prepare<{ version: number }>('SELECT version FROM configuration_version WHERE id = 1');
  const moveOn = db.prepare('UPDATE configuration_version SET version = version + 1 WHERE id = 1');
  const selectRealms = db.prepare<{ settings: string }>('SELECT settings FROM realm ORDER BY path');
  const insertRealm = db.prepare('INSERT INTO realm (path, settings) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const upsertRealm = db.prepare(
    'INSERT INTO realm (path, settings) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET settings = excluded.settings',
  );
  const deleteRealm = db.prepare('DELETE FROM realm WHERE path = ?');
  const selectTrees = db.prepare<TreeRow>(
    `SELECT realm, name, version, tree, nodes FROM tree AS newest
     WHERE version = (SELECT MAX(version) FROM tree WHERE realm = newest.realm AND name = newest.name)`,
  );
  const selectTree = db.prepare<TreeRow>(
    'SELECT realm, name, version, tree, nodes FROM tree WHERE realm = ? AND name = ? AND version = ?',
  );
  const insertTree = db.prepare<{ version: number }>(
    `INSERT INTO tree (realm, name, version, tree, nodes)
     SELECT ?, ?, COALESCE(MAX(version), 0) + 1, ?, ? FROM tree WHERE realm = ? AND name = ? RETURNING version`,
  );
  const deleteTrees = db.prepare('DELETE FROM tree WHERE realm = ?');
  const selectServices = db.prepare<{ realm: string; type: string; config: Uint8Array }>(
    'SELECT realm, type, config FROM service',
  );
  const upsertService = db.prepare(
    `INSERT INTO service (realm, type, config) VALUES (?, ?, ?)
     ON CONFLICT (realm, type) DO UPDATE SET config = excluded.config`,
  );
  const deleteService = db.prepare('DELETE FROM service WHERE realm = ? AND type = ?');
  const selectScripts = db.prepare<{ realm: string; id: string; name: string; document: string }>(
    'SELECT realm, id, name, document FROM script',
  );
  const selectNamesake = db.prepare<{ id: string }>('SELECT id FROM script WHERE realm = ? AND name = ? AND id <> ?');
  const upsertScript = db.prepare(
    `INSERT INTO script (realm, id, name, document) VALUES (?, ?, ?, ?)
     ON CONFLICT (realm, id) DO UPDATE SET name = excluded.name, document = excluded.document`,
  );
  const deleteScript = db.prepare('DELETE FROM script WHERE realm = ? AND id = ?');
  const deleteScripts = db.prepare('DELETE FROM script WHERE realm = ?');
  const deleteServices = db.prepare('DELETE FROM service WHERE realm = ?');
  // Sealed whole: which settings are secret is for the service to know, and one it adds later is safe from the start.
  const placeOf = (realm: string, type: string) => ({ table: 'service', id: type, realm, userId: '' });
  const version = (): number => selectVersion.get()?.version ?? 0;

  return {
    version: async () => version(),
    load: async () => ({
      version: version(),
      realms: selectRealms.all().map((row) => JSON.parse(row.settings)),
      trees: selectTrees.all().map(treeOf),
      services: selectServices.all().map(({ realm, type, config }) => ({
        realm,
        type,
        config: JSON.parse(sealer.open('secret', placeOf(realm, type), config).toString()),
      })),
      scripts: selectScripts
        .all()
        .map(({ realm, id, name, document }): ScriptDocument => ({ ...JSON.parse(document), realm, id, name })),
    }),
    loadTree: async (realm, name, wanted) => {
      const row = selectTree.get(realm, name, wanted);
      return row === undefined ? undefined : treeOf(row);
    },
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
        deleteServices.run(realm);
        deleteScripts.run(realm);
        deleteRows(realm);
        moveOn.run();
        return true;
      }),
    publishTree: async (tree) =>
      transactions.durably(() => {
        const { realm, name } = tree;
        const row = insertTree.get(realm, name, JSON.stringify(tree.tree), JSON.stringify(tree.nodes), realm, name);
        if (row === undefined) throw new Error('a published tree got no version');
        moveOn.run();
        return { ...tree, version: row.version };
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
};
