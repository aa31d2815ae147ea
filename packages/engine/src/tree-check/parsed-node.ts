import { memberNamed } from '../foreign/foreign-member.ts';
import type { PublishedTree } from '../model/configuration.ts';
import { definitionOf } from '../node/definition-in-version.ts';
import type { NodeDefinition } from '../node/node-definition.ts';
import { type ReadSettings, readSettings, settingsFaults } from '../node/node-settings.ts';
import type { Outcomes } from '../node/outcomes.ts';
import type { PlaceholderValues } from '../node/placeholders.ts';
import { outcomesOfNode } from '../node/wrapped-definition.ts';

/** As much of a published tree as a check reads. */
export type CheckedTree = Pick<PublishedTree, 'name' | 'tree' | 'nodes'>;

/** A node whose settings were read, as far as they can be. */
export interface ParsedNode {
  readonly id: string;
  readonly type: string;
  /** Absent for a type that this server does not have. */
  readonly definition?: NodeDefinition;
  /** Why the settings cannot be used. */
  readonly problem?: string;
  /** Absent where nobody knows what they are: no definition, a problem, or values that another system fills in. */
  readonly config?: unknown;
  /** Absent where `config` is. */
  readonly outcomes?: Outcomes;
  readonly children: readonly ParsedNode[];
  readonly innerTree?: string;
  /** The node that it runs with settings which are made at the visit; absent also for a type that this server does not have. */
  readonly wrapped?: NodeDefinition;
}

/** What trees are read by. */
export interface TreeReading {
  readonly catalogue: ReadonlyMap<string, NodeDefinition>;
  /** Values of placeholders; where absent, another system is going to fill them in. */
  readonly placeholderValue?: PlaceholderValues;
}

/** Reads the settings of a node, and of those inside it. `around` are the ids of the nodes that it stands in. */
export const parseNode = (
  tree: CheckedTree,
  reading: TreeReading,
  id: string,
  type: string,
  around: readonly string[] = [],
): ParsedNode => {
  const stored = memberNamed(tree.nodes, id)?.config ?? {};
  const definition = definitionOf(reading.catalogue, { type, config: stored });
  if (definition === undefined) return { id, type, children: [] };
  const { placeholderValue } = reading;
  const settings = readSettings(definition, stored, placeholderValue ?? (() => undefined));
  // Where another system fills in the placeholders, nobody here knows whether it has a value.
  const missing: ReadSettings['missing'] = placeholderValue === undefined ? new Map() : settings.missing;
  const [problem] = settingsFaults({ ...settings, missing });
  if (problem !== undefined) return { id, type, definition, problem, children: [] };
  if (settings.missing.size > 0 || settings.config === undefined) return { id, type, definition, children: [] };
  const config = settings.config as never;
  const inside = [...around, id];
  const children: ParsedNode[] = [];
  for (const childId of definition.children(config)) {
    const child = memberNamed(tree.nodes, childId);
    const reason = child === undefined ? 'does not exist' : inside.includes(childId) ? 'stands in itself' : undefined;
    if (child === undefined || reason !== undefined) {
      return { id, type, definition, problem: `the node ${childId} inside it ${reason}`, children: [] };
    }
    children.push(parseNode(tree, reading, childId, child.type, inside));
  }
  const faulty = children.find(({ problem }) => problem !== undefined);
  if (faulty !== undefined) {
    return { id, type, definition, problem: `${faulty.type} inside it: ${faulty.problem}`, children: [] };
  }
  // A page hands out the outcomes of a child, which nobody knows where the type is missing.
  const isOpen = children.some(({ outcomes }) => outcomes === undefined);
  const innerTree = definition.innerTree?.(config);
  const wrapped = reading.catalogue.get(definition.wraps?.(config) ?? '');
  return {
    id,
    type,
    definition,
    config,
    children,
    ...(!isOpen && {
      outcomes: outcomesOfNode(
        definition,
        config,
        children.map(({ id: childId, outcomes = {}, definition: inside }) => ({
          id: childId,
          outcomes,
          ...(inside && { definition: inside }),
        })),
        reading.catalogue,
      ),
    }),
    ...(innerTree !== undefined && { innerTree }),
    ...(wrapped && { wrapped }),
  };
};

/** The node and all that stand in it. */
export const withThoseInside = (node: ParsedNode): readonly ParsedNode[] => [
  node,
  ...node.children.flatMap(withThoseInside),
];
