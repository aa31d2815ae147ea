import type { ProofMethod } from '../model/proven-factors.ts';
import { SUCCESS } from '../model/tree.ts';
import { flowOver } from './graph/flow.ts';
import type { NodeFacts } from './node-facts.ts';
import {
  afterRequests,
  anyOfProofs,
  askedWithin,
  isSameProofs,
  methodsOf,
  NO_PROOF,
  NO_WAY,
  type Proofs,
  smallestSets,
} from './proof-sets.ts';
import { type Edge, nodeName, outcomeName, type TreeGraph } from './tree-graph.ts';

/**
 * What is proven where a node or an end is entered, by each path that leads there from a start with `atStart`. A place that no path leads to
 * is absent.
 */
export const proofFlow = ({ entry, inOrder, work }: TreeGraph, atStart: Proofs): ReadonlyMap<string, Proofs> => {
  work.spend(inOrder.length);
  const ways = inOrder.map(({ id, edges, facts }) => ({ id, ways: edges.map((edge) => ({ ...edge, facts })) }));
  return flowOver<Proofs, Edge & { readonly facts: NodeFacts }>(
    { entry, inOrder: ways, work },
    {
      atStart,
      pass: (before, { outcome, facts }) => {
        work.spend(before.size);
        return facts.proven(outcome, before);
      },
      join: (one, other) => anyOfProofs([one, other]),
      isSame: isSameProofs,
      isNone: (proofs) => proofs.size === 0,
      steps: 1,
    },
  );
};

/** A place on a path through a tree. */
export interface PathStep {
  readonly id: string;
  /** How it came there; absent at the entry. */
  readonly from?: { readonly step: PathStep; readonly outcome: string };
}

/** What is found of one graph, of which many classes of sign-in may ask. */
interface Found {
  weakest?: readonly number[];
  readonly paths: Map<number, { readonly end: PathStep; readonly length: number } | undefined>;
}

const foundIn = new WeakMap<TreeGraph, Found>();

const foundOf = (graph: TreeGraph): Found => {
  const known = foundIn.get(graph);
  if (known !== undefined) return known;
  const found: Found = { paths: new Map() };
  foundIn.set(graph, found);
  return found;
};

/** How many of the weakest proofs are looked at for the shortest path. */
const MAX_WEAK_SETS = 8;

/** A short path to Success on which too little is proven, as an author reads it; undefined where there is none. */
export const weakPath = (
  graph: TreeGraph,
  isEnough: (methods: ReadonlySet<ProofMethod>) => boolean,
): string | undefined => {
  // What proves more than one of these is enough if that is.
  const found = foundOf(graph);
  found.weakest ??= smallestSets(proofFlow(graph, NO_PROOF).get(SUCCESS) ?? NO_WAY);
  const weak = found.weakest.filter((set) => !isEnough(methodsOf(set)));
  graph.work.spend(found.weakest.length);
  const paths = weak.slice(0, MAX_WEAK_SETS).flatMap((set) => {
    if (!found.paths.has(set)) found.paths.set(set, pathWithin(graph, set));
    return found.paths.get(set) ?? [];
  });
  const [shortest] = paths.sort((one, other) => one.length - other.length);
  return shortest && pathTo(shortest.end, graph.nodes);
};

/** A shortest path to Success that proves no more than a set of methods. */
const pathWithin = (
  { entry, nodes, work }: TreeGraph,
  set: number,
): { readonly end: PathStep; readonly length: number } | undefined => {
  const keyOf = (id: string, asked: number) => `${asked} ${id}`;
  const seen = new Set([keyOf(entry, 0)]);
  let open: (PathStep & { readonly asked: number })[] = [{ id: entry, asked: 0 }];
  for (let length = 0; open.length > 0; length += 1) {
    const next: typeof open = [];
    for (const step of open) {
      if (step.id === SUCCESS) return { end: step, length };
      const node = nodes.get(step.id);
      for (const { outcome, to } of node?.edges ?? []) {
        work.spend(1);
        const after = node?.facts.proven(outcome, afterRequests(step.asked)) ?? NO_WAY;
        for (const asked of askedWithin(after, set)) {
          if (seen.has(keyOf(to, asked))) continue;
          seen.add(keyOf(to, asked));
          next.push({ id: to, asked, from: { step, outcome } });
        }
      }
    }
    open = next;
  }
  return undefined;
};

/** The last steps of a path are those that matter. */
const MAX_STEPS = 4;

/** The last steps of a path, as an author reads them. */
export const pathTo = (end: PathStep, nodes: TreeGraph['nodes']): string => {
  const steps: string[] = [];
  let { from } = end;
  for (; from !== undefined && steps.length < MAX_STEPS; from = from.step.from) {
    const node = nodes.get(from.step.id);
    if (node !== undefined) steps.unshift(`${nodeName(node)} (${outcomeName(node, from.outcome)})`);
  }
  return [...(from === undefined ? [] : ['…']), ...steps, 'Success'].join(' > ');
};
