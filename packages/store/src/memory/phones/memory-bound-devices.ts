import { afterAccess, afterRename, type BoundDevice, type BoundDeviceReader } from '@assent/push';
import type { ChangesOf } from '../../ports/store.ts';
import { keyOf, MemoryTable, newestFirst, type UndoLog } from '../tables/memory-table.ts';

export const memoryBoundDevices = (undoLog: UndoLog) => {
  const nameOf = ({ realm, uuid }: Pick<BoundDevice, 'realm' | 'uuid'>): string => keyOf(realm, uuid);
  const devices = new MemoryTable<BoundDevice, 'owner'>(undoLog, nameOf, { owner: (row) => row.userId });
  const ofUser = (userId: string) => devices.by('owner', userId);
  const deleteAll = (userId: string): void => devices.deleteBy('owner', userId);
  return {
    reader: {
      ofUser: async (userId) => newestFirst(ofUser(userId)),
      get: async (realm, kid) => devices.get(keyOf(realm, kid)),
    } satisfies BoundDeviceReader,
    changes: {
      'bound.insert': ({ row, maxDevices }) => ofUser(row.userId).length < maxDevices && devices.insert(row),
      'bound.update': ({ row }) => devices.putIf(afterRename(devices.get(nameOf(row)), row)),
      'bound.accessed': ({ at, ...named }) => devices.update(nameOf(named), (row) => afterAccess(row, at)),
      'bound.delete': (named) => devices.delete(nameOf(named)),
      'bound.deleteAll': ({ userId }) => {
        deleteAll(userId);
        return true;
      },
    } satisfies ChangesOf<'bound.insert' | 'bound.update' | 'bound.accessed' | 'bound.delete' | 'bound.deleteAll'>,
    insert: (row: BoundDevice): boolean => devices.insert(row),
    deleteUser: deleteAll,
    deleteRealm: (realm: string) => {
      devices.deleteWhere((row) => row.realm === realm);
    },
  };
};
