import type { ProofMethod } from '../model/proven-factors.ts';
import { SUCCESS } from '../model/tree.ts';
import { anyOfProofs, isSameProofs, isWithin, methodsOf, type Proofs } from './proof-sets.ts';
import { nodeName, outcomeName, type TreeGraph } from './tree-graph.ts';

/**
 * What is proven where a node or an end is entered, by every path that leads there from a start with `atStart`. A place that no path leads to
 * is absent. Sets are only added or replaced by smaller ones, so that it ends.
 */
export const proofFlow = ({ entry, nodes }: TreeGraph, atStart: Proofs): ReadonlyMap<string, Proofs> => {
  const entered = new Map<string, Proofs>([[entry, atStart]]);
  let open = new Set([entry]);
  while (open.size > 0) {
    const next = new Set<string>();
    for (const id of open) {
      const before = entered.get(id);
      const node = nodes.get(id);
      if (before === undefined || node === undefined) continue;
      for (const { outcome, to } of node.edges) {
        const known = entered.get(to) ?? [];
        const after = anyOfProofs([known, node.facts.proven(outcome, before)]);
        if (isSameProofs(known, after)) continue;
        entered.set(to, after);
        next.add(to);
      }
    }
    open = next;
  }
  return entered;
};

/** A place on a path through a tree. */
export interface PathStep {
  readonly id: string;
  /** How it came there; absent at the entry. */
  readonly from?: { readonly step: PathStep; readonly outcome: string };
}

interface Step extends PathStep {
  readonly set: number;
}

/** One of the shortest paths to Success on which too little is proven, as an author reads it; undefined where there is none. */
export const weakPath = (
  { entry, nodes }: TreeGraph,
  isEnough: (methods: ReadonlySet<ProofMethod>) => boolean,
): string | undefined => {
  const seen = new Map<string, number[]>();
  const isNew = ({ id, set }: Step): boolean => {
    const sets = seen.get(id) ?? [];
    // What begins with more can only end with more.
    if (sets.some((smaller) => isWithin(smaller, set))) return false;
    seen.set(id, [...sets, set]);
    return true;
  };
  let open: Step[] = [{ id: entry, set: 0 }];
  while (open.length > 0) {
    const next: Step[] = [];
    for (const step of open.filter(isNew)) {
      if (step.id === SUCCESS && !isEnough(methodsOf(step.set))) return pathTo(step, nodes);
      const node = nodes.get(step.id);
      for (const { outcome, to } of node?.edges ?? []) {
        for (const set of node?.facts.proven(outcome, [step.set]) ?? []) {
          next.push({ id: to, set, from: { step, outcome } });
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
  for (let { from } = end; from !== undefined; from = from.step.from) {
    const node = nodes.get(from.step.id);
    if (node !== undefined) steps.unshift(`${nodeName(node)} (${outcomeName(node, from.outcome)})`);
  }
  const last = steps.slice(-MAX_STEPS);
  return [...(steps.length > last.length ? ['…'] : []), ...last, 'Success'].join(' > ');
};
