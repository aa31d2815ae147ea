import { type CheckedTree, withThoseInside } from './parsed-node.ts';
import type { RuleFinding } from './tree-finding.ts';
import { type GraphNode, nodeName, type TreeGraph } from './tree-graph.ts';

/** J20: settings that a node cannot run with. */
export const settingsFindings = ({ reached }: TreeGraph): readonly RuleFinding[] =>
  reached.flatMap((node): RuleFinding[] =>
    node.problem === undefined
      ? []
      : [
          {
            code: 'J20',
            severity: 'error',
            node,
            message: `The settings of ${nodeName(node)} cannot be used: ${node.problem}.`,
            fix: 'Correct the setting that is named.',
          },
        ],
  );

/** J13: node types that this server does not have, each with the number of nodes that have it. */
export const unknownTypeFindings = ({ nodes }: TreeGraph): readonly RuleFinding[] => {
  const byType = new Map<string, GraphNode[]>();
  for (const node of nodes.values()) {
    for (const { definition, type } of withThoseInside(node)) {
      if (definition === undefined) byType.set(type, [...(byType.get(type) ?? []), node]);
    }
  }
  return [...byType].map(([type, having]): RuleFinding => {
    const [first] = having;
    const count = having.length === 1 ? '1 node has it' : `${having.length} nodes have it`;
    return {
      code: 'J13',
      severity: 'warning',
      ...(first && { node: first }),
      message: `This server has no node type ${type}; ${count}. The journey is kept as it is, and fails where it gets there.`,
      fix: 'Replace the nodes by ones of a known type, or add the type to this server.',
    };
  });
};

/** J13: scripts that the realm does not have. */
export const scriptFindings = ({ reached }: TreeGraph, hasScript: (id: string) => boolean): readonly RuleFinding[] =>
  reached.flatMap((node) =>
    withThoseInside(node).flatMap(({ definition, config, type }): RuleFinding[] => {
      const script = config === undefined ? undefined : definition?.script(config as never);
      if (script === undefined || hasScript(script)) return [];
      return [
        {
          code: 'J13',
          severity: 'error',
          node,
          message: `${nodeName(node)} (${type}) runs the script ${script}, which does not exist.`,
          fix: 'Choose a script of the realm, or import the one that is missing.',
        },
      ];
    }),
  );

/** J13: trees that are asked for by a back channel, and are missing or cannot be run by one. */
export const backChannelFindings = (
  { reached }: TreeGraph,
  treeOf: (name: string) => CheckedTree | undefined,
): readonly RuleFinding[] =>
  reached.flatMap((node) =>
    withThoseInside(node).flatMap(({ definition, config, type }): RuleFinding[] => {
      const asked = config === undefined ? undefined : definition?.backChannelTree?.(config as never);
      if (asked === undefined) return [];
      const tree = treeOf(asked)?.tree;
      const why =
        tree === undefined
          ? 'does not exist'
          : !tree.enabled
            ? 'is switched off'
            : tree.innerTreeOnly
              ? 'runs inside others alone'
              : undefined;
      if (why === undefined) return [];
      return [
        {
          code: 'J13',
          severity: 'error',
          node,
          message: `${nodeName(node)} (${type}) asks for the journey ${asked}, which ${why}.`,
          fix: 'Choose a journey of the realm that can be started.',
        },
      ];
    }),
  );

/** J13: inner trees that are missing, switched off, or run this tree in turn. */
export const innerTreeFindings = (
  { name, reached }: TreeGraph,
  treeOf: (name: string) => CheckedTree | undefined,
  runsInTurn: (inner: string, outer: string) => boolean,
): readonly RuleFinding[] =>
  reached.flatMap((node): RuleFinding[] => {
    const inner = node.innerTree;
    if (inner === undefined) return [];
    const finding = (why: string, fix: string): RuleFinding[] => [
      {
        code: 'J13',
        severity: 'error',
        node,
        message: `${nodeName(node)} runs the journey ${inner}, which ${why}.`,
        fix,
      },
    ];
    const tree = treeOf(inner);
    if (tree === undefined) {
      return finding('does not exist', 'Choose a journey of the realm, or import the one that is missing.');
    }
    if (!tree.tree.enabled) return finding('is switched off', `Switch ${inner} on, or choose another journey.`);
    if (!runsInTurn(inner, name)) return [];
    return finding(inner === name ? 'is this one' : `runs ${name} in turn`, 'Take the one out of the other.');
  });
