import type { CodeType, RecoveryCodeReader, RecoveryCodeRow } from '@assent/factors';
import { type DeviceReader, isProven, type PushDevice } from '@assent/push';
import { placeOfText, textOfPlace } from '../../rules/places.ts';
import type { Sealer } from '../../sealing/sealer.ts';
import {
  CAN_BE_PROVEN,
  COUNTS_TOWARDS_LIMIT,
  IS_PROVEN,
  IS_UNREACHABLE,
  WAS_USED_BEFORE,
} from '../verbs/conditions.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder, lockedInOrder } from '../verbs/locked-in-order.ts';
import { manyRows } from '../verbs/many-rows.ts';
import { all, countOfEach, first, type ReadVerbs, run, type SqlValue, statement, type Verb } from '../verbs/verb.ts';

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
  channelDeadAt: number | null,
  pendingJourney: string | null,
  pendingUntil: number | null,
  rev: number,
];

type CodeRow = readonly [
  id: string,
  realm: string,
  userId: string,
  deviceType: CodeType,
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
  communication_type, x_key, created_at, last_access_at, refresh_hashes, channel_dead_at, pending_journey,
  pending_until, rev`;

const UUID = 0;
const MECHANISM_UID = 7;

const codeOf = ([id, realm, userId, deviceType, selector, hash]: CodeRow): RecoveryCodeRow => ({
  id,
  realm,
  userId,
  deviceType,
  selector,
  hash,
});

const codeValuesOf = ({ id, realm, userId, deviceType, selector, hash }: RecoveryCodeRow): SqlValue[] => [
  id,
  realm,
  userId,
  deviceType,
  selector,
  hash,
];

const limited = `SELECT COUNT(*) FROM device WHERE user_id = ? AND ${COUNTS_TOWARDS_LIMIT}`;
const selectUser = statement<Row>(
  `SELECT ${COLUMNS} FROM device WHERE user_id = ? AND ${IS_PROVEN} ORDER BY created_at DESC, uuid`,
);
const selectMechanism = statement<Row>(`SELECT ${COLUMNS} FROM device WHERE realm = ? AND mechanism_uid = ?`);
const pageOf = (where: string) =>
  statement<Row>(`SELECT ${COLUMNS} FROM device WHERE realm = ? AND ${where} ORDER BY mechanism_uid, uuid LIMIT ?`);
const selectFirstPage = pageOf('mechanism_uid >= ?');
const selectNextPage = pageOf('(mechanism_uid, uuid) > (?, ?)');
const select = statement<Row>(`SELECT ${COLUMNS} FROM device WHERE uuid = ?`);
const countUnreachable = statement<[count: number]>(
  `SELECT COUNT(*) FROM (SELECT uuid FROM device WHERE realm = ? AND ${IS_UNREACHABLE} LIMIT ?) AS unreachable`,
);
const countUser = statement<[count: number]>(`SELECT (${limited})`);
const insert = statement(
  `INSERT INTO device (${COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
   WHERE (${limited}) < ? ON CONFLICT DO NOTHING`,
);
const update = statement(
  `UPDATE device SET uuid = ?, realm = ?, user_id = ?, username = ?, device_name = ?, issuer = ?, sealed = ?,
     mechanism_uid = ?, device_type = ?, communication_type = ?, x_key = ?, created_at = ?, last_access_at = ?,
     refresh_hashes = ?, channel_dead_at = ?, pending_journey = ?, pending_until = ?, rev = ? + 1
   WHERE uuid = ? AND rev = ?`,
);
const accessed = statement(`UPDATE device SET last_access_at = ? WHERE uuid = ? AND ${WAS_USED_BEFORE}`);
const remove = statement<[userId: string]>('DELETE FROM device WHERE uuid = ? RETURNING user_id');
const deleteUsers = statement(`DELETE FROM device WHERE ${lockedInOrder('device', 'uuid', 'user_id = {any}')}`);
const deleteCodesOfUsers = statement('DELETE FROM recovery_code WHERE user_id = {any}');
const selectUuids = statement<[uuid: string]>('SELECT uuid FROM device WHERE user_id = ? ORDER BY uuid');
const selectOneThatCounts = statement<[uuid: string]>(
  `SELECT uuid FROM device WHERE user_id = ? AND ${IS_PROVEN} LIMIT 1`,
);
const confirm = statement(
  `UPDATE device SET pending_journey = NULL, pending_until = NULL, rev = rev + 1
   WHERE uuid = ? AND ${CAN_BE_PROVEN}`,
);
const selectOfJourney = statement<[uuid: string, userId: string]>(
  'SELECT uuid, user_id FROM device WHERE pending_journey = ? ORDER BY uuid',
);
const sweep = statement(`DELETE FROM device WHERE ${dueLockedInOrder('device', 'uuid', 'pending_until <= ?')}`);
const selectCodes = statement<CodeRow>(
  `SELECT id, realm, user_id, device_type, selector, hash FROM recovery_code
   WHERE user_id = ? AND device_type = ? AND selector = {any}`,
);
const selectAllCodes = statement<CodeRow>(
  'SELECT id, realm, user_id, device_type, selector, hash FROM recovery_code WHERE user_id = ?',
);
const countCodes = statement<[count: number]>(
  'SELECT COUNT(*) FROM recovery_code WHERE user_id = ? AND device_type = ?',
);
const insertMany = manyRows('device', COLUMNS);
const insertCodes = manyRows('recovery_code', 'id, realm, user_id, device_type, selector, hash');
const useCode = statement('DELETE FROM recovery_code WHERE id = ?');
const deleteCodes = statement('DELETE FROM recovery_code WHERE user_id = ? AND device_type = ?');

export const placeOfDevice = (id: string, realm: string, userId: string) => ({ table: 'device', id, realm, userId });

const OF_DEVICES = { tables: ['device', 'recovery_code', 'push_message'], durability: 'disk' } as const;
const OF_CODES = { tables: ['recovery_code'], durability: 'disk' } as const;

export const DEVICE_CHANGES = defineChanges({
  'device.insert': { ...OF_DEVICES, creates: 'nothing', locks: ({ row }) => ({ users: [row.userId] }) },
  'device.update': { ...OF_DEVICES, creates: 'nothing', locks: ({ row }) => ({ users: [row.userId] }) },
  'device.delete': { ...OF_DEVICES, creates: 'nothing', locks: ({ uuid }) => ({ devices: [uuid] }) },
  'device.deleteAll': { ...OF_DEVICES, creates: 'nothing', locks: ({ userId }) => ({ users: [userId] }) },
  'device.confirm': { ...OF_DEVICES, creates: 'nothing', locks: ({ uuid }) => ({ devices: [uuid] }) },
  'device.discard': {
    ...OF_DEVICES,
    creates: 'nothing',
    locks: ({ journeyId }) => ({ journeysOfDevices: [journeyId] }),
    // Every failed journey does it, and a device without proof is swept later.
    durability: 'usual',
  },
  // Every push login writes this one number, and the next login writes it again.
  'device.accessed': { tables: ['device'], creates: 'nothing', durability: 'losable', freesPlainText: false },
  'codes.replace': { ...OF_CODES, creates: 'nothing', locks: ({ userId }) => ({ users: [userId] }) },
  'code.use': { ...OF_CODES, creates: 'nothing' },
});

/** `voidMessages` closes the pending messages of a device that goes (SEC-53). */
export const devicesTopic = (sealer: Sealer, voidMessages: (userId: string, deviceUuid: string) => Verb<unknown>) => {
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
      sealer.seal('device', placeOfDevice(row.uuid, row.realm, row.userId), JSON.stringify(sealed)),
      row.mechanismUid,
      row.deviceType,
      row.communicationType,
      row.xKey === undefined ? null : JSON.stringify(row.xKey),
      row.createdAt,
      row.lastAccessAt,
      JSON.stringify(row.refreshHashes),
      row.channelDeadAt ?? null,
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
      channelDeadAt,
      pendingJourney,
      pendingUntil,
      rev,
    ] = row;
    const opened = sealer.tryOpen('device', placeOfDevice(uuid, realm, userId), sealed);
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
      ...(channelDeadAt === null ? {} : { channelDeadAt }),
      ...(pendingJourney === null || pendingUntil === null
        ? {}
        : { pending: { journeyId: pendingJourney, until: pendingUntil } }),
      rev,
    };
  };
  function* removeOne(uuid: string): Verb<string | undefined> {
    return (yield* first(remove, uuid))?.[0];
  }
  function* deleteAll(userId: string): Verb<void> {
    for (const [uuid] of yield* all(selectUuids, userId)) {
      yield* voidMessages(userId, uuid);
      yield* removeOne(uuid);
    }
    yield* run(deleteCodes, userId, 'push');
  }

  return {
    reader: {
      *ofUser(userId) {
        return (yield* all(selectUser, userId)).flatMap((row) => deviceOf(row) ?? []);
      },
      *countOfUser(userId, now) {
        return (yield* first(countUser, userId, now))?.[0] ?? 0;
      },
      *page(realm, { after, limit }) {
        const place = after === undefined ? undefined : placeOfText(after);
        if (after !== undefined && place === undefined) return { devices: [] };
        const rows = yield* place === undefined
          ? all(selectFirstPage, realm, '', limit + 1)
          : all(selectNextPage, realm, place.text, place.id, limit + 1);
        const read = rows.slice(0, limit);
        const devices = read.flatMap((row) => deviceOf(row) ?? []).filter(isProven);
        const last = read.at(-1);
        return last === undefined || rows.length <= limit
          ? { devices }
          : { devices, next: textOfPlace({ text: last[MECHANISM_UID], id: last[UUID] }) };
      },
      *byMechanism(realm, mechanismUid) {
        return (yield* all(selectMechanism, realm, mechanismUid)).flatMap((row) => deviceOf(row) ?? []);
      },
      *get(uuid) {
        const row = yield* first(select, uuid);
        return row === undefined ? undefined : deviceOf(row);
      },
      *countUnreachable(realm, limit) {
        return (yield* first(countUnreachable, realm, limit))?.[0] ?? 0;
      },
      *codesBySelector(userId, type, selectors) {
        return (yield* all(selectCodes, userId, type, selectors)).map(codeOf);
      },
      *codesOfUser(userId) {
        return (yield* all(selectAllCodes, userId)).map(codeOf);
      },
      *countCodes(userId, type) {
        return (yield* first(countCodes, userId, type))?.[0] ?? 0;
      },
    } satisfies ReadVerbs<DeviceReader & RecoveryCodeReader>,
    changes: {
      *'device.insert'({ row, maxDevices }) {
        return (yield* run(insert, ...valuesOf(row), row.userId, row.createdAt, maxDevices)) === 1;
      },
      *'device.update'({ row }) {
        return (yield* run(update, ...valuesOf(row), row.uuid, row.rev)) === 1;
      },
      *'device.delete'({ uuid }) {
        const userId = yield* removeOne(uuid);
        if (userId === undefined) return false;
        yield* voidMessages(userId, uuid);
        if ((yield* first(selectOneThatCounts, userId)) === undefined) yield* run(deleteCodes, userId, 'push');
        return true;
      },
      *'device.deleteAll'({ userId }) {
        yield* deleteAll(userId);
        return true;
      },
      *'device.confirm'({ uuid, journeyId, at }) {
        return (yield* run(confirm, uuid, journeyId, at)) === 1;
      },
      *'device.discard'({ journeyId }) {
        for (const [uuid, userId] of yield* all(selectOfJourney, journeyId)) {
          yield* voidMessages(userId, uuid);
          yield* removeOne(uuid);
        }
        return true;
      },
      *'device.accessed'({ uuid, at }) {
        yield* run(accessed, at, uuid, at);
        return true;
      },
      *'codes.replace'({ userId, deviceType: type, rows }) {
        yield* run(deleteCodes, userId, type);
        const inserted = yield* countOfEach(insertCodes(rows.map(codeValuesOf)));
        return inserted.reduce((sum, count) => sum + count, 0) === rows.length;
      },
      *'code.use'({ id }) {
        return (yield* run(useCode, id)) === 1;
      },
    } satisfies VerbsOf<typeof DEVICE_CHANGES>,
    insertions: (rows: readonly PushDevice[]) => insertMany(rows.map(valuesOf)),
    insertionsOfCodes: (rows: readonly RecoveryCodeRow[]) => insertCodes(rows.map(codeValuesOf)),
    *sweep(unprovenBy: number, limit: number) {
      return yield* run(sweep, unprovenBy, unprovenBy, limit);
    },
    /** With the recovery codes of all their devices. What waits for the devices goes with their users, too. */
    *deleteUsers(userIds: readonly string[]): Verb<void> {
      yield* run(deleteUsers, userIds);
      yield* run(deleteCodesOfUsers, userIds);
    },
    *deleteCodes(userId: string, type: CodeType) {
      return yield* run(deleteCodes, userId, type);
    },
  };
};
