import type { Action } from '../node/action.ts';

/** What a visit of a node comes to, at once or after a while. */
export type Visit = Action | Promise<Action> | undefined;

/**
 * Sees what journeys do, for whoever counts or traces it. It runs what it is given, once and at once, and hands on what came of it; it
 * changes nothing, and is not told of previews, which are to leave nothing behind.
 */
export interface JourneyObserver {
  /** A request that may move a journey on. The tree is named where it is known before the journey is read. */
  submit<T>(journey: { readonly realm: string; readonly tree?: string }, run: () => Promise<T>): Promise<T>;
  /** A visit of a node of that type, also within a page or an inner tree. One that throws has failed. */
  visit(nodeType: string, run: () => Visit): Visit;
}
