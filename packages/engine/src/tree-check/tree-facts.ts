import { FAILURE, SUCCESS } from '../model/tree.ts';
import { levelChangeOfTree } from './auth-levels.ts';
import { loneFactors } from './factor-rules.ts';
import type { FactorFacts, NodeFacts, Supplied, TreeFactor, TreeFacts } from './node-facts.ts';
import { proofFlow } from './proof-flow.ts';
import { type Proofs, withRequestsOf, withUnknownRequests, withWay } from './proof-sets.ts';
import { stateFlow } from './state-flow.ts';
import { NOTHING, supplies } from './supply.ts';
import { type Edge, type GraphNode, reachedFrom, type TreeGraph } from './tree-graph.ts';
import { waivedOnTheWay } from './waived-factors.ts';

/** An end that nobody gets to: whatever would follow it does not happen. */
const NEVER: Supplied = { always: 'anything', ever: NOTHING };

/** What a tree does to a journey that runs it, whatever that journey has in state. */
export const factsOfTree = (graph: TreeGraph): TreeFacts => {
  const flow = stateFlow(graph, NOTHING);
  const flows = new Map<string, ReadonlyMap<string, Proofs>>();
  /** Kept, since a journey may run the tree in many places; requests have few combinations. */
  const proofsAfter = (sent: Proofs) => {
    const known = flows.get(sent.join()) ?? proofFlow(graph, sent);
    flows.set(sent.join(), known);
    return known;
  };
  const always = new Set<string>();
  const sometimes = new Set<string>();
  for (const { id, facts } of graph.reached) {
    const before = flow.get(id);
    if (before === undefined) continue;
    for (const name of facts.needs.always) {
      if (!supplies(before.ever, name)) always.add(name);
      else if (!supplies(before.always, name)) sometimes.add(name);
    }
    for (const name of facts.needs.sometimes) if (!supplies(before.always, name)) sometimes.add(name);
  }
  return {
    asks: graph.reached.some(({ facts }) => facts.asks),
    disturbs: graph.reached.some(({ edges, facts }) => edges.some(({ outcome }) => facts.disturbs(outcome))),
    needs: { always, sometimes: new Set([...sometimes].filter((name) => !always.has(name))) },
    atSuccess: flow.get(SUCCESS) ?? NEVER,
    atFailure: flow.get(FAILURE) ?? NEVER,
    secondFactor: factorOfTree(graph, ({ secondFactor }) => secondFactor),
    phishingResistance: factorOfTree(graph, ({ phishingResistance }) => phishingResistance),
    role: factorOfTree(graph, ({ role }) => role),
    proven: (before) => withWay(before, (sent) => proofsAfter(sent).get(SUCCESS) ?? []),
    // Without a path to Failure it fails by an error, and what it has sent until then is not known.
    sentUntilFailure: (before) =>
      withWay(before, (sent) => withRequestsOf(proofsAfter(sent).get(FAILURE) ?? withUnknownRequests(sent))),
    mayProve: graph.reached.some(({ facts }) => facts.mayProve),
    isLone: loneFactors(graph).length > 0,
    waived: [...(waivedOnTheWay(graph).get(SUCCESS) ?? [])],
    authLevel: { atSuccess: levelChangeOfTree(graph, SUCCESS), atFailure: levelChangeOfTree(graph, FAILURE) },
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
