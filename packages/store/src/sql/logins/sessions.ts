import type { Session } from '@assent/engine';
import {
  type OutboxEntry,
  type SessionReader,
  timeoutOf,
  type WebhookEvent,
  webhookEntries,
  webhooksOf,
} from '@assent/engine/host';
import { expiryOf, withProperties } from '../../rules/session-rules.ts';
import type { EndsWithSessions } from '../applications/grants.ts';
import { IS_LIVE_SESSION, isOfLastingRealm, REALM_IS_ON } from '../verbs/conditions.ts';
import { dueLockedInOrder, lockedInOrder } from '../verbs/locked-in-order.ts';
import { all, type ChangeVerbs, first, type ReadVerbs, run, statement, type Verb } from '../verbs/verb.ts';

type Row = readonly [
  tokenHash: string,
  handle: string,
  realm: string,
  userId: string,
  username: string,
  properties: string,
  createdAt: number,
  lastUsedAt: number,
  maxExpiresAt: number,
  maxIdleMillis: number,
  sid: string,
];
type EndedRow = readonly [...Row, hasWebhooks: number];

const COLUMNS = `token_hash, handle, realm, user_id, username, properties, created_at, last_used_at, max_expires_at,
  max_idle_millis, sid`;

const sessionOf = (row: Row | EndedRow): Session => {
  const [tokenHash, handle, realm, userId, username, json, createdAt, lastUsedAt, maxExpiresAt, maxIdleMillis, sid] =
    row;
  const times = { createdAt, lastUsedAt, maxExpiresAt, maxIdleMillis };
  return { tokenHash, handle, sid, realm, userId, username, properties: JSON.parse(json), ...times };
};

/** An account that is disabled ends its sessions; one that has one all the same has none to show (SEC-90). */
const IS_OF_ENABLED_USER =
  'NOT EXISTS (SELECT 1 FROM identity WHERE identity.id = session.user_id AND identity.active = 0)';
const select = statement<Row>(
  `SELECT ${COLUMNS} FROM session WHERE token_hash = ? AND ${isOfLastingRealm('session')} AND ${IS_OF_ENABLED_USER}`,
);
const selectToChange = statement<Row>(`SELECT ${COLUMNS} FROM session WHERE token_hash = ? {lock}`);
const selectLive = statement<Row>(
  `SELECT ${COLUMNS} FROM session WHERE user_id = ? AND ${IS_LIVE_SESSION} AND ${isOfLastingRealm('session')} ORDER BY created_at DESC, token_hash`,
);
const insert = statement(
  `INSERT INTO session (${COLUMNS}, expires_at, has_webhooks)
   SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${REALM_IS_ON} ON CONFLICT DO NOTHING`,
);
// By the user, whose sessions an index finds: one for `sid` would be written by each login, to be read where one is ended.
const ENDED = `RETURNING ${COLUMNS}, has_webhooks`;
const HAS_WEBHOOKS = 11;
const end = statement<EndedRow>(`DELETE FROM session WHERE user_id = ? AND sid = ? ${ENDED}`);
const deleteToken = statement<EndedRow>(`DELETE FROM session WHERE token_hash = ? ${ENDED}`);
const selectSid = statement<[sid: string]>('SELECT sid FROM session WHERE token_hash = ? AND user_id = ?');
const deleteUser = statement<EndedRow>(`DELETE FROM session WHERE user_id = ? ${ENDED}`);
const deleteOthers = statement<EndedRow>(`DELETE FROM session WHERE user_id = ? AND token_hash <> ? ${ENDED}`);
/** Locked in the order of all commits, whatever the order in which they ran out. */
const lockRunOut = statement<Row>(
  `SELECT ${COLUMNS} FROM session WHERE has_webhooks = 1 AND expires_at <= ? AND token_hash IN (
     SELECT token_hash FROM session WHERE has_webhooks = 1 AND expires_at <= ? ORDER BY expires_at, token_hash LIMIT ?)
   ORDER BY token_hash {lock}`,
);
const noteTold = statement('UPDATE session SET has_webhooks = 0 WHERE token_hash = {any}');
const selectUsable = statement(`SELECT 1 FROM session WHERE token_hash = ? AND ${IS_LIVE_SESSION} {share}`);
const touch = statement(
  `UPDATE session SET last_used_at = ?,
     expires_at = CASE WHEN max_expires_at < ? + max_idle_millis THEN max_expires_at ELSE ? + max_idle_millis END
   WHERE token_hash = ? AND last_used_at < ?`,
);
const setProperties = statement('UPDATE session SET properties = ? WHERE token_hash = ?');
const sweep = statement(`DELETE FROM session WHERE ${dueLockedInOrder('session', 'token_hash', 'expires_at <= ?')}`);
/** Whoever erases users has locked their rows, and a sweep locks sessions alone. */
const deleteUsers = statement<EndedRow>(
  `DELETE FROM session WHERE ${lockedInOrder('session', 'token_hash', 'user_id = {any}')} ${ENDED}`,
);

/** `granted` is what ends with sessions that somebody ends; one that has run out has ended nothing (spec: oidc §5.3). */
export const sessionsTopic = (granted: EndsWithSessions, tell: (entries: readonly OutboxEntry[]) => Verb<void>) => {
  /** Whoever waits for the end of these sessions is told, but of those that ran out before and were told of then. */
  function* tellEnd(ended: readonly EndedRow[], event: WebhookEvent): Verb<void> {
    const told = ended.filter((row) => row[HAS_WEBHOOKS] === 1);
    if (told.length > 0) yield* tell(told.flatMap((row) => webhookEntries(sessionOf(row), event)));
  }
  function* endOne(userId: string, sid: string, event: WebhookEvent): Verb<void> {
    yield* tellEnd(yield* all(end, userId, sid), event);
    yield* granted.ofSession(userId, sid);
  }
  return {
    reader: {
      *get(tokenHash) {
        const row = yield* first(select, tokenHash);
        return row === undefined ? undefined : sessionOf(row);
      },
      *ofUser(userId, now) {
        return (yield* all(selectLive, userId, now)).map(sessionOf);
      },
    } satisfies ReadVerbs<SessionReader>,
    changes: {
      *'session.insert'({ row, replaces }) {
        if (replaces !== undefined) {
          const replaced = yield* all(deleteToken, replaces.tokenHash);
          if (replaces.sid !== row.sid) {
            yield* tellEnd(replaced, 'DESTROY');
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
            row.realm,
          )) === 1
        );
      },
      *'session.end'({ userId, sid }) {
        yield* endOne(userId, sid, 'LOGOUT');
        return true;
      },
      *'session.endAllOf'({ userId }) {
        yield* tellEnd(yield* all(deleteUser, userId), 'DESTROY');
        yield* granted.ofSessions(userId);
        return true;
      },
      *'session.endOthersOf'({ userId, tokenHash }) {
        yield* tellEnd(yield* all(deleteOthers, userId, tokenHash), 'DESTROY');
        const [sid] = (yield* first(selectSid, tokenHash, userId)) ?? [];
        yield* granted.ofSessions(userId, sid);
        return true;
      },
      *'session.usable'({ tokenHash, now }) {
        return (yield* first(selectUsable, tokenHash, now)) !== undefined;
      },
      *'session.touch'({ tokenHash, at }) {
        yield* run(touch, at, at, at, tokenHash, at);
        return true;
      },
      *'session.properties'({ tokenHash, properties }) {
        const row = yield* first(selectToChange, tokenHash);
        if (row === undefined) return false;
        return (
          (yield* run(
            setProperties,
            JSON.stringify(withProperties(sessionOf(row).properties, properties)),
            tokenHash,
          )) === 1
        );
      },
    } satisfies ChangeVerbs<
      | 'session.insert'
      | 'session.end'
      | 'session.endAllOf'
      | 'session.endOthersOf'
      | 'session.usable'
      | 'session.touch'
      | 'session.properties'
    >,
    *deleteUsers(userIds: readonly string[], isTold: boolean): Verb<void> {
      const ended = yield* all(deleteUsers, userIds);
      if (isTold) yield* tellEnd(ended, 'DESTROY');
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
  };
};
