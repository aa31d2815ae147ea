import { foldUsername, type Identity } from '@assent/engine';
import type { IdentityDirectory } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import { mergedAttributes } from '../rules/merged-attributes.ts';
import { searchValues } from '../rules/search-values.ts';
import { keyOf, MemoryTable, type UndoLog } from './memory-table.ts';

interface Hash {
  readonly id: string;
  readonly hash: string;
}

/** One value of an attribute, to find its user by. */
interface Value {
  readonly userId: string;
  readonly realm: string;
  readonly name: string;
  readonly folded: string;
}

const nameKey = (realm: string, username: string): string => keyOf(realm, foldUsername(username));

/** `deleteUser` removes what others keep of a user. */
export const memoryIdentities = (undoLog: UndoLog, deleteUser: (user: Identity) => void) => {
  const table = new MemoryTable<Identity, 'name' | 'realm' | 'entry'>(undoLog, (row) => row.id, {
    name: (row) => nameKey(row.realm, row.username),
    realm: (row) => row.realm,
    entry: ({ realm, entryId }) => (entryId === undefined ? undefined : keyOf(realm, entryId)),
  });
  const hashes = new MemoryTable<Hash>(undoLog, (row) => row.id, {});
  const values = new MemoryTable<Value, 'value' | 'user'>(
    undoLog,
    ({ userId, realm, name, folded }) => keyOf(userId, realm, name, folded),
    { value: (row) => keyOf(row.realm, row.name, row.folded), user: (row) => row.userId },
  );
  const index = ({ id, realm }: Pick<Identity, 'id' | 'realm'>, attributes: Identity['attributes']): void => {
    for (const { name, folded } of searchValues(attributes)) values.put({ userId: id, realm, name, folded });
  };
  const forget = (id: string, isMeant: (name: string) => boolean): void => {
    for (const { realm, name, folded } of values.by('user', id)) {
      if (isMeant(name)) values.delete(keyOf(id, realm, name, folded));
    }
  };
  const find = (realm: string, username: string): Identity | undefined => table.by('name', nameKey(realm, username))[0];
  const findByEntry = (realm: string, entryId: string): Identity | undefined =>
    table.by('entry', keyOf(realm, entryId))[0];
  const remove = (row: Identity): boolean => {
    hashes.delete(row.id);
    forget(row.id, () => true);
    deleteUser(row);
    return table.delete(row.id);
  };
  const withNextCredential = (row: Identity): Identity => ({ ...row, credentialRev: row.credentialRev + 1 });
  return {
    reader: {
      find: async (realm, username) => find(realm, username),
      findById: async (id) => table.get(id),
      findByEntry: async (realm, entryId) => findByEntry(realm, entryId),
      findByAttribute: async (realm, attribute, value) =>
        values
          .by('value', keyOf(realm, attribute, foldUsername(value)))
          .slice(0, 2)
          .flatMap(({ userId }) => table.get(userId) ?? []),
      list: async (realm) => [...table.by('realm', realm)].sort((a, b) => (a.username < b.username ? -1 : 1)),
      passwordHash: async (id) => hashes.get(id)?.hash,
    } satisfies IdentityDirectory,
    changes: {
      'identity.insert': ({ id, realm, username, hash, attributes, entryId, entryMark = '' }) => {
        if (find(realm, username) !== undefined) return false;
        if (entryId !== undefined && findByEntry(realm, entryId) !== undefined) return false;
        const row = { id, realm, username, active: true, attributes, rev: 1, credentialRev: 1 };
        if (!table.insert({ ...row, ...(entryId !== undefined && { entryId, entryMark }) })) return false;
        if (hash !== undefined) hashes.put({ id, hash });
        index({ id, realm }, attributes);
        return true;
      },
      'identity.attributes': ({ id, seenRev, attributes }) => {
        const row = table.get(id);
        if (row === undefined || row.rev !== seenRev) return false;
        table.put({ ...row, attributes: mergedAttributes(row.attributes, attributes), rev: row.rev + 1 });
        forget(id, (name) => Object.hasOwn(attributes, name));
        index(row, attributes);
        return true;
      },
      'identity.password': ({ id, hash, seenCredentialRev }) => {
        const row = table.get(id);
        if (row === undefined || (seenCredentialRev ?? row.credentialRev) !== row.credentialRev) return false;
        table.put(withNextCredential(row));
        hashes.put({ id, hash });
        return true;
      },
      'identity.rehash': ({ id, hash, seenHash }) => {
        if (hashes.get(id)?.hash !== seenHash) return false;
        hashes.put({ id, hash });
        return true;
      },
      'identity.revoke': ({ id }) => table.update(id, withNextCredential),
      'identity.usable': ({ id, credentialRev }) => {
        const row = table.get(id);
        return row?.active === true && row.credentialRev === credentialRev;
      },
      'identity.unchanged': ({ id, seenRev }) => table.get(id)?.rev === seenRev,
      'identity.active': ({ id, active }) => table.update(id, (row) => ({ ...row, active, rev: row.rev + 1 })),
      'identity.rename': ({ id, username }) => {
        const row = table.get(id);
        const other = row && find(row.realm, username);
        if (row === undefined || (other !== undefined && other.id !== id)) return false;
        table.put({ ...row, username, rev: row.rev + 1 });
        return true;
      },
      'identity.entryMark': ({ id, seenMark, mark }) => {
        const row = table.get(id);
        if (row?.entryMark !== seenMark) return false;
        table.put({ ...withNextCredential(row), entryMark: mark });
        return true;
      },
      'identity.delete': ({ id }) => {
        const row = table.get(id);
        return row !== undefined && remove(row);
      },
    } satisfies ChangesOf<
      | 'identity.insert'
      | 'identity.attributes'
      | 'identity.password'
      | 'identity.rehash'
      | 'identity.revoke'
      | 'identity.usable'
      | 'identity.unchanged'
      | 'identity.active'
      | 'identity.rename'
      | 'identity.entryMark'
      | 'identity.delete'
    >,
    deleteRealm: (realm: string) => {
      for (const row of table.by('realm', realm)) remove(row);
    },
  };
};
