import {
  afterAccess,
  afterProof,
  afterUpdate,
  type CodeType,
  codesGoWith,
  countsTowardsLimit,
  type DeviceReader,
  isProven,
  isUnreachable,
  type PushDevice,
  type RecoveryCodeRow,
} from '@assent/push';
import type { ChangesOf } from '../../ports/store.ts';
import { placeOfText, textOfPlace } from '../../rules/places.ts';
import { keyOf, MemoryTable, newestFirst, taken, type UndoLog } from '../tables/memory-table.ts';

/** `voidMessages` closes the pending messages of a device that goes (SEC-53). */
export const memoryDevices = (undoLog: UndoLog, voidMessages: (userId: string, deviceUuid: string) => void) => {
  const devices = new MemoryTable<PushDevice, 'owner' | 'mechanism' | 'journey' | 'pending' | 'unreachable'>(
    undoLog,
    (row) => row.uuid,
    {
      owner: (row) => row.userId,
      mechanism: (row) => keyOf(row.realm, row.mechanismUid),
      journey: (row) => row.pending?.journeyId,
      pending: (row) => (isProven(row) ? undefined : 'pending'),
      unreachable: (row) => (isUnreachable(row) ? row.realm : undefined),
    },
    (row) => keyOf(row.realm, row.mechanismUid, row.uuid),
  );
  const codes = new MemoryTable<RecoveryCodeRow, 'owner'>(undoLog, (row) => row.id, {
    owner: (row) => keyOf(row.userId, row.deviceType),
  });
  const ofUser = (userId: string) => devices.by('owner', userId);
  const limited = (userId: string, now: number): number =>
    ofUser(userId).filter((device) => countsTowardsLimit(device, now)).length;
  const deleteCodes = (userId: string, type: CodeType): void => {
    codes.deleteBy('owner', keyOf(userId, type));
  };
  const deleteDevice = ({ userId, uuid }: PushDevice): void => {
    voidMessages(userId, uuid);
    devices.delete(uuid);
  };
  const deleteAll = (userId: string): void => {
    for (const device of ofUser(userId)) deleteDevice(device);
    deleteCodes(userId, 'push');
  };
  return {
    reader: {
      ofUser: async (userId) => newestFirst(ofUser(userId).filter(isProven)),
      countOfUser: async (userId, now) => limited(userId, now),
      page: async (realm, { after, limit }) => {
        const place = after === undefined ? undefined : placeOfText(after);
        if (after !== undefined && place === undefined) return { devices: [] };
        const from = place === undefined ? {} : { from: keyOf(realm, place.text, place.id), isAfter: true };
        const rows = taken(devices.inOrder(keyOf(realm, ''), from), limit + 1);
        const read = rows.slice(0, limit);
        const last = read.at(-1);
        return {
          devices: read.filter(isProven),
          ...(last !== undefined &&
            rows.length > limit && { next: textOfPlace({ text: last.mechanismUid, id: last.uuid }) }),
        };
      },
      byMechanism: async (realm, mechanismUid) => devices.by('mechanism', keyOf(realm, mechanismUid)),
      get: async (uuid) => devices.get(uuid),
      countUnreachable: async (realm, limit) => Math.min(devices.by('unreachable', realm).length, limit),
      codesBySelector: async (userId, type, selectors) =>
        codes.by('owner', keyOf(userId, type)).filter((row) => selectors.includes(row.selector)),
      codesOfUser: async (userId) =>
        (['push', 'oath', 'webauthn'] as const).flatMap((type) => codes.by('owner', keyOf(userId, type))),
      countCodes: async (userId, type) => codes.by('owner', keyOf(userId, type)).length,
    } satisfies DeviceReader,
    changes: {
      'device.insert': ({ row, maxDevices }) => limited(row.userId, row.createdAt) < maxDevices && devices.insert(row),
      'device.update': ({ row }) => devices.putIf(afterUpdate(devices.get(row.uuid), row)),
      'device.delete': ({ uuid }) => {
        const row = devices.get(uuid);
        if (row === undefined) return false;
        deleteDevice(row);
        if (codesGoWith(ofUser(row.userId))) deleteCodes(row.userId, 'push');
        return true;
      },
      'device.deleteAll': ({ userId }) => {
        deleteAll(userId);
        return true;
      },
      'device.confirm': ({ uuid, journeyId, at }) => devices.putIf(afterProof(devices.get(uuid), { journeyId, at })),
      'device.discard': ({ journeyId }) => {
        for (const device of devices.by('journey', journeyId)) deleteDevice(device);
        return true;
      },
      'device.accessed': ({ uuid, at }) => {
        devices.update(uuid, (row) => afterAccess(row, at));
        return true;
      },
      'codes.replace': ({ userId, deviceType: type, rows }) => {
        deleteCodes(userId, type);
        return rows.every((row) => codes.insert(row));
      },
      'code.use': ({ id }) => codes.delete(id),
    } satisfies ChangesOf<
      | 'device.insert'
      | 'device.update'
      | 'device.delete'
      | 'device.deleteAll'
      | 'device.confirm'
      | 'device.discard'
      | 'device.accessed'
      | 'codes.replace'
      | 'code.use'
    >,
    sweep: (unprovenBy: number, limit: number): number => {
      const due = devices.by('pending', 'pending').filter(({ pending }) => (pending?.until ?? 0) <= unprovenBy);
      for (const { uuid } of due.slice(0, limit)) devices.delete(uuid);
      return Math.min(due.length, limit);
    },
    insert: (row: PushDevice): boolean => devices.insert(row),
    insertCode: (row: RecoveryCodeRow): boolean => codes.insert(row),
    deleteUser: deleteAll,
    deleteCodes,
    deleteRealm: (realm: string) => {
      devices.deleteWhere((row) => row.realm === realm);
      codes.deleteWhere((row) => row.realm === realm);
    },
  };
};
