import type { Action } from '../node/action.ts';
import type { CompiledNode } from '../tree/compiled-tree.ts';

/** What a visit of a node comes to, at once or after a while. */
export type Visit = Action | Promise<Action> | undefined;

/** What is told of a node: where it stands, and which outcomes lead on from it. */
export type VisitedNode = Pick<CompiledNode, 'type' | 'id' | 'tree' | 'outcomes' | 'connections'>;

/** A node that asks somebody something has no outcome yet. */
const ASKS = 'callbacks';
const FAILED = 'error';

/**
 * What a visit came to, in a word of those who have made the tree. An outcome may be a text that a script has computed, of whatever a user has
 * typed: one that leads nowhere fails, and is told as that and by no name (SEC-79). A node within another has no connections of its own.
 */
export const cameTo = ({ outcomes, connections }: VisitedNode, action: Action | undefined): string => {
  if (action === undefined) return FAILED;
  if (action.kind === 'send') return ASKS;
  const { outcome } = action;
  const isKnown = connections.size > 0 ? connections.has(outcome) : Object.hasOwn(outcomes, outcome);
  return isKnown ? outcome : FAILED;
};

/**
 * Sees what journeys do, for whoever counts or traces it. It runs what it is given, once and at once, and hands on what came of it; it
 * changes nothing, and is not told of previews, which are to leave nothing behind.
 */
export interface JourneyObserver {
  /** A request that may move a journey on. The tree is named where one is known, or asked for, before the journey is read. */
  submit<Answer extends { readonly kind: string }>(
    journey: { readonly realm: string; readonly tree?: string },
    run: () => Promise<Answer>,
  ): Promise<Answer>;
  /** A visit of a node, of the tree that it stands in, also within a page or an inner tree. One that throws has failed. */
  visit(node: VisitedNode, run: () => Visit): Visit;
}
