import { FAILURE, SUCCESS } from '../model/tree.ts';
import type { RuleFinding } from './tree-finding.ts';
import { type GraphNode, nodeName, outcomeName, type TreeGraph } from './tree-graph.ts';

/** How outcomes are called of a node that puts the id of a node inside before them: no author guesses that. */
const insideHint = ({ definition, outcomes = {} }: GraphNode): string => {
  const [example] = Object.keys(outcomes);
  if (definition?.holdsStandalone !== true || example === undefined) return '';
  return ` Its outcomes are called <id of the node inside>-<outcome>, such as ${example}; the outcome without the id is read as well.`;
};

/** J01, J17 and J18: outcomes that lead nowhere, and connections that are none. Of nodes that can be reached. */
export const connectionFindings = ({ nodes, reached }: TreeGraph): readonly RuleFinding[] =>
  reached.flatMap((node) => {
    const { connections, outcomes } = node;
    const isGiven = (outcome: string) => outcomes === undefined || Object.hasOwn(outcomes, outcome);
    const exists = (id: string) => id === SUCCESS || id === FAILURE || nodes.has(id);
    return [
      ...Object.keys(outcomes ?? {})
        .filter((outcome) => !Object.hasOwn(connections, outcome))
        .map(
          (outcome): RuleFinding => ({
            code: 'J01',
            severity: 'error',
            node,
            outcome,
            message: `The outcome ${outcomeName(node, outcome)} of ${nodeName(node)} is not connected, so the journey breaks off there.`,
            fix: `Connect ${outcome} to a node, to Success or to Failure.`,
          }),
        ),
      ...Object.entries(connections).flatMap(([outcome, to]): RuleFinding[] => {
        if (!isGiven(outcome)) {
          return [
            {
              code: 'J17',
              severity: 'warning',
              node,
              outcome,
              message: `${nodeName(node)} has no outcome ${outcome} with its settings, so the connection is never taken.`,
              fix: `Remove the connection, or change the settings so that they give ${outcome}.${insideHint(node)}`,
            },
          ];
        }
        if (exists(to)) return [];
        return [
          {
            code: 'J18',
            severity: 'error',
            node,
            outcome,
            message: `The outcome ${outcomeName(node, outcome)} of ${nodeName(node)} leads to the node ${to}, which does not exist.`,
            fix: `Connect ${outcome} to a node of this journey, to Success or to Failure.`,
          },
        ];
      }),
    ];
  });
