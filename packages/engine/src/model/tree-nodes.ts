import type { NodeDocument } from './configuration.ts';
import type { TreeDocument } from './tree.ts';

/** The nodes that a tree runs, those inside others included; one that cannot be found is left out. */
export const nodesOfTree = (
  tree: Pick<TreeDocument, 'nodes'>,
  find: (id: string) => NodeDocument | undefined,
  idsInside: (node: NodeDocument) => readonly string[],
): Readonly<Record<string, NodeDocument>> => {
  const found = new Map<string, NodeDocument>();
  const open = Object.keys(tree.nodes);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = found.has(id) ? undefined : find(id);
    if (node === undefined) continue;
    found.set(id, { id: node.id, type: node.type, config: node.config });
    open.push(...idsInside(node));
  }
  return Object.fromEntries(found);
};
