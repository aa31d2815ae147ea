import type { JourneySession, JourneySessionReader } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { MemoryTable, type UndoLog } from './memory-table.ts';

const treeKey = (realm: string, tree: string, version: number): string => `${realm}\0${tree}\0${version}`;

export const memoryJourneys = (undoLog: UndoLog) => {
  const table = new MemoryTable<JourneySession, 'tree'>(undoLog, (row) => row.id, {
    tree: (row) => (row.ended ? undefined : treeKey(row.realm, row.tree, row.treeVersion)),
  });
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
    isOn: (realm: string, tree: string, version: number) => table.by('tree', treeKey(realm, tree, version)).length > 0,
    sweep: (expiredBy: number, limit: number) => table.deleteWhere((row) => row.expiresAt <= expiredBy, limit),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
