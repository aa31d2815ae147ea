import { foldUsername, type Identity, type IdentityDirectory } from '@assent/engine';
import { mergedAttributes } from '../merged-attributes.ts';
import type { ChangesOf } from '../store.ts';
import { MemoryTable, type UndoLog } from './memory-table.ts';

interface Hash {
  readonly id: string;
  readonly hash: string;
}

const nameKey = (realm: string, username: string): string => `${realm}\0${foldUsername(username)}`;

/** `deleteUser` removes what others keep of a user. */
export const memoryIdentities = (undoLog: UndoLog, deleteUser: (user: Identity) => void) => {
  const table = new MemoryTable<Identity, 'name' | 'realm'>(undoLog, (row) => row.id, {
    name: (row) => nameKey(row.realm, row.username),
    realm: (row) => row.realm,
  });
  const hashes = new MemoryTable<Hash>(undoLog, (row) => row.id, {});
  const find = (realm: string, username: string): Identity | undefined => table.by('name', nameKey(realm, username))[0];
  const remove = (row: Identity): boolean => {
    hashes.delete(row.id);
    deleteUser(row);
    return table.delete(row.id);
  };
  return {
    reader: {
      find: async (realm, username) => find(realm, username),
      findById: async (id) => table.get(id),
      list: async (realm) => [...table.by('realm', realm)].sort((a, b) => (a.username < b.username ? -1 : 1)),
      passwordHash: async (id) => hashes.get(id)?.hash,
    } satisfies IdentityDirectory,
    changes: {
      'identity.insert': ({ id, realm, username, hash, attributes }) => {
        if (find(realm, username) !== undefined) return false;
        if (!table.insert({ id, realm, username, active: true, attributes, rev: 1 })) return false;
        if (hash !== undefined) hashes.put({ id, hash });
        return true;
      },
      'identity.attributes': ({ id, seenRev, attributes }) => {
        const row = table.get(id);
        if (row === undefined || row.rev !== seenRev) return false;
        table.put({ ...row, attributes: mergedAttributes(row.attributes, attributes), rev: row.rev + 1 });
        return true;
      },
      'identity.password': ({ id, hash, seenHash }) => {
        if (table.get(id) === undefined) return false;
        if (seenHash !== undefined && hashes.get(id)?.hash !== seenHash) return false;
        hashes.put({ id, hash });
        return true;
      },
      'identity.active': ({ id, active }) => {
        const row = table.get(id);
        if (row === undefined) return false;
        table.put({ ...row, active, rev: row.rev + 1 });
        return true;
      },
      'identity.delete': ({ id }) => {
        const row = table.get(id);
        return row !== undefined && remove(row);
      },
    } satisfies ChangesOf<
      'identity.insert' | 'identity.attributes' | 'identity.password' | 'identity.active' | 'identity.delete'
    >,
    deleteRealm: (realm: string) => {
      for (const row of table.by('realm', realm)) remove(row);
    },
  };
};
