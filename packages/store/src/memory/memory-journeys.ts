import { type JourneySession, type JourneySessionReader, knowsUser } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { keyOf, MemoryTable, type UndoLog } from './tables/memory-table.ts';

export const memoryJourneys = (undoLog: UndoLog) => {
  const table = new MemoryTable<JourneySession, 'tree'>(undoLog, (row) => row.id, {
    tree: (row) => (row.ended ? undefined : keyOf(row.realm, row.tree, row.treeVersion)),
  });
  return {
    reader: {
      get: async (id) => table.get(id),
      ofUser: async (user) =>
        [...table.rows()]
          .filter(({ realm, state }) => realm === user.realm && state !== '' && knowsUser(state, user))
          .map(({ id }) => id),
    } satisfies JourneySessionReader,
    changes: {
      'journey.insert': ({ row }) => table.insert(row),
      'journey.advance': ({ row, seenNonce }) =>
        table.update(row.id, (stored) => (stored.ended || stored.nonce !== seenNonce ? undefined : row)),
    } satisfies ChangesOf<'journey.insert' | 'journey.advance'>,
    delete: (ids: readonly string[]): void => {
      for (const id of ids) table.delete(id);
    },
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
