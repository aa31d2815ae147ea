import { BoundedCache, bytesOfText } from '@assent/engine/host';
import type { DeviceReader, DeviceType, PushDevice, RecoveryCodeRow } from '@assent/push';
import type { ChangesOf } from '../ports/store.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { DataVersion } from '../sqlite/data-version.ts';
import type { Database, SqlValue } from '../sqlite/driver.ts';

type Row = readonly [
  uuid: string,
  realm: string,
  userId: string,
  username: string,
  deviceName: string,
  issuer: string,
  sealed: Uint8Array,
  mechanismUid: string,
  deviceType: string,
  communicationType: string,
  xKey: string | null,
  createdAt: number,
  lastAccessAt: number,
  refreshHashes: string,
  pendingJourney: string | null,
  pendingUntil: number | null,
  rev: number,
];

type CodeRow = readonly [
  id: string,
  realm: string,
  userId: string,
  deviceType: DeviceType,
  selector: string,
  hash: string,
];

/** Beside the key also the addresses: those of Web Push hold a secret of the browser (RFC 8291 §2). */
interface Sealed {
  readonly secret: string;
  readonly deviceId: string;
  readonly communicationId: string;
}

const COLUMNS = `uuid, realm, user_id, username, device_name, issuer, sealed, mechanism_uid, device_type,
  communication_type, x_key, created_at, last_access_at, refresh_hashes, pending_journey, pending_until, rev`;

const codeOf = ([id, realm, userId, deviceType, selector, hash]: CodeRow): RecoveryCodeRow => ({
  id,
  realm,
  userId,
  deviceType,
  selector,
  hash,
});

/** Those that ring at one time on a busy server. */
const MAX_OPENED_BYTES = 8 * 1_024 * 1_024;
const bytesOf = ({ deviceId }: PushDevice): number => 2_048 + bytesOfText(deviceId);

/** `voidMessages` closes the pending messages of a device that goes (SEC-53). */
export const sqliteDevices = (
  db: Database,
  sealer: Sealer,
  version: DataVersion,
  voidMessages: (userId: string, deviceUuid: string) => void,
) => {
  const selectUser = db.prepare<Row>(
    `SELECT ${COLUMNS} FROM device WHERE user_id = ? AND pending_until IS NULL ORDER BY created_at DESC, uuid`,
  );
  const selectMechanism = db.prepare<Row>(`SELECT ${COLUMNS} FROM device WHERE realm = ? AND mechanism_uid = ?`);
  const select = db.prepare<Row>(`SELECT ${COLUMNS} FROM device WHERE uuid = ?`);
  const limited = 'SELECT COUNT(*) FROM device WHERE user_id = ? AND (pending_until IS NULL OR pending_until > ?)';
  const countUser = db.prepare<[count: number]>(`SELECT (${limited})`);
  const insert = db.prepare(
    `INSERT INTO device (${COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
     WHERE (${limited}) < ? ON CONFLICT DO NOTHING`,
  );
  const update = db.prepare(
    `UPDATE device SET uuid = ?, realm = ?, user_id = ?, username = ?, device_name = ?, issuer = ?, sealed = ?,
       mechanism_uid = ?, device_type = ?, communication_type = ?, x_key = ?, created_at = ?, last_access_at = ?,
       refresh_hashes = ?, pending_journey = ?, pending_until = ?, rev = ? + 1
     WHERE uuid = ? AND rev = ?`,
  );
  const accessed = db.prepare('UPDATE device SET last_access_at = ? WHERE uuid = ? AND last_access_at < ?');
  const remove = db.prepare<[userId: string]>('DELETE FROM device WHERE uuid = ? RETURNING user_id');
  const selectUuids = db.prepare<[uuid: string]>('SELECT uuid FROM device WHERE user_id = ?');
  const selectOneThatCounts = db.prepare<[uuid: string]>(
    'SELECT uuid FROM device WHERE user_id = ? AND pending_until IS NULL LIMIT 1',
  );
  const confirm = db.prepare(
    `UPDATE device SET pending_journey = NULL, pending_until = NULL, rev = rev + 1
     WHERE uuid = ? AND pending_journey = ? AND pending_until > ?`,
  );
  const selectOfJourney = db.prepare<[uuid: string, userId: string]>(
    'SELECT uuid, user_id FROM device WHERE pending_journey = ?',
  );
  const sweep = db.prepare(
    'DELETE FROM device WHERE uuid IN (SELECT uuid FROM device WHERE pending_until <= ? LIMIT ?)',
  );
  const deleteRealm = db.prepare('DELETE FROM device WHERE realm = ?');

  const selectCode = db.prepare<CodeRow>(
    `SELECT id, realm, user_id, device_type, selector, hash FROM recovery_code
     WHERE user_id = ? AND device_type = ? AND selector = ?`,
  );
  const countCodes = db.prepare<[count: number]>(
    'SELECT COUNT(*) FROM recovery_code WHERE user_id = ? AND device_type = ?',
  );
  const insertCode = db.prepare(
    `INSERT INTO recovery_code (id, realm, user_id, device_type, selector, hash) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const useCode = db.prepare('DELETE FROM recovery_code WHERE id = ?');
  const deleteCodes = db.prepare('DELETE FROM recovery_code WHERE user_id = ? AND device_type = ?');
  const deleteCodesOfRealm = db.prepare('DELETE FROM recovery_code WHERE realm = ?');

  const placeOf = (id: string, realm: string, userId: string) => ({ table: 'device', id, realm, userId });
  const valuesOf = (row: PushDevice): SqlValue[] => {
    const sealed: Sealed = {
      secret: Buffer.from(row.secret).toString('base64url'),
      deviceId: row.deviceId,
      communicationId: row.communicationId,
    };
    return [
      row.uuid,
      row.realm,
      row.userId,
      row.username,
      row.deviceName,
      row.issuer,
      sealer.seal('device', placeOf(row.uuid, row.realm, row.userId), JSON.stringify(sealed)),
      row.mechanismUid,
      row.deviceType,
      row.communicationType,
      row.xKey === undefined ? null : JSON.stringify(row.xKey),
      row.createdAt,
      row.lastAccessAt,
      JSON.stringify(row.refreshHashes),
      row.pending?.journeyId ?? null,
      row.pending?.until ?? null,
      row.rev,
    ];
  };
  const deviceOf = (row: Row): PushDevice | undefined => {
    const [
      uuid,
      realm,
      userId,
      username,
      deviceName,
      issuer,
      sealed,
      mechanismUid,
      deviceType,
      communicationType,
      xKey,
      createdAt,
      lastAccessAt,
      refreshHashes,
      pendingJourney,
      pendingUntil,
      rev,
    ] = row;
    const opened = sealer.tryOpen('device', placeOf(uuid, realm, userId), sealed);
    if (opened === undefined) return undefined;
    const { secret, deviceId, communicationId }: Sealed = JSON.parse(opened.toString());
    return {
      uuid,
      realm,
      userId,
      username,
      deviceName,
      issuer,
      secret: new Uint8Array(Buffer.from(secret, 'base64url')),
      mechanismUid,
      deviceId,
      deviceType,
      communicationType,
      communicationId,
      ...(xKey === null ? {} : { xKey: JSON.parse(xKey) }),
      createdAt,
      lastAccessAt,
      refreshHashes: JSON.parse(refreshHashes),
      ...(pendingJourney === null || pendingUntil === null
        ? {}
        : { pending: { journeyId: pendingJourney, until: pendingUntil } }),
      rev,
    };
  };
  // A phone that is sent a message answers it in a moment. No longer than that its key is kept.
  const opened = new BoundedCache<{ readonly device: PushDevice; readonly seenIn: number }>(MAX_OPENED_BYTES);
  const removeOne = (uuid: string): string | undefined => {
    opened.forget(uuid);
    return remove.get(uuid)?.[0];
  };
  const deleteAll = (userId: string): void => {
    for (const [uuid] of selectUuids.all(userId)) {
      voidMessages(userId, uuid);
      removeOne(uuid);
    }
    deleteCodes.run(userId, 'push');
  };

  return {
    reader: {
      ofUser: async (userId) => {
        const seenIn = version.current();
        const devices = selectUser.all(userId).flatMap((row) => deviceOf(row) ?? []);
        for (const device of devices) opened.put(device.uuid, { device, seenIn }, bytesOf(device));
        return devices;
      },
      countOfUser: async (userId, now) => countUser.get(userId, now)?.[0] ?? 0,
      byMechanism: async (realm, mechanismUid) =>
        selectMechanism.all(realm, mechanismUid).flatMap((row) => deviceOf(row) ?? []),
      get: async (uuid) => {
        const known = opened.get(uuid);
        if (known !== undefined && known.seenIn === version.current()) return known.device;
        const row = select.get(uuid);
        return row === undefined ? undefined : deviceOf(row);
      },
      codeBySelector: async (userId, type, selector) => {
        const row = selectCode.get(userId, type, selector);
        return row === undefined ? undefined : codeOf(row);
      },
      countCodes: async (userId, type) => countCodes.get(userId, type)?.[0] ?? 0,
    } satisfies DeviceReader,
    changes: {
      'device.insert': ({ row, maxDevices }) =>
        insert.run(...valuesOf(row), row.userId, row.createdAt, maxDevices) === 1,
      'device.update': ({ row }) => {
        opened.forget(row.uuid);
        return update.run(...valuesOf(row), row.uuid, row.rev) === 1;
      },
      'device.delete': ({ uuid }) => {
        const userId = removeOne(uuid);
        if (userId === undefined) return false;
        voidMessages(userId, uuid);
        if (selectOneThatCounts.get(userId) === undefined) deleteCodes.run(userId, 'push');
        return true;
      },
      'device.deleteAll': ({ userId }) => {
        deleteAll(userId);
        return true;
      },
      'device.confirm': ({ uuid, journeyId, at }) => confirm.run(uuid, journeyId, at) === 1,
      'device.discard': ({ journeyId }) => {
        for (const [uuid, userId] of selectOfJourney.all(journeyId)) {
          voidMessages(userId, uuid);
          removeOne(uuid);
        }
        return true;
      },
      'device.accessed': ({ uuid, at }) => {
        opened.forget(uuid);
        accessed.run(at, uuid, at);
        return true;
      },
      'codes.replace': ({ userId, deviceType: type, rows }) => {
        deleteCodes.run(userId, type);
        return rows.every(
          (row) => insertCode.run(row.id, row.realm, row.userId, row.deviceType, row.selector, row.hash) === 1,
        );
      },
      'code.use': ({ id }) => useCode.run(id) === 1,
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
    sweep: (unprovenBy: number, limit: number) => {
      opened.age();
      return sweep.run(unprovenBy, limit);
    },
    deleteUser: deleteAll,
    deleteCodes: (userId: string, type: DeviceType) => deleteCodes.run(userId, type),
    deleteRealm: (realm: string) => {
      opened.forgetAll();
      deleteRealm.run(realm);
      deleteCodesOfRealm.run(realm);
    },
  };
};
