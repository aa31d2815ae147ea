import { createHash } from 'node:crypto';
import {
  FAILURE,
  FIRST_VERSION,
  type FindingCode,
  type NodeDocument,
  type PublishedTree,
  SUCCESS,
  settingsOfVersion,
  type TreeDocument,
} from '@assent/engine/host';
import { nodeCatalogue } from '@assent/nodes';

/** A journey of ours as an author would say it: nodes by a short name, edges between names. */
export interface ShippedJourney {
  readonly name: string;
  readonly description: string;
  readonly entry: string;
  readonly settings?: Partial<Pick<TreeDocument, 'treeTimeout' | 'mustRun' | 'noSession' | 'innerTreeOnly'>>;
  readonly nodes: Readonly<Record<string, ShippedNode>>;
}

export interface ShippedNode {
  readonly type: string;
  /** Of the type; the first where absent. */
  readonly version?: string;
  readonly displayName: string;
  /** What differs from the template of the type. */
  readonly config?: Readonly<Record<string, unknown>>;
  /**
   * Outcome → name of a node, or `Success`, or `Failure`. A page of version 2.0 names its outcomes by the place of the node inside, from 0 on,
   * such as `1-outcome`.
   */
  readonly to?: Readonly<Record<string, string>>;
  /** Nodes inside a page, in order. */
  readonly inside?: readonly ShippedNode[];
  /** What the check of journeys finds at this node and the journey means. */
  readonly accepts?: readonly Acceptance[];
}

/** A finding that is meant, with the reason that the check shows. */
export interface Acceptance {
  readonly code: FindingCode;
  /** Of the node; all its outcomes where absent. */
  readonly outcome?: string;
  readonly reason: string;
}

/** A name-based UUID (RFC 9562 §5.5): the same node has the same id in every installation, so that exports compare. */
const nodeId = (...path: readonly string[]): string => {
  const hash = createHash('sha1')
    .update(`assent:journey:${path.join(':')}`)
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
};

const COLUMN = 220;
const ROW = 110;

/** Where a designer shows each node: one column for each step that it takes to get there, by the shortest way. */
const placesOf = ({
  entry,
  nodes,
}: ShippedJourney): ReadonlyMap<string, { readonly x: number; readonly y: number }> => {
  const places = new Map<string, { readonly x: number; readonly y: number }>();
  let column = [entry];
  for (let x = COLUMN; column.length > 0; x += COLUMN) {
    for (const [row, name] of column.entries()) places.set(name, { x, y: (row + 1) * ROW });
    const next = new Set(column.flatMap((name) => Object.values(nodes[name]?.to ?? {})));
    column = [...next].filter((name) => name in nodes && !places.has(name));
  }
  return places;
};

/** A node of ours begins as a new one of its type does in the designer; a value that the journey states wins (SEC-49, AUT-05). */
const settingsOf = ({ type, version = FIRST_VERSION }: ShippedNode, config: ShippedNode['config'] = {}) =>
  settingsOfVersion({ type, version }, { ...nodeCatalogue.get(type)?.template, ...config });

/** The findings that a journey accepts, by the ids of its nodes. */
export const acceptedIn = ({ name, nodes }: ShippedJourney): readonly (Acceptance & { readonly nodeId: string })[] =>
  Object.entries(nodes).flatMap(([node, { accepts = [] }]) =>
    accepts.map((accepted) => ({ ...accepted, nodeId: nodeId(name, node) })),
  );

/** A shipped journey in the shape of AM's REST, ready to be published in a realm. */
export const toPublishedTree = (realm: string, journey: ShippedJourney): Omit<PublishedTree, 'version'> => {
  const idOf = (name: string): string => {
    if (name === 'Success') return SUCCESS;
    if (name === 'Failure') return FAILURE;
    if (!(name in journey.nodes)) throw new RangeError(`${journey.name} has no node "${name}".`);
    return nodeId(journey.name, name);
  };
  const places = placesOf(journey);
  const instances: Record<string, NodeDocument> = {};
  const nodes: TreeDocument['nodes'] = {};
  for (const [name, node] of Object.entries(journey.nodes)) {
    const id = idOf(name);
    const children = (node.inside ?? []).map((child, at) => {
      const childId = nodeId(journey.name, name, String(at));
      instances[childId] = { id: childId, type: child.type, config: settingsOf(child, child.config) };
      const { version: nodeVersion } = child;
      return {
        _id: childId,
        nodeType: child.type,
        displayName: child.displayName,
        ...(nodeVersion !== undefined && { nodeVersion }),
      };
    });
    const config = { ...node.config, ...(children.length > 0 && { nodes: children }) };
    instances[id] = { id, type: node.type, config: settingsOf(node, config) };
    nodes[id] = {
      nodeType: node.type,
      displayName: node.displayName,
      ...(node.version !== undefined && { version: node.version }),
      connections: Object.fromEntries(
        Object.entries(node.to ?? {}).map(([outcome, target]) => [
          outcome.replace(/^\d+(?=-)/, (at) => children[Number(at)]?._id ?? at),
          idOf(target),
        ]),
      ),
      ...places.get(name),
    };
  }
  const tree: TreeDocument = {
    description: journey.description,
    enabled: true,
    entryNodeId: idOf(journey.entry),
    innerTreeOnly: false,
    noSession: false,
    mustRun: false,
    transactionalOnly: false,
    ...journey.settings,
    nodes,
  };
  return { realm, name: journey.name, tree, nodes: instances };
};
