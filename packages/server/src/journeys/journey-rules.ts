import {
  FAILURE,
  innerTreeProblem,
  type NodeDocument,
  SUCCESS,
  standsAlone,
  type TreeDocument,
  variableOfPlaceholder,
} from '@assent/engine/host';
import type { ConfigurationRefusal } from '@assent/wire';
import { INPUTS_OF_JOURNEY } from '../realms/realm-quota.ts';
import { type RealmJourneys, referencesIn, referenceTo } from './realm-journeys.ts';

const nameOf = ({ type, id }: Pick<NodeDocument, 'type' | 'id'>): string => `${type} ${id}`;

export const faultOfNode = (
  node: Pick<NodeDocument, 'type' | 'id'>,
  attribute: string,
  reason: string,
  message?: string,
): ConfigurationRefusal => ({
  reason: message ?? `Data validation failed for the attribute, ${attribute}: ${reason} (${nameOf(node)})`,
  detail: { nodeType: node.type, nodeId: node.id, attribute, why: reason },
});

/**
 * All nodes inside but the last pass on without a choice (spec: journeys-rest §7.5), and those that stand by themselves come after it. Where only
 * the node `changed` is another one than before, the others are judged as far as it matters to them.
 */
const faultInside = (view: RealmJourneys, node: NodeDocument, changed?: string): ConfigurationRefusal | undefined => {
  const ids = view.idsInside(node);
  const holder = view.definition(node);
  const isOfForm = (id: string): boolean => {
    const child = view.node(id);
    return holder === undefined || child === undefined || !standsAlone(holder, view.definition(child));
  };
  const last = ids.findLastIndex(isOfForm);
  const lastBefore = ids.findLastIndex((id, at) => at < last && isOfForm(id));
  const references = changed === undefined ? referencesIn(node) : undefined;
  const seen = new Set<string>();
  const judged =
    changed === undefined ? ids.entries() : [[ids.indexOf(changed), changed] as const, lastOf(ids, lastBefore)];
  for (const [at, id] of judged) {
    if (at < 0) continue;
    const child = view.node(id);
    const given = (references === undefined ? referenceTo(node, id) : references.get(id))?.nodeType;
    if (child === undefined || (given !== undefined && given !== child.type)) {
      const what = `there is no node ${id}${typeof given === 'string' ? ` of type ${given}` : ''}`;
      return faultOfNode(node, 'nodes', `${what}. Save it before the node that holds it.`);
    }
    if (seen.has(id) && changed === undefined) return faultOfNode(node, 'nodes', `the node ${id} is listed twice.`);
    seen.add(id);
    if (at >= last || !isOfForm(id)) continue;
    const count = Object.keys(view.outcomesOf(child)).length;
    // A node of a type that this server lacks need not say what its outcomes are, and one that lacks settings cannot.
    const isKnown = count > 0 || view.settings(child)?.config !== undefined;
    if (isKnown && count !== 1) {
      const reason = `${nameOf(child)} has ${count} outcomes. Put it last: all nodes before the last need exactly one.`;
      return faultOfNode(node, 'nodes', reason);
    }
  }
  return undefined;
};

const lastOf = (ids: readonly string[], at: number) => [at, ids[at] ?? ''] as const;

const treeNamedBy = (view: RealmJourneys, node: NodeDocument): string | undefined => {
  const config = view.settings(node)?.config;
  return config && view.definition(node)?.innerTree?.(config as never);
};

const faultOfInnerTree = (
  view: RealmJourneys,
  node: NodeDocument,
  containing: string,
  reached = new Set<string>(),
): ConfigurationRefusal | undefined => {
  const named = treeNamedBy(view, node);
  const problem =
    named === undefined
      ? undefined
      : innerTreeProblem(view.asConfiguration, view.catalogue, view.realm, containing, named, reached);
  if (problem === undefined) return undefined;
  const fix =
    view.tree(named ?? '') === undefined
      ? `Save the tree ${named} before this node, or name another.`
      : `The tree ${containing} would run itself. Name another tree.`;
  // Programs show the message and not the detail: the author has to find what to do in it.
  return faultOfNode(node, 'tree', fix, `${problem}. ${fix} (${nameOf(node)})`);
};

/** A journey that declares more already may declare fewer. */
const faultOfInputs = (view: RealmJourneys, name: string): ConfigurationRefusal | undefined => {
  const tree = view.tree(name);
  const inputs = tree === undefined ? 0 : view.declaredInputs(tree);
  if (inputs <= INPUTS_OF_JOURNEY) return undefined;
  const unchanged = view.unchanged();
  const stored = unchanged.tree(name);
  if (stored !== undefined && inputs <= unchanged.declaredInputs(stored)) return undefined;
  const most = INPUTS_OF_JOURNEY.toLocaleString('en');
  return faultOfTree(
    'inputs',
    `the nodes of the journey ${name} would declare ${inputs} inputs, and ${most} are the most. Shorten inputs of its scripts, or remove nodes; a node counts once for each page that holds it.`,
  );
};

/** Why a node cannot be saved, or undefined. One of a type that this server lacks is kept whatever it says. */
export const faultInNode = (view: RealmJourneys, node: NodeDocument): ConfigurationRefusal | undefined => {
  const definition = view.definition(node);
  const settings = view.settings(node);
  if (definition === undefined || settings === undefined) return undefined;
  const [issue] = settings.issues;
  if (issue !== undefined) return faultOfNode(node, issue.path, issue.message);
  if (settings.config === undefined) return undefined;
  const script = definition.script(settings.config as never);
  if (script !== undefined && !view.hasScript(script)) {
    const reason = `The realm has no script ${script}. Save the script first, or name another.`;
    return faultOfNode(node, 'script', reason, 'Data validation failed for the attribute, Script');
  }
  const reached = new Set<string>();
  const fault = faultInside(view, node) ?? faultOfInnerTree(view, node, '', reached);
  if (fault !== undefined) return fault;
  for (const holder of view.around(node.id)) {
    const inHolder = faultInside(view, holder, node.id);
    if (inHolder !== undefined) return inHolder;
  }
  for (const tree of view.treesWith(node.id)) {
    // All that the node runs is in `reached` now.
    const inTree =
      (reached.has(tree.name) ? faultOfInnerTree(view, node, tree.name) : undefined) ?? faultOfInputs(view, tree.name);
    if (inTree !== undefined) return inTree;
  }
  return undefined;
};

const faultOfTree = (attribute: string, reason: string, message?: string): ConfigurationRefusal => ({
  reason: message ?? `Data validation failed for the attribute, ${attribute}: ${reason}`,
  detail: { attribute, why: reason },
});

/** Why no tree can be so, whatever its nodes are set to; undefined where it can. `typeOf` knows the nodes that are there. */
export const faultInShape = (
  { entryNodeId, nodes }: TreeDocument,
  typeOf: (id: string) => string | undefined,
): ConfigurationRefusal | undefined => {
  const isEnd = (id: string) => id === SUCCESS || id === FAILURE;
  if (!isEnd(entryNodeId) && !Object.hasOwn(nodes, entryNodeId)) {
    const reason = `${entryNodeId} is none of the nodes. Name one of them, or add it.`;
    return faultOfTree('entryNodeId', reason, `Node with ID entryNodeId must exist in the tree. ${reason}`);
  }
  for (const [id, { nodeType, displayName, connections }] of Object.entries(nodes)) {
    if (isEnd(id)) return faultOfTree('Nodes', `${id} is an end of every tree and cannot be one of its nodes.`);
    if (typeOf(id) !== nodeType) {
      return faultOfTree('Nodes', `there is no node ${id} of type ${nodeType}. Save the node before the tree.`);
    }
    for (const [outcome, target] of Object.entries(connections)) {
      if (isEnd(target) || Object.hasOwn(nodes, target)) continue;
      const from = `outcome "${outcome}" of ${nodeType} ${id}${displayName === '' ? '' : ` "${displayName}"`}`;
      const reason = `${from} leads to ${target}, which is no node of the tree. Add it, or connect the outcome elsewhere.`;
      return faultOfTree('Nodes', reason);
    }
  }
  return undefined;
};

/** Why a tree cannot be saved, or undefined. What only makes it unwise is for the check of trees to say. */
export const faultInTree = (
  view: RealmJourneys,
  name: string,
  tree: TreeDocument,
): ConfigurationRefusal | undefined => {
  const fault = faultInShape(tree, (id) => view.node(id)?.type);
  if (fault !== undefined) return fault;
  const reached = new Set<string>();
  for (const id of Object.keys(tree.nodes)) {
    const node = view.node(id);
    const ofInner = node && faultOfInnerTree(view, node, name, reached);
    if (ofInner !== undefined) return ofInner;
  }
  return faultOfInputs(view, name);
};

/** For the log: settings that wait for a value, each with the variable that would give it. */
export const missingValues = (view: RealmJourneys, node: NodeDocument): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...(view.settings(node)?.missing ?? [])].map(([setting, name]) => [
      setting,
      variableOfPlaceholder(name) ?? `&{${name}} has no variable here`,
    ]),
  );
