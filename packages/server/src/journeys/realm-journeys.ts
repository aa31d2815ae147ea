import type { Configuration, NodeDefinition, Outcomes } from '@assent/engine';
import {
  definitionOf,
  type NodeDocument,
  nodesOfTree,
  outcomesOfNode,
  type PlaceholderValues,
  type PublishedTree,
  type ReadSettings,
  type StoredNode,
  scriptCaveat,
  scriptObstacle,
  type TreeDocument,
} from '@assent/engine/host';
import { isJsonObject, type JsonObject } from '@assent/wire';
import type { LiveConfiguration } from '../realms/live-configuration.ts';
import { settingsOfNode } from './settings-of-nodes.ts';

/** The reference of a node to one inside it, as a page spells it. */
export const referenceTo = (node: NodeDocument, id: string): JsonObject | undefined => {
  const { nodes } = node.config;
  return Array.isArray(nodes) ? nodes.find((it) => isJsonObject(it) && it._id === id) : undefined;
};

/** All of them, by the id of the node inside; of two to one node, the first. */
export const referencesIn = ({ config: { nodes } }: NodeDocument): ReadonlyMap<unknown, JsonObject> =>
  new Map((Array.isArray(nodes) ? nodes.filter(isJsonObject) : []).map((it) => [it._id, it] as const).reverse());

/** What a node of a type that this server lacks was exported with: it is all that is known of its outcomes. */
const outcomesSaid = ({ config: { _outcomes: said } }: NodeDocument): Outcomes =>
  Object.fromEntries(
    (Array.isArray(said) ? said : []).flatMap((it) =>
      isJsonObject(it) && typeof it.id === 'string' ? [[it.id, String(it.displayName ?? it.id)]] : [],
    ),
  );

/** The type of a node in its version; undefined for a type that this server does not have. */
type DefinitionOf = (node: NodeDocument) => NodeDefinition | undefined;

/** The ids by which a node names its outcomes: those of the nodes inside a Page node 2.0. Any other node has names that no id is part of. */
const idsInOutcomes = (node: NodeDocument | undefined, definitionOfNode: DefinitionOf): readonly string[] => {
  if (node === undefined || definitionOfNode(node)?.holdsStandalone !== true) return [];
  const inside = Array.isArray(node.config.nodes) ? node.config.nodes : [];
  return inside.flatMap((it) => (isJsonObject(it) && typeof it._id === 'string' ? [it._id] : []));
};

/** An outcome under the other ids. Of two ids of which one begins with the other, the longer one is meant. */
const renamedOutcome = (ids: readonly string[], outcome: string, idOf: (id: string) => string): string => {
  const [id] = ids.filter((it) => outcome.startsWith(`${it}-`)).toSorted((one, other) => other.length - one.length);
  return id === undefined ? outcome : `${idOf(id)}${outcome.slice(id.length)}`;
};

/** Copies a tree with its nodes, under another name and other ids. */
export const copyOfTree = (
  { realm, tree, nodes }: PublishedTree,
  name: string,
  newId: () => string,
  definitionOfNode: DefinitionOf,
): Omit<PublishedTree, 'version'> => {
  const ids = new Map(Object.keys(nodes).map((id) => [id, newId()]));
  const idOf = (id: string) => ids.get(id) ?? id;
  const insideOf = (inside: unknown): unknown =>
    isJsonObject(inside) && typeof inside._id === 'string' ? { ...inside, _id: idOf(inside._id) } : inside;
  const copies = Object.values(nodes).map(({ id, type, config }): [string, NodeDocument] => {
    const inside = Array.isArray(config.nodes) && { nodes: config.nodes.map(insideOf) };
    return [idOf(id), { id: idOf(id), type, config: { ...config, ...inside } }];
  });
  const wired = Object.entries(tree.nodes).map(([id, node]) => {
    const inOutcomes = idsInOutcomes(nodes[id], definitionOfNode);
    const connections = Object.entries(node.connections).map(([outcome, target]) => [
      renamedOutcome(inOutcomes, outcome, idOf),
      idOf(target),
    ]);
    return [idOf(id), { ...node, connections: Object.fromEntries(connections) }];
  });
  return {
    realm,
    name,
    tree: { ...tree, entryNodeId: idOf(tree.entryNodeId), nodes: Object.fromEntries(wired) },
    nodes: Object.fromEntries(copies),
  };
};

/** What a change would leave behind. */
interface Changed {
  readonly node?: StoredNode;
  readonly tree?: { readonly name: string; readonly tree: TreeDocument };
}

/** The nodes and trees of a realm as they are, or as a change would leave them. */
export class RealmJourneys {
  readonly realm: string;
  readonly catalogue: ReadonlyMap<string, NodeDefinition>;
  readonly #configuration: LiveConfiguration;
  readonly #valueFor: PlaceholderValues;
  readonly #changed: Changed;
  /** Trees that the change concerns, each made once. */
  readonly #made = new Map<string, PublishedTree>();

  constructor(
    configuration: LiveConfiguration,
    catalogue: ReadonlyMap<string, NodeDefinition>,
    valueFor: PlaceholderValues,
    realm: string,
    changed: Changed = {},
  ) {
    this.#configuration = configuration;
    this.catalogue = catalogue;
    this.#valueFor = valueFor;
    this.realm = realm;
    this.#changed = changed;
  }

  with(changed: Changed): RealmJourneys {
    return new RealmJourneys(this.#configuration, this.catalogue, this.#valueFor, this.realm, changed);
  }

  /** The realm as it is now. */
  unchanged(): RealmJourneys {
    return new RealmJourneys(this.#configuration, this.catalogue, this.#valueFor, this.realm);
  }

  /** How many inputs the nodes of a tree declare; those of a node inside others count for each node that holds it. */
  declaredInputs({ tree, nodes }: Pick<PublishedTree, 'tree' | 'nodes'>): number {
    const known = new Map<string, number>();
    const inputsOf = (id: string, around: readonly string[] = []): number => {
      const before = known.get(id);
      if (before !== undefined) return before;
      const node = Object.hasOwn(nodes, id) ? nodes[id] : undefined;
      const definition = node && this.definition(node);
      const config = node && this.settings(node)?.config;
      if (node === undefined || definition === undefined || config === undefined || around.includes(id)) return 0;
      let inputs = definition.inputs.length + definition.dynamicInputs(config as never).length;
      for (const child of this.idsInside(node)) inputs += inputsOf(child, [...around, id]);
      known.set(id, inputs);
      return inputs;
    };
    return Object.keys(tree.nodes).reduce((sum, id) => sum + inputsOf(id), 0);
  }

  node(id: string): StoredNode | undefined {
    const { node } = this.#changed;
    return node?.id === id ? node : this.#configuration.node(this.realm, id);
  }

  nodes(): readonly StoredNode[] {
    return this.#configuration.nodes(this.realm);
  }

  hasScript(id: string): boolean {
    return this.#configuration.script(this.realm, id) !== undefined;
  }

  /** Why a script of the realm cannot be run here. */
  scriptObstacle(id: string): string | undefined {
    const script = this.#configuration.script(this.realm, id);
    return script && scriptObstacle(script);
  }

  /** What a script of the realm gets otherwise than in AM. */
  scriptCaveat(id: string): string | undefined {
    const script = this.#configuration.script(this.realm, id);
    return script && scriptCaveat(script);
  }

  /** The tree as a publish would make it; the version of one that is not stored yet says nothing. */
  tree(name: string): PublishedTree | undefined {
    const stored = this.#configuration.tree(this.realm, name);
    const { tree, node } = this.#changed;
    const changed = tree?.name === name ? tree.tree : undefined;
    const isConcerned = node !== undefined && stored !== undefined && Object.hasOwn(stored.nodes, node.id);
    if (changed === undefined && !isConcerned) return stored;
    const document = changed ?? stored?.tree;
    if (document === undefined) return undefined;
    let made = this.#made.get(name);
    if (made === undefined) {
      made = { ...this.published(name, document), version: stored?.version ?? 0 };
      this.#made.set(name, made);
    }
    return made;
  }

  trees(): readonly PublishedTree[] {
    const names = new Set(this.#configuration.trees(this.realm).map(({ name }) => name));
    if (this.#changed.tree !== undefined) names.add(this.#changed.tree.name);
    return [...names].sort().flatMap((name) => this.tree(name) ?? []);
  }

  /** For rules of the engine that look up trees by realm. */
  get asConfiguration(): Pick<Configuration, 'tree'> {
    return { tree: (_realm, name) => this.tree(name) };
  }

  /** The document with the nodes that it runs. */
  published(name: string, tree: TreeDocument): Omit<PublishedTree, 'version'> {
    const nodes = nodesOfTree(
      tree,
      (id) => this.node(id),
      (node) => this.idsInside(node),
    );
    return { realm: this.realm, name, tree, nodes };
  }

  treesWith(nodeId: string): readonly PublishedTree[] {
    return [...this.eachTreeWith(nodeId)];
  }

  /** The trees that run a node, each made when it is asked for. A change of that node alone takes it out of none. */
  *eachTreeWith(nodeId: string): Iterable<PublishedTree> {
    const { tree, node } = this.#changed;
    const names = this.#configuration
      .trees(this.realm)
      .filter(({ nodes }) => node?.id !== nodeId || Object.hasOwn(nodes, nodeId))
      .map(({ name }) => name);
    for (const name of new Set([...names, ...(tree === undefined ? [] : [tree.name])].sort())) {
      const made = this.tree(name);
      if (made !== undefined && Object.hasOwn(made.nodes, nodeId)) yield made;
    }
  }

  /** The nodes that have this one inside. */
  around(nodeId: string): readonly StoredNode[] {
    return this.nodes().filter((node) => this.idsInside(node).includes(nodeId));
  }

  idsInside(node: NodeDocument): readonly string[] {
    const definition = this.definition(node);
    if (definition?.holdsNodes !== true) return [];
    const config = this.settings(node)?.config;
    return config === undefined ? [] : definition.children(config as never);
  }

  /** The node's type in its version; undefined for a type that this server does not have. */
  definition(node: NodeDocument): NodeDefinition | undefined {
    return definitionOf(this.catalogue, node);
  }

  /** Undefined for a type that this server does not have. */
  settings(node: NodeDocument): ReadSettings | undefined {
    const definition = this.definition(node);
    return definition && settingsOfNode(definition, node, this.#valueFor);
  }

  /** What the settings of a node give; what they cannot give while they are not valid is left out. */
  outcomesOf(node: NodeDocument, around: readonly string[] = []): Outcomes {
    const definition = this.definition(node);
    const config = this.settings(node)?.config;
    if (definition === undefined) return outcomesSaid(node);
    if (config === undefined) return definition.declaredOutcomes ?? {};
    const inside = [...around, node.id];
    const children = this.idsInside(node).flatMap((id) => {
      const child = inside.includes(id) ? undefined : this.node(id);
      if (child === undefined) return [];
      const its = this.definition(child);
      return [{ id, outcomes: this.outcomesOf(child, inside), ...(its && { definition: its }) }];
    });
    return outcomesOfNode(definition, config, children, this.catalogue);
  }
}
