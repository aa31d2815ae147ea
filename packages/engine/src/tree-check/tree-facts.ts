import { FAILURE, SUCCESS } from '../model/tree.ts';
import type { Supplied, TreeFacts } from './node-facts.ts';
import { stateFlow } from './state-flow.ts';
import { NOTHING, supplies } from './supply.ts';
import { reachedFrom, type TreeGraph } from './tree-graph.ts';

/** An end that nobody gets to: whatever would follow it does not happen. */
const NEVER: Supplied = { always: 'anything', ever: NOTHING };

/** What a tree does to a journey that runs it, whatever that journey has in state. */
export const factsOfTree = (graph: TreeGraph): TreeFacts => {
  const flow = stateFlow(graph, NOTHING);
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
  const unproven = reachedFrom(graph.nodes, [graph.entry], ({ edges, facts }) =>
    edges.filter(({ outcome }) => !facts.proves(outcome)),
  );
  const endsUnproven = unproven.some(({ edges, facts }) =>
    edges.some(({ outcome, to }) => to === SUCCESS && !facts.proves(outcome)),
  );
  return {
    asks: graph.reached.some(({ facts }) => facts.asks),
    disturbs: graph.reached.some(({ edges, facts }) => edges.some(({ outcome }) => facts.disturbs(outcome))),
    needs: { always, sometimes: new Set([...sometimes].filter((name) => !always.has(name))) },
    atSuccess: flow.get(SUCCESS) ?? NEVER,
    atFailure: flow.get(FAILURE) ?? NEVER,
    hasSecondFactor: graph.reached.some(({ facts }) => facts.isOfSecondFactor),
    isProven: graph.entry !== SUCCESS && !endsUnproven,
  };
};
