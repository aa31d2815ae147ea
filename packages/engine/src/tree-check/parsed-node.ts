import { LRUCache } from 'lru-cache';
import { memberNamed } from '../foreign/foreign-member.ts';
import type { PublishedTree } from '../model/configuration.ts';
import { definitionOf } from '../node/definition-in-version.ts';
import type { NodeDefinition } from '../node/node-definition.ts';
import { type ReadSettings, readSettings, settingsFaults } from '../node/node-settings.ts';
import type { Outcomes } from '../node/outcomes.ts';
import type { PlaceholderValues } from '../node/placeholders.ts';
import { outcomesOfNode } from '../node/wrapped-definition.ts';
import { pageSizeOf } from '../tree/page-size.ts';
import { type TreeWork, unlessTooLarge } from './graph/check-work.ts';

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
  /** The steps that the check may take, for all trees together; those of a command where absent. */
  readonly maxSteps?: number;
}

/** How the nodes of one tree are read. */
interface NodeReading extends Required<Pick<TreeReading, 'catalogue' | 'placeholderValue'>> {
  /** Whether placeholders have their values here. */
  readonly isFilledIn: boolean;
  readonly work: TreeWork;
  /** By id of a node: pages can hold the same node many times. */
  readonly settings: Map<string, ReadSettings>;
}

interface ReadTree {
  readonly catalogue: TreeReading['catalogue'];
  readonly nodes: readonly ParsedNode[];
  readonly steps: number;
}

/** A step reads one value, or so many characters of one: what is made of them takes as many bytes at the most. */
const BYTES_OF_STEP = 64;

/** By tree, bounded by bytes (REL-14). A tree with placeholders is read each time, since their values can change. */
const readBefore = new LRUCache<CheckedTree, ReadTree>({
  maxSize: 32 * 1_024 * 1_024,
  sizeCalculation: ({ steps }) => 1 + BYTES_OF_STEP * steps,
});

/** The nodes of a tree with their settings read; pages bring those inside them. Undefined for a tree that is too large to be checked. */
export const parseTree = (
  tree: CheckedTree,
  { catalogue, placeholderValue }: TreeReading,
  work: TreeWork,
): readonly ParsedNode[] | undefined => {
  const before = readBefore.get(tree);
  let hasPlaceholders = false;
  const recorded = (name: string) => {
    hasPlaceholders = true;
    return placeholderValue?.(name);
  };
  return unlessTooLarge(() => {
    if (before?.catalogue === catalogue) {
      work.spend(before.steps);
      return before.nodes;
    }
    const start = work.steps;
    const reading = {
      catalogue,
      placeholderValue: recorded,
      work,
      settings: new Map(),
      isFilledIn: placeholderValue !== undefined,
    };
    const nodes = Object.entries(tree.tree.nodes).map(([id, { nodeType }]) => parseNode(tree, reading, id, nodeType));
    if (!hasPlaceholders) readBefore.set(tree, { catalogue, nodes, steps: work.steps - start });
    return nodes;
  });
};

/** Characters that count as 1 step when settings are read. */
const CHARACTERS_PER_STEP = 64;

/** The steps that settings take to read: 1 for each value, and more for long texts. */
const stepsToRead = (value: unknown): number => {
  if (typeof value === 'string') return 1 + Math.floor(value.length / CHARACTERS_PER_STEP);
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((steps: number, member) => steps + stepsToRead(member), 1);
};

const settingsOf = (
  { work, settings, placeholderValue }: NodeReading,
  id: string,
  definition: NodeDefinition,
  stored: Readonly<Record<string, unknown>>,
): ReadSettings => {
  const before = settings.get(id);
  if (before !== undefined) return before;
  work.spend(stepsToRead(stored));
  const read = readSettings(definition, stored, placeholderValue);
  settings.set(id, read);
  return read;
};

/** A node is compared with its type, and gets outcomes and facts. */
const STEPS_OF_NODE = 40;

/** Reads the settings of a node, and of those inside it. `around` are the ids of the nodes that it stands in. */
const parseNode = (
  tree: CheckedTree,
  reading: NodeReading,
  id: string,
  type: string,
  around: readonly string[] = [],
): ParsedNode => {
  const { work } = reading;
  work.spend(STEPS_OF_NODE + around.length);
  const stored = memberNamed(tree.nodes, id)?.config ?? {};
  const definition = definitionOf(reading.catalogue, { type, config: stored });
  if (definition === undefined) return { id, type, children: [] };
  const settings = settingsOf(reading, id, definition, stored);
  // Where another system fills in the placeholders, nobody here knows whether it has a value.
  const missing: ReadSettings['missing'] = reading.isFilledIn ? settings.missing : new Map();
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
  const { fault } = pageSizeOf(
    stored,
    children.map(({ id: childId }) => memberNamed(tree.nodes, childId) ?? {}),
  );
  if (fault !== undefined) return { id, type, definition, problem: fault, children: [] };
  // A page hands out the outcomes of a child, which nobody knows where the type is missing.
  const isOpen = children.some(({ outcomes }) => outcomes === undefined);
  const innerTree = definition.innerTree?.(config);
  const wrapped = reading.catalogue.get(definition.wraps?.(config) ?? '');
  const outcomes = isOpen
    ? undefined
    : outcomesOfNode(
        definition,
        config,
        children.map(({ id: childId, outcomes: its = {}, definition: inner }) => ({
          id: childId,
          outcomes: its,
          ...(inner && { definition: inner }),
        })),
        reading.catalogue,
      );
  // Rules compare what stands on a page with all that stands there, too.
  work.spend(Object.keys(outcomes ?? {}).length + children.length ** 2);
  return {
    id,
    type,
    definition,
    config,
    children,
    ...(outcomes && { outcomes }),
    ...(innerTree !== undefined && { innerTree }),
    ...(wrapped && { wrapped }),
  };
};

/** The node and all that stand in it. */
export const withThoseInside = (node: ParsedNode): readonly ParsedNode[] => [
  node,
  ...node.children.flatMap(withThoseInside),
];
