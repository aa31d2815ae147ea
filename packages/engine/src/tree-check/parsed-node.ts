import type { PublishedTree } from '../configuration.ts';
import type { NodeDefinition, Outcomes } from '../node-definition.ts';

/** As much of a published tree as a check reads. */
export type CheckedTree = Pick<PublishedTree, 'name' | 'tree' | 'nodes'>;

/** A node whose settings were read, as far as they can be. */
export interface ParsedNode {
  readonly id: string;
  readonly type: string;
  /** Absent for a type that this server does not have. */
  readonly definition?: NodeDefinition;
  /** Why the settings cannot be used. */
  readonly problem?: string;
  /** Absent where nobody knows what they are: no definition, a problem, or values that another system fills in. */
  readonly config?: unknown;
  /** Likewise. */
  readonly outcomes?: Outcomes;
  readonly children: readonly ParsedNode[];
  readonly innerTree?: string;
}

/** Reads the settings of a node, and of those inside it. `around` are the ids of the nodes that it stands in. */
export const parseNode = (
  tree: CheckedTree,
  catalogue: ReadonlyMap<string, NodeDefinition>,
  id: string,
  type: string,
  around: readonly string[] = [],
): ParsedNode => {
  const definition = catalogue.get(type);
  if (definition === undefined) return { id, type, children: [] };
  const given = tree.nodes[id]?.config ?? {};
  const parsed = definition.config.safeParse(given);
  if (!parsed.success) {
    // Another system fills it in, so nobody can say here what the settings are.
    if (hasPlaceholder(given)) return { id, type, definition, children: [] };
    const [issue] = parsed.error.issues;
    const problem = `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`;
    return { id, type, definition, problem, children: [] };
  }
  const config = parsed.data as never;
  const inside = [...around, id];
  const children: ParsedNode[] = [];
  for (const childId of definition.children(config)) {
    const child = tree.nodes[childId];
    const why = child === undefined ? 'does not exist' : inside.includes(childId) ? 'stands in itself' : undefined;
    if (child === undefined || why !== undefined) {
      return { id, type, definition, problem: `the node ${childId} inside it ${why}`, children: [] };
    }
    children.push(parseNode(tree, catalogue, childId, child.type, inside));
  }
  const faulty = children.find(({ problem }) => problem !== undefined);
  if (faulty !== undefined) {
    return { id, type, definition, problem: `${faulty.type} inside it: ${faulty.problem}`, children: [] };
  }
  // A page hands out the outcomes of a child, which nobody knows where the type is missing.
  const isOpen = children.some(({ outcomes }) => outcomes === undefined);
  const innerTree = definition.innerTree?.(config);
  return {
    id,
    type,
    definition,
    config,
    children,
    ...(!isOpen && {
      outcomes: definition.outcomesOf(
        config,
        children.map(({ outcomes = {} }) => ({ outcomes })),
      ),
    }),
    ...(innerTree !== undefined && { innerTree }),
  };
};

/** `&{esv.name}`, as exports have it in place of a value (spec: node-census §2). */
const hasPlaceholder = (value: unknown): boolean =>
  typeof value === 'string'
    ? value.includes('&{')
    : typeof value === 'object' && value !== null && Object.values(value).some(hasPlaceholder);

/** The node and all that stand in it. */
export const withThoseInside = (node: ParsedNode): readonly ParsedNode[] => [
  node,
  ...node.children.flatMap(withThoseInside),
];
