import type { ProofMethod } from '../model/proven-factors.ts';
import { waysPast } from './factor-rules.ts';
import { weakPath } from './proof-flow.ts';
import type { RuleFinding } from './tree-finding.ts';
import { nodeName, outcomeName, type TreeGraph } from './tree-graph.ts';

/** A class of sign-in that names the journey to it. */
export interface MappedClass {
  readonly acr: string;
  readonly tree: string;
  /** Whether a session with these methods meets the class. Absent for a class that asks for what its journey proves on every path. */
  readonly isMetBy?: (methods: ReadonlySet<ProofMethod>) => boolean;
}

const pathsPastFactor = new WeakMap<TreeGraph, { readonly path: string | undefined }>();

/** Where a path leaves the second factor out that other paths of the tree ask for; undefined where no path does. */
const pathPastFactor = (graph: TreeGraph): string | undefined => {
  const known = pathsPastFactor.get(graph) ?? { path: newPathPastFactor(graph) };
  pathsPastFactor.set(graph, known);
  return known.path;
};

const newPathPastFactor = (graph: TreeGraph): string | undefined => {
  const [crossing] = waysPast(graph, ({ secondFactor }) => secondFactor);
  if (crossing === undefined) return undefined;
  const { node, edge } = crossing;
  return `${nodeName(node)} (${outcomeName(node, edge.outcome)})`;
};

/** J22: paths to Success that do not prove a class of sign-in whose journey the tree is (SEC-85). The graph is absent for a tree that is too large. */
export const unprovenClassFindings = (
  { acr, tree, isMetBy }: MappedClass,
  graph: TreeGraph | undefined,
): readonly RuleFinding[] => {
  const finding = (what: string, fix: string): RuleFinding[] => [
    {
      code: 'J22',
      severity: 'error',
      message: `The class "${acr}" (loaMapping) names the journey ${tree}, ${what}.`,
      fix,
    },
  ];
  if (graph === undefined) {
    return finding(
      'which is too large to be checked, and so proves no class',
      `Remove nodes or connections, or map "${acr}" to another journey.`,
    );
  }
  const path = weakPath(graph, isMetBy ?? (({ size }) => size > 0));
  if (path !== undefined) {
    return finding(
      `which comes to Success without a proof of the class by the path ${path}`,
      `Close that path or map "${acr}" to another journey.`,
    );
  }
  const past = isMetBy === undefined ? pathPastFactor(graph) : undefined;
  if (past === undefined) return [];
  return finding(
    `which comes to Success without its second factor from ${past} on, so that no session meets the class`,
    `Ask for the second factor on every path or map "${acr}" to another journey.`,
  );
};
