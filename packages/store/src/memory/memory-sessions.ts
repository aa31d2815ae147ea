import type { Session } from '@assent/engine';
import {
  isLiveSession,
  type OutboxEntry,
  type SessionReader,
  timeoutOf,
  type WebhookEvent,
  webhookEntries,
  webhooksOf,
} from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { expiryOf, withProperties } from '../rules/session-rules.ts';
import type { EndsWithSessions } from './memory-grants.ts';
import { MemoryTable, type UndoLog } from './tables/memory-table.ts';

/** A session, and whether its webhooks are still to be called. */
type Row = Session & { readonly hasWebhooks?: boolean };

const sessionOf = ({ hasWebhooks: _, ...session }: Row): Session => session;

/** `granted` is what ends with sessions that somebody ends; one that has run out has ended nothing (spec: oidc §5.3). */
export const memorySessions = (
  undoLog: UndoLog,
  granted: EndsWithSessions,
  tell: (entries: readonly OutboxEntry[]) => void,
  isDisabled: (userId: string) => boolean,
) => {
  const table = new MemoryTable<Row, 'user' | 'webhooks'>(undoLog, (row) => row.tokenHash, {
    user: (row) => row.userId,
    webhooks: ({ hasWebhooks }) => (hasWebhooks === true ? 'webhooks' : undefined),
  });
  /** Whoever waits for the end of these sessions is told, but of those that ran out before and were told of then. */
  const end = (rows: readonly Row[], event: WebhookEvent): void => {
    for (const row of rows) {
      table.delete(row.tokenHash);
      if (row.hasWebhooks === true) tell(webhookEntries(sessionOf(row), event));
    }
  };
  const deleteUser = (userId: string): void => end(table.by('user', userId), 'DESTROY');
  const endOne = (userId: string, sid: string, event: WebhookEvent): void => {
    end(
      table.by('user', userId).filter((row) => row.sid === sid),
      event,
    );
    granted.ofSession(userId, sid);
  };
  return {
    reader: {
      get: async (tokenHash) => {
        const row = table.get(tokenHash);
        return row === undefined || isDisabled(row.userId) ? undefined : sessionOf(row);
      },
      ofUser: async (userId, now) =>
        table
          .by('user', userId)
          .filter((row) => isLiveSession(row, now))
          .sort((a, b) => b.createdAt - a.createdAt || (a.tokenHash < b.tokenHash ? -1 : 1))
          .map(sessionOf),
    } satisfies SessionReader,
    changes: {
      'session.insert': ({ row, replaces }) => {
        if (replaces !== undefined) {
          const replaced = table.get(replaces.tokenHash);
          table.delete(replaces.tokenHash);
          if (replaces.sid !== row.sid) {
            end(replaced === undefined ? [] : [replaced], 'DESTROY');
            endOne(replaces.userId, replaces.sid, 'DESTROY');
          }
        }
        return table.insert(webhooksOf(row).length > 0 ? { ...row, hasWebhooks: true } : row);
      },
      'session.end': ({ userId, sid }) => {
        endOne(userId, sid, 'LOGOUT');
        return true;
      },
      'session.endAllOf': ({ userId }) => {
        deleteUser(userId);
        granted.ofSessions(userId);
        return true;
      },
      'session.endOthersOf': ({ userId, tokenHash }) => {
        end(
          table.by('user', userId).filter((row) => row.tokenHash !== tokenHash),
          'DESTROY',
        );
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
    /** Tells of sessions that ran out, each once. */
    tellTimeouts: (now: number, limit: number): number => {
      const due = table.by('webhooks', 'webhooks').filter((row) => expiryOf(row) <= now);
      for (const row of due.slice(0, limit)) {
        table.put(sessionOf(row));
        tell(webhookEntries(sessionOf(row), timeoutOf(row, now)));
      }
      return Math.min(due.length, limit);
    },
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => expiryOf(row) <= expiredBy, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
