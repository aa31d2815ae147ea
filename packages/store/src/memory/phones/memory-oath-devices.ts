import { afterUpdate, type OathDevice, type OathDeviceReader } from '@assent/push';
import type { ChangesOf } from '../../ports/store.ts';
import { MemoryTable, newestFirst, type UndoLog } from '../tables/memory-table.ts';

/** `deleteCodes` removes the recovery codes of a user who has no such device any more (SEC-48). */
export const memoryOathDevices = (undoLog: UndoLog, deleteCodes: (userId: string) => void) => {
  const devices = new MemoryTable<OathDevice, 'owner'>(undoLog, (row) => row.uuid, { owner: (row) => row.userId });
  const ofUser = (userId: string) => devices.by('owner', userId);
  const deleteAll = (userId: string): void => {
    devices.deleteBy('owner', userId);
    deleteCodes(userId);
  };
  return {
    reader: {
      ofUser: async (userId) => newestFirst(ofUser(userId)),
      get: async (uuid) => devices.get(uuid),
    } satisfies OathDeviceReader,
    changes: {
      'oath.insert': ({ row, maxDevices }) => ofUser(row.userId).length < maxDevices && devices.insert(row),
      'oath.update': ({ row }) => devices.putIf(afterUpdate(devices.get(row.uuid), row)),
      'oath.delete': ({ uuid }) => {
        const row = devices.get(uuid);
        if (row === undefined) return false;
        devices.delete(uuid);
        if (ofUser(row.userId).length === 0) deleteCodes(row.userId);
        return true;
      },
      'oath.deleteAll': ({ userId }) => {
        deleteAll(userId);
        return true;
      },
    } satisfies ChangesOf<'oath.insert' | 'oath.update' | 'oath.delete' | 'oath.deleteAll'>,
    insert: (row: OathDevice): boolean => devices.insert(row),
    deleteUser: deleteAll,
    deleteRealm: (realm: string) => {
      devices.deleteWhere((row) => row.realm === realm);
    },
  };
};
