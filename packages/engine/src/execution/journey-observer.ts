import type { Action } from '../node/action.ts';

/** What a visit of a node comes to, at once or after a while. */
export type Visit = Action | Promise<Action> | undefined;

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
  visit(node: { readonly type: string; readonly id: string; readonly tree: string }, run: () => Visit): Visit;
}
