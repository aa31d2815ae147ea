import type { ProofMethod } from '../model/proven-factors.ts';
import { type MappedClass, unprovenClassFindings } from './class-rules.ts';
import { connectionFindings } from './connection-rules.ts';
import { loneFactorFindings, phishingFindings, secondFactorFindings } from './factor-rules.ts';
import { inputFindings } from './input-rules.ts';
import { type LevelJourney, unreachedLevelFindings } from './level-rules.ts';
import { sendingLoopFindings, spinningLoopFindings } from './loop-rules.ts';
import { loopsOf } from './loops.ts';
import { type TreeFactor, type TreeFacts, UNKNOWN_TREE } from './node-facts.ts';
import type { CheckedTree, ParsedNode, TreeReading } from './parsed-node.ts';
import { methodsOf, NO_PROOF, withUnknownRequests } from './proof-sets.ts';
import { reachFindings } from './reach-rules.ts';
import {
  backChannelFindings,
  innerTreeFindings,
  type KnownScripts,
  type KnownServices,
  type KnownUsers,
  lookUpFindings,
  remarkFindings,
  scriptFindings,
  settingsFindings,
  unknownTypeFindings,
} from './reference-rules.ts';
import { factsOfTree } from './tree-facts.ts';
import type { RuleFinding, TreeFinding } from './tree-finding.ts';
import { parseTree, type TreeGraph, treeGraph } from './tree-graph.ts';
import { leftOutFactorFindings } from './waived-factors.ts';

export interface TreeCheckOptions extends TreeReading, KnownScripts, KnownUsers, KnownServices {
  /** All trees of a realm, or of the files that are checked together. */
  readonly trees: readonly CheckedTree[];
  /** The trees to tell of; all, where absent. The others are only looked into where one of these runs them. */
  readonly only?: readonly string[];
}

/**
 * What is wrong with trees, as far as it can be told without running them: in order of the trees, and within one by code
 * and in the order of its nodes. The work grows with nodes, connections and names in state, never with paths.
 */
export const checkTrees = (options: TreeCheckOptions): readonly TreeFinding[] => {
  const { trees, graphs, runs, named } = readTrees(options);
  const inside = new Set([...trees.keys()].flatMap(runs));
  const loops = loopsOf([...trees.keys()], runs);
  const runsInTurn = (inner: string, outer: string) => loops.has(outer) && loops.get(outer) === loops.get(inner);

  return named.flatMap((name) => {
    const tree = trees.get(name);
    const graph = graphs.get(name);
    if (tree === undefined || graph === undefined) return [];
    const place = new Map([...graph.nodes.keys()].map((id, at) => [id, at]));
    const order = ({ code, node }: RuleFinding) =>
      `${code}${String((place.get(node?.id ?? '') ?? -1) + 1).padStart(8, '0')}`;
    const hasStart = !tree.tree.innerTreeOnly && !tree.tree.transactionalOnly && !inside.has(name);
    // A tree that only runs inside others is judged by what those ask for around it.
    const leftOut = tree.tree.innerTreeOnly ? [] : leftOutFactorFindings(graph);
    const isLeftOut = ({ node, outcome }: RuleFinding) =>
      leftOut.some((it) => it.node?.id === node?.id && it.outcome === outcome);
    return [
      ...connectionFindings(graph),
      ...reachFindings(graph),
      // The journeys around it supply what it needs, and are told where they do not; so does who asks by a back channel.
      ...(hasStart ? inputFindings(graph) : []),
      ...sendingLoopFindings(graph),
      ...spinningLoopFindings(graph),
      ...leftOut,
      ...secondFactorFindings(graph).filter((finding) => !isLeftOut(finding)),
      ...phishingFindings(graph),
      ...(hasStart ? loneFactorFindings(graph) : []),
      ...unknownTypeFindings(graph),
      ...innerTreeFindings(graph, (inner) => trees.get(inner), runsInTurn),
      ...backChannelFindings(graph, (asked) => trees.get(asked)),
      ...scriptFindings(graph, options),
      ...settingsFindings(graph),
      ...lookUpFindings(graph, options),
      ...remarkFindings(graph, options),
    ]
      .sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0))
      .map(({ node, ...finding }) => ({
        ...finding,
        tree: name,
        ...(node && { nodeId: node.id, nodeType: node.type, displayName: node.displayName }),
      }));
  });
};

/** What every way to Success of a tree proves, at the least. */
export type TreeStrength = 'phishingResistant' | 'secondFactor' | 'none';

/** How strongly whoever comes to Success has signed in, by tree (spec: webauthn §10.4). */
export const treeStrengths = (options: TreeCheckOptions): ReadonlyMap<string, TreeStrength> => {
  const { facts, named } = readTrees(options);
  return new Map(
    named.flatMap((name): [string, TreeStrength][] => {
      const tree = facts.get(name);
      if (tree === undefined) return [];
      const isSure = ({ isThere, isProven }: TreeFactor) => isThere && isProven;
      if (isSure(tree.phishingResistance)) return [[name, 'phishingResistant']];
      return [[name, isSure(tree.secondFactor) ? 'secondFactor' : 'none']];
    }),
  );
};

/** What the paths to Success of a tree prove. */
export interface TreeProofs {
  /** Each path proves all methods of one of these sets, and perhaps more; no set where no path leads to Success. */
  readonly ways: readonly ReadonlySet<ProofMethod>[];
  /** False where a path leaves out the second factor that other paths ask for. */
  readonly isEven: boolean;
  /** Whether only users with a role come to Success. */
  readonly needsRole: boolean;
}

/** What a session has shown for certain if one of these trees has made it, by tree (SEC-85). */
export const treeProofs = (options: TreeCheckOptions): ReadonlyMap<string, TreeProofs> => {
  const { facts, named } = readTrees(options);
  return new Map(
    named.flatMap((name): [string, TreeProofs][] => {
      const tree = facts.get(name);
      if (tree === undefined) return [];
      const { isThere, isProven } = tree.secondFactor;
      const needsRole = tree.role.isThere && tree.role.isProven;
      const ways = withUnknownRequests(tree.proven(NO_PROOF)).map(methodsOf);
      return [[name, { ways, isEven: !isThere || isProven, needsRole }]];
    }),
  );
};

/** What is wrong with the journeys that classes of sign-in name; with `only`, those that are or run one of these trees (SEC-85). */
export const classFindings = (
  options: TreeCheckOptions & { readonly classes: readonly MappedClass[] },
): readonly TreeFinding[] =>
  findingsOfNamed(options, options.classes, (graph) => unprovenClassFindings(graph, options.classes));

/** What is wrong with the journeys that authentication levels name, likewise. */
export const levelFindings = (
  options: TreeCheckOptions & { readonly levels: readonly LevelJourney[] },
): readonly TreeFinding[] =>
  findingsOfNamed(options, options.levels, (graph) => unreachedLevelFindings(graph, options.levels));

const findingsOfNamed = (
  { only, ...options }: TreeCheckOptions,
  named: readonly { readonly tree: string }[],
  rule: (graph: TreeGraph) => readonly RuleFinding[],
): readonly TreeFinding[] => {
  const names = [...new Set(named.map(({ tree }) => tree))];
  const { graphs, runs } = readTrees({ ...options, only: names });
  return names.flatMap((tree) => {
    const graph = graphs.get(tree);
    const isAsked = only === undefined || innermostFirst([tree], runs).some((name) => only.includes(name));
    if (graph === undefined || !isAsked) return [];
    return rule(graph).map(({ node: _, ...finding }) => ({ ...finding, tree }));
  });
};

/** The trees as graphs, and what each does to the journeys that run it. */
const readTrees = (options: TreeCheckOptions) => {
  const trees = new Map(options.trees.map((tree) => [tree.name, tree]));
  const parsed = new Map<string, readonly ParsedNode[]>();
  const parsedOf = (name: string): readonly ParsedNode[] => {
    const tree = trees.get(name);
    const nodes = parsed.get(name) ?? (tree === undefined ? [] : parseTree(tree, options));
    parsed.set(name, nodes);
    return nodes;
  };
  const runs = (name: string) => parsedOf(name).flatMap(({ innerTree }) => innerTree ?? []);
  const graphs = new Map<string, TreeGraph>();
  const facts = new Map<string, TreeFacts>();
  const named = options.only ?? [...trees.keys()];
  for (const name of innermostFirst(named, runs)) {
    const tree = trees.get(name);
    if (tree === undefined) continue;
    const graph = treeGraph(tree, parsedOf(name), (inner) => facts.get(inner) ?? UNKNOWN_TREE);
    graphs.set(name, graph);
    facts.set(name, factsOfTree(graph));
  }
  return { trees, graphs, facts, runs, named };
};

/** The trees and those that they run, each after the ones that it runs; a loop is cut where it closes. */
const innermostFirst = (names: readonly string[], runs: (name: string) => readonly string[]): readonly string[] => {
  const done: string[] = [];
  const seen = new Set<string>();
  const open = names.map((name) => ({ name, isLeft: false })).reverse();
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const { name, isLeft } = visit;
    if (isLeft) {
      done.push(name);
      continue;
    }
    if (seen.has(name)) continue;
    seen.add(name);
    open.push({ name, isLeft: true }, ...runs(name).map((inner) => ({ name: inner, isLeft: false })));
  }
  return done;
};
