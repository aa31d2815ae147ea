import type { Configuration, PublishedTree } from '../model/configuration.ts';
import type { NodeDefinition } from './node-definition.ts';

/** Names of the trees that a tree runs; settings that are not valid name none. */
const innerTreesOf = (tree: PublishedTree, catalogue: ReadonlyMap<string, NodeDefinition>): readonly string[] =>
  Object.values(tree.nodes).flatMap(({ type, config }) => {
    const definition = catalogue.get(type);
    if (definition?.innerTree === undefined) return [];
    const settings = definition.config.safeParse(config);
    return settings.success ? [definition.innerTree(settings.data as never)] : [];
  });

/**
 * Why `containing` may not run `named`, in AM's words for the one who saves it, or undefined (spec: journeys-rest §5.7).
 * The trees behind `named` are followed as they are published now; a loop that a later edit closes ends at run time.
 */
export const innerTreeProblem = (
  configuration: Pick<Configuration, 'tree'>,
  catalogue: ReadonlyMap<string, NodeDefinition>,
  realm: string,
  containing: string,
  named: string,
): string | undefined => {
  if (configuration.tree(realm, named) === undefined && named !== containing) return 'Configured tree does not exist';
  const seen = new Set<string>();
  const open = [named];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === containing) return `Tree would result in recursive loop: ${named}`;
    if (seen.has(name)) continue;
    seen.add(name);
    const tree = configuration.tree(realm, name);
    if (tree !== undefined) open.push(...innerTreesOf(tree, catalogue));
  }
  return undefined;
};
