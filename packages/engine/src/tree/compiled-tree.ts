import { memberNamed } from '../foreign/foreign-member.ts';
import type { PublishedTree } from '../model/configuration.ts';
import { definitionOf } from '../node/definition-in-version.ts';
import type { NodeDefinition } from '../node/node-definition.ts';
import { readSettings, settingsFaults } from '../node/node-settings.ts';
import type { Outcomes } from '../node/outcomes.ts';
import { connectionsByOutcome } from '../node/outcomes-inside.ts';
import type { PlaceholderValues } from '../node/placeholders.ts';
import { outcomesOfNode, wrappedDefinition } from '../node/wrapped-definition.ts';
import { keyOfInput, nameInState } from '../state/state-key.ts';
import type { Bindings } from '../unit-of-work/unit-of-work.ts';
import { levelsAhead } from './levels-ahead.ts';
import { type Ahead, namesAhead } from './names-ahead.ts';
import { pageSizeOf } from './page-size.ts';
import { type PortsOfNode, portsOfNode } from './ports-of-node.ts';

/** A node instance with its settings checked and its edges resolved. */
export interface CompiledNode {
  readonly id: string;
  readonly displayName: string;
  /** Name of the tree that it stands in. */
  readonly tree: string;
  readonly type: string;
  /** Absent for a node that cannot run: the journey fails when it gets there. */
  readonly definition?: NodeDefinition;
  /** Why it cannot run, for the log. */
  readonly fault?: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly outcomes: Outcomes;
  readonly connections: ReadonlyMap<string, string>;
  readonly children: readonly CompiledNode[];
  /** Its settings are many, with those of the nodes in it: nodes like it run in turns of their realms. */
  readonly isLarge?: true;
  /** What it runs with settings that it makes when it is visited. */
  readonly wrapped?: NodeDefinition;
  /** The tree that it runs. */
  readonly innerTree?: string;
  /** By how much a visit raises the authentication level; anything, where another tree decides. */
  readonly authLevelGain: number;
  /** The most that the level can grow from an outcome to Success; undefined where Success is out of reach. */
  readonly authLevelAhead?: (outcome: string) => number | undefined;
  readonly ports: PortsOfNode;
  /** Names in state that this node, or one inside it, declares as inputs. */
  readonly inputNames: ReadonlySet<string>;
  /** Names in state that it declares volatile. */
  readonly volatileNames: ReadonlySet<string>;
}

/** A published tree, ready to run: made once per version, then only read. */
export interface CompiledTree {
  readonly published: PublishedTree;
  readonly nodes: ReadonlyMap<string, CompiledNode>;
  /** Any node of the tree, those inside pages included. */
  findNode(id: string): CompiledNode | undefined;
  /** What the nodes reachable from this one, itself included, name: inputs in state, and other trees. */
  ahead(from: string): Ahead;
  /** Whether some node reachable from this one, itself included, declares the name as input. */
  isNamedAhead(from: string, name: string): boolean;
  isVolatile(name: string): boolean;
}

/** The trees that one request may go into. A journey keeps to the version of a tree that it went into first. */
export interface InnerTrees {
  /** Pins the version; undefined for a tree that does not exist or is switched off. */
  open(name: string): Promise<CompiledTree | undefined>;
  /** Looks at a tree without going in, so that no version is pinned. */
  peek(name: string): Promise<CompiledTree | undefined>;
  /** The version that the journey has gone into, also where the tree was switched off since; undefined for a tree that it has not gone into. */
  left(name: string): Promise<CompiledTree | undefined>;
  readonly versions: ReadonlyMap<string, number>;
}

/** One tree of those that a journey is in, and the node that it waits at there. */
export interface Level {
  readonly tree: CompiledTree;
  readonly nodeId: string;
}

/** What all nodes of one tree are compiled with. */
interface Compilation {
  readonly published: PublishedTree;
  readonly catalogue: ReadonlyMap<string, NodeDefinition>;
  readonly bindings: Bindings;
  readonly valueFor: PlaceholderValues;
  /** Nodes inside others that hold none themselves: many pages may hold the same node. */
  readonly leaves: Map<string, CompiledNode>;
}

/** A node that only keeps its place and its edges. */
const inertNode = (
  node: Pick<CompiledNode, 'id' | 'displayName' | 'tree' | 'type' | 'config' | 'connections'>,
  fault: string,
): CompiledNode => ({
  ...node,
  fault,
  outcomes: Object.fromEntries([...node.connections.keys()].map((outcome) => [outcome, outcome])),
  children: [],
  authLevelGain: 0,
  ports: portsOfNode([]),
  inputNames: new Set(),
  volatileNames: new Set(),
});

const compileNode = (
  compilation: Compilation,
  id: string,
  type: string,
  connections: Readonly<Record<string, string>>,
  around: readonly string[] = [],
): CompiledNode => {
  const { published, catalogue, bindings, valueFor } = compilation;
  const stored = memberNamed(published.nodes, id)?.config ?? {};
  const definition = definitionOf(catalogue, { type, config: stored });
  const edges = new Map(Object.entries(connections));
  const displayName = memberNamed(published.tree.nodes, id)?.displayName ?? '';
  const place = { id, displayName, tree: published.name, type, connections: edges };
  const inert = (fault: string) => inertNode({ ...place, config: stored }, fault);
  if (definition === undefined) return inert(`This server has no node of type ${type}.`);
  const settings = readSettings(definition, stored, valueFor);
  const { config } = settings;
  const faults = settingsFaults(settings);
  if (faults.length > 0 || config === undefined) return inert(`${type} ${id}: ${faults.join('; ')}`);
  const inside = [...around, id];
  const ids = definition.children(config as never);
  const lost = ids.find((childId) => !Object.hasOwn(published.nodes, childId) || inside.includes(childId));
  if (lost !== undefined) return inert(`${type} ${id}: nodes: Node ${lost} does not exist, or stands in itself.`);
  const children = ids.map((childId) => compileInside(compilation, childId, inside));
  const size = pageSizeOf(stored, children);
  if (size.fault !== undefined) return inert(`${type} ${id}: ${size.fault}`);
  const wrapped = wrappedDefinition(definition, config, catalogue);
  const ports = [...new Set([...definition.uses, ...(wrapped?.uses ?? [])])].map(({ portName }) => {
    const binding = bindings.get(portName);
    if (binding === undefined)
      throw new TypeError(`Node ${type} uses the port "${portName}", which nothing is bound to.`);
    return [portName, binding] as const;
  });
  const own = (keys: readonly Parameters<typeof nameInState>[0][]) => keys.map((key) => nameInState(key, id));
  const innerTree = definition.innerTree?.(config as never);
  const outcomes = outcomesOfNode(definition, config, children, catalogue);
  return {
    ...place,
    connections: new Map(Object.entries(connectionsByOutcome(connections, definition, children, outcomes))),
    definition,
    config,
    outcomes,
    children,
    ...(size.isLarge && { isLarge: true }),
    ...(wrapped !== undefined && { wrapped }),
    ...(innerTree !== undefined && { innerTree }),
    authLevelGain:
      innerTree === undefined && wrapped === undefined
        ? children.reduce((sum, child) => sum + child.authLevelGain, definition.authLevelGain(config as never))
        : Number.POSITIVE_INFINITY,
    ports: portsOfNode(ports),
    inputNames: new Set([
      ...own(definition.inputs.map(keyOfInput)),
      ...definition.dynamicInputs(config as never),
      ...own((wrapped?.inputs ?? []).map(keyOfInput)),
      ...children.flatMap((child) => [...child.inputNames]),
    ]),
    volatileNames: new Set([
      ...own(definition.outputs.filter((key) => key.volatile)),
      ...own(definition.volatileOutputs(config as never)),
      ...own((wrapped?.outputs ?? []).filter((key) => key.volatile)),
      ...children.flatMap((child) => [...child.volatileNames]),
    ]),
  };
};

/** Compiles a node that stands in another one. What holds no other is the same wherever it stands. */
const compileInside = (compilation: Compilation, id: string, around: readonly string[]): CompiledNode => {
  const { published, leaves } = compilation;
  const known = leaves.get(id);
  if (known !== undefined) return known;
  const node = compileNode(compilation, id, memberNamed(published.nodes, id)?.type ?? '', {}, around);
  if (node.fault === undefined && node.children.length === 0) leaves.set(id, node);
  return node;
};

const withThoseInside = (node: CompiledNode): CompiledNode[] => [node, ...node.children.flatMap(withThoseInside)];

/**
 * Checks settings, fills in their placeholders and resolves edges. A node that cannot run keeps its place: the journey
 * fails when it gets there, and not before.
 */
export const compileTree = (
  published: PublishedTree,
  catalogue: ReadonlyMap<string, NodeDefinition>,
  bindings: Bindings,
  valueFor: PlaceholderValues = () => undefined,
): CompiledTree => {
  const compilation: Compilation = { published, catalogue, bindings, valueFor, leaves: new Map() };
  let levels: ReadonlyMap<string, number> | undefined;
  const levelAhead = (id: string | undefined): number | undefined => {
    if (id === undefined) return undefined;
    levels ??= levelsAhead(nodes);
    return levels.get(id);
  };
  const nodes: ReadonlyMap<string, CompiledNode> = new Map(
    Object.entries(published.tree.nodes).map(([id, { nodeType, connections }]) => {
      const node = compileNode(compilation, id, nodeType, connections);
      return [id, { ...node, authLevelAhead: (outcome) => levelAhead(node.connections.get(outcome)) }];
    }),
  );
  const everyNode = new Map([...nodes.values()].flatMap(withThoseInside).map((node) => [node.id, node]));
  const volatileNames = new Set([...nodes.values()].flatMap((node) => [...node.volatileNames]));
  const ahead = namesAhead(nodes);

  return {
    published,
    nodes,
    findNode: (id) => everyNode.get(id),
    ahead,
    isNamedAhead: (from, name) => ahead(from).has(name),
    isVolatile: (name) => volatileNames.has(name),
  };
};
