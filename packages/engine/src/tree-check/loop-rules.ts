import { loopsOf } from '../tree/loops.ts';
import type { RuleFinding } from './tree-finding.ts';
import { type GraphNode, nodeName, outcomeName, type TreeGraph } from './tree-graph.ts';

const endless = ({ edges, facts }: GraphNode) => edges.filter(({ outcome }) => !facts.isLimited(outcome));

/** By id of a node, the endless loop among `nodes` that it is in. */
const endlessLoops = (graph: TreeGraph, nodes: readonly GraphNode[]): ReadonlyMap<string, number> =>
  loopsOf(
    nodes.map(({ id }) => id),
    (id) => {
      const node = graph.nodes.get(id);
      return node === undefined ? [] : endless(node).map(({ to }) => to);
    },
  );

/** J04: a loop that disturbs somebody on every round, and that nothing limits. */
export const sendingLoopFindings = (graph: TreeGraph): readonly RuleFinding[] => {
  const loops = endlessLoops(graph, graph.reached);
  return graph.reached.flatMap((node) =>
    endless(node)
      .filter(({ outcome, to }) => {
        const loop = loops.get(node.id);
        return node.facts.disturbs(outcome) && loop !== undefined && loop === loops.get(to);
      })
      .map(
        ({ outcome }): RuleFinding => ({
          code: 'J04',
          severity: 'warning',
          node,
          outcome,
          message: `A path leads from the outcome ${outcomeName(node, outcome)} of ${nodeName(node)} back to it without a limit, so it can send again and again.`,
          fix: 'Put a Retry Limit Decision on the way back.',
        }),
      ),
  );
};

/** J05: a loop that nobody is asked in, so that it goes round until the server gives up. */
export const spinningLoopFindings = (graph: TreeGraph): readonly RuleFinding[] => {
  const silent = graph.reached.filter(({ facts }) => !facts.asks);
  const loops = endlessLoops(graph, silent);
  const members = new Map<number, GraphNode[]>();
  for (const node of silent) {
    const loop = loops.get(node.id);
    if (loop === undefined) continue;
    const others = members.get(loop);
    if (others === undefined) members.set(loop, [node]);
    else others.push(node);
  }
  return [...members.values()].map((nodes): RuleFinding => {
    const [first] = nodes;
    return {
      code: 'J05',
      severity: 'error',
      ...(first && { node: first }),
      message: `Nobody is asked anything in the loop of ${namesOf(nodes)}, so it never comes to an end.`,
      fix: 'Ask the user for something within the loop, wait there, or limit it with a Retry Limit Decision.',
    };
  });
};

/** As many as a sentence holds. */
const MAX_NAMES = 4;

const namesOf = (nodes: readonly GraphNode[]): string => {
  const names = nodes.slice(0, MAX_NAMES).map(nodeName).join(', ');
  return nodes.length > MAX_NAMES ? `${names} and ${nodes.length - MAX_NAMES} more` : names;
};
