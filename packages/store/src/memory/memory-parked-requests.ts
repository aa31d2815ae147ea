import { MAX_PARKED_OF_CLIENT, type ParkedRequest, type ParkedRequestReader } from '@assent/oidc';
import type { ChangesOf } from '../ports/store.ts';
import { keyOf, MemoryTable, type UndoLog } from './memory-table.ts';

export const memoryParkedRequests = (undoLog: UndoLog) => {
  const table = new MemoryTable<ParkedRequest, 'client'>(undoLog, (row) => row.idHash, {
    client: (row) => keyOf(row.realm, row.clientId, String(row.isPushed)),
  });
  return {
    reader: { get: async (idHash) => table.get(idHash) } satisfies ParkedRequestReader,
    changes: {
      'parked.put': ({ row, now }) =>
        table
          .by('client', keyOf(row.realm, row.clientId, String(row.isPushed)))
          .filter(({ expiresAt }) => now < expiresAt).length < MAX_PARKED_OF_CLIENT && table.insert(row),
      'parked.spend': ({ idHash, now }) => {
        const row = table.get(idHash);
        return row !== undefined && now < row.expiresAt && table.delete(idHash);
      },
    } satisfies ChangesOf<'parked.put' | 'parked.spend'>,
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
