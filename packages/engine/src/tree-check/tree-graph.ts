import { memberNamed } from '../foreign/foreign-member.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { connectionsByOutcome } from '../node/outcomes-inside.ts';
import type { TreeWork } from './graph/check-work.ts';
import type { LevelChange } from './level-change.ts';
import { type FactsOfTree, factsOfNode, type NodeFacts, type Supplied } from './node-facts.ts';
import type { CheckedTree, ParsedNode } from './parsed-node.ts';
import type { StateNames } from './state-names.ts';
import type { WaivedKinds } from './waived-kinds.ts';

/** A connection that a journey can take. */
export interface Edge {
  readonly outcome: string;
  /** Id of a node of the tree, or of an end. */
  readonly to: string;
}

/** All connections of a node that lead to the same place with the same facts. */
export interface Way {
  /** The first of the outcomes. */
  readonly outcome: string;
  readonly to: string;
  readonly supplied: Supplied;
  readonly authLevel: LevelChange;
  readonly provesSecondFactor: boolean;
  readonly waived: readonly WaivedKinds[];
}

export interface GraphNode extends ParsedNode {
  readonly displayName: string;
  /** As stored, whatever the settings say, by the names that the outcomes have. */
  readonly connections: Readonly<Record<string, string>>;
  readonly edges: readonly Edge[];
  readonly ways: readonly Way[];
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
  /** The reached nodes, each after those before it, except where a loop closes. */
  readonly inOrder: readonly GraphNode[];
  readonly names: StateNames;
  /** What the checks of the tree have taken so far. */
  readonly work: TreeWork;
}

/** The rules go over all connections of a tree that often. */
const PASSES_OF_RULES = 10;

export const treeGraph = (
  { name, tree }: CheckedTree,
  parsed: readonly ParsedNode[],
  factsOfTree: FactsOfTree,
  { names, work }: Pick<TreeGraph, 'names' | 'work'>,
): TreeGraph => {
  const exists = (id: string) => id === SUCCESS || id === FAILURE || Object.hasOwn(tree.nodes, id);
  const nodes = new Map(
    parsed.map((node): [string, GraphNode] => {
      const { displayName = '', connections: stored = {} } = memberNamed(tree.nodes, node.id) ?? {};
      const connections = connectionsByOutcome(stored, node.definition, node.children, node.outcomes);
      const edges = Object.entries(connections)
        .filter(([outcome, to]) => exists(to) && (node.outcomes === undefined || Object.hasOwn(node.outcomes, outcome)))
        .map(([outcome, to]) => ({ outcome, to }));
      // The facts of a page are those of its parts.
      work.spend(1 + PASSES_OF_RULES * Object.keys(connections).length + edges.length * node.children.length);
      const facts = factsOfNode(node, names, factsOfTree);
      return [node.id, { ...node, displayName, connections, edges, ways: waysOf(edges, facts, work), facts }];
    }),
  );
  const entry = tree.entryNodeId;
  const reached = reachedFrom(nodes, [entry], ({ edges }) => edges);
  return { name, entry, nodes, reached, inOrder: inOrder(nodes, entry), names, work };
};

const waysOf = (edges: readonly Edge[], facts: NodeFacts, work: TreeWork): readonly Way[] => {
  const byTarget = new Map<string, Way[]>();
  for (const { outcome, to } of edges) {
    const way: Way = {
      outcome,
      to,
      supplied: facts.supplied(outcome),
      authLevel: facts.authLevel(outcome),
      provesSecondFactor: facts.secondFactor.proves(outcome),
      waived: facts.waived(outcome),
    };
    const known = byTarget.get(to) ?? [];
    work.spend(1 + known.length);
    if (known.some((other) => isSameWay(other, way))) continue;
    byTarget.set(to, known);
    known.push(way);
  }
  return [...byTarget.values()].flat();
};

const isSameWay = (one: Way, other: Way): boolean =>
  one.supplied.always === other.supplied.always &&
  one.supplied.ever === other.supplied.ever &&
  one.authLevel.gain === other.authLevel.gain &&
  one.authLevel.least === other.authLevel.least &&
  one.provesSecondFactor === other.provesSecondFactor &&
  one.waived.length === other.waived.length &&
  one.waived.every((kinds, at) => kinds === other.waived[at]);

/** The nodes that can be reached, each after those before it: the reverse of the order in which a search in depth leaves them. */
const inOrder = (nodes: ReadonlyMap<string, GraphNode>, entry: string): readonly GraphNode[] => {
  const left: GraphNode[] = [];
  const seen = new Set<string>();
  const visits: { readonly node: GraphNode; readonly ways: Iterator<Way> }[] = [];
  const enter = (id: string): void => {
    const node = nodes.get(id);
    if (node === undefined || seen.has(id)) return;
    seen.add(id);
    visits.push({ node, ways: node.ways[Symbol.iterator]() });
  };
  enter(entry);
  for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
    const way = visit.ways.next();
    if (way.done !== true) {
      enter(way.value.to);
      continue;
    }
    left.push(visit.node);
    visits.pop();
  }
  return left.reverse();
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
    for (const source of before.get(id) ?? []) open.push(source);
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
