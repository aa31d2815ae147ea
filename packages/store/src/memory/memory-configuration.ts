import type { RealmSettings, ScriptDocument } from '@assent/engine';
import {
  type ClientDocument,
  type ConfigurationReader,
  MAX_PROPOSALS_OF_PROPOSER,
  MAX_PROPOSALS_OF_REALM,
  MAX_PROPOSED_BYTES_OF_REALM,
  type Proposal,
  type ProposalReader,
  type PublishedTree,
  type ServiceDocument,
  type StoredNode,
} from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import type { ClientOfRow } from '../rules/ended-with-client.ts';
import { sizeOfProposal } from '../rules/proposal-size.ts';
import { KEPT_TREE_VERSIONS } from '../rules/retention.ts';
import { keyOf, MemoryTable, type UndoLog } from './tables/memory-table.ts';

interface TreeRow extends PublishedTree {
  /** Undefined for the version in force; else when a sweep first saw that it is not, 0 before that. */
  readonly retiredAt: number | undefined;
}

interface OtherRows {
  /** Removes what the other tables keep of a realm. */
  deleteRows(realm: string): void;
  /** Whether a journey under way is on the version. */
  isInUse(tree: PublishedTree): boolean;
}

export const memoryConfiguration = (undoLog: UndoLog, { deleteRows, isInUse }: OtherRows) => {
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
  const published = new WeakMap<TreeRow, PublishedTree>();
  /** The same object for the same row, so that it is compiled once. */
  const publishedOf = (row: TreeRow): PublishedTree => {
    let tree = published.get(row);
    if (tree === undefined) {
      const { retiredAt: _, ...rest } = row;
      tree = Object.freeze(rest);
      published.set(row, tree);
    }
    return tree;
  };
  const retire = (realm: string, name: string): void => {
    for (const row of trees.by('name', keyOf(realm, name))) {
      if (row.retiredAt === undefined) trees.put({ ...row, retiredAt: 0 });
    }
  };
  const publish = (tree: Omit<PublishedTree, 'version'>): void => {
    const versions = trees.by('name', keyOf(tree.realm, tree.name)).map((row) => row.version);
    retire(tree.realm, tree.name);
    const version = Math.max(0, ...versions) + 1;
    trees.put({ ...tree, version, retiredAt: undefined });
    const isOld = (row: TreeRow) => row.version <= version - KEPT_TREE_VERSIONS && !isInUse(row);
    trees.deleteWhere((row) => row.realm === tree.realm && row.name === tree.name && isOld(row));
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
  const deleteAllOf = (realm: string): void => {
    for (const map of [services, scripts] as readonly Map<string, unknown>[]) {
      for (const it of map.keys()) if (it.startsWith(keyOf(realm, ''))) drop(map, it);
    }
    trees.deleteWhere((row) => row.realm === realm);
    nodes.deleteWhere((row) => row.realm === realm);
    clients.deleteWhere((row) => row.realm === realm);
    deleteRows(realm);
  };

  const reader: ConfigurationReader = {
    version: async () => version,
    load: async () => ({
      version,
      emptied: undefined,
      realms: [...realms.values()],
      trees: [...trees.rows()].filter(({ retiredAt }) => retiredAt === undefined).map(publishedOf),
      services: [...services.values()],
      scripts: [...scripts.values()],
      clients: [...clients.rows()],
    }),
    loadNodes: async () => ({ version, nodes: [...nodes.rows()] }),
    loadTree: async (realm, name, wanted) => {
      const row = trees.get(keyOf(realm, name, wanted));
      return row && publishedOf(row);
    },
    // Here, all goes at once.
    isBeingDeleted: async () => false,
  };

  return {
    reader,
    clientOf: (realm: string, id: string): ClientOfRow => clients.get(keyOf(realm, id)) ?? 'none',
    isOff: (realm: string): boolean => realms.get(realm)?.active === false,
    changes: {
      'realm.usable': ({ realm }) => realms.get(realm)?.active === true,
      'configuration.change': ({ seenVersion, putNodes, deleteNodes, publishTrees, deleteTrees, ...change }) => {
        if (seenVersion !== version) return false;
        const { createRealm, putRealm, deleteRealm } = change;
        if (createRealm !== undefined) {
          if (realms.has(createRealm.realm)) return false;
          set(realms, createRealm.realm, createRealm);
          if (createRealm.realm !== '/') deleteAllOf(createRealm.realm);
        }
        if (putRealm !== undefined) set(realms, putRealm.realm, putRealm);
        if (deleteRealm !== undefined) {
          if (!realms.has(deleteRealm)) return false;
          drop(realms, deleteRealm);
          deleteAllOf(deleteRealm);
        }
        for (const service of change.putServices ?? []) set(services, keyOf(service.realm, service.type), service);
        for (const { realm, type } of change.deleteServices ?? []) drop(services, keyOf(realm, type));
        for (const { realm, id } of change.deleteScripts ?? []) drop(scripts, keyOf(realm, id));
        for (const script of change.putScripts ?? []) {
          if (hasNamesake(script)) return false;
          set(scripts, keyOf(script.realm, script.id), script);
        }
        for (const { realm, id } of change.deleteScripts ?? []) drop(scripts, keyOf(realm, id));
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
    } satisfies ChangesOf<'configuration.change' | 'realm.usable'>,
    /** Versions that nobody can be on any more; the newest of a name stays, so that its number is not given again. */
    sweep: (now: number, retiredBy: number, limit: number): number => {
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

const inOrder = (a: Proposal, b: Proposal): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

export const memoryProposals = (undoLog: UndoLog) => {
  const table = new MemoryTable<Proposal, 'realm'>(undoLog, ({ id }) => id, { realm: ({ realm }) => realm });
  const waiting = (realm: string, now: number) =>
    table
      .by('realm', realm)
      .filter(({ expiresAt }) => now < expiresAt)
      .sort(inOrder);
  return {
    reader: {
      async get(realm, id) {
        const row = table.get(id);
        return row?.realm === realm ? row : undefined;
      },
      ofRealm: async (realm, now) => waiting(realm, now),
    } satisfies ProposalReader,
    changes: {
      'proposal.put': ({ row, now }) => {
        const others = waiting(row.realm, now);
        const bytes = others.reduce((sum, it) => sum + sizeOfProposal(it), sizeOfProposal(row));
        const ofProposer = others.filter(({ proposer }) => proposer === row.proposer).length;
        const hasRoom = others.length < MAX_PROPOSALS_OF_REALM && ofProposer < MAX_PROPOSALS_OF_PROPOSER;
        return hasRoom && bytes <= MAX_PROPOSED_BYTES_OF_REALM && table.insert(row);
      },
      'proposal.settle': ({ id, realm, now, notBy }) => {
        const row = table.get(id);
        const isThere = row?.realm === realm && now < row.expiresAt;
        return isThere && row.proposer !== notBy && table.delete(id);
      },
    } satisfies ChangesOf<'proposal.put' | 'proposal.settle'>,
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
    deleteUser: (id: string) => table.deleteWhere((row) => row.proposer === id),
  };
};
