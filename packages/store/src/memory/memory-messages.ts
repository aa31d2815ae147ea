import type { MessageReader, PushMessage } from '@assent/push';
import type { ChangesOf } from '../ports/store.ts';
import { ATTEMPTS_THAT_CLOSE } from '../rules/message-rules.ts';
import { MemoryTable, type UndoLog } from './memory-table.ts';

const byAge = (a: PushMessage, b: PushMessage): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
const isPending = (row: PushMessage): boolean => row.state === 'pending';
const isUnsent = (row: PushMessage): boolean => isPending(row) && row.delivery === 'queued';
const isOpen = (row: PushMessage): boolean => isPending(row) || row.state === 'approved' || row.state === 'denied';

const withState = (row: PushMessage, state: PushMessage['state'], reason: string | undefined): PushMessage => ({
  ...row,
  state,
  reason,
});

export const memoryMessages = (undoLog: UndoLog) => {
  const table = new MemoryTable<PushMessage, 'others' | 'journey' | 'user' | 'ringing' | 'unsent'>(
    undoLog,
    (row) => row.id,
    {
      others: (row) => (row.request === row.id ? undefined : row.request),
      journey: (row) => row.journeyId,
      user: (row) => row.userId,
      ringing: (row) => (isPending(row) && row.kind === 'AUTHENTICATE' ? row.userId : undefined),
      unsent: (row) => (isUnsent(row) ? 'unsent' : undefined),
    },
  );
  /** The first one first: it is the one whose id the request has. */
  const ofRequest = (request: string): readonly PushMessage[] => {
    const first = table.get(request);
    const others = table.by('others', request);
    return first?.request === request ? [first, ...others] : others;
  };
  const close = (rows: readonly PushMessage[], reason: string): void => {
    for (const row of rows) table.put(withState(row, 'closed', reason));
  };
  /** A deny also counts on a phone whose request was withdrawn because another one approved (design.md §3.3). */
  const takesDeny = (row: PushMessage): boolean =>
    row.state === 'approved' ||
    (row.state === 'closed' &&
      row.reason === 'withdrawn' &&
      ofRequest(row.request).some((other) => other.state === 'approved'));

  return {
    reader: {
      get: async (id) => table.get(id),
      ofRequest: async (request) => ofRequest(request),
      pendingFor: async (devices, now) =>
        devices
          .flatMap(({ uuid, userId }) => table.by('ringing', userId).filter((row) => row.deviceUuid === uuid))
          .filter((row) => now < row.expiresAt)
          .sort(byAge),
      unsent: async (createdBefore, now, limit) =>
        table
          .by('unsent', 'unsent')
          .filter((row) => row.createdAt < createdBefore && now < row.expiresAt)
          .sort(byAge)
          .slice(0, limit),
    } satisfies MessageReader,
    changes: {
      'push.open': ({ rows }) => {
        for (const { kind, state, userId } of rows) {
          if (kind !== 'AUTHENTICATE' || state !== 'pending') continue;
          const others = table.by('ringing', userId).filter((row) => rows.every((it) => it.request !== row.request));
          close(others, 'superseded');
        }
        return rows.every((row) => table.insert(row));
      },
      'push.answer': ({ id, state, at, answerHash, reason, claims }) => {
        const row = table.get(id);
        if (row === undefined) return false;
        const isAnswerable = isPending(row) ? at < row.expiresAt : state === 'denied' && takesDeny(row);
        if (!isAnswerable) return false;
        table.put({ ...row, state, answeredAt: at, answerHash, claims, reason });
        if (row.kind !== 'AUTHENTICATE') return true;
        const others = ofRequest(row.request).filter((other) => other.id !== id);
        close(others.filter(isPending), 'withdrawn');
        if (state === 'approved') return true;
        for (const other of others.filter((it) => it.state === 'approved')) {
          table.put(withState(other, 'denied', reason ?? other.reason));
        }
        return true;
      },
      'push.badProof': ({ id }) => {
        const row = table.get(id);
        if (row === undefined) return true;
        const attempts = row.attempts + 1;
        const isOver = isPending(row) && attempts >= ATTEMPTS_THAT_CLOSE;
        table.put({ ...row, attempts, ...(isOver ? { state: 'closed', reason: 'attempts' } : {}) });
        return true;
      },
      'push.consume': ({ request, state }) => {
        const rows = ofRequest(request);
        if (!rows.some((row) => row.state === state)) return false;
        if (state === 'approved' && rows.some((row) => row.state === 'denied')) return false;
        for (const row of rows) {
          if (row.state === 'approved' || row.state === 'denied') table.put(withState(row, 'consumed', row.reason));
        }
        close(rows.filter(isPending), 'withdrawn');
        return true;
      },
      'push.close': ({ request, reason }) => {
        close(ofRequest(request).filter(isOpen), reason);
        return true;
      },
      'push.closeJourney': ({ journeyId, reason }) => {
        close(table.by('journey', journeyId).filter(isOpen), reason);
        return true;
      },
      'push.closeUser': ({ userId, reason }) => {
        close(table.by('user', userId).filter(isOpen), reason);
        return true;
      },
      'push.delivery': ({ marks }) => {
        for (const { id, delivery } of marks) {
          const row = table.get(id);
          if (row !== undefined && row.delivery !== 'shown') table.put({ ...row, delivery });
        }
        return true;
      },
    } satisfies ChangesOf<
      | 'push.open'
      | 'push.answer'
      | 'push.badProof'
      | 'push.consume'
      | 'push.close'
      | 'push.closeJourney'
      | 'push.closeUser'
      | 'push.delivery'
    >,
    /** Also an approve that no journey has consumed: whoever removes a phone wants no sign-in of it any more (A108). */
    voidDevice: (userId: string, deviceUuid: string) =>
      close(
        table
          .by('user', userId)
          .filter((row) => row.deviceUuid === deviceUuid && isOpen(row) && row.state !== 'denied'),
        'removed',
      ),
    deleteUser: (userId: string) => {
      for (const { id } of table.by('user', userId)) table.delete(id);
    },
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
