import { afterConsent, type ConsentReader, type SavedConsent } from '@assent/oidc';
import type { ChangesOf } from '../ports/store.ts';
import { keyOf, MemoryTable, type UndoLog } from './tables/memory-table.ts';

export const memoryConsents = (undoLog: UndoLog) => {
  const table = new MemoryTable<SavedConsent, 'user'>(undoLog, (row) => keyOf(row.userId, row.clientId), {
    user: (row) => row.userId,
  });
  return {
    reader: {
      get: async (userId, clientId) => table.get(keyOf(userId, clientId)),
      ofUser: async (userId, { from = '', limit }) =>
        table
          .by('user', userId)
          .filter((row) => row.clientId >= from)
          .sort((a, b) => (a.clientId < b.clientId ? -1 : 1))
          .slice(0, limit),
    } satisfies ConsentReader,
    changes: {
      'consent.save': ({ row }) => {
        table.put(afterConsent(table.get(keyOf(row.userId, row.clientId)), row));
        return true;
      },
      'consent.drop': ({ userId, clientId }) => {
        table.delete(keyOf(userId, clientId));
        return true;
      },
    } satisfies ChangesOf<'consent.save' | 'consent.drop'>,
    insert: (row: SavedConsent): boolean => table.insert(afterConsent(undefined, row)),
    sweepEnded: (hasEnded: (row: SavedConsent) => boolean, limit: number) => table.deleteWhere(hasEnded, limit),
    deleteUser: (userId: string) => table.deleteBy('user', userId),
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
