import { NodeFailure } from '../model/errors.ts';
import type { Action } from '../node/action.ts';
import type { CompiledNode } from '../tree/compiled-tree.ts';
import type { ExecutionContext } from './execution-context.ts';
import type { Visit } from './journey-observer.ts';

/**
 * What one request may cost by the nodes that it passes without asking the user anything. The author of a tree decides how often a request runs a
 * node, and any caller can send the request: both are bounded, and what is more than a small journey needs waits for turns of the realm (SEC-93).
 */

/** A tree that loops fails instead of hanging. */
export const MAX_NODES_PER_REQUEST = 200;
/** The nodes inside pages are counted apart: they are as many as the pages hold. */
export const MAX_NODES_INSIDE_PAGES = 1_000;
/** So many nodes of a request run without a turn; a usual login stays below. */
export const NODES_WITHOUT_TURN = 16;
/** The characters that one visit works on at most: 5 ms of processor time, since a text is searched at up to 9 ns a character. */
export const MAX_CHARACTERS_OF_VISIT = 524_288;
/** The characters that all visits of a request work on at most. */
export const MAX_CHARACTERS_OF_REQUEST = 2_097_152;
/** So many characters are worked on without a turn. */
export const CHARACTERS_WITHOUT_TURN = 16_384;

type Walk = Pick<ExecutionContext, 'nextTurn' | 'position'>;

const isDue = ({ passed, inside }: ExecutionContext['position']): boolean => passed + inside >= NODES_WITHOUT_TURN;

/** Begins a visit, in a turn of its own where the request has passed many nodes, or where the settings of the node are large. */
export const begunInTurn = (
  { nextTurn, position }: Walk,
  { isLarge }: Pick<CompiledNode, 'isLarge'>,
  begin: () => Visit,
): Visit =>
  nextTurn === undefined || (isLarge === undefined && !isDue(position))
    ? begin()
    : (nextTurn().then(begin) as Promise<Action>);

/** Begins the visit of a node inside a page. */
export const begunInside = (
  { nextTurn, position }: Walk,
  child: Pick<CompiledNode, 'isLarge'>,
  begin: () => Visit,
): Visit => {
  position.inside += 1;
  if (position.inside > MAX_NODES_INSIDE_PAGES) {
    throw new NodeFailure(
      `The journey ran ${MAX_NODES_INSIDE_PAGES} nodes inside pages in one request. Put fewer nodes on its pages.`,
    );
  }
  return begunInTurn({ nextTurn, position }, child, begin);
};

/** Where the work of a visit grows with what others have stored, it is bounded, and waits for a turn. */
export const beginWork = async ({ nextTurn, position }: Walk, characters: number): Promise<void> => {
  if (characters > MAX_CHARACTERS_OF_VISIT) {
    throw new NodeFailure(
      `The node would work on ${characters} characters, and may work on ${MAX_CHARACTERS_OF_VISIT}. Use fewer comparisons, or attributes with shorter values.`,
    );
  }
  position.worked += characters;
  if (position.worked > MAX_CHARACTERS_OF_REQUEST) {
    throw new NodeFailure(
      `The nodes of one request would work on more than ${MAX_CHARACTERS_OF_REQUEST} characters. Look for a loop in the tree.`,
    );
  }
  if (characters > CHARACTERS_WITHOUT_TURN) await nextTurn?.();
};
