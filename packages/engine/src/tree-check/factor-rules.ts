import { SUCCESS } from '../model/tree.ts';
import type { FactorFacts, NodeFacts } from './node-facts.ts';
import type { RuleFinding } from './tree-finding.ts';
import {
  type Edge,
  type GraphNode,
  leadingTo,
  nodeName,
  outcomeName,
  reachedFrom,
  type TreeGraph,
} from './tree-graph.ts';

interface Crossing {
  readonly node: GraphNode;
  readonly edge: Edge;
}

/**
 * Ways to Success that prove nothing of a kind of factor, in a tree that has it.
 *
 * Each such way crosses, for good, from where a node of the factor is still ahead to where none is. These are the connections
 * that cross: the outcome that skips, opts out, lets a failure pass or goes round. What is behind them is the same way further
 * on. An outcome that the settings take away, as `mandatory` does, is none.
 */
export const waysPast = (
  { entry, nodes, reached }: TreeGraph,
  factorOf: (facts: NodeFacts) => FactorFacts,
): readonly Crossing[] => {
  const ofFactor = reached.filter(({ facts }) => factorOf(facts).isThere);
  if (ofFactor.length === 0) return [];
  const unproving = ({ edges, facts }: GraphNode): readonly Edge[] =>
    edges.filter(({ outcome }) => !factorOf(facts).proves(outcome));
  const toFactor = leadingTo(
    reached,
    ofFactor.map(({ id }) => id),
    ({ edges }) => edges,
  );
  const toSuccess = leadingTo(reached, [SUCCESS], unproving);
  return reachedFrom(nodes, [entry], unproving)
    .filter(({ id }) => toFactor.has(id))
    .flatMap((node) =>
      unproving(node)
        .filter(({ to }) => !toFactor.has(to) && toSuccess.has(to))
        .map((edge) => ({ node, edge })),
    );
};

/** J06: ways to Success that prove no second factor, in a tree that has one (SEC-36). */
export const secondFactorFindings = (graph: TreeGraph): readonly RuleFinding[] =>
  waysPast(graph, ({ secondFactor }) => secondFactor).map(({ node, edge: { outcome } }) => {
    const { isThere } = node.facts.secondFactor;
    const from = fromOutcome(node, outcome);
    const message =
      node.innerTree !== undefined && isThere
        ? `${from} leads to Success, and the journey ${node.innerTree} can come to that without a second factor.`
        : isThere
          ? `${from} leads to Success without a second factor.`
          : `${from} leads to Success past the second factor that other paths ask for.`;
    const fix = isThere
      ? `Connect ${outcome} to Failure or to a node that asks for a second factor, or make the factor mandatory.`
      : `Connect ${outcome} to a node that asks for a second factor, if nobody may go without.`;
    return { code: 'J06', severity: 'warning', node, outcome, message, fix };
  });

/**
 * J-P1: ways to Success round the factor that resists phishing, with what they ask for in its place (spec: webauthn §10.4). A way back in
 * for those who have no passkey at hand is right for most; the author should know that a false page can take it, too.
 */
export const phishingFindings = (graph: TreeGraph): readonly RuleFinding[] => {
  // Where nothing else is asked for, it is a way past the second factor, which has a finding of its own.
  const past = new Set(waysPast(graph, ({ secondFactor }) => secondFactor).map(({ edge }) => edge));
  const crossings = waysPast(graph, ({ phishingResistance }) => phishingResistance).filter(
    ({ edge }) => !past.has(edge),
  );
  if (crossings.length === 0) return [];
  const outcomesAt = new Map<GraphNode, string[]>();
  for (const { node, edge } of crossings) {
    const outcomes = outcomesAt.get(node);
    if (outcomes === undefined) outcomesAt.set(node, [edge.outcome]);
    else outcomes.push(edge.outcome);
  }
  const places = [...outcomesAt].map(([node, outcomes]) => `${nodeName(node)} (${outcomes.join(', ')})`);
  const behind = reachedFrom(
    graph.nodes,
    crossings.map(({ edge }) => edge.to),
    ({ edges }) => edges,
  );
  const factors = behind.filter(({ edges, facts }) => edges.some(({ outcome }) => facts.secondFactor.proves(outcome)));
  return [
    {
      code: 'J-P1',
      severity: 'info',
      message: `Success is also reached by what a false page can relay: by ${some(factors.map(nodeName))}, from ${some(places)} on.`,
      fix: 'Leave it, where people need a way without a passkey; applications that must not have it ask for the class phr.',
    },
  ];
};

/** The most that are named. */
const MAX_NAMED = 3;

const some = (names: readonly string[]): string => {
  const distinct = [...new Set(names)];
  const more = distinct.length > MAX_NAMED ? ' and others' : '';
  return `${distinct.slice(0, MAX_NAMED).join(', ')}${more}`;
};

/** Nodes by which some way to Success proves one factor alone, and nothing before or behind them. */
export const loneFactors = ({ entry, nodes, reached, work }: TreeGraph): readonly GraphNode[] => {
  const unproving = ({ edges, facts }: GraphNode): readonly Edge[] => (facts.mayProve ? [] : edges);
  const lone = reached.filter(({ edges, facts }) => edges.some(({ outcome }) => facts.isLone(outcome)));
  if (lone.length === 0) return [];
  const fromStart = new Set(reachedFrom(nodes, [entry], unproving));
  const toSuccess = leadingTo(reached, [SUCCESS], unproving);
  const leads = ({ to }: Edge) => toSuccess.has(to);
  return lone.filter((node) => {
    // Without a step from the node to Success, a way round it leads nowhere.
    if (!fromStart.has(node) || !node.edges.some(leads)) return false;
    const alone = node.edges.filter(({ outcome }) => node.facts.isLone(outcome));
    if (alone.some(leads)) return true;
    const round = reachedFrom(
      nodes,
      alone.map(({ to }) => to),
      (next) => (next === node ? [] : unproving(next)),
    );
    work.spend(round.reduce((edges, next) => edges + next.edges.length, 1));
    return round.includes(node);
  });
};

/** J-P2: a touch of whoever holds the device is all that a sign-in asks for (spec: webauthn §10.4). */
export const loneFactorFindings = (graph: TreeGraph): readonly RuleFinding[] =>
  loneFactors(graph).map((node) => ({
    code: 'J-P2',
    severity: 'warning',
    node,
    message: `${nodeName(node)} signs in whoever holds the device: nothing makes sure of who that is.`,
    fix: 'Set userVerificationRequirement to REQUIRED, or ask for another factor as well.',
  }));

const fromOutcome = (node: GraphNode, outcome: string): string =>
  `The outcome ${outcomeName(node, outcome)} of ${nodeName(node)}`;
