import type { RealmSettings, ScriptDocument } from '@assent/engine';
import type { ClientDocument, NodeDocument, PublishedTree, ServiceDocument, StoredNode } from '@assent/engine/host';
import { isJsonObject } from '@assent/wire';
import type { LiveConfiguration } from '../realms/live-configuration.ts';

/** All that a realm is, but for its users, what they hold, and the keys that it signs with. */
export interface RealmContents {
  readonly settings: RealmSettings;
  readonly services: readonly ServiceDocument[];
  readonly scripts: readonly ScriptDocument[];
  readonly trees: readonly Omit<PublishedTree, 'version'>[];
  /** Those that no tree has. */
  readonly nodes: readonly StoredNode[];
  readonly clients: readonly ClientDocument[];
}

/** What of the configuration in force is read; its nodes have to be fresh. */
type Stored = Pick<LiveConfiguration, 'realm' | 'services' | 'scripts' | 'trees' | 'nodes' | 'clients'>;

/** What is stored of a realm; undefined where there is none of the path. */
export const contentsOf = (stored: Stored, path: string): RealmContents | undefined => {
  const settings = stored.realm(path);
  if (settings === undefined) return undefined;
  const trees = stored.trees(path);
  const inTrees = new Set(trees.flatMap((tree) => Object.keys(tree.nodes)));
  return {
    settings,
    services: stored.services(path, ''),
    scripts: stored.scripts(path),
    trees,
    nodes: stored.nodes(path).filter(({ id }) => !inTrees.has(id)),
    clients: stored.clients(path),
  };
};

/** The ids of nodes that stand inside others of the tree, as those of pages do. */
export const innerNodesOf = (nodes: Readonly<Record<string, NodeDocument>>): ReadonlySet<string> =>
  new Set(
    Object.values(nodes).flatMap(({ config }) =>
      (Array.isArray(config.nodes) ? config.nodes : []).flatMap((it) =>
        isJsonObject(it) && typeof it._id === 'string' ? [it._id] : [],
      ),
    ),
  );
