import { meetOf, type Supplied } from './node-facts.ts';
import { eitherSupply, isSameSupply, type Supply } from './supply.ts';
import type { TreeGraph } from './tree-graph.ts';

const added = (a: Supplied, b: Supplied): Supplied => ({
  always: eitherSupply(a.always, b.always),
  ever: eitherSupply(a.ever, b.ever),
});

/**
 * What is in state where a node or an end is entered: by every way there (`always`), and by some way (`ever`), if the tree
 * begins with `atStart`. What nobody gets to is absent. Sets only shrink and grow, so that it ends after as many rounds as
 * there are names, and in practice after two.
 */
export const stateFlow = ({ entry, nodes }: TreeGraph, atStart: Supply): ReadonlyMap<string, Supplied> => {
  const entered = new Map<string, Supplied>([[entry, { always: atStart, ever: atStart }]]);
  let open = new Set([entry]);
  while (open.size > 0) {
    const next = new Set<string>();
    for (const id of open) {
      const before = entered.get(id);
      const node = nodes.get(id);
      if (before === undefined || node === undefined) continue;
      for (const { outcome, to } of node.edges) {
        const known = entered.get(to);
        const after = meetOf(known, added(before, node.facts.supplied(outcome)));
        if (known && isSameSupply(known.always, after.always) && isSameSupply(known.ever, after.ever)) continue;
        entered.set(to, after);
        next.add(to);
      }
    }
    open = next;
  }
  return entered;
};
