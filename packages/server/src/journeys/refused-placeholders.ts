import type { NodeDefinition } from '@assent/engine';
import { definitionOf, type PlaceholderSource, type PublishedTree, readSettings } from '@assent/engine/host';

/** A setting of a node in which a secret may not stand. */
export interface RefusedPlaceholder {
  readonly realm: string;
  readonly tree: string;
  readonly nodeType: string;
  readonly nodeId: string;
  readonly setting: string;
  readonly reason: string;
}

/** Nodes of published journeys that name secrets which they may not use: a journey that reaches one fails (SEC-92). */
export const refusedPlaceholders = (
  trees: readonly Pick<PublishedTree, 'realm' | 'name' | 'nodes'>[],
  catalogue: ReadonlyMap<string, NodeDefinition>,
  source: PlaceholderSource,
): readonly RefusedPlaceholder[] =>
  trees.flatMap(({ realm, name: tree, nodes }) =>
    Object.entries(nodes).flatMap(([nodeId, node]) => {
      const definition = definitionOf(catalogue, node);
      const refused = definition && readSettings(definition, node.config, source(realm)).refused;
      return [...(refused ?? [])].map(([setting, reason]) => ({
        realm,
        tree,
        nodeType: node.type,
        nodeId,
        setting,
        reason,
      }));
    }),
  );
