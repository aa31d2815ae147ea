import { NodeFailure } from '../model/errors.ts';
import type { Session } from '../model/sessions.ts';

/** A session that a node of the journey has read, by what stays when the session is upgraded (docs/adr/0149). */
export type UsedSession = Pick<Session, 'userId' | 'sid'>;

/**
 * How many sessions one journey may read: each is one more condition of every later commit. A browser has one; more come from callers that
 * replace it between two steps.
 *
 * @internal Tests go up to it.
 */
export const MAX_USED_SESSIONS = 8;

/**
 * The sessions with one more; the same list where it has that session.
 *
 * @throws NodeFailure where the journey has read too many
 */
export const withUsedSession = (used: readonly UsedSession[], { userId, sid }: UsedSession): readonly UsedSession[] => {
  if (used.some((it) => it.userId === userId && it.sid === sid)) return used;
  if (used.length >= MAX_USED_SESSIONS)
    throw new NodeFailure(`The journey has read ${MAX_USED_SESSIONS} sessions, and may read no other.`);
  return [...used, { userId, sid }];
};
