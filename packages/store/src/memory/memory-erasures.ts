import type { Erasure, ErasureReader } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { MemoryTable, taken, type UndoLog } from './tables/memory-table.ts';

export interface MemoryErasureOptions {
  readonly deleteUser: (user: { readonly id: string; readonly realm: string }) => void;
  readonly deleteJourneys: (ids: readonly string[]) => void;
}

export const memoryErasures = (undoLog: UndoLog, { deleteUser, deleteJourneys }: MemoryErasureOptions) => {
  const table = new MemoryTable<Erasure>(
    undoLog,
    (row) => row.userId,
    {},
    (row) => row.userId,
  );
  return {
    has: (userId: string): boolean => table.get(userId) !== undefined,
    reader: {
      list: async (limit, after) =>
        taken(table.inOrder('', { ...(after !== undefined && { from: after, isAfter: true }) }), limit),
      among: async (ids) => ids.filter((id) => table.get(id) !== undefined).sort(),
    } satisfies ErasureReader,
    changes: {
      'identity.erase': ({ id, realm, at, journeys }) => {
        deleteJourneys(journeys);
        deleteUser({ id, realm });
        table.insert({ userId: id, realm, at });
        return true;
      },
    } satisfies ChangesOf<'identity.erase'>,
  };
};
