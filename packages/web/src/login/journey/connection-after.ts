import type { Connection } from './page-state.ts';
import type { Answer } from './server-answer.ts';

/** What came of a call that the server has not answered. */
export type Unanswered = Answer & { readonly kind: 'unreachable' | 'busy' };

/** Milliseconds until the call goes out again. */
export const backoffOf = (answer: Unanswered, attempts: number): number =>
  answer.kind === 'busy' ? answer.retryAfter : Math.min(1000 * 2 ** (attempts - 1), 8000);

/** How the connection is after such a call; undefined where that is not told yet, because it may be one lost packet. */
export const connectionAfter = (answer: Unanswered, isOnline: boolean, isTold: boolean): Connection | undefined => {
  if (answer.kind === 'busy') return { kind: 'busy', for: answer.retryAfter };
  if (!isOnline) return { kind: 'offline' };
  return isTold ? { kind: 'lost' } : undefined;
};
