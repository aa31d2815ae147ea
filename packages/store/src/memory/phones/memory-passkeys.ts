import { afterPasskeyUse, afterRename, type Passkey, type PasskeyReader } from '@assent/push';
import type { ChangesOf } from '../../ports/store.ts';
import { keyOf, MemoryTable, newestFirst, type UndoLog } from '../tables/memory-table.ts';

/** `deleteCodes` removes the recovery codes of a user who has no passkey any more (SEC-48). */
export const memoryPasskeys = (undoLog: UndoLog, deleteCodes: (userId: string) => void) => {
  const passkeys = new MemoryTable<Passkey, 'owner' | 'credential' | 'realm'>(undoLog, (row) => row.uuid, {
    owner: (row) => row.userId,
    credential: (row) => keyOf(row.realm, row.credentialId),
    realm: (row) => row.realm,
  });
  const ofUser = (userId: string) => passkeys.by('owner', userId);
  const byCredentialId = (realm: string, credentialId: string): Passkey | undefined =>
    passkeys.by('credential', keyOf(realm, credentialId))[0];
  const insert = (row: Passkey): boolean =>
    byCredentialId(row.realm, row.credentialId) === undefined && passkeys.insert(row);
  const deleteAll = (userId: string): void => {
    passkeys.deleteBy('owner', userId);
    deleteCodes(userId);
  };
  return {
    reader: {
      ofUser: async (userId) => newestFirst(ofUser(userId)),
      byCredentialId: async (realm, credentialId) => byCredentialId(realm, credentialId),
      get: async (uuid) => passkeys.get(uuid),
      countOfOtherRelyingParty: async (realm, rpId, limit) => {
        const others = passkeys.by('realm', realm).filter((row) => row.rpId !== undefined && row.rpId !== rpId);
        return Math.min(others.length, limit);
      },
    } satisfies PasskeyReader,
    changes: {
      'passkey.insert': ({ row, maxDevices }) => ofUser(row.userId).length < maxDevices && insert(row),
      'passkey.update': ({ row }) => passkeys.putIf(afterRename(passkeys.get(row.uuid), row)),
      'passkey.used': (change) => passkeys.putIf(afterPasskeyUse(passkeys.get(change.uuid), change)),
      'passkey.delete': ({ uuid }) => {
        const row = passkeys.get(uuid);
        if (row === undefined) return false;
        passkeys.delete(uuid);
        if (ofUser(row.userId).length === 0) deleteCodes(row.userId);
        return true;
      },
      'passkey.deleteAll': ({ userId }) => {
        deleteAll(userId);
        return true;
      },
    } satisfies ChangesOf<
      'passkey.insert' | 'passkey.update' | 'passkey.used' | 'passkey.delete' | 'passkey.deleteAll'
    >,
    insert,
    deleteUser: deleteAll,
    deleteRealm: (realm: string) => passkeys.deleteBy('realm', realm),
  };
};
