import { FAILURE, SUCCESS } from '../model/tree.ts';
import { levelChangesOfTree } from './auth-levels.ts';
import { loneFactors } from './factor-rules.ts';
import type { FactorFacts, NodeFacts, Supplied, TreeFactor, TreeFacts } from './node-facts.ts';
import { proofFlow } from './proof-flow.ts';
import { afterRequests, NO_WAY, type Proofs, withRequestsOf, withUnknownRequests, withWay } from './proof-sets.ts';
import { stateFlow } from './state-flow.ts';
import { lacking, NOTHING } from './state-names.ts';
import { type Edge, type GraphNode, reachedFrom, type TreeGraph } from './tree-graph.ts';
import { waivedOnTheWay } from './waived-factors.ts';

/** An end that nobody gets to: whatever would follow it does not happen. */
const NEVER: Supplied = { always: 'anything', ever: NOTHING };

/** What a tree does to a journey that runs it, whatever that journey has in state. */
export const factsOfTree = (graph: TreeGraph): TreeFacts => {
  const flow = stateFlow(graph, NOTHING);
  const flows = new Map<number, ReadonlyMap<string, Proofs>>();
  /** Kept, since a journey may run the tree in many places; requests have few combinations. */
  const proofsAfter = (asked: number) => {
    const known = flows.get(asked) ?? proofFlow(graph, afterRequests(asked));
    flows.set(asked, known);
    return known;
  };
  // A tree that is too large is found here, before others ask for its proofs.
  proofsAfter(0);
  let always = NOTHING;
  let sometimes = NOTHING;
  for (const { id, facts } of graph.reached) {
    const before = flow.get(id);
    if (before === undefined) continue;
    always |= lacking(facts.needs.always, before.ever);
    sometimes |= lacking(facts.needs.always | facts.needs.sometimes, before.always);
  }
  return {
    asks: graph.reached.some(({ facts }) => facts.asks),
    disturbs: graph.reached.some(({ edges, facts }) => edges.some(({ outcome }) => facts.disturbs(outcome))),
    needs: { always, sometimes: sometimes & ~always },
    atSuccess: flow.get(SUCCESS) ?? NEVER,
    atFailure: flow.get(FAILURE) ?? NEVER,
    secondFactor: factorOfTree(graph, ({ secondFactor }) => secondFactor),
    phishingResistance: factorOfTree(graph, ({ phishingResistance }) => phishingResistance),
    role: factorOfTree(graph, ({ role }) => role),
    proven: (before) => withWay(before, (asked) => proofsAfter(asked).get(SUCCESS) ?? NO_WAY),
    // Without a path to Failure it fails by an error, and what it has sent until then is not known.
    sentUntilFailure: (before) =>
      withWay(before, (asked) =>
        withRequestsOf(proofsAfter(asked).get(FAILURE) ?? withUnknownRequests(afterRequests(asked))),
      ),
    mayProve: graph.reached.some(({ facts }) => facts.mayProve),
    isLone: loneFactors(graph).length > 0,
    waived: [...(waivedOnTheWay(graph).get(SUCCESS) ?? [])],
    authLevel: levelChangesOfTree(graph),
  };
};

/** Whether a kind of factor is there, and whether a journey can come to Success past it. */
const factorOfTree = ({ entry, nodes, reached }: TreeGraph, of: (facts: NodeFacts) => FactorFacts): TreeFactor => {
  const unproving = ({ edges, facts }: GraphNode): readonly Edge[] =>
    edges.filter(({ outcome }) => !of(facts).proves(outcome));
  const passes = reachedFrom(nodes, [entry], unproving).some((node) =>
    unproving(node).some(({ to }) => to === SUCCESS),
  );
  return { isThere: reached.some(({ facts }) => of(facts).isThere), isProven: entry !== SUCCESS && !passes };
};
