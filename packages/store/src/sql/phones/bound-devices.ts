import type { BoundDevice, BoundDeviceReader } from '@assent/factors';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { manyRows } from '../verbs/many-rows.ts';
import { all, first, type ReadVerbs, run, type SqlValue, statement } from '../verbs/verb.ts';

type Row = readonly [
  uuid: string,
  realm: string,
  userId: string,
  username: string,
  deviceName: string,
  deviceId: string,
  jwk: string,
  applicationId: string,
  authenticationType: string,
  attested: number,
  createdAt: number,
  lastAccessAt: number,
  rev: number,
];

const COLUMNS = `uuid, realm, user_id, username, device_name, device_id, jwk, application_id, authentication_type, attested,
  created_at, last_access_at, rev`;

const select = statement<Row>(`SELECT ${COLUMNS} FROM bound_device WHERE uuid = ? AND realm = ?`);
const selectUser = statement<Row>(
  `SELECT ${COLUMNS} FROM bound_device WHERE user_id = ? ORDER BY created_at DESC, uuid`,
);
const insert = statement(
  `INSERT INTO bound_device (${COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
   WHERE (SELECT COUNT(*) FROM bound_device WHERE user_id = ?) < ? ON CONFLICT DO NOTHING`,
);
const insertMany = manyRows('bound_device', COLUMNS);
const rename = statement(
  'UPDATE bound_device SET device_name = ?, rev = rev + 1 WHERE uuid = ? AND realm = ? AND rev = ?',
);
const accessed = statement(
  `UPDATE bound_device SET last_access_at = CASE WHEN last_access_at < ? THEN ? ELSE last_access_at END
   WHERE uuid = ? AND realm = ?`,
);
const remove = statement('DELETE FROM bound_device WHERE uuid = ? AND realm = ?');
const removeAll = statement('DELETE FROM bound_device WHERE user_id = ?');
const deleteUsers = statement('DELETE FROM bound_device WHERE user_id = {any}');

const valuesOf = (row: BoundDevice): SqlValue[] => [
  row.uuid,
  row.realm,
  row.userId,
  row.username,
  row.deviceName,
  row.deviceId,
  JSON.stringify(row.key),
  row.applicationId,
  row.authenticationType,
  row.attested ? 1 : 0,
  row.createdAt,
  row.lastAccessAt,
  row.rev,
];

const deviceOf = ([
  uuid,
  realm,
  userId,
  username,
  deviceName,
  deviceId,
  jwk,
  applicationId,
  authenticationType,
  attested,
  createdAt,
  lastAccessAt,
  rev,
]: Row): BoundDevice => ({
  uuid,
  realm,
  userId,
  username,
  deviceName,
  deviceId,
  key: JSON.parse(jwk),
  applicationId,
  authenticationType,
  attested: attested === 1,
  createdAt,
  lastAccessAt,
  rev,
});

const OF_BOUND_DEVICES = { tables: ['bound_device'], durability: 'disk' } as const;

export const BOUND_DEVICE_CHANGES = defineChanges({
  'bound.insert': { ...OF_BOUND_DEVICES, creates: 'nothing', locks: ({ row }) => ({ users: [row.userId] }) },
  'bound.update': { ...OF_BOUND_DEVICES, creates: 'nothing', locks: ({ row }) => ({ users: [row.userId] }) },
  'bound.accessed': {
    ...OF_BOUND_DEVICES,
    creates: 'nothing',
    locks: ({ uuid }) => ({ devices: [uuid] }),
    // The time of the last use is only shown, so it may be lost.
    durability: 'usual',
  },
  'bound.delete': { ...OF_BOUND_DEVICES, creates: 'nothing', locks: ({ uuid }) => ({ devices: [uuid] }) },
  'bound.deleteAll': { ...OF_BOUND_DEVICES, creates: 'nothing', locks: ({ userId }) => ({ users: [userId] }) },
});

export const boundDevicesTopic = () => ({
  reader: {
    *ofUser(userId) {
      return (yield* all(selectUser, userId)).map(deviceOf);
    },
    *get(realm, kid) {
      const row = yield* first(select, kid, realm);
      return row === undefined ? undefined : deviceOf(row);
    },
  } satisfies ReadVerbs<BoundDeviceReader>,
  changes: {
    *'bound.insert'({ row, maxDevices }) {
      return (yield* run(insert, ...valuesOf(row), row.userId, maxDevices)) === 1;
    },
    *'bound.update'({ row }) {
      return (yield* run(rename, row.deviceName, row.uuid, row.realm, row.rev)) === 1;
    },
    *'bound.accessed'({ realm, uuid, at }) {
      return (yield* run(accessed, at, at, uuid, realm)) === 1;
    },
    *'bound.delete'({ realm, uuid }) {
      return (yield* run(remove, uuid, realm)) === 1;
    },
    *'bound.deleteAll'({ userId }) {
      yield* run(removeAll, userId);
      return true;
    },
  } satisfies VerbsOf<typeof BOUND_DEVICE_CHANGES>,
  insertions: (rows: readonly BoundDevice[]) => insertMany(rows.map(valuesOf)),
  *deleteUsers(userIds: readonly string[]) {
    return yield* run(deleteUsers, userIds);
  },
});
