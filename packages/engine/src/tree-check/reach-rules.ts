import { FAILURE, SUCCESS } from '../model/tree.ts';
import type { RuleFinding } from './tree-finding.ts';
import { nodeName, type TreeGraph } from './tree-graph.ts';

/** J02 and J19: where the journey starts, and what it never gets to. */
export const reachFindings = (graph: TreeGraph): readonly RuleFinding[] => {
  const start = startFinding(graph);
  // Where nothing is reached, that is what is wrong, and not every node by itself.
  if (start !== undefined) return [start];
  const reached = new Set(graph.reached);
  return [...graph.nodes.values()]
    .filter((node) => !reached.has(node))
    .map((node) => ({
      code: 'J02',
      severity: 'warning',
      node,
      message: `No path from the start leads to ${nodeName(node)}.`,
      fix: 'Connect an outcome to it, or remove it.',
    }));
};

const startFinding = ({ entry, nodes }: TreeGraph): RuleFinding | undefined => {
  if (nodes.has(entry)) return undefined;
  const fix = 'Let the start lead to the node that the journey begins with.';
  if (entry === FAILURE) {
    return { code: 'J19', severity: 'warning', message: 'The start leads to Failure, so nobody can sign in.', fix };
  }
  const message =
    entry === SUCCESS
      ? 'The start leads to Success, before anybody has said who they are.'
      : `The start leads to the node ${entry}, which does not exist.`;
  return { code: 'J19', severity: 'error', message, fix };
};
