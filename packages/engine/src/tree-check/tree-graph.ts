import { memberNamed } from '../foreign/foreign-member.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { connectionsByOutcome } from '../node/outcomes-inside.ts';
import { type FactsOfTree, factsOfNode, type NodeFacts } from './node-facts.ts';
import { type CheckedTree, type ParsedNode, parseNode, type TreeReading } from './parsed-node.ts';

/** A connection that a journey can take. */
export interface Edge {
  readonly outcome: string;
  /** Id of a node of the tree, or of an end. */
  readonly to: string;
}

export interface GraphNode extends ParsedNode {
  readonly displayName: string;
  /** As stored, whatever the settings say, by the names that the outcomes have. */
  readonly connections: Readonly<Record<string, string>>;
  readonly edges: readonly Edge[];
  readonly facts: NodeFacts;
}

/** A tree as a graph of what can happen in it. */
export interface TreeGraph {
  readonly name: string;
  readonly entry: string;
  /** In the order of the tree. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** Those that a journey can get to, from the entry on. */
  readonly reached: readonly GraphNode[];
}

/** The nodes of a tree with their settings read; pages bring those inside them. */
export const parseTree = (tree: CheckedTree, reading: TreeReading): readonly ParsedNode[] =>
  Object.entries(tree.tree.nodes).map(([id, { nodeType }]) => parseNode(tree, reading, id, nodeType));

export const treeGraph = (
  { name, tree }: CheckedTree,
  parsed: readonly ParsedNode[],
  factsOfTree: FactsOfTree,
): TreeGraph => {
  const exists = (id: string) => id === SUCCESS || id === FAILURE || Object.hasOwn(tree.nodes, id);
  const nodes = new Map(
    parsed.map((node): [string, GraphNode] => {
      const { displayName = '', connections: stored = {} } = memberNamed(tree.nodes, node.id) ?? {};
      const connections = connectionsByOutcome(stored, node.definition, node.children);
      const edges = Object.entries(connections)
        .filter(([outcome, to]) => exists(to) && (node.outcomes === undefined || Object.hasOwn(node.outcomes, outcome)))
        .map(([outcome, to]) => ({ outcome, to }));
      return [node.id, { ...node, displayName, connections, edges, facts: factsOfNode(node, factsOfTree) }];
    }),
  );
  const entry = tree.entryNodeId;
  return { name, entry, nodes, reached: reachedFrom(nodes, [entry], ({ edges }) => edges) };
};

/** The nodes that can be reached over the edges that `edgesOf` lets through, those at the start included. */
export const reachedFrom = (
  nodes: ReadonlyMap<string, GraphNode>,
  starts: readonly string[],
  edgesOf: (node: GraphNode) => readonly Edge[],
): readonly GraphNode[] => {
  const seen = new Set<string>();
  const reached: GraphNode[] = [];
  const open = [...starts];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = nodes.get(id);
    if (node === undefined || seen.has(id)) continue;
    seen.add(id);
    reached.push(node);
    for (const { to } of edgesOf(node)) open.push(to);
  }
  return reached;
};

/** Ids of the nodes and ends from which one of `targets` can be reached over the edges that `edgesOf` lets through. */
export const leadingTo = (
  nodes: Iterable<GraphNode>,
  targets: Iterable<string>,
  edgesOf: (node: GraphNode) => readonly Edge[],
): ReadonlySet<string> => {
  const before = new Map<string, string[]>();
  for (const node of nodes) {
    for (const { to } of edgesOf(node)) {
      const sources = before.get(to);
      if (sources === undefined) before.set(to, [node.id]);
      else sources.push(node.id);
    }
  }
  const leading = new Set<string>();
  const open = [...targets];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (leading.has(id)) continue;
    leading.add(id);
    open.push(...(before.get(id) ?? []));
  }
  return leading;
};

/** How an author finds the node on the canvas. */
export const nodeName = ({ displayName, type }: Pick<GraphNode, 'displayName' | 'type'>): string =>
  displayName === '' ? type : `"${displayName}"`;

export const outcomeName = ({ outcomes }: Pick<GraphNode, 'outcomes'>, outcome: string): string => {
  const title = outcomes !== undefined && Object.hasOwn(outcomes, outcome) ? outcomes[outcome] : undefined;
  return title === undefined || title === outcome ? outcome : `${title} (${outcome})`;
};
