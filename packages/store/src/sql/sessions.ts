import type { Session } from '@assent/engine';
import type { SessionReader } from '@assent/engine/host';
import { expiryOf, withProperties } from '../rules/session-rules.ts';
import { IS_LIVE_SESSION } from './conditions.ts';
import type { EndsWithSessions } from './grants.ts';
import { all, type ChangeVerbs, first, type ReadVerbs, run, statement, type Verb } from './verb.ts';

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

const COLUMNS = `token_hash, handle, realm, user_id, username, properties, created_at, last_used_at, max_expires_at,
  max_idle_millis, sid`;

const sessionOf = (row: Row): Session => {
  const [tokenHash, handle, realm, userId, username, json, createdAt, lastUsedAt, maxExpiresAt, maxIdleMillis, sid] =
    row;
  const times = { createdAt, lastUsedAt, maxExpiresAt, maxIdleMillis };
  return { tokenHash, handle, sid, realm, userId, username, properties: JSON.parse(json), ...times };
};

const select = statement<Row>(`SELECT ${COLUMNS} FROM session WHERE token_hash = ?`);
const selectToChange = statement<Row>(`SELECT ${COLUMNS} FROM session WHERE token_hash = ? {lock}`);
const selectLive = statement<Row>(
  `SELECT ${COLUMNS} FROM session WHERE user_id = ? AND ${IS_LIVE_SESSION} ORDER BY created_at DESC, token_hash`,
);
const insert = statement(
  `INSERT INTO session (${COLUMNS}, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
);
// By the user, whose sessions an index finds: one for `sid` would be written by each login, to be read where one is ended.
const end = statement('DELETE FROM session WHERE user_id = ? AND sid = ?');
const deleteToken = statement('DELETE FROM session WHERE token_hash = ?');
const selectSid = statement<[sid: string]>('SELECT sid FROM session WHERE token_hash = ? AND user_id = ?');
const deleteUser = statement('DELETE FROM session WHERE user_id = ?');
const deleteOthers = statement('DELETE FROM session WHERE user_id = ? AND token_hash <> ?');
const selectUsable = statement(`SELECT 1 FROM session WHERE token_hash = ? AND ${IS_LIVE_SESSION} {share}`);
const touch = statement(
  `UPDATE session SET last_used_at = ?,
     expires_at = CASE WHEN max_expires_at < ? + max_idle_millis THEN max_expires_at ELSE ? + max_idle_millis END
   WHERE token_hash = ? AND last_used_at < ?`,
);
const setProperties = statement('UPDATE session SET properties = ? WHERE token_hash = ?');
const sweep = statement(
  'DELETE FROM session WHERE token_hash IN (SELECT token_hash FROM session WHERE expires_at <= ? LIMIT ?)',
);
const deleteRealm = statement('DELETE FROM session WHERE realm = ?');

/** `granted` is what ends with sessions that somebody ends; one that has run out has ended nothing (spec: oidc §5.3). */
export const sessionsTopic = (granted: EndsWithSessions) => {
  function* endOne(userId: string, sid: string): Verb<void> {
    yield* run(end, userId, sid);
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
          yield* run(deleteToken, replaces.tokenHash);
          if (replaces.sid !== row.sid) yield* endOne(replaces.userId, replaces.sid);
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
          )) === 1
        );
      },
      *'session.end'({ userId, sid }) {
        yield* endOne(userId, sid);
        return true;
      },
      *'session.endAllOf'({ userId }) {
        yield* run(deleteUser, userId);
        yield* granted.ofSessions(userId);
        return true;
      },
      *'session.endOthersOf'({ userId, tokenHash }) {
        yield* run(deleteOthers, userId, tokenHash);
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
    *deleteUser(userId: string) {
      return yield* run(deleteUser, userId);
    },
    *sweep(expiredBy: number, limit: number) {
      return yield* run(sweep, expiredBy, limit);
    },
    *deleteRealm(realm: string) {
      return yield* run(deleteRealm, realm);
    },
  };
};
