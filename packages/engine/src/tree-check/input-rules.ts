import { stateFlow } from './state-flow.ts';
import { lacking } from './state-names.ts';
import type { RuleFinding } from './tree-finding.ts';
import { nodeName, type TreeGraph } from './tree-graph.ts';

/** What every journey has in state as it starts (spec: journeys-rest §5.3). */
const AT_START = ['authLevel', 'realm'];

/** J03: values that a node needs and that no path to it supplies, or not every path. */
export const inputFindings = (graph: TreeGraph): readonly RuleFinding[] => {
  const { names, work } = graph;
  const flow = stateFlow(graph, names.setOf(AT_START));
  return graph.reached.flatMap((node): RuleFinding[] => {
    const before = flow.get(node.id);
    if (before === undefined) return [];
    const { always, sometimes } = node.facts.needs;
    const nowhere = new Set(names.namesIn(lacking(always, before.ever)));
    const missing = names.namesIn(lacking(always | sometimes, before.always));
    if (missing.length > 0) work.spend(names.size);
    return [...missing].sort().map((name) => {
      const isNowhere = nowhere.has(name);
      const inner = node.innerTree === undefined ? '' : ` for the journey ${node.innerTree}`;
      return {
        code: 'J03',
        severity: isNowhere ? 'error' : 'warning',
        node,
        message: isNowhere
          ? `${nodeName(node)} needs ${name}${inner}; no path from the start supplies it.`
          : `${nodeName(node)} needs ${name}${inner}; not every path from the start supplies it.`,
        fix: `Put a node before it that supplies ${name}${isNowhere ? '' : ', on each path'}.`,
      };
    });
  });
};
