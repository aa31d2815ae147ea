import { flowOver } from './graph/flow.ts';
import { meetOf, type Supplied } from './node-facts.ts';
import { eitherSupply, type Supply } from './state-names.ts';
import type { TreeGraph, Way } from './tree-graph.ts';

/**
 * What is in state where a node or an end is entered: by each way there (`always`), and by some way (`ever`), if the tree
 * begins with `atStart`.
 */
export const stateFlow = (graph: TreeGraph, atStart: Supply): ReadonlyMap<string, Supplied> =>
  flowOver<Supplied, Way>(graph, {
    atStart: { always: atStart, ever: atStart },
    pass: (before, { supplied }) => ({
      always: eitherSupply(before.always, supplied.always),
      ever: eitherSupply(before.ever, supplied.ever),
    }),
    join: meetOf,
    isSame: (one, other) => one.always === other.always && one.ever === other.ever,
    steps: graph.names.steps,
  });
