import { type OutboxEntry, STRENGTH } from '@assent/engine/host';
import {
  accessOfGrant,
  afterDrop,
  afterNotice,
  afterRedeem,
  afterRefresh,
  endedByNext,
  endsWithSession,
  GRANTS_ENDED_AT_ONCE,
  type GrantReader,
  heldPage,
  isLiveGrant,
  isToBeTold,
  keptUntil,
  maxGrantsOf,
  noticesOf,
  type OAuthGrant,
  strengthOfGrant,
} from '@assent/oidc';
import type { ChangesOf } from '../ports/store.ts';
import type { memoryPendingApprovals } from './memory-pending-approvals.ts';
import { keyOf, MemoryTable, type UndoLog } from './tables/memory-table.ts';

type GrantChangeType =
  | 'grant.open'
  | 'grant.redeem'
  | 'grant.refresh'
  | 'grant.dropAccess'
  | 'grant.end'
  | 'grant.endOfUser';

const newestFirst = (a: OAuthGrant, b: OAuthGrant): number => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1);

const endsBefore =
  (now: number) =>
  (a: OAuthGrant, b: OAuthGrant): number =>
    Number(a.expiresAt > now) - Number(b.expiresAt > now) || a.rotatedAt - b.rotatedAt || (a.id < b.id ? -1 : 1);

/** What ends with a session beside itself, in the stores alone, so that whoever ends one cannot forget it (OIDC-20). */
export interface EndsWithSessions {
  ofSids(userId: string, sids: ReadonlySet<string>): void;
  /** Of all sessions of the user, also of those that have run out; where `exceptSid` is given, but for that one's. */
  ofSessions(userId: string, exceptSid?: string): void;
}

/**
 * Taken back with the grants is what devices have not fetched yet. What tells clients that a session is over goes into the outbox.
 */
export const memoryGrants = (
  undoLog: UndoLog,
  approvals: ReturnType<typeof memoryPendingApprovals>['withdraw'],
  leave: (entries: readonly OutboxEntry[]) => void,
) => {
  const table = new MemoryTable<OAuthGrant, 'user' | 'session'>(undoLog, (row) => row.id, {
    user: (row) => row.userId,
    session: (row) => (row.sid === undefined ? undefined : keyOf(row.userId, row.sid)),
  });
  const endAll = (rows: readonly OAuthGrant[], isMeant: (row: OAuthGrant) => boolean): void => {
    for (const row of rows) if (isMeant(row)) table.delete(row.id);
  };
  /** Tells the clients of these that their session is over, also where what they hold outlives it. */
  const tell = (rows: readonly OAuthGrant[]): void => {
    const told = rows.filter(isToBeTold);
    leave(noticesOf(told));
    for (const row of told) table.put(afterNotice(row));
  };
  const live = (rows: readonly OAuthGrant[], now: number) =>
    rows.filter((row) => isLiveGrant(row, now)).sort(newestFirst);
  return {
    reader: {
      get: async (id) => table.get(id),
      heldOf: async ({ userId, credentialRev }, page) => {
        const rows = table.by('user', userId).filter((row) => row.credentialRev === credentialRev);
        return heldPage(live(rows, page.now).map(accessOfGrant), page);
      },
      ofSession: async (userId, sid, now) => live(table.by('session', keyOf(userId, sid)), now),
    } satisfies GrantReader,
    changes: {
      'grant.open': ({ row }) => {
        if (row.sid !== undefined) {
          const others = table.by('session', keyOf(row.userId, row.sid)).filter((it) => it.clientId === row.clientId);
          for (const id of endedByNext(others, row.createdAt)) table.delete(id);
        }
        if (!table.insert(row)) return false;
        const strength = strengthOfGrant(row);
        if (strength === STRENGTH.nothing && !row.id.startsWith('A')) return true;
        const held = table.by('user', row.userId).filter((it) => it.id !== row.id && strengthOfGrant(it) === strength);
        if (held.length < maxGrantsOf(strength)) return true;
        const ended = held.toSorted(endsBefore(row.createdAt)).slice(0, GRANTS_ENDED_AT_ONCE);
        tell(ended);
        for (const { id } of ended) table.delete(id);
        return true;
      },
      'grant.redeem': (change) => table.update(change.id, (row) => afterRedeem(row, change)),
      'grant.refresh': (change) => table.update(change.id, (row) => afterRefresh(row, change)),
      'grant.dropAccess': ({ id, accessNo }) => {
        table.update(id, (row) => ({ ...row, dropped: afterDrop(row, accessNo) }));
        return true;
      },
      'grant.end': ({ id }) => {
        table.delete(id);
        return true;
      },
      'grant.endOfUser': ({ userId, clientId }) => {
        endAll(table.by('user', userId), (row) => row.clientId === clientId);
        approvals.ofUserAndClient(userId, clientId);
        return true;
      },
    } satisfies ChangesOf<GrantChangeType>,
    ends: {
      ofSids: (userId, sids) => {
        const rows = [...sids].flatMap((sid) => table.by('session', keyOf(userId, sid)));
        tell(rows);
        endAll(rows, endsWithSession);
        approvals.ofSids(userId, sids);
      },
      ofSessions: (userId, exceptSid) => {
        const rows = table.by('user', userId).filter(({ sid }) => sid !== undefined && sid !== exceptSid);
        tell(rows);
        endAll(rows, endsWithSession);
        approvals.ofSessions(userId, exceptSid);
      },
    } satisfies EndsWithSessions,
    /** A user who goes is signed out everywhere. */
    deleteUser: (userId: string) => {
      tell(table.by('user', userId));
      table.deleteBy('user', userId);
    },
    sweepEnded: (hasEnded: (row: OAuthGrant) => boolean, limit: number) => table.deleteWhere(hasEnded, limit),
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => keptUntil(row) <= expiredBy, limit),
    realmOf: (id: string) => table.get(id)?.realm,
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
