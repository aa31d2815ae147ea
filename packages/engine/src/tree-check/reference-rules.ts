import type { NodePlace, ServiceSettings } from '../node/settings-remark.ts';
import { type CheckedTree, type ParsedNode, withThoseInside } from './parsed-node.ts';
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
      if (definition !== undefined) continue;
      const others = byType.get(type);
      if (others === undefined) byType.set(type, [node]);
      else others.push(node);
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

/** What a check knows of the scripts around a tree. */
export interface KnownScripts {
  /** Whether there is a script of that id; scripts are not looked for where absent. */
  readonly hasScript?: (id: string) => boolean;
  /** Why this server cannot run the script of that id, in words that end a sentence. */
  readonly scriptObstacle?: (id: string) => string | undefined;
  /** What the script of that id gets otherwise than in AM, in words that end a sentence. */
  readonly scriptCaveat?: (id: string) => string | undefined;
}

/** J13: scripts that the realm does not have, those that this server cannot run, and those that ask for values that it does not give. */
export const scriptFindings = (
  { reached }: TreeGraph,
  { hasScript, scriptObstacle, scriptCaveat }: KnownScripts,
): readonly RuleFinding[] =>
  reached.flatMap((node) =>
    withThoseInside(node).flatMap(({ definition, config, type }): RuleFinding[] => {
      const script = config === undefined ? undefined : definition?.script(config as never);
      if (script === undefined) return [];
      const what = `${nodeName(node)} (${type}) runs the script ${script}, which`;
      if (hasScript?.(script) === false) {
        const fix = 'Choose a script of the realm, or import the one that is missing.';
        return [{ code: 'J13', severity: 'error', node, message: `${what} does not exist.`, fix }];
      }
      const obstacle = scriptObstacle?.(script);
      const caveat = scriptCaveat?.(script);
      if (obstacle === undefined && caveat !== undefined) {
        const fix = 'Put the values into the script, or into a setting of a node as &{esv.…}.';
        return [{ code: 'J13', severity: 'warning', node, message: `${what} ${caveat}.`, fix }];
      }
      if (obstacle === undefined) return [];
      const message = `${what} ${obstacle}. The journey is kept as it is, and fails where it gets there.`;
      const fix = 'Write the script anew in JavaScript, or choose another.';
      return [{ code: 'J13', severity: 'warning', node, message, fix }];
    }),
  );

/** What a check knows of the users of the realm. */
export interface KnownUsers {
  /** Whether users are found by the attribute at once; nobody knows where absent. */
  readonly isIndexed?: (attribute: string) => boolean;
}

/** AM's name of the setting that says by what a node looks up its user. */
const LOOKED_UP_BY = 'identityAttribute';

/** J21: users that one after the other is looked at for, and nobody at all where there are many (OPS-24). */
export const lookUpFindings = ({ reached }: TreeGraph, { isIndexed }: KnownUsers): readonly RuleFinding[] =>
  reached.flatMap((node) =>
    withThoseInside(node).flatMap(({ config, type }): RuleFinding[] => {
      const attribute = (config as Readonly<Record<string, unknown>> | undefined)?.[LOOKED_UP_BY];
      if (typeof attribute !== 'string' || isIndexed?.(attribute) !== false) return [];
      return [
        {
          code: 'J21',
          severity: 'warning',
          node,
          message: `${nodeName(node)} (${type}) looks users up by ${attribute}, which the realm has no index of: it is slow, and fails where there are thousands of users.`,
          fix: `Add ${attribute} to indexedAttributes of the service "assent" of the realm, or look by another attribute.`,
        },
      ];
    }),
  );

/** What a check knows of the services of the realm. */
export interface KnownServices {
  /** Absent for trees that are of no realm yet. */
  readonly services?: ServiceSettings;
}

/** What nodes have to say of their own settings. */
export const remarkFindings = ({ reached }: TreeGraph, { services }: KnownServices): readonly RuleFinding[] =>
  reached.flatMap((node) =>
    withPlaces(node).flatMap(({ node: { definition, config, type }, beside }): RuleFinding[] =>
      definition === undefined || config === undefined
        ? []
        : definition
            .remarks(config as never, { beside, ...(services && { services }) })
            .map(({ what, ...remark }) => ({ ...remark, node, message: `${nodeName(node)} (${type}) ${what}.` })),
    ),
  );

interface PlacedNode extends Pick<NodePlace, 'beside'> {
  readonly node: ParsedNode;
}

/** The node and all that stand in it, each with what stands beside it. */
const withPlaces = (node: ParsedNode, beside: NodePlace['beside'] = []): readonly PlacedNode[] => [
  { node, beside },
  ...node.children.flatMap((child) => {
    const others = node.children.filter((other) => other !== child);
    return withPlaces(
      child,
      others.map(({ definition }) => definition?.sends ?? 'anything'),
    );
  }),
];

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
      const reason =
        tree === undefined
          ? 'does not exist'
          : !tree.enabled
            ? 'is switched off'
            : tree.innerTreeOnly
              ? 'runs inside others alone'
              : undefined;
      if (reason === undefined) return [];
      return [
        {
          code: 'J13',
          severity: 'error',
          node,
          message: `${nodeName(node)} (${type}) asks for the journey ${asked}, which ${reason}.`,
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
    const finding = (reason: string, fix: string): RuleFinding[] => [
      {
        code: 'J13',
        severity: 'error',
        node,
        message: `${nodeName(node)} runs the journey ${inner}, which ${reason}.`,
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
