import {
  accessOfGrant,
  afterDrop,
  afterRedeem,
  afterRefresh,
  endedByNext,
  endsWithSession,
  type GrantReader,
  heldPage,
  isLiveGrant,
  type OAuthGrant,
} from '@assent/oidc';
import type { ChangesOf } from '../ports/store.ts';
import type { memoryPendingApprovals } from './memory-pending-approvals.ts';
import { keyOf, MemoryTable, type UndoLog } from './memory-table.ts';

type GrantChangeType =
  | 'grant.open'
  | 'grant.redeem'
  | 'grant.refresh'
  | 'grant.dropAccess'
  | 'grant.end'
  | 'grant.endOfUser'
  | 'grant.endOfClient';

const newestFirst = (a: OAuthGrant, b: OAuthGrant): number => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1);

/** What ends with a session beside itself, in the stores alone, so that whoever ends one cannot forget it (OIDC-20). */
export interface EndsWithSessions {
  ofSession(userId: string, sid: string): void;
  /** Of all sessions of the user, also of those that have run out; where `exceptSid` is given, but for that one's. */
  ofSessions(userId: string, exceptSid?: string): void;
}

/** Taken back with the grants is what devices have not fetched yet. */
export const memoryGrants = (undoLog: UndoLog, approvals: ReturnType<typeof memoryPendingApprovals>['withdraw']) => {
  const table = new MemoryTable<OAuthGrant, 'user' | 'session'>(undoLog, (row) => row.id, {
    user: (row) => row.userId,
    session: (row) => (row.sid === undefined ? undefined : keyOf(row.userId, row.sid)),
  });
  const endAll = (rows: readonly OAuthGrant[], isMeant: (row: OAuthGrant) => boolean): void => {
    for (const row of rows) if (isMeant(row)) table.delete(row.id);
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
        return table.insert(row);
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
      'grant.endOfClient': ({ realm, clientId }) => {
        table.deleteWhere((row) => row.realm === realm && row.clientId === clientId);
        approvals.ofClient(realm, clientId);
        return true;
      },
    } satisfies ChangesOf<GrantChangeType>,
    ends: {
      ofSession: (userId, sid) => {
        endAll(table.by('session', keyOf(userId, sid)), endsWithSession);
        approvals.ofSession(userId, sid);
      },
      ofSessions: (userId, exceptSid) => {
        endAll(
          table.by('user', userId),
          (row) => row.sid !== undefined && row.sid !== exceptSid && endsWithSession(row),
        );
        approvals.ofSessions(userId, exceptSid);
      },
    } satisfies EndsWithSessions,
    deleteUser: (userId: string) => table.deleteBy('user', userId),
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
