import type { AuthenticatorMetadataReader, AuthenticatorMetadataRow } from '@assent/push';
import type { ChangesOf } from '../ports/store.ts';
import { keyOf, MemoryTable, type UndoLog } from './tables/memory-table.ts';

export const memoryAuthenticatorMetadata = (undoLog: UndoLog) => {
  const table = new MemoryTable<AuthenticatorMetadataRow, 'realm'>(undoLog, (row) => keyOf(row.realm, row.place), {
    realm: (row) => row.realm,
  });
  return {
    reader: {
      get: async (realm, place) => table.get(keyOf(realm, place)),
      ofRealm: async (realm) =>
        [...table.by('realm', realm)].sort((a, b) => a.place - b.place).map(({ models: _, ...head }) => head),
    } satisfies AuthenticatorMetadataReader,
    changes: {
      'metadata.keep': ({ row }) => {
        const before = table.get(keyOf(row.realm, row.place));
        if (before !== undefined && before.source === row.source && before.no > row.no) return false;
        table.put(row);
        return true;
      },
    } satisfies ChangesOf<'metadata.keep'>,
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
