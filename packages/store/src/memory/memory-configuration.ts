import type { RealmSettings, ScriptDocument } from '@assent/engine';
import type {
  ClientDocument,
  ConfigurationStore,
  PublishedTree,
  ServiceDocument,
  StoredNode,
} from '@assent/engine/host';
import { ConfigurationMoved } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { keyOf, MemoryTable, type UndoLog } from './memory-table.ts';

interface TreeRow extends PublishedTree {
  /** Undefined for the version in force; else when a sweep first saw that it is not, 0 before that. */
  readonly retiredAt: number | undefined;
}

/** `deleteRows` removes what the other tables keep of a realm. */
export const memoryConfiguration = (undoLog: UndoLog, deleteRows: (realm: string) => void) => {
  const realms = new Map<string, RealmSettings>();
  const services = new Map<string, ServiceDocument>();
  const scripts = new Map<string, ScriptDocument>();
  const nodes = new MemoryTable<StoredNode>(undoLog, ({ realm, id }) => keyOf(realm, id), {});
  const clients = new MemoryTable<ClientDocument>(undoLog, ({ realm, id }) => keyOf(realm, id), {});
  const trees = new MemoryTable<TreeRow, 'name'>(undoLog, ({ realm, name, version }) => keyOf(realm, name, version), {
    name: ({ realm, name }) => keyOf(realm, name),
  });
  let version = 0;

  const advance = (): void => {
    version += 1;
  };
  const publishedOf = ({ retiredAt: _, ...published }: TreeRow): PublishedTree => Object.freeze(published);
  const retire = (realm: string, name: string): void => {
    for (const row of trees.by('name', keyOf(realm, name))) {
      if (row.retiredAt === undefined) trees.put({ ...row, retiredAt: 0 });
    }
  };
  const publish = (tree: Omit<PublishedTree, 'version'>): TreeRow => {
    const versions = trees.by('name', keyOf(tree.realm, tree.name)).map((row) => row.version);
    retire(tree.realm, tree.name);
    const row = { ...tree, version: Math.max(0, ...versions) + 1, retiredAt: undefined };
    trees.put(row);
    return row;
  };

  const publishWithNodes = (tree: Omit<PublishedTree, 'version'>): TreeRow => {
    for (const node of Object.values(tree.nodes)) nodes.put({ ...node, realm: tree.realm });
    return publish(tree);
  };
  /** As a part of a commit, which may be undone. */
  const set = <T>(map: Map<string, T>, at: string, value: T): void => {
    const before = map.get(at);
    undoLog.note(() => (before === undefined ? map.delete(at) : map.set(at, before)));
    map.set(at, Object.freeze(value));
  };
  const drop = <T>(map: Map<string, T>, at: string): void => {
    const before = map.get(at);
    if (before === undefined) return;
    undoLog.note(() => map.set(at, before));
    map.delete(at);
  };
  const hasNamesake = ({ realm, id, name }: ScriptDocument): boolean =>
    [...scripts.values()].some((it) => it.realm === realm && it.name === name && it.id !== id);
  const putService = (service: ServiceDocument): void => {
    services.set(keyOf(service.realm, service.type), Object.freeze(service));
  };
  const deleteAllOf = (realm: string): void => {
    for (const map of [services, scripts] as readonly Map<string, unknown>[]) {
      for (const it of map.keys()) if (it.startsWith(keyOf(realm, ''))) drop(map, it);
    }
    trees.deleteWhere((row) => row.realm === realm);
    nodes.deleteWhere((row) => row.realm === realm);
    clients.deleteWhere((row) => row.realm === realm);
    deleteRows(realm);
  };

  const store: ConfigurationStore = {
    version: async () => version,
    load: async (held) => ({
      version,
      realms: [...realms.values()],
      trees: [...trees.rows()]
        .filter(({ retiredAt }) => retiredAt === undefined)
        .map((row) => held?.(row.realm, row.name, row.version) ?? publishedOf(row)),
      services: [...services.values()],
      scripts: [...scripts.values()],
      clients: [...clients.rows()],
    }),
    loadNodes: async () => ({ version, nodes: [...nodes.rows()] }),
    loadTree: async (realm, name, wanted) => {
      const row = trees.get(keyOf(realm, name, wanted));
      return row && publishedOf(row);
    },
    createRealm: async (settings, equipment) => {
      const { realm } = settings;
      if (realms.has(realm)) return false;
      realms.set(realm, Object.freeze(settings));
      // What came too late to leave with an earlier one of that path; of the root realm there was never another.
      if (realm !== '/') deleteAllOf(realm);
      for (const tree of equipment?.trees ?? []) publishWithNodes(tree);
      for (const service of equipment?.services ?? []) putService(service);
      undoLog.forget();
      advance();
      return true;
    },
    saveRealm: async (settings) => {
      realms.set(settings.realm, Object.freeze(settings));
      advance();
    },
    deleteRealm: async (realm) => {
      if (!realms.delete(realm)) return false;
      deleteAllOf(realm);
      undoLog.forget();
      advance();
      return true;
    },
    // Here, all goes at once.
    isBeingDeleted: async () => false,
    publishTree: async (tree) => {
      const row = publishWithNodes(tree);
      undoLog.forget();
      advance();
      return publishedOf(row);
    },
    saveService: async (service) => {
      putService(service);
      advance();
    },
    saveScript: async (script) => {
      if (hasNamesake(script)) return false;
      scripts.set(keyOf(script.realm, script.id), Object.freeze(script));
      advance();
      return true;
    },
    deleteScript: async (realm, id) => {
      if (!scripts.delete(keyOf(realm, id))) return false;
      advance();
      return true;
    },
    deleteService: async (realm, type) => {
      if (!services.delete(keyOf(realm, type))) return false;
      advance();
      return true;
    },
    onlyAt: (seenVersion) => {
      const still =
        <A extends readonly unknown[], T>(write: (...given: A) => Promise<T>) =>
        async (...given: A): Promise<T> => {
          if (version !== seenVersion) throw new ConfigurationMoved();
          return write(...given);
        };
      return {
        ...store,
        createRealm: still(store.createRealm),
        saveRealm: still(store.saveRealm),
        deleteRealm: still(store.deleteRealm),
        publishTree: still(store.publishTree),
        saveService: still(store.saveService),
        deleteService: still(store.deleteService),
        saveScript: still(store.saveScript),
        deleteScript: still(store.deleteScript),
      };
    },
  };

  return {
    store,
    changes: {
      'configuration.change': ({ seenVersion, putNodes, deleteNodes, publishTrees, deleteTrees, ...change }) => {
        if (seenVersion !== version) return false;
        const { createRealm, putRealm } = change;
        if (createRealm !== undefined) {
          if (realms.has(createRealm.realm)) return false;
          set(realms, createRealm.realm, createRealm);
          if (createRealm.realm !== '/') deleteAllOf(createRealm.realm);
        }
        if (putRealm !== undefined) set(realms, putRealm.realm, putRealm);
        for (const service of change.putServices ?? []) set(services, keyOf(service.realm, service.type), service);
        for (const script of change.putScripts ?? []) {
          if (hasNamesake(script)) return false;
          set(scripts, keyOf(script.realm, script.id), script);
        }
        for (const node of putNodes ?? []) nodes.put({ ...node });
        for (const { realm, id } of deleteNodes ?? []) nodes.delete(keyOf(realm, id));
        for (const { realm, name } of deleteTrees ?? []) retire(realm, name);
        for (const tree of publishTrees ?? []) publish(tree);
        for (const client of change.putClients ?? []) clients.put(Object.freeze({ ...client }));
        for (const { realm, id } of change.deleteClients ?? []) clients.delete(keyOf(realm, id));
        undoLog.note(() => {
          version = seenVersion;
        });
        advance();
        return true;
      },
    } satisfies ChangesOf<'configuration.change'>,
    /** Versions that nobody can be on any more; the newest of a name stays, so that its number is not given again. */
    sweep: (now: number, retiredBy: number, isInUse: (tree: PublishedTree) => boolean, limit: number): number => {
      for (const row of trees.rows()) if (row.retiredAt === 0) trees.put({ ...row, retiredAt: now });
      const isNewest = (row: TreeRow) =>
        trees.by('name', keyOf(row.realm, row.name)).every((other) => other.version <= row.version);
      return trees.deleteWhere(
        (row) => row.retiredAt !== undefined && row.retiredAt <= retiredBy && !isNewest(row) && !isInUse(row),
        limit,
      );
    },
  };
};
