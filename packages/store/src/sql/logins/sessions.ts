import type { Session } from '@assent/engine';
import {
  type OutboxEntry,
  type SessionReader,
  strengthOf,
  timeoutOf,
  type WebhookEvent,
  webhookEntries,
  webhooksOf,
} from '@assent/engine/host';
import {
  type EndedExcess,
  expiryOf,
  readLimit,
  SESSIONS_AT_ONCE,
  SESSIONS_TOLD_AT_ONCE,
  withProperties,
} from '../../rules/session-rules.ts';
import { ENDS_OF_SESSIONS, type EndsWithSessions } from '../applications/grants.ts';
import { IS_LIVE_SESSION, isOfLastingRealm, REALM_IS_ON } from '../verbs/conditions.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder, lockedInOrder } from '../verbs/locked-in-order.ts';
import { all, first, type ReadVerbs, run, type SqlValue, statement, turn, type Verb } from '../verbs/verb.ts';
import { excessSessions } from './excess-sessions.ts';
import { type EndedRow, HAS_WEBHOOKS, SESSION_COLUMNS, type SessionRow, sessionOf } from './session-rows.ts';

/** An account that is disabled ends its sessions; one that has one all the same has none to show (SEC-90). */
const IS_OF_ENABLED_USER =
  'NOT EXISTS (SELECT 1 FROM identity WHERE identity.id = session.user_id AND identity.active = 0)';
const select = statement<SessionRow>(
  `SELECT ${SESSION_COLUMNS} FROM session WHERE token_hash = ? AND ${isOfLastingRealm('session')} AND ${IS_OF_ENABLED_USER}`,
);
const selectToChange = statement<SessionRow>(`SELECT ${SESSION_COLUMNS} FROM session WHERE token_hash = ? {lock}`);
const IS_SHOWN = `user_id = ? AND ${IS_LIVE_SESSION} AND ${isOfLastingRealm('session')}`;
/** The hashes are sorted first, so that nothing else is read of sessions that are beyond the limit; the rows follow some at a time. */
const selectLive = statement<[tokenHash: string]>(
  `SELECT token_hash FROM session WHERE ${IS_SHOWN} ORDER BY created_at DESC, token_hash LIMIT ?`,
);
const selectHandles = statement<[tokenHash: string]>(
  `SELECT token_hash FROM session WHERE ${IS_SHOWN} AND handle = {any} ORDER BY created_at DESC, token_hash LIMIT ?`,
);
const selectSome = statement<SessionRow>(
  `SELECT ${SESSION_COLUMNS} FROM session WHERE token_hash = {any} AND ${isOfLastingRealm('session')}
   ORDER BY created_at DESC, token_hash`,
);
/** How many sessions the first turn of a read reads, before it is known how large they are, and how many a turn reads at most. */
const FIRST_READ = 10;
const READ_AT_ONCE = 50;
/** How many characters of properties a turn is to parse. */
const CHARACTERS_OF_TURN = 512 * 1_024;
const selectBySid = statement(`SELECT 1 FROM session WHERE ${IS_SHOWN} AND sid = ? LIMIT 1`);
const countLive = statement<[count: number]>(`SELECT COUNT(*) FROM session WHERE ${IS_SHOWN}`);
const insert = statement(
  `INSERT INTO session (${SESSION_COLUMNS}, expires_at, has_webhooks, strength)
   SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${REALM_IS_ON} ON CONFLICT DO NOTHING`,
);
/**
 * Ends any number of sessions: first those whose webhooks are still to be called, some at a time, and then all others in one statement, of which
 * nothing is read. By the user and the `sid`, which one index finds.
 */
const endingOf = (whose: string) => ({
  told: statement<[tokenHash: string]>(
    `SELECT token_hash FROM (
       SELECT token_hash FROM session WHERE ${whose} AND has_webhooks = 1 LIMIT ${SESSIONS_AT_ONCE}) AS found ORDER BY token_hash`,
  ),
  others: statement(`DELETE FROM session WHERE ${lockedInOrder('session', 'token_hash', whose)}`),
});
/** In the order in which commits lock sessions. Those that another has told of meanwhile are left to the statement that ends all others. */
const endTold = statement<SessionRow>(
  `DELETE FROM session WHERE ${lockedInOrder('session', 'token_hash', 'token_hash = {any} AND has_webhooks = 1')} RETURNING ${SESSION_COLUMNS}`,
);
const endOfSid = endingOf('user_id = ? AND sid = ?');
const endOfUser = endingOf('user_id = ?');
const endOfOthers = endingOf('user_id = ? AND token_hash <> ?');
const endOfUsers = endingOf('user_id = {any}');
/** Users are bounded in what they hold one by one, and not together. */
const selectSomeOfUsers = statement<[tokenHash: string]>(
  'SELECT token_hash FROM session WHERE user_id = {any} LIMIT ?',
);
const endThese = statement(`DELETE FROM session WHERE ${lockedInOrder('session', 'token_hash', 'token_hash = {any}')}`);
const deleteToken = statement<EndedRow>(
  `DELETE FROM session WHERE token_hash = ? RETURNING ${SESSION_COLUMNS}, has_webhooks`,
);
const PROPERTIES = 5;
const selectSid = statement<[sid: string]>('SELECT sid FROM session WHERE token_hash = ? AND user_id = ?');
/** Locked in the order of all commits, whatever the order in which they ran out. */
const lockRunOut = statement<SessionRow>(
  `SELECT ${SESSION_COLUMNS} FROM session WHERE has_webhooks = 1 AND expires_at <= ? AND token_hash = {once}(
     SELECT token_hash FROM session WHERE has_webhooks = 1 AND expires_at <= ? ORDER BY expires_at, token_hash LIMIT ?){end}
   ORDER BY token_hash {lock}`,
);
const noteTold = statement('UPDATE session SET has_webhooks = 0 WHERE token_hash = {any}');
const selectUsable = statement(`SELECT 1 FROM session WHERE token_hash = ? AND ${IS_LIVE_SESSION} {share}`);
const selectContinuing = statement(
  `SELECT 1 FROM session WHERE user_id = ? AND sid = ? AND ${IS_LIVE_SESSION} LIMIT 1`,
);
const touch = statement(
  `UPDATE session SET last_used_at = ?,
     expires_at = CASE WHEN max_expires_at < ? + max_idle_millis THEN max_expires_at ELSE ? + max_idle_millis END
   WHERE token_hash = ? AND last_used_at < ?`,
);
const setProperties = statement('UPDATE session SET properties = ?, strength = ? WHERE token_hash = ?');
const sweep = statement(`DELETE FROM session WHERE ${dueLockedInOrder('session', 'token_hash', 'expires_at <= ?')}`);

/** Sessions in the order of these hashes, newest first, until their properties have more characters; read in turns of bounded size. */
function* readInTurns(hashes: readonly string[], mostCharacters = Number.POSITIVE_INFINITY): Verb<readonly Session[]> {
  const found: Session[] = [];
  let [from, count, characters] = [0, FIRST_READ, 0];
  while (from < hashes.length) {
    if (from > 0) yield* turn();
    const before = characters;
    for (const row of yield* all(selectSome, hashes.slice(from, from + count))) {
      characters += row[PROPERTIES].length;
      if (characters > mostCharacters) return found;
      found.push(sessionOf(row));
    }
    from += count;
    // As many as fill a turn where the next ones are as large.
    const filling = Math.floor((CHARACTERS_OF_TURN * count) / Math.max(1, characters - before));
    count = Math.max(1, Math.min(filling, 2 * count, READ_AT_ONCE));
  }
  return found;
}

const OF_SESSIONS = { tables: ['session', 'oauth_grant', 'oauth_pending', ENDS_OF_SESSIONS] } as const;
const OF_ONE_SESSION = { tables: ['session'] } as const;

export const SESSION_CHANGES = defineChanges({
  'session.insert': {
    ...OF_SESSIONS,
    creates: ({ row }) => row,
    // As all that ends sessions: one that ends those of the user sees the session that replaces another, or it has ended that one before.
    locks: ({ row, replaces }) => (replaces === undefined ? {} : { users: [row.userId, replaces.userId] }),
    freesPlainText: ({ replaces }) => replaces !== undefined,
  },
  'session.end': {
    ...OF_SESSIONS,
    creates: 'nothing',
    locks: ({ userId }) => ({ users: [userId], endsSessions: { of: userId, isMany: false } }),
  },
  'session.endAllOf': {
    ...OF_SESSIONS,
    creates: 'nothing',
    locks: ({ userId }) => ({ users: [userId], endsSessions: { of: userId, isMany: true } }),
  },
  'session.endOthersOf': {
    ...OF_SESSIONS,
    creates: 'nothing',
    locks: ({ userId }) => ({ users: [userId], endsSessions: { of: userId, isMany: true } }),
  },
  'session.usable': {
    ...OF_ONE_SESSION,
    creates: 'nothing',
    locks: ({ tokenHash }) => ({ sessions: { keys: [tokenHash], writes: false } }),
    freesPlainText: false,
  },
  'session.continues': {
    ...OF_ONE_SESSION,
    creates: 'nothing',
    // All that ends sessions locks the row of their user first, and so waits for this commit, or this commit for it.
    locks: ({ userId }) => ({ users: [userId] }),
    freesPlainText: false,
  },
  'session.touch': {
    ...OF_ONE_SESSION,
    creates: 'nothing',
    locks: ({ tokenHash }) => ({ sessions: { keys: [tokenHash], writes: true } }),
    // The next use of the session says it again.
    durability: 'losable',
    freesPlainText: false,
  },
  'session.properties': {
    ...OF_ONE_SESSION,
    creates: 'nothing',
    locks: ({ tokenHash }) => ({ sessions: { keys: [tokenHash], writes: true } }),
  },
});

/** `granted` is what ends with sessions that somebody ends; one that has run out has ended nothing (spec: oidc §5.3). */
export const sessionsTopic = (granted: EndsWithSessions, tell: (entries: readonly OutboxEntry[]) => Verb<void>) => {
  /** Ends sessions and tells their webhooks, except for sessions that ran out before and were told of then. */
  function* endAll(
    { told, others }: ReturnType<typeof endingOf>,
    event: WebhookEvent | undefined,
    ...whose: readonly SqlValue[]
  ): Verb<void> {
    while (event !== undefined) {
      const hashes = (yield* all(told, ...whose)).map(([tokenHash]) => tokenHash);
      if (hashes.length === 0) break;
      for (let at = 0; at < hashes.length; at += SESSIONS_TOLD_AT_ONCE) {
        const rows = yield* all(endTold, hashes.slice(at, at + SESSIONS_TOLD_AT_ONCE));
        yield* tell(rows.flatMap((row) => webhookEntries(sessionOf(row), event)));
      }
    }
    yield* run(others, ...whose);
  }
  function* endOne(userId: string, sid: string, event: WebhookEvent): Verb<void> {
    yield* endAll(endOfSid, event, userId, sid);
    yield* granted.ofSids(userId, [sid]);
  }
  return {
    reader: {
      *get(tokenHash) {
        const row = yield* first(select, tokenHash);
        return row === undefined ? undefined : sessionOf(row);
      },
      *ofUser(userId, now, { limit, characters } = {}) {
        const hashes = yield* all(selectLive, userId, now, readLimit(limit));
        return yield* readInTurns(hashes.flat(), characters);
      },
      *byHandles(userId, handles, now) {
        const hashes = yield* all(selectHandles, userId, now, handles, readLimit());
        return yield* readInTurns(hashes.flat());
      },
      *hasSid(userId, sid, now) {
        return (yield* first(selectBySid, userId, now, sid)) !== undefined;
      },
      *countOfUser(userId, now) {
        return (yield* first(countLive, userId, now))?.[0] ?? 0;
      },
    } satisfies ReadVerbs<SessionReader>,
    changes: {
      *'session.insert'({ row, replaces }) {
        if (replaces !== undefined) {
          const replaced = yield* first(deleteToken, replaces.tokenHash);
          if (replaces.sid !== row.sid) {
            if (replaced?.[HAS_WEBHOOKS] === 1) yield* tell(webhookEntries(sessionOf(replaced), 'DESTROY'));
            yield* endOne(replaces.userId, replaces.sid, 'DESTROY');
          }
        }
        return (
          (yield* run(
            insert,
            row.tokenHash,
            row.handle,
            row.realm,
            row.userId,
            row.username,
            JSON.stringify(row.properties),
            row.createdAt,
            row.lastUsedAt,
            row.maxExpiresAt,
            row.maxIdleMillis,
            row.sid,
            expiryOf(row),
            webhooksOf(row).length > 0 ? 1 : 0,
            strengthOf(row.properties),
            row.realm,
          )) === 1
        );
      },
      *'session.end'({ userId, sid }) {
        yield* endOne(userId, sid, 'LOGOUT');
        return true;
      },
      *'session.endAllOf'({ userId }) {
        yield* endAll(endOfUser, 'DESTROY', userId);
        yield* granted.ofSessions(userId);
        return true;
      },
      *'session.endOthersOf'({ userId, tokenHash }) {
        yield* endAll(endOfOthers, 'DESTROY', userId, tokenHash);
        const [sid] = (yield* first(selectSid, tokenHash, userId)) ?? [];
        yield* granted.ofSessions(userId, sid);
        return true;
      },
      *'session.usable'({ tokenHash, now }) {
        return (yield* first(selectUsable, tokenHash, now)) !== undefined;
      },
      *'session.continues'({ userId, sid, now }) {
        return (yield* first(selectContinuing, userId, sid, now)) !== undefined;
      },
      *'session.touch'({ tokenHash, at }) {
        yield* run(touch, at, at, at, tokenHash, at);
        return true;
      },
      *'session.properties'({ tokenHash, properties }) {
        const row = yield* first(selectToChange, tokenHash);
        const after = row && withProperties(sessionOf(row).properties, properties);
        return (
          after !== undefined && (yield* run(setProperties, JSON.stringify(after), strengthOf(after), tokenHash)) === 1
        );
      },
    } satisfies VerbsOf<typeof SESSION_CHANGES>,
    *deleteUsers(userIds: readonly string[], isTold: boolean): Verb<void> {
      yield* endAll(endOfUsers, isTold ? 'DESTROY' : undefined, userIds);
    },
    *deleteBeyond(userIds: readonly string[], limit: number): Verb<boolean> {
      const hashes = (yield* all(selectSomeOfUsers, userIds, limit + 1)).map(([tokenHash]) => tokenHash);
      if (hashes.length <= limit) return false;
      yield* run(endThese, hashes.slice(0, limit));
      return true;
    },
    /** Tells of sessions that ran out, each once, whoever of several sweeps. */
    *tellTimeouts(now: number, limit: number): Verb<number> {
      const sessions = (yield* all(lockRunOut, now, now, limit)).map(sessionOf);
      if (sessions.length > 0) {
        yield* run(
          noteTold,
          sessions.map(({ tokenHash }) => tokenHash),
        );
        yield* tell(sessions.flatMap((session) => webhookEntries(session, timeoutOf(session, now))));
      }
      return sessions.length;
    },
    *sweep(expiredBy: number, limit: number) {
      return yield* run(sweep, expiredBy, expiredBy, limit);
    },
    endExcess: excessSessions(tell),
    /** Ends what was granted in these sessions. Grants come after other tables in the order of all commits, so that a sweep does it later. */
    *endGranted(ended: readonly EndedExcess[]): Verb<void> {
      for (const { userId, sids } of ended) if (sids.length > 0) yield* granted.ofSids(userId, sids);
    },
  };
};
