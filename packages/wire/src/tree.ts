import { defaultSettings, settingsSchema, type TreeDocument, treeDocument } from '@assent/engine';
import { isJsonObject, type JsonObject } from './json.ts';
import { formatSettingsSchema } from './node.ts';

/** Names that a client may send; those that begin with `_` are not looked at (spec: journeys-rest §6.1). */
export const TREE_ATTRIBUTES: readonly string[] = Object.keys(treeDocument.shape).sort();

/** Why a configuration body cannot be taken, for the client. */
export interface ConfigurationRefusal {
  readonly why: string;
  readonly detail: JsonObject;
}

export const invalidAttribute = (validAttributes: readonly string[]): ConfigurationRefusal => ({
  why: 'Invalid attribute specified.',
  detail: { validAttributes },
});

/** The members of a body that count: not null, which exports write for "not set", and not the server's own. */
export const givenMembers = (body: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([name, value]) => !name.startsWith('_') && value !== null));

const invalid = (attribute: string, why: string): ConfigurationRefusal => ({
  why: `Data validation failed for the attribute, ${attribute}${why === '' ? '' : `: ${why}`}`,
  detail: { attribute },
});

const withoutNulls = (value: unknown): unknown =>
  isJsonObject(value) ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) : value;

/** Reads the body of a PUT of a tree, or says which attribute is wrong and why. */
export const parseTree = (body: unknown): { readonly tree: TreeDocument } | ConfigurationRefusal => {
  if (!isJsonObject(body)) return { why: 'The body must be a JSON object.', detail: {} };
  const given = givenMembers(body);
  if (!Object.keys(given).every((name) => TREE_ATTRIBUTES.includes(name))) return invalidAttribute(TREE_ATTRIBUTES);
  const { nodes = {} } = given;
  if (!isJsonObject(nodes) || !Object.values(nodes).every(isJsonObject)) return invalid('Nodes', '');
  const cleaned = Object.fromEntries(Object.entries(nodes).map(([id, node]) => [id, withoutNulls(node)]));
  const parsed = treeDocument.safeParse({ ...given, nodes: cleaned });
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

/** What `_action=schema` of trees answers. */
export const formatTreeSchema = (): JsonObject => formatSettingsSchema(settingsSchema({ config: treeDocument }));

/** What `_action=template` of trees answers: a tree that has no node yet. */
export const formatTreeTemplate = (): JsonObject => ({ ...defaultSettings({ config: treeDocument }), nodes: {} });
