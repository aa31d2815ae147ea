import { afterRotation, type SigningKeyReader, type SigningKeyRow } from '@assent/oidc';
import type { ChangesOf } from '../ports/store.ts';
import { keyOf, MemoryTable, type UndoLog } from './tables/memory-table.ts';

export const memorySigningKeys = (undoLog: UndoLog) => {
  const table = new MemoryTable<SigningKeyRow, 'realm'>(undoLog, (row) => keyOf(row.realm, row.kid), {
    realm: (row) => row.realm,
  });
  return {
    reader: {
      ofRealm: async (realm) =>
        [...table.by('realm', realm)].sort((a, b) => a.createdAt - b.createdAt || (a.kid < b.kid ? -1 : 1)),
    } satisfies SigningKeyReader,
    changes: {
      'signingKey.insert': ({ row }) => {
        const isThere = table
          .by('realm', row.realm)
          .some(({ algorithm, status }) => algorithm === row.algorithm && status === row.status);
        return (row.status === 'retired' || !isThere) && table.insert(row);
      },
      'signingKey.rotate': ({ realm, nextKid, activeKid, at }) => {
        const after = afterRotation(table.get(keyOf(realm, nextKid)), table.get(keyOf(realm, activeKid)), at);
        for (const row of after ?? []) table.put(row);
        return after !== undefined;
      },
      'signingKey.drop': ({ realm, kid }) =>
        table.get(keyOf(realm, kid))?.status === 'retired' && table.delete(keyOf(realm, kid)),
    } satisfies ChangesOf<'signingKey.insert' | 'signingKey.rotate' | 'signingKey.drop'>,
    deleteRealm: (realm: string) => table.deleteWhere((row) => row.realm === realm),
  };
};
