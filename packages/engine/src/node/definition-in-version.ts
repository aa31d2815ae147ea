import type { NodeDocument } from '../model/configuration.ts';
import type { NodeDefinition } from './node-definition.ts';
import { isVersionFrom, versionOfNode } from './node-version.ts';

/** That version of the type; one that this server does not have is taken for the newest before it. */
export const definitionInVersion = (newest: NodeDefinition, version: string): NodeDefinition =>
  // Nearly all types have one version, and all nodes of a realm are looked at in a row.
  newest.earlier.length === 0
    ? newest
    : ([newest, ...newest.earlier].find((it) => isVersionFrom(version, it.version)) ?? newest);

/** What a node is by; undefined for a type that is not in the catalogue. */
export const definitionOf = (
  catalogue: ReadonlyMap<string, NodeDefinition>,
  node: Pick<NodeDocument, 'type' | 'config'>,
): NodeDefinition | undefined => {
  const newest = catalogue.get(node.type);
  return newest && definitionInVersion(newest, versionOfNode(node));
};
