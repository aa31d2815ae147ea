import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Session } from '@assent/engine';
import {
  isLiveSession,
  type OutboxEntry,
  SESSIONS_OF_USER,
  type SessionReader,
  STRENGTH,
  strengthOf,
  timeoutOf,
  type WebhookEvent,
  webhookEntries,
  webhooksOf,
} from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import {
  type EndedExcess,
  endsBefore,
  excessOf,
  expiryOf,
  type MostExcess,
  readLimit,
  withProperties,
} from '../rules/session-rules.ts';
import type { EndsWithSessions } from './memory-grants.ts';
import { MemoryTable, type UndoLog } from './tables/memory-table.ts';

/** A session, and whether its webhooks are still to be called. */
type Row = Session & { readonly hasWebhooks?: boolean };

const sessionOf = ({ hasWebhooks: _, ...session }: Row): Session => session;

const newestFirst = (a: Row, b: Row): number => b.createdAt - a.createdAt || (a.tokenHash < b.tokenHash ? -1 : 1);

/** How many sessions are measured in one turn of the event loop. */
const ROWS_OF_TURN = 50;

/** The first rows whose properties have so many characters together, as JSON. */
const withinCharacters = async (rows: readonly Row[], most: number): Promise<readonly Row[]> => {
  let characters = 0;
  for (const [at, { properties }] of rows.entries()) {
    if (at > 0 && at % ROWS_OF_TURN === 0) await nextTurn();
    characters += JSON.stringify(properties).length;
    if (characters > most) return rows.slice(0, at);
  }
  return rows;
};

const toldAmong = (rows: readonly Row[]): number => rows.filter(({ hasWebhooks }) => hasWebhooks === true).length;

/** As many of the first rows as there may be. */
const firstOf = (rows: readonly Row[], { sessions, told }: MostExcess): readonly Row[] => {
  let left = told;
  const end = rows.findIndex(({ hasWebhooks }) => {
    if (hasWebhooks === true) left -= 1;
    return left < 0;
  });
  return rows.slice(0, end < 0 ? sessions : Math.min(end, sessions));
};

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
    granted.ofSids(userId, new Set([sid]));
  };
  const live = (userId: string, now: number): Row[] =>
    table.by('user', userId).filter((row) => isLiveSession(row, now));
  /** The rows of a user that are beyond what a user keeps. */
  const excessIn = (rows: readonly Row[], now: number): readonly Row[] => {
    return Object.values(STRENGTH).flatMap((strength) => {
      const ofKind = rows.filter((row) => strengthOf(row.properties) === strength);
      const left = ofKind.toSorted(endsBefore(now));
      return excessOf(strength, ofKind.length, now).flatMap(({ limit, usedBy }) => {
        const ended = left.filter((row) => expiryOf(row) <= now || row.lastUsedAt <= usedBy).slice(0, limit);
        for (const row of ended) left.splice(left.indexOf(row), 1);
        return ended;
      });
    });
  };
  /** A session that had run out is told of as one, and has ended nothing that was granted in it. */
  const endExcessOf = (userId: string, rows: readonly Row[], now: number): EndedExcess => {
    for (const row of rows) end([row], expiryOf(row) > now ? 'DESTROY' : timeoutOf(row, now));
    const sids = new Set(rows.filter((row) => expiryOf(row) > now).map(({ sid }) => sid));
    for (const { sid } of table.by('user', userId)) sids.delete(sid);
    if (sids.size > 0) granted.ofSids(userId, sids);
    const realm = rows[0]?.realm ?? '/';
    return { userId, realm, sessions: rows.length, told: toldAmong(rows), sids: [...sids] };
  };
  return {
    reader: {
      get: async (tokenHash) => {
        const row = table.get(tokenHash);
        return row === undefined || isDisabled(row.userId) ? undefined : sessionOf(row);
      },
      ofUser: async (userId, now, { limit, characters } = {}) => {
        const newest = live(userId, now).sort(newestFirst).slice(0, readLimit(limit));
        return (characters === undefined ? newest : await withinCharacters(newest, characters)).map(sessionOf);
      },
      byHandles: async (userId, handles, now) =>
        live(userId, now)
          .filter(({ handle }) => handles.includes(handle))
          .sort(newestFirst)
          .slice(0, readLimit())
          .map(sessionOf),
      hasSid: async (userId, sid, now) => live(userId, now).some((row) => row.sid === sid),
      countOfUser: async (userId, now) => live(userId, now).length,
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
        table.update(tokenHash, (row) => {
          const after = withProperties(row.properties, properties);
          return after && { ...row, properties: after };
        }),
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
    /** Ends what users have beyond `SESSIONS_OF_USER`, up to so many sessions. */
    endExcess: (now: number, most: MostExcess): readonly EndedExcess[] => {
      const ended: EndedExcess[] = [];
      const left = { ...most };
      for (const userId of table.valuesOf('user')) {
        if (left.sessions <= 0 || left.told <= 0) break;
        if (table.count('user', userId) <= SESSIONS_OF_USER.kept) continue;
        const rows = firstOf(excessIn(table.by('user', userId), now), left);
        left.sessions -= rows.length;
        left.told -= toldAmong(rows);
        if (rows.length > 0) ended.push(endExcessOf(userId, rows, now));
      }
      return ended;
    },
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
