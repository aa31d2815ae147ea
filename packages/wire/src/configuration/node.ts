import type { NodeDefinition, Outcomes } from '@assent/engine';
import { defaultSettings, type NodeDocument, secretSettings, settingsSchema, versionOfNode } from '@assent/engine/host';
import type { JsonObject } from '../json.ts';

/** What stands in `_type` of a node, and what `getType` answers (spec: journeys-rest §6.4). */
export const formatNodeType = ({
  type,
  title,
  version,
}: Pick<NodeDefinition, 'type' | 'title' | 'version'>): JsonObject => ({
  _id: type,
  name: title,
  collection: true,
  version,
});

/** A type as the palette shows it. */
export const formatPaletteEntry = ({ type, title, tags, help }: NodeDefinition): JsonObject => ({
  _id: type,
  name: title,
  collection: true,
  tags,
  metadata: { tags },
  help,
});

export const formatOutcomes = (outcomes: Outcomes): readonly JsonObject[] =>
  Object.entries(outcomes).map(([id, displayName]) => ({ id, displayName }));

/** JSON Schema as AM's forms read it, with the order in which settings are shown. */
export const formatSettingsSchema = ({ properties, required }: ReturnType<typeof settingsSchema>): JsonObject => {
  const ordered = Object.entries(properties).map(([name, property], at) => [
    name,
    { ...property, propertyOrder: (at + 1) * 100 },
  ]);
  return { type: 'object', properties: Object.fromEntries(ordered), ...(required.length > 0 && { required }) };
};

/** What `_action=schema` of a node type answers. */
export const formatNodeSchema = (definition: NodeDefinition): JsonObject =>
  formatSettingsSchema(settingsSchema(definition));

/** What `_action=template` answers: AM's defaults, and ours where they are better (design.md §3.3 "defaults"). */
export const formatNodeTemplate = (definition: NodeDefinition): JsonObject => ({
  ...defaultSettings(definition),
  ...definition.template,
});

/** A node as AM's REST spells it, with the defaults of what was stored without; `known` is absent for a type that this server lacks, whose own words are kept. */
export const formatNode = (
  node: NodeDocument,
  rev: string,
  known?: { readonly definition: NodeDefinition; readonly outcomes: Outcomes },
): JsonObject => {
  const { id, type, config } = node;
  if (known === undefined) {
    return { _id: id, _rev: rev, _type: { _id: type, name: type, collection: true }, _outcomes: [], ...config };
  }
  const secrets = secretSettings(known.definition);
  const shown = Object.entries({ ...defaultSettings(known.definition), ...config }).map(([name, value]) => [
    name,
    secrets.has(name) ? null : value,
  ]);
  return {
    _id: id,
    _rev: rev,
    ...Object.fromEntries(shown),
    // Also of a version that this server does not have, and runs as one before it.
    _type: formatNodeType({ type, title: known.definition.title, version: versionOfNode(node) }),
    _outcomes: formatOutcomes(known.outcomes),
  };
};
