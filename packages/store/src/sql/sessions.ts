import type { Session } from '@assent/engine';
import type { SessionReader } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { withProperties } from '../rules/session-rules.ts';
import type { Database } from '../sqlite/driver.ts';

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
];

const COLUMNS =
  'token_hash, handle, realm, user_id, username, properties, created_at, last_used_at, max_expires_at, max_idle_millis';

const sessionOf = (row: Row): Session => {
  const [tokenHash, handle, realm, userId, username, json, createdAt, lastUsedAt, maxExpiresAt, maxIdleMillis] = row;
  const properties = JSON.parse(json);
  return { tokenHash, handle, realm, userId, username, properties, createdAt, lastUsedAt, maxExpiresAt, maxIdleMillis };
};

export const sqliteSessions = (db: Database) => {
  const select = db.prepare<Row>(`SELECT ${COLUMNS} FROM session WHERE token_hash = ?`);
  const selectLive = db.prepare<Row>(
    `SELECT ${COLUMNS} FROM session WHERE user_id = ? AND expires_at > ? ORDER BY created_at DESC, token_hash`,
  );
  const insert = db.prepare(
    `INSERT INTO session (${COLUMNS}, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const end = db.prepare('DELETE FROM session WHERE token_hash = ?');
  const deleteUser = db.prepare('DELETE FROM session WHERE user_id = ?');
  const deleteOthers = db.prepare('DELETE FROM session WHERE user_id = ? AND token_hash <> ?');
  const selectUsable = db.prepare('SELECT 1 FROM session WHERE token_hash = ? AND expires_at > ?');
  const touch = db.prepare(
    `UPDATE session SET last_used_at = ?,
       expires_at = CASE WHEN max_expires_at < ? + max_idle_millis THEN max_expires_at ELSE ? + max_idle_millis END
     WHERE token_hash = ? AND last_used_at < ?`,
  );
  const setProperties = db.prepare('UPDATE session SET properties = ? WHERE token_hash = ?');
  const sweep = db.prepare(
    'DELETE FROM session WHERE token_hash IN (SELECT token_hash FROM session WHERE expires_at <= ? LIMIT ?)',
  );
  const deleteRealm = db.prepare('DELETE FROM session WHERE realm = ?');
  return {
    reader: {
      get: async (tokenHash) => {
        const row = select.get(tokenHash);
        return row === undefined ? undefined : sessionOf(row);
      },
      ofUser: async (userId, now) => selectLive.all(userId, now).map(sessionOf),
    } satisfies SessionReader,
    changes: {
      'session.insert': ({ row }) =>
        insert.run(
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
          Math.min(row.maxExpiresAt, row.lastUsedAt + row.maxIdleMillis),
        ) === 1,
      'session.end': ({ tokenHash }) => {
        end.run(tokenHash);
        return true;
      },
      'session.endAllOf': ({ userId }) => {
        deleteUser.run(userId);
        return true;
      },
      'session.endOthersOf': ({ userId, tokenHash }) => {
        deleteOthers.run(userId, tokenHash);
        return true;
      },
      'session.usable': ({ tokenHash, now }) => selectUsable.get(tokenHash, now) !== undefined,
      'session.touch': ({ tokenHash, at }) => {
        touch.run(at, at, at, tokenHash, at);
        return true;
      },
      'session.properties': ({ tokenHash, properties }) => {
        const row = select.get(tokenHash);
        if (row === undefined) return false;
        return (
          setProperties.run(JSON.stringify(withProperties(sessionOf(row).properties, properties)), tokenHash) === 1
        );
      },
    } satisfies ChangesOf<
      | 'session.insert'
      | 'session.end'
      | 'session.endAllOf'
      | 'session.endOthersOf'
      | 'session.usable'
      | 'session.touch'
      | 'session.properties'
    >,
    deleteUser: (userId: string) => deleteUser.run(userId),
    sweep: (expiredBy: number, limit: number) => sweep.run(expiredBy, limit),
    deleteRealm: (realm: string) => deleteRealm.run(realm),
  };
};
