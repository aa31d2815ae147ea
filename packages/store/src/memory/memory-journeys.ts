import type { JourneySession, JourneySessionReader } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { keyOf, MemoryTable, type UndoLog } from './memory-table.ts';

export const memoryJourneys = (undoLog: UndoLog) => {
  const table = new MemoryTable<JourneySession, 'tree'>(undoLog, (row) => row.id, {
    tree: (row) => (row.ended ? undefined : keyOf(row.realm, row.tree, row.treeVersion)),
  });
  return {
    reader: { get: async (id) => table.get(id) } satisfies JourneySessionReader,
    changes: {
      'journey.insert': ({ row }) => table.insert(row),
      'journey.advance': ({ row, seenNonce }) =>
        table.update(row.id, (stored) => (stored.ended || stored.nonce !== seenNonce ? undefined : row)),
    } satisfies ChangesOf<'journey.insert' | 'journey.advance'>,
    isOn: (realm: string, tree: string, version: number) => table.by('tree', keyOf(realm, tree, version)).length > 0,
    /** `onExpired` hears of those that nobody had ended. */
    sweep: (expiredBy: number, limit: number, onExpired: (row: JourneySession) => void) =>
      table.deleteWhere((row) => {
        const isDue = row.expiresAt <= expiredBy;
        if (isDue && !row.ended) onExpired(row);
        return isDue;
      }, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
