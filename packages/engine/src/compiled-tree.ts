import type { PublishedTree } from './configuration.ts';
import type { NodeDefinition, Outcomes } from './node-definition.ts';
import { keyOfInput, nameInState } from './state-key.ts';
import type { Binding, Bindings } from './submit.ts';
import { FAILURE, SUCCESS } from './tree.ts';

/** A node instance with its settings checked and its edges resolved. */
export interface CompiledNode {
  readonly id: string;
  readonly type: string;
  /** Absent for a type that this server does not have: the journey fails when it gets there. */
  readonly definition?: NodeDefinition;
  readonly config: Readonly<Record<string, unknown>>;
  readonly outcomes: Outcomes;
  readonly connections: ReadonlyMap<string, string>;
  readonly children: readonly CompiledNode[];
  readonly ports: readonly (readonly [name: string, binding: Binding])[];
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
  /** Whether some node reachable from this one, itself included, declares the name as input. */
  isNamedAhead(from: string, name: string): boolean;
  isVolatile(name: string): boolean;
}

/** Two settings of one node instance that do not fit its definition. */
export class NodeConfigInvalid extends Error {
  override readonly name = 'NodeConfigInvalid';
  readonly nodeId: string;
  readonly nodeType: string;
  readonly issues: readonly { readonly path: string; readonly message: string }[];

  constructor(nodeId: string, nodeType: string, issues: readonly { path: string; message: string }[]) {
    super(`${nodeType} ${nodeId}: ${issues.map(({ path, message }) => `${path}: ${message}`).join('; ')}`);
    this.nodeId = nodeId;
    this.nodeType = nodeType;
    this.issues = issues;
  }
}

const compileNode = (
  published: PublishedTree,
  id: string,
  type: string,
  connections: Readonly<Record<string, string>>,
  catalogue: ReadonlyMap<string, NodeDefinition>,
  bindings: Bindings,
): CompiledNode => {
  const definition = catalogue.get(type);
  const stored = published.nodes[id]?.config ?? {};
  const edges = new Map(Object.entries(connections));
  if (definition === undefined) {
    return {
      id,
      type,
      config: stored,
      outcomes: Object.fromEntries([...edges.keys()].map((outcome) => [outcome, outcome])),
      connections: edges,
      children: [],
      ports: [],
      inputNames: new Set(),
      volatileNames: new Set(),
    };
  }
  const parsed = definition.config.safeParse(stored);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    throw new NodeConfigInvalid(id, type, issues);
  }
  const config = parsed.data;
  const children = definition.children(config as never).map((childId) => {
    const child = published.nodes[childId];
    if (child === undefined) {
      throw new NodeConfigInvalid(id, type, [{ path: 'nodes', message: `Node ${childId} does not exist.` }]);
    }
    return compileNode(published, childId, child.type, {}, catalogue, bindings);
  });
  const ports = definition.uses.map(({ portName }) => {
    const binding = bindings.get(portName);
    if (binding === undefined)
      throw new TypeError(`Node ${type} uses the port "${portName}", which nothing is bound to.`);
    return [portName, binding] as const;
  });
  const own = (keys: readonly Parameters<typeof nameInState>[0][]) => keys.map((key) => nameInState(key, id));
  return {
    id,
    type,
    definition,
    config,
    outcomes: definition.outcomesOf(config, children),
    connections: edges,
    children,
    ports,
    inputNames: new Set([
      ...own(definition.inputs.map(keyOfInput)),
      ...definition.dynamicInputs(config as never),
      ...children.flatMap((child) => [...child.inputNames]),
    ]),
    volatileNames: new Set([
      ...own(definition.outputs.filter((key) => key.volatile)),
      ...children.flatMap((child) => [...child.volatileNames]),
    ]),
  };
};

const withThoseInside = (node: CompiledNode): CompiledNode[] => [node, ...node.children.flatMap(withThoseInside)];

/** Checks settings and resolves edges. Throws {@link NodeConfigInvalid} for settings that do not fit. */
export const compileTree = (
  published: PublishedTree,
  catalogue: ReadonlyMap<string, NodeDefinition>,
  bindings: Bindings,
): CompiledTree => {
  const nodes = new Map(
    Object.entries(published.tree.nodes).map(([id, { nodeType, connections }]) => [
      id,
      compileNode(published, id, nodeType, connections, catalogue, bindings),
    ]),
  );
  const everyNode = new Map([...nodes.values()].flatMap(withThoseInside).map((node) => [node.id, node]));
  const volatileNames = new Set([...nodes.values()].flatMap((node) => [...node.volatileNames]));
  const ahead = new Map<string, ReadonlySet<string>>();

  const namedAhead = (from: string): ReadonlySet<string> => {
    const known = ahead.get(from);
    if (known !== undefined) return known;
    const names = new Set<string>();
    const seen = new Set([SUCCESS, FAILURE]);
    const open = [from];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const node = nodes.get(id);
      for (const name of node?.inputNames ?? []) names.add(name);
      open.push(...(node?.connections.values() ?? []));
    }
    ahead.set(from, names);
    return names;
  };

  return {
    published,
    nodes,
    findNode: (id) => everyNode.get(id),
    isNamedAhead: (from, name) => namedAhead(from).has(name),
    isVolatile: (name) => volatileNames.has(name),
  };
};
