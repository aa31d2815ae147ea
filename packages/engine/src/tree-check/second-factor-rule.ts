import { SUCCESS } from '../model/tree.ts';
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

/**
 * J06: ways to Success that prove no second factor, in a tree that has one (SEC-36).
 *
 * Each such way crosses, for good, from where a node of the second factor is still ahead to where none is. Told of are the
 * connections that cross: the outcome that skips, opts out, lets a failure pass or goes round. What is behind them is the
 * same way further on. An outcome that the settings take away, as `mandatory` does, is none.
 */
export const secondFactorFindings = ({ entry, nodes, reached }: TreeGraph): readonly RuleFinding[] => {
  const ofFactor = reached.filter(({ facts }) => facts.isOfSecondFactor);
  if (ofFactor.length === 0) return [];
  const unproving = ({ edges, facts }: GraphNode): readonly Edge[] =>
    edges.filter(({ outcome }) => !facts.proves(outcome));
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
        .map(
          ({ outcome }): RuleFinding => ({
            code: 'J06',
            severity: 'warning',
            node,
            outcome,
            message: messageOf(node, outcome),
            fix: node.facts.isOfSecondFactor
              ? `Connect ${outcome} to Failure or to a node that asks for a second factor, or make the factor mandatory.`
              : `Connect ${outcome} to a node that asks for a second factor, if nobody may go without.`,
          }),
        ),
    );
};

const messageOf = (node: GraphNode, outcome: string): string => {
  const from = `The outcome ${outcomeName(node, outcome)} of ${nodeName(node)}`;
  if (node.innerTree !== undefined && node.facts.isOfSecondFactor) {
    return `${from} leads to Success, and the journey ${node.innerTree} can come to that without a second factor.`;
  }
  return node.facts.isOfSecondFactor
    ? `${from} leads to Success without a second factor.`
    : `${from} leads to Success past the second factor that other paths ask for.`;
};
