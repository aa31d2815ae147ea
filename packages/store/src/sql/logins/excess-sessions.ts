import { type OutboxEntry, SESSIONS_OF_USER, type Strength, timeoutOf, webhookEntries } from '@assent/engine/host';
import { type EndedExcess, excessOf, expiryOf, type MostExcess, SESSIONS_AT_ONCE } from '../../rules/session-rules.ts';
import { lockedInOrder } from '../verbs/locked-in-order.ts';
import { all, first, statement, type Verb } from '../verbs/verb.ts';
import { type EndedRow, HAS_WEBHOOKS, SESSION_COLUMNS, sessionOf } from './session-rows.ts';

/**
 * From the user before, so many sessions on, in the order of users: each user who has more than a user keeps is met by one of these steps,
 * and of all other sessions the index alone is read.
 */
const selectUserAhead = statement<[userId: string]>(
  `SELECT user_id FROM session WHERE user_id > ? ORDER BY user_id LIMIT 1 OFFSET ${SESSIONS_OF_USER.kept}`,
);
/** How many of these steps one sweep takes: it goes on from there the next time. */
const STEPS_OF_SWEEP = 100;
/**
 * So many sessions of a user are counted by one statement, from an index alone. Where so many are there, those of one strength are too many, and the
 * next sweep goes on with the user.
 */
const COUNTED_AT_ONCE = SESSIONS_OF_USER.keptOfNothing + 2 * (SESSIONS_OF_USER.keptInUse + SESSIONS_AT_ONCE);
const countHeld = statement<[strength: Strength, count: number]>(
  `SELECT strength, COUNT(*) FROM (SELECT strength FROM session WHERE user_id = ? LIMIT ${COUNTED_AT_ONCE}) AS held
   GROUP BY strength ORDER BY strength`,
);
const IS_UNUSED = '(expires_at <= ? OR last_used_at <= ?)';
/** Sessions with webhooks, of which each is read and told of, are counted apart. */
const selectExcess = statement<[tokenHash: string]>(
  `SELECT token_hash FROM (
      SELECT token_hash, ROW_NUMBER() OVER oldest_first AS place, SUM(has_webhooks) OVER oldest_first AS told
      FROM (SELECT token_hash, expires_at, last_used_at, has_webhooks FROM session WHERE user_id = ? AND strength = ?
            LIMIT ${COUNTED_AT_ONCE}) AS held
      WHERE ${IS_UNUSED}
      WINDOW oldest_first AS (
        ORDER BY CASE WHEN expires_at <= ? THEN 0 ELSE 1 END, last_used_at, token_hash ROWS UNBOUNDED PRECEDING)
    ) AS ranked WHERE place <= ? AND told <= ? ORDER BY token_hash`,
);
/** A session that is used meanwhile is passed over once it is locked. */
const endExcess = statement<EndedRow>(
  `DELETE FROM session WHERE ${lockedInOrder('session', 'token_hash', `token_hash = {any} AND ${IS_UNUSED}`)}
   RETURNING ${SESSION_COLUMNS}, has_webhooks`,
);
const selectSidsLeft = statement<[sid: string]>('SELECT DISTINCT sid FROM session WHERE user_id = ? AND sid = {any}');

const toldAmong = (rows: readonly EndedRow[]): number => rows.filter((row) => row[HAS_WEBHOOKS] === 1).length;

/** Ends what users have beyond `SESSIONS_OF_USER`, up to so many sessions. */
export const excessSessions = (tell: (entries: readonly OutboxEntry[]) => Verb<void>) => {
  /** Behind which user the next sweep looks for users who have too many sessions. */
  let excessSearchedTo = '';
  function* endExcessOfUser(userId: string, now: number, most: MostExcess): Verb<readonly EndedRow[]> {
    const ended: EndedRow[] = [];
    for (const [strength, count] of yield* all(countHeld, userId)) {
      for (const { limit, usedBy } of excessOf(strength, count, now)) {
        const some = Math.min(limit, most.sessions - ended.length);
        const told = most.told - toldAmong(ended);
        if (some <= 0 || told <= 0) continue;
        const excess = yield* all(selectExcess, userId, strength, now, usedBy, now, some, told);
        if (excess.length > 0) ended.push(...(yield* all(endExcess, excess.flat(), now, usedBy)));
      }
    }
    return ended;
  }
  /** A session that had run out is told of as one, and has ended nothing that was granted in it. */
  function* endedOf(userId: string, rows: readonly EndedRow[], now: number): Verb<EndedExcess> {
    const sessions = rows.map(sessionOf);
    const told = rows.flatMap((row, at) => {
      const session = sessions[at];
      if (row[HAS_WEBHOOKS] !== 1 || session === undefined) return [];
      return webhookEntries(session, expiryOf(session) > now ? 'DESTROY' : timeoutOf(session, now));
    });
    if (told.length > 0) yield* tell(told);
    const sids = new Set(sessions.filter((session) => expiryOf(session) > now).map(({ sid }) => sid));
    for (const [sid] of yield* all(selectSidsLeft, userId, [...sids])) sids.delete(sid);
    const realm = sessions[0]?.realm ?? '/';
    return { userId, realm, sessions: rows.length, told: toldAmong(rows), sids: [...sids] };
  }

  return function* (now: number, most: MostExcess): Verb<readonly EndedExcess[]> {
    const ended: EndedExcess[] = [];
    const left = { ...most };
    const isLeft = () => left.sessions > 0 && left.told > 0;
    for (let step = 0; step < STEPS_OF_SWEEP && isLeft(); step += 1) {
      const [userId] = (yield* first(selectUserAhead, excessSearchedTo)) ?? [];
      if (userId === undefined) {
        excessSearchedTo = '';
        break;
      }
      const rows = yield* endExcessOfUser(userId, now, left);
      left.sessions -= rows.length;
      left.told -= toldAmong(rows);
      if (rows.length > 0) ended.push(yield* endedOf(userId, rows, now));
      // Where a limit was met, this user is looked at again by the next sweep.
      if (isLeft()) excessSearchedTo = userId;
    }
    return ended;
  };
};
