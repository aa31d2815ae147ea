import {
  afterDecision,
  afterWithdrawal,
  isApproved,
  MAX_APPROVED_OF_USER,
  type PendingApproval,
  type PendingApprovalReader,
  pushedOutBy,
} from '@assent/oidc';
import type { ChangesOf } from '../ports/store.ts';
import { keyOf, MemoryTable, type UndoLog } from './tables/memory-table.ts';

type PendingApprovalChangeType =
  | 'pendingApproval.open'
  | 'pendingApproval.poll'
  | 'pendingApproval.decide'
  | 'pendingApproval.take';

export const memoryPendingApprovals = (undoLog: UndoLog) => {
  const table = new MemoryTable<PendingApproval, 'userCode' | 'client' | 'approvedBy'>(undoLog, (row) => row.idHash, {
    userCode: (row) => keyOf(row.realm, row.userCodeDigest),
    client: (row) => keyOf(row.realm, row.clientId),
    approvedBy: (row) => row.approved?.userId,
  });
  const withdraw = (userId: string, isMeant: (row: PendingApproval) => boolean): void => {
    for (const row of table.by('approvedBy', userId)) if (isMeant(row)) table.put(afterWithdrawal(row));
  };
  return {
    reader: {
      get: async (idHash) => table.get(idHash),
      byUserCode: async (realm, digest) => table.by('userCode', keyOf(realm, digest))[0],
    } satisfies PendingApprovalReader,
    changes: {
      'pendingApproval.open': ({ row, now }) => {
        if (table.by('userCode', keyOf(row.realm, row.userCodeDigest)).length > 0) return false;
        const others = table
          .by('client', keyOf(row.realm, row.clientId))
          .filter(({ status, expiresAt }) => status !== 'approved' && now < expiresAt);
        for (const idHash of pushedOutBy(row.source, others)) table.delete(idHash);
        return table.insert(row);
      },
      'pendingApproval.poll': ({ idHash, seenNextPollAt, nextPollAt, interval }) =>
        table.update(idHash, (row) =>
          row.nextPollAt === seenNextPollAt ? { ...row, nextPollAt, interval } : undefined,
        ),
      'pendingApproval.decide': (change) => {
        if (!table.update(change.idHash, (row) => afterDecision(row, change))) return false;
        const { approved, idHash } = change;
        const clientId = table.get(idHash)?.clientId;
        const others = table
          .by('approvedBy', approved?.userId ?? '')
          .filter((row) => row.clientId === clientId && row.idHash !== idHash)
          .sort((a, b) => b.expiresAt - a.expiresAt || (a.idHash < b.idHash ? -1 : 1));
        for (const row of others.slice(MAX_APPROVED_OF_USER - 1)) table.put(afterWithdrawal(row));
        return true;
      },
      'pendingApproval.take': ({ idHash, now }) => {
        const row = table.get(idHash);
        return row !== undefined && isApproved(row, now) && table.delete(idHash);
      },
    } satisfies ChangesOf<PendingApprovalChangeType>,
    /** Takes back what devices have not fetched yet. */
    withdraw: {
      ofUserAndClient: (userId: string, clientId: string) => withdraw(userId, (row) => row.clientId === clientId),
      ofSids: (userId: string, sids: ReadonlySet<string>) =>
        withdraw(userId, (row) => row.approved?.sid !== undefined && sids.has(row.approved.sid)),
      ofSessions: (userId: string, exceptSid?: string) => withdraw(userId, (row) => row.approved?.sid !== exceptSid),
    },
    deleteUser: (userId: string) => withdraw(userId, () => true),
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
    realmOf: (id: string) => table.get(id)?.realm,
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
