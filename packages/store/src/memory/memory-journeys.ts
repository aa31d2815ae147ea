import type { JourneySession, JourneySessionReader } from '@assent/engine';
import type { ChangesOf } from '../store.ts';
import { MemoryTable, type UndoLog } from './memory-table.ts';

export const memoryJourneys = (undoLog: UndoLog) => {
  const table = new MemoryTable<JourneySession>(undoLog, (row) => row.id, {});
  return {
    reader: { get: async (id) => table.get(id) } satisfies JourneySessionReader,
    changes: {
      'journey.insert': ({ row }) => table.insert(row),
      'journey.advance': ({ row, seenNonce }) => {
        const stored = table.get(row.id);
        if (stored === undefined || stored.ended || stored.nonce !== seenNonce) return false;
        table.put(row);
        return true;
      },
    } satisfies ChangesOf<'journey.insert' | 'journey.advance'>,
    isOn: (realm: string, tree: string, version: number): boolean => {
      for (const row of table.rows()) {
        if (!row.ended && row.realm === realm && row.tree === tree && row.treeVersion === version) return true;
      }
      return false;
    },
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
