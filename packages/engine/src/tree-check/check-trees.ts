import type { ProofMethod } from '../model/proven-factors.ts';
import { loopsOf } from '../tree/loops.ts';
import { type MappedClass, unprovenClassFindings } from './class-rules.ts';
import { connectionFindings } from './connection-rules.ts';
import { loneFactorFindings, phishingFindings, secondFactorFindings } from './factor-rules.ts';
import { unlessTooLarge } from './graph/check-work.ts';
import { inputFindings } from './input-rules.ts';
import { type LevelJourney, unreachedLevelFindings } from './level-rules.ts';
import { sendingLoopFindings, spinningLoopFindings } from './loop-rules.ts';
import { type TreeFactor, UNKNOWN_TREE } from './node-facts.ts';
import type { CheckedTree, TreeReading } from './parsed-node.ts';
import { methodsOf, NO_PROOF, smallestSets } from './proof-sets.ts';
import { reachFindings } from './reach-rules.ts';
import { innerTreesIn, readTrees, type TreesRead, treesAround } from './read-trees.ts';
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
import type { RuleFinding, TreeFinding } from './tree-finding.ts';
import type { TreeGraph } from './tree-graph.ts';
import { leftOutFactorFindings } from './waived-factors.ts';

export interface TreeCheckOptions extends TreeReading, KnownScripts, KnownUsers, KnownServices {
  /** All trees of a realm, or of the files that are checked together. */
  readonly trees: readonly CheckedTree[];
  /** The trees to tell of; all, where absent. The others are only looked into where one of these runs them. */
  readonly only?: readonly string[];
}

/**
 * What is wrong with trees, as far as it can be told without running them: in order of the trees, and within one by code
 * and in the order of its nodes. The work grows with nodes and connections, never with paths, and has a bound: a tree beyond it has the finding J25 alone.
 */
export const checkTrees = (options: TreeCheckOptions): readonly TreeFinding[] =>
  findingsOfTrees(options, readTrees(options));

const findingsOfTrees = (
  options: TreeCheckOptions,
  { trees, graphs, runs, named }: TreesRead,
): readonly TreeFinding[] => {
  const inside = new Set([...trees.keys()].flatMap(runs));
  const loops = loopsOf([...trees.keys()], runs);
  const runsInTurn = (inner: string, outer: string) => loops.has(outer) && loops.get(outer) === loops.get(inner);

  const findingsOf = (tree: CheckedTree, graph: TreeGraph): readonly RuleFinding[] => {
    const hasStart = !tree.tree.innerTreeOnly && !tree.tree.transactionalOnly && !inside.has(tree.name);
    // A tree that only runs inside others is judged by what those ask for around it.
    const leftOut = tree.tree.innerTreeOnly ? [] : leftOutFactorFindings(graph);
    const placeOf = ({ node, outcome }: RuleFinding) => JSON.stringify([node?.id, outcome]);
    const leftOutAt = new Set(leftOut.map(placeOf));
    return [
      ...connectionFindings(graph),
      ...reachFindings(graph),
      // The journeys around it supply what it needs, and are told where they do not; so does who asks by a back channel.
      ...(hasStart ? inputFindings(graph) : []),
      ...sendingLoopFindings(graph),
      ...spinningLoopFindings(graph),
      ...leftOut,
      ...secondFactorFindings(graph).filter((finding) => !leftOutAt.has(placeOf(finding))),
      ...phishingFindings(graph),
      ...(hasStart ? loneFactorFindings(graph) : []),
      ...unknownTypeFindings(graph),
      ...innerTreeFindings(graph, (inner) => trees.get(inner), runsInTurn),
      ...backChannelFindings(graph, (asked) => trees.get(asked)),
      ...scriptFindings(graph, options),
      ...settingsFindings(graph),
      ...lookUpFindings(graph, options),
      ...remarkFindings(graph, options),
    ];
  };

  return named.flatMap((name): TreeFinding[] => {
    const tree = trees.get(name);
    if (tree === undefined) return [];
    const graph = graphs.get(name);
    const place = new Map([...(graph?.nodes.keys() ?? [])].map((id, at) => [id, at]));
    const order = ({ code, node }: RuleFinding) =>
      `${code}${String((place.get(node?.id ?? '') ?? -1) + 1).padStart(8, '0')}`;
    const found = graph && unlessTooLarge(() => findingsOf(tree, graph));
    return (found ?? [TOO_LARGE])
      .map((finding) => ({ finding, at: order(finding) }))
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
      .map(({ finding: { node, ...finding } }) => ({
        ...finding,
        tree: name,
        ...(node && { nodeId: node.id, nodeType: node.type, displayName: node.displayName }),
      }));
  });
};

const TOO_LARGE: RuleFinding = {
  code: 'J25',
  severity: 'error',
  message: 'The journey is too large to be checked, so it counts as one that proves nothing.',
  fix: 'Remove nodes or connections, or move some journeys to another realm.',
};

/** What every way to Success of a tree proves, at the least. */
export type TreeStrength = 'phishingResistant' | 'secondFactor' | 'none';

/** How strongly whoever comes to Success has signed in, by tree (spec: webauthn §10.4). */
export const treeStrengths = (options: TreeCheckOptions): ReadonlyMap<string, TreeStrength> => {
  const { trees, facts, named } = readTrees(options);
  return new Map(
    named.flatMap((name): [string, TreeStrength][] => {
      if (!trees.has(name)) return [];
      const tree = facts.get(name) ?? UNKNOWN_TREE;
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
  const { trees, facts, named } = readTrees(options);
  return new Map(
    named.flatMap((name): [string, TreeProofs][] => {
      if (!trees.has(name)) return [];
      const tree = facts.get(name) ?? UNKNOWN_TREE;
      const { isThere, isProven } = tree.secondFactor;
      const ways = smallestSets(unlessTooLarge(() => tree.proven(NO_PROOF)) ?? NO_PROOF);
      const needsRole = tree.role.isThere && tree.role.isProven;
      return [[name, { ways: ways.map(methodsOf), isEven: !isThere || isProven, needsRole }]];
    }),
  );
};

/** A finding about what names a journey, such as a class of sign-in. */
export interface FindingOfNamed<Named> {
  readonly named: Named;
  readonly finding: TreeFinding;
}

interface NamedJourneys {
  readonly classes?: readonly MappedClass[];
  readonly levels?: readonly LevelJourney[];
}

/**
 * What {@link checkTrees} finds, and what is wrong with the journeys that classes of sign-in and authentication levels name: with `only`, those that
 * are or run one of these trees (SEC-85). Each tree is read once for all of that.
 */
export const journeyFindings = ({
  classes = [],
  levels = [],
  ...options
}: TreeCheckOptions & NamedJourneys): readonly TreeFinding[] => {
  const concerned = concernedBy(options, [...classes, ...levels]);
  const named = [...new Set([...(options.only ?? options.trees.map(({ name }) => name)), ...concerned])];
  const read = readTrees({ ...options, only: named });
  return [
    ...findingsOfTrees(options, { ...read, named: options.only ?? read.named }),
    ...findingsOfNamed(read, classes, concerned, unprovenClassFindings).map(({ finding }) => finding),
    ...findingsOfNamed(read, levels, concerned, unreachedLevelFindings).map(({ finding }) => finding),
  ];
};

/** What is wrong with the journeys that classes of sign-in name; with `only`, those that are or run one of these trees (SEC-85). */
export const classFindings = ({
  classes,
  ...options
}: TreeCheckOptions & { readonly classes: readonly MappedClass[] }): readonly FindingOfNamed<MappedClass>[] => {
  const concerned = concernedBy(options, classes);
  return findingsOfNamed(readTrees({ ...options, only: [...concerned] }), classes, concerned, unprovenClassFindings);
};

/** What is wrong with the journeys that authentication levels name, likewise. */
export const levelFindings = ({
  levels,
  ...options
}: TreeCheckOptions & { readonly levels: readonly LevelJourney[] }): readonly FindingOfNamed<LevelJourney>[] => {
  const concerned = concernedBy(options, levels);
  return findingsOfNamed(readTrees({ ...options, only: [...concerned] }), levels, concerned, unreachedLevelFindings);
};

/** The trees that are named and that a change of `only` these concerns. */
const concernedBy = (
  { only, ...options }: TreeCheckOptions,
  named: readonly { readonly tree: string }[],
): ReadonlySet<string> => {
  const names = new Set(named.map(({ tree }) => tree));
  if (only === undefined || names.size === 0) return names;
  const trees = new Map(options.trees.map((tree) => [tree.name, tree]));
  const runs = (name: string): readonly string[] => {
    const tree = trees.get(name);
    return tree === undefined ? [] : innerTreesIn(tree, options);
  };
  const around = treesAround(trees.keys(), only, runs);
  return new Set([...names].filter((name) => around.has(name)));
};

const findingsOfNamed = <Named extends { readonly tree: string }>(
  { trees, graphs }: TreesRead,
  all: readonly Named[],
  concerned: ReadonlySet<string>,
  /** The graph is absent for a tree that is too large to be checked. */
  rule: (named: Named, graph: TreeGraph | undefined) => readonly RuleFinding[],
): readonly FindingOfNamed<Named>[] =>
  all.flatMap((named) => {
    const { tree } = named;
    if (!trees.has(tree) || !concerned.has(tree)) return [];
    const graph = graphs.get(tree);
    // Many may name one journey. The first that finds no step left has found it for all.
    const isSpent = graph?.work.isSpent === true;
    const found = (isSpent ? undefined : unlessTooLarge(() => rule(named, graph))) ?? rule(named, undefined);
    return found.map(({ node: _, ...finding }) => ({ named, finding: { ...finding, tree } }));
  });
