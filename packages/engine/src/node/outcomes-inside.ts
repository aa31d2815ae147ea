import type { NodeDefinition } from './node-definition.ts';
import type { Outcomes } from './outcomes.ts';

/** What decides about names: whether the holder tells its nodes apart. */
type Holder = Pick<NodeDefinition, 'holdsStandalone'> | undefined;

/**
 * The name that a holder, such as a page, gives to an outcome of a node inside it. A holder whose nodes are answered in place of one another
 * puts the id of the node before the outcome, as AM does from version 2.0 of its page on.
 */
export const outcomeInside = (holder: Holder, id: string, outcome: string): string =>
  holder?.holdsStandalone === true ? `${id}-${outcome}` : outcome;

export const outcomesInside = (holder: Holder, id: string, outcomes: Outcomes): Outcomes =>
  holder?.holdsStandalone === true
    ? Object.fromEntries(
        Object.entries(outcomes).map(([outcome, title]) => [outcomeInside(holder, id, outcome), title]),
      )
    : outcomes;

/** The other way round; a name of another node stays as it is. */
export const outcomeOfChild = (holder: Holder, id: string, outcome: string): string =>
  holder?.holdsStandalone === true && outcome.startsWith(`${id}-`) ? outcome.slice(id.length + 1) : outcome;

/**
 * The connections of a node by the names that its outcomes have. Trees that were saved without the ids of the nodes inside are read as
 * if they had them: such a connection stands for that outcome of every node inside whose outcome the holder has. A connection that stands for none
 * keeps its stored name.
 */
export const connectionsByOutcome = (
  connections: Readonly<Record<string, string>>,
  holder: Holder,
  children: readonly { readonly id: string; readonly outcomes?: Outcomes }[],
  /** The outcomes of the holder; undefined where its settings cannot be read. */
  ownOutcomes?: Outcomes,
): Readonly<Record<string, string>> => {
  if (holder?.holdsStandalone !== true) return connections;
  const named = new Map(Object.entries(connections));
  for (const { id, outcomes = {} } of children) {
    for (const outcome of Object.keys(outcomes)) {
      const name = outcomeInside(holder, id, outcome);
      if (ownOutcomes !== undefined && !Object.hasOwn(ownOutcomes, name)) continue;
      const given = [name, outcome].find((it) => Object.hasOwn(connections, it));
      const to = given === undefined ? undefined : connections[given];
      if (to === undefined) continue;
      named.delete(outcome);
      named.set(name, to);
    }
  }
  return Object.fromEntries(named);
};
