import type { Session } from '@assent/engine';
import { isLiveSession, type SessionReader } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { expiryOf, withProperties } from '../rules/session-rules.ts';
import type { EndsWithSessions } from './memory-grants.ts';
import { MemoryTable, type UndoLog } from './memory-table.ts';

/** `granted` is what ends with sessions that somebody ends; one that has run out has ended nothing (spec: oidc §5.3). */
export const memorySessions = (undoLog: UndoLog, granted: EndsWithSessions) => {
  const table = new MemoryTable<Session, 'user'>(undoLog, (row) => row.tokenHash, { user: (row) => row.userId });
  const deleteUser = (userId: string): void => table.deleteBy('user', userId);
  const end = (userId: string, sid: string): void => {
    for (const row of table.by('user', userId)) if (row.sid === sid) table.delete(row.tokenHash);
    granted.ofSession(userId, sid);
  };
  return {
    reader: {
      get: async (tokenHash) => table.get(tokenHash),
      ofUser: async (userId, now) =>
        table
          .by('user', userId)
          .filter((row) => isLiveSession(row, now))
          .sort((a, b) => b.createdAt - a.createdAt || (a.tokenHash < b.tokenHash ? -1 : 1)),
    } satisfies SessionReader,
    changes: {
      'session.insert': ({ row, replaces }) => {
        if (replaces !== undefined) {
          table.delete(replaces.tokenHash);
          if (replaces.sid !== row.sid) end(replaces.userId, replaces.sid);
        }
        return table.insert(row);
      },
      'session.end': ({ userId, sid }) => {
        end(userId, sid);
        return true;
      },
      'session.endAllOf': ({ userId }) => {
        deleteUser(userId);
        granted.ofSessions(userId);
        return true;
      },
      'session.endOthersOf': ({ userId, tokenHash }) => {
        for (const row of table.by('user', userId)) if (row.tokenHash !== tokenHash) table.delete(row.tokenHash);
        granted.ofSessions(userId, table.by('user', userId)[0]?.sid);
        return true;
      },
      'session.usable': ({ tokenHash, now }) => {
        const row = table.get(tokenHash);
        return row !== undefined && isLiveSession(row, now);
      },
      'session.touch': ({ tokenHash, at }) => {
        table.update(tokenHash, (row) => (row.lastUsedAt < at ? { ...row, lastUsedAt: at } : undefined));
        return true;
      },
      'session.properties': ({ tokenHash, properties }) =>
        table.update(tokenHash, (row) => ({ ...row, properties: withProperties(row.properties, properties) })),
    } satisfies ChangesOf<
      | 'session.insert'
      | 'session.end'
      | 'session.endAllOf'
      | 'session.endOthersOf'
      | 'session.usable'
      | 'session.touch'
      | 'session.properties'
    >,
    deleteUser,
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => expiryOf(row) <= expiredBy, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
