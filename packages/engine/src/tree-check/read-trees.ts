import type { NodeDocument } from '../model/configuration.ts';
import { definitionOf } from '../node/definition-in-version.ts';
import type { NodeDefinition } from '../node/node-definition.ts';
import { readSettings, settingsFaults } from '../node/node-settings.ts';
import { wrappedDefinition } from '../node/wrapped-definition.ts';
import { innermostFirst } from '../tree/loops.ts';
import { CheckWork, type TreeWork, unlessTooLarge } from './graph/check-work.ts';
import { neededNames, type TreeFacts, UNKNOWN_TREE } from './node-facts.ts';
import { type CheckedTree, type ParsedNode, parseTree, type TreeReading } from './parsed-node.ts';
import { StateNames } from './state-names.ts';
import { factsOfTree } from './tree-facts.ts';
import { type TreeGraph, treeGraph } from './tree-graph.ts';

interface ReadBefore<T> {
  readonly catalogue: ReadonlyMap<string, NodeDefinition>;
  readonly made: T;
}

/** Reads a tree once for each version of it. A tree with placeholders is read each time, since their values can change. */
const readOnce = <T>(read: (tree: CheckedTree, reading: TreeReading) => T) => {
  const readBefore = new WeakMap<CheckedTree, ReadBefore<T>>();
  return (tree: CheckedTree, { catalogue, placeholderValue }: TreeReading): T => {
    const before = readBefore.get(tree);
    if (before?.catalogue === catalogue) return before.made;
    let hasPlaceholders = false;
    const recorded = (name: string) => {
      hasPlaceholders = true;
      return placeholderValue?.(name);
    };
    const made = read(tree, { catalogue, placeholderValue: recorded });
    if (!hasPlaceholders) readBefore.set(tree, { catalogue, made });
    return made;
  };
};

/** The settings of a node as it runs with them; undefined where it cannot run. */
const usableSettings = (definition: NodeDefinition, node: NodeDocument, { placeholderValue }: TreeReading) => {
  const settings = readSettings(definition, node.config, (name) => placeholderValue?.(name));
  return settings.missing.size > 0 || settingsFaults(settings).length > 0 ? undefined : settings.config;
};

/** The names of trees that nodes of a tree give. Only the nodes that can give one are read. */
const treesNamedIn = (namedBy: (definition: NodeDefinition) => ((config: never) => string) | undefined) =>
  readOnce((tree, reading): readonly string[] => {
    const names = new Set<string>();
    for (const id of Object.keys(tree.tree.nodes)) {
      const node = Object.hasOwn(tree.nodes, id) ? tree.nodes[id] : undefined;
      const definition = node && definitionOf(reading.catalogue, node);
      const nameOf = definition && namedBy(definition);
      if (node === undefined || definition === undefined || nameOf === undefined) continue;
      const config = usableSettings(definition, node, reading);
      if (config !== undefined) names.add(nameOf(config as never));
    }
    return [...names];
  });

/** The names of the trees that a tree runs. */
export const innerTreesIn = treesNamedIn(({ innerTree }) => innerTree);

/** The names of the trees that a tree asks for by a back channel. */
export const backChannelTreesIn = treesNamedIn(({ backChannelTree }) => backChannelTree);

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

/** Ids of scripts, or all scripts of the realm where a script chooses which other one is run. */
export type NamedScripts = ReadonlySet<string> | 'all';

/**
 * The scripts that a tree can run, nodes on pages included. For a node that cannot run as it is, every text of its settings counts: another version of the
 * server, or another value of a placeholder, can make it run.
 */
export const scriptsIn = readOnce((tree, reading): NamedScripts => {
  const ids = new Set<string>();
  for (const node of Object.values(tree.nodes)) {
    const definition = definitionOf(reading.catalogue, node);
    if (definition?.runsScripts === false && definition.wraps === undefined) continue;
    const config = definition && usableSettings(definition, node, reading);
    if (definition === undefined || config === undefined) {
      for (const text of textsIn(node.config)) ids.add(text);
      continue;
    }
    const script = definition.script(config as never);
    if (script !== undefined) ids.add(script);
    if (wrappedDefinition(definition, config, reading.catalogue)?.runsScripts === true) return 'all';
  }
  return ids;
});

interface TreesToRead extends TreeReading {
  readonly trees: readonly CheckedTree[];
  readonly only?: readonly string[];
}

export type TreesRead = ReturnType<typeof readTrees>;

/** The trees as graphs, and what each does to the journeys that run it. */
export const readTrees = (options: TreesToRead) => {
  const trees = new Map(options.trees.map((tree) => [tree.name, tree]));
  const work = new CheckWork(options.maxSteps);
  const parsed = new Map<string, { readonly nodes: readonly ParsedNode[]; readonly work: TreeWork }>();
  // A tree that is too large to be checked has no graph. Other trees assume no more of it than of one that is missing.
  const tooLarge = new Set<string>();
  const parsedOf = (name: string) => {
    const before = parsed.get(name);
    if (before !== undefined) return before;
    const tree = trees.get(name);
    const own = work.ofTree();
    const nodes = tree === undefined ? [] : parseTree(tree, options, own);
    if (nodes === undefined) tooLarge.add(name);
    const read = { nodes: nodes ?? [], work: own };
    parsed.set(name, read);
    return read;
  };
  const runsOf = new Map<string, readonly string[]>();
  const runs = (name: string): readonly string[] => {
    const tree = trees.get(name);
    const known = runsOf.get(name) ?? (tree === undefined ? [] : innerTreesIn(tree, options));
    runsOf.set(name, known);
    return known;
  };
  const graphs = new Map<string, TreeGraph>();
  const facts = new Map<string, TreeFacts>();
  const named = options.only ?? [...trees.keys()];
  const inOrder = innermostFirst(named, runs);
  const names = new StateNames(inOrder.flatMap((name) => parsedOf(name).nodes.flatMap(neededNames)));
  for (const name of inOrder) {
    const tree = trees.get(name);
    if (tree === undefined || tooLarge.has(name)) continue;
    const { nodes, work: own } = parsedOf(name);
    const read = unlessTooLarge(() => {
      const graph = treeGraph(tree, nodes, (inner) => facts.get(inner) ?? UNKNOWN_TREE, { names, work: own });
      return { graph, facts: factsOfTree(graph) };
    });
    if (read === undefined) {
      tooLarge.add(name);
      continue;
    }
    graphs.set(name, read.graph);
    facts.set(name, read.facts);
  }
  return { trees, graphs, facts, tooLarge, runs, named, work };
};

/** The trees that run one of `changed`, and those themselves. */
export const treesAround = (
  names: Iterable<string>,
  changed: Iterable<string>,
  runs: (name: string) => readonly string[],
): ReadonlySet<string> => {
  const around = new Map<string, string[]>();
  for (const name of names) {
    for (const inner of runs(name)) {
      const outer = around.get(inner);
      if (outer === undefined) around.set(inner, [name]);
      else outer.push(name);
    }
  }
  const found = new Set<string>();
  const open = [...changed];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    open.push(...(around.get(name) ?? []));
  }
  return found;
};
