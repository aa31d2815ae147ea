import { defaultSettings, settingsSchema, type TreeDocument, treeDocument, wiredNode } from '@assent/engine/host';
import { isJsonObject, type JsonObject } from '../json.ts';
import { formatSettingsSchema } from './node.ts';

/** Members of a tree that this server reads. */
const TREE_ATTRIBUTES: ReadonlySet<string> = new Set(Object.keys(treeDocument.shape));

/** Why a configuration body cannot be taken, for the client. */
export interface ConfigurationRefusal {
  readonly reason: string;
  readonly detail: JsonObject;
}

/**
 * The members of a body that count: not the server's own, and of those that it knows none that is null, which exports write
 * for "not set". What it does not know is kept as it came (docs/adr/0040).
 */
export const givenMembers = (body: JsonObject, known: ReadonlySet<string>): JsonObject =>
  Object.fromEntries(
    Object.entries(body).filter(([name, value]) => !name.startsWith('_') && (value !== null || !known.has(name))),
  );

/** Names of members that are kept and have no effect, for a warning; in order. */
export const unknownMembers = (given: JsonObject, known: ReadonlySet<string>): readonly string[] =>
  Object.keys(given)
    .filter((name) => !name.startsWith('_') && !known.has(name))
    .sort();

const invalid = (attribute: string, reason: string): ConfigurationRefusal => ({
  reason: `Data validation failed for the attribute, ${attribute}${reason === '' ? '' : `: ${reason}`}`,
  detail: { attribute },
});

const WIRED_NODE_MEMBERS: ReadonlySet<string> = new Set(Object.keys(wiredNode.shape));

/** A tree as it was sent, its members sorted out; how much of it can be used is for a schema to say. */
export const givenTree = (body: JsonObject): JsonObject => {
  const given = givenMembers(body, TREE_ATTRIBUTES);
  const { nodes } = given;
  if (!isJsonObject(nodes)) return given;
  const cleaned = Object.entries(nodes).map(([id, node]) => [id, isJsonObject(node) ? givenWiredNode(node) : node]);
  return { ...given, nodes: Object.fromEntries(cleaned) };
};

const givenWiredNode = (node: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(node).filter(([name, value]) => value !== null || !WIRED_NODE_MEMBERS.has(name)));

/** What a tree has that this server does not read, as paths for a warning. */
export const unknownInTree = (tree: TreeDocument): readonly string[] => [
  ...unknownMembers(tree, TREE_ATTRIBUTES),
  ...new Set(
    Object.values(tree.nodes).flatMap((node) => unknownMembers(node, WIRED_NODE_MEMBERS).map((it) => `nodes.*.${it}`)),
  ),
];

/** Reads the body of a PUT of a tree, or says which attribute is wrong and why. */
export const parseTree = (body: unknown): { readonly tree: TreeDocument } | ConfigurationRefusal => {
  if (!isJsonObject(body)) return { reason: 'The body must be a JSON object.', detail: {} };
  const { nodes = {}, ...given } = givenTree(body);
  if (!isJsonObject(nodes) || !Object.values(nodes).every(isJsonObject)) return invalid('Nodes', '');
  const parsed = treeDocument.safeParse({ ...given, nodes });
  if (parsed.success) return { tree: parsed.data };
  const [issue] = parsed.error.issues;
  return invalid((issue?.path ?? []).map(String).join('.'), issue?.message ?? '');
};

/** A tree as AM's REST spells it. */
export const formatTree = (id: string, rev: string, tree: TreeDocument): JsonObject => ({
  _id: id,
  _rev: rev,
  ...tree,
});

/** Data of designers that this server knows: categories and places. Other products may keep more there. */
const PLACE: ReadonlySet<string> = new Set(['x', 'y']);
const UI_MEMBERS: ReadonlySet<string> = new Set(['categories']);

const only = (value: unknown, known: ReadonlySet<string>): unknown =>
  isJsonObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, it]) => [name, known.has(name) ? it : null]))
    : null;

const onlyInEach = (value: unknown, known: ReadonlySet<string>): unknown =>
  isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, it]) => [name, only(it, known)])) : null;

/** The tree with no value of a member that this server does not read, for callers who may not write it. */
export const treeForOnlookers = ({ nodes, staticNodes, uiConfig, ...tree }: TreeDocument): TreeDocument =>
  ({
    ...(only(tree, TREE_ATTRIBUTES) as object),
    ...(uiConfig !== undefined && { uiConfig: only(uiConfig, UI_MEMBERS) }),
    ...(staticNodes !== undefined && { staticNodes: onlyInEach(staticNodes, PLACE) }),
    nodes: onlyInEach(nodes, WIRED_NODE_MEMBERS),
  }) as TreeDocument;

/** What `_action=schema` of trees answers. */
export const formatTreeSchema = (): JsonObject => formatSettingsSchema(settingsSchema({ config: treeDocument }));

/** What `_action=template` of trees answers: a tree that has no node yet. */
export const formatTreeTemplate = (): JsonObject => ({ ...defaultSettings({ config: treeDocument }), nodes: {} });
