import { type ParkedRequest, type ParkedRequestReader, pushedOutBy } from '@assent/oidc';
import type { ChangesOf } from '../ports/store.ts';
import { keyOf, MemoryTable, type UndoLog } from './tables/memory-table.ts';

/** What a client has pushed with its proof, and what anybody can make, take no places of each other. */
const kindOf = ({ realm, clientId, source }: ParkedRequest): string =>
  keyOf(realm, clientId, source === undefined ? 'proven' : 'by anybody');

export const memoryParkedRequests = (undoLog: UndoLog) => {
  const table = new MemoryTable<ParkedRequest, 'kind'>(undoLog, (row) => row.idHash, { kind: kindOf });
  return {
    reader: { get: async (idHash) => table.get(idHash) } satisfies ParkedRequestReader,
    changes: {
      'parked.put': ({ row, now }) => {
        const others = table.by('kind', kindOf(row)).filter(({ expiresAt }) => now < expiresAt);
        for (const idHash of pushedOutBy(row.source, others)) table.delete(idHash);
        return table.insert(row);
      },
      'parked.spend': ({ idHash, now }) => {
        const row = table.get(idHash);
        return row !== undefined && now < row.expiresAt && table.delete(idHash);
      },
    } satisfies ChangesOf<'parked.put' | 'parked.spend'>,
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
