import { definitionOf } from '../node/definition-in-version.ts';
import type { NodeDefinition } from '../node/node-definition.ts';
import { readSettings, settingsFaults } from '../node/node-settings.ts';
import type { CheckedTree, TreeReading } from './parsed-node.ts';

interface Running {
  readonly catalogue: ReadonlyMap<string, NodeDefinition>;
  readonly names: readonly string[];
}

/** By tree: names alone. A tree with placeholders is read each time, since their values can change. */
const readBefore = new WeakMap<CheckedTree, Running>();

/** The names of the trees that a tree runs. Only the nodes that can run one are read. */
export const innerTreesIn = (tree: CheckedTree, { catalogue, placeholderValue }: TreeReading): readonly string[] => {
  const before = readBefore.get(tree);
  if (before?.catalogue === catalogue) return before.names;
  let hasPlaceholders = false;
  const recorded = (name: string) => {
    hasPlaceholders = true;
    return placeholderValue?.(name);
  };
  const names = new Set<string>();
  for (const id of Object.keys(tree.tree.nodes)) {
    const node = Object.hasOwn(tree.nodes, id) ? tree.nodes[id] : undefined;
    const definition = node && definitionOf(catalogue, node);
    if (node === undefined || definition?.innerTree === undefined) continue;
    const settings = readSettings(definition, node.config, recorded);
    if (settings.config === undefined || settings.missing.size > 0 || settingsFaults(settings).length > 0) continue;
    const inner = definition.innerTree(settings.config as never);
    if (inner !== undefined) names.add(inner);
  }
  const running = { catalogue, names: [...names] };
  if (!hasPlaceholders) readBefore.set(tree, running);
  return running.names;
};
