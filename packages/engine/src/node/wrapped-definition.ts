import type { NodeDefinition } from './node-definition.ts';
import type { Outcomes } from './outcomes.ts';
import { outcomesInside } from './outcomes-inside.ts';

/**
 * A node that another one runs in its own place, with settings that are made when it is visited. So its outcomes must be
 * known without its settings, and nothing can stand in it.
 */
export const wrappedDefinition = (
  definition: NodeDefinition,
  config: unknown,
  catalogue: ReadonlyMap<string, NodeDefinition>,
): NodeDefinition | undefined => {
  const type = definition.wraps?.(config as never);
  const wrapped = type === undefined ? undefined : catalogue.get(type);
  return wrapped?.declaredOutcomes === undefined ? undefined : wrapped;
};

/** Whether a node stands by itself among those that another holds. */
export const standsAlone = (holder: NodeDefinition, inside: NodeDefinition | undefined): boolean =>
  holder.holdsStandalone && inside?.isStandalone === true;

/** The outcomes of a node with these settings, whatever it holds or wraps. */
export const outcomesOfNode = (
  definition: NodeDefinition,
  config: unknown,
  children: readonly { readonly id: string; readonly outcomes: Outcomes; readonly definition?: NodeDefinition }[],
  catalogue: ReadonlyMap<string, NodeDefinition>,
): Outcomes => {
  if (definition.wraps === undefined) {
    const inside = children.map(({ id, outcomes, definition: child }) => ({
      outcomes: outcomesInside(definition, id, outcomes),
      isStandalone: standsAlone(definition, child),
    }));
    return definition.outcomesOf(config, inside);
  }
  const outcomes = wrappedDefinition(definition, config, catalogue)?.declaredOutcomes;
  return definition.outcomesOf(config, outcomes === undefined ? [] : [{ outcomes }]);
};
