import { isDeepStrictEqual } from 'node:util';
import type { CheckedTree, TreeDocument, TreeFinding } from '@assent/engine/host';
import { acceptedIn, toPublishedTree } from './shipped-journey.ts';
import { shippedJourneys } from './shipped-journeys.ts';

/** The shipped journeys that accept findings, by name; a journey is the same in every realm. */
const accepting = new Map(
  shippedJourneys.flatMap((journey) => {
    const accepted = acceptedIn(journey);
    return accepted.length === 0 ? [] : [[journey.name, { shipped: toPublishedTree('/', journey), accepted }] as const];
  }),
);

/**
 * Why a finding in a tree is accepted, or undefined. Reasons ship with the journey and hold only while the tree and all its nodes equal the
 * shipped ones, since a change elsewhere in a journey can make the reason wrong.
 */
export const reasonToAccept = (
  { name, tree, nodes }: CheckedTree,
  { code, nodeId, outcome }: Pick<TreeFinding, 'code' | 'nodeId' | 'outcome'>,
): string | undefined => {
  const known = accepting.get(name);
  const found = known?.accepted.find(
    (it) => it.code === code && it.nodeId === nodeId && (it.outcome === undefined || it.outcome === outcome),
  );
  if (known === undefined || found === undefined) return undefined;
  const { shipped } = known;
  return isDeepStrictEqual(withoutPlaces(tree), withoutPlaces(shipped.tree)) && isDeepStrictEqual(nodes, shipped.nodes)
    ? found.reason
    : undefined;
};

/** Where the designer draws a node changes nothing of what the journey does. */
const withoutPlaces = (tree: TreeDocument) => ({
  ...tree,
  nodes: Object.fromEntries(Object.entries(tree.nodes).map(([id, { x: _x, y: _y, ...node }]) => [id, node])),
});
