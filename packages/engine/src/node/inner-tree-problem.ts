import type { Configuration, PublishedTree } from '../model/configuration.ts';
import type { NodeDefinition } from './node-definition.ts';

interface Running {
  readonly catalogue: ReadonlyMap<string, NodeDefinition>;
  readonly names: readonly string[];
}

/** By tree, which never changes. */
const known = new WeakMap<Pick<PublishedTree, 'nodes'>, Running>();

/** Names of the trees that a tree runs; settings that are not valid name none. Only nodes that can run one are read. */
const innerTreesOf = (tree: PublishedTree, catalogue: ReadonlyMap<string, NodeDefinition>): readonly string[] => {
  const before = known.get(tree);
  if (before?.catalogue === catalogue) return before.names;
  const names = Object.values(tree.nodes).flatMap(({ type, config }) => {
    const definition = catalogue.get(type);
    if (definition?.innerTree === undefined) return [];
    const settings = definition.config.safeParse(config);
    return settings.success ? [definition.innerTree(settings.data as never)] : [];
  });
  const running = { catalogue, names: [...new Set(names)] };
  known.set(tree, running);
  return running.names;
};

/**
 * Why `containing` may not run `named`, in AM's words for the one who saves it, or undefined (spec: journeys-rest §5.7).
 * The trees behind `named` are followed as they are published now; a loop that a later edit closes ends at run time. They are added to `reached`,
 * and those that are in it are not followed again.
 */
export const innerTreeProblem = (
  configuration: Pick<Configuration, 'tree'>,
  catalogue: ReadonlyMap<string, NodeDefinition>,
  realm: string,
  containing: string,
  named: string,
  reached = new Set<string>(),
): string | undefined => {
  if (configuration.tree(realm, named) === undefined && named !== containing) return 'Configured tree does not exist';
  const open = [named];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const tree = name === containing ? undefined : configuration.tree(realm, name);
    if (tree !== undefined) open.push(...innerTreesOf(tree, catalogue));
  }
  return reached.has(containing) ? `Tree would result in recursive loop: ${named}` : undefined;
};
