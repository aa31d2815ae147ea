import type { OathDevice, OathDeviceReader } from '@assent/factors';
import type { Sealer } from '../../sealing/sealer.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { manyRows } from '../verbs/many-rows.ts';
import { all, first, type ReadVerbs, run, type SqlValue, statement, type Verb } from '../verbs/verb.ts';

type Row = readonly [
  uuid: string,
  realm: string,
  userId: string,
  username: string,
  deviceName: string,
  issuer: string,
  sealed: Uint8Array,
  digits: 6 | 8 | null,
  counter: number,
  lastLoginSeconds: number,
  clockDriftSeconds: number,
  checksumDigit: number,
  truncationOffset: number,
  createdAt: number,
  lastAccessAt: number,
  rev: number,
];

const COLUMNS = `uuid, realm, user_id, username, device_name, issuer, sealed, digits, counter, last_login_seconds,
  clock_drift_seconds, checksum_digit, truncation_offset, created_at, last_access_at, rev`;

const select = statement<Row>(`SELECT ${COLUMNS} FROM oath_device WHERE uuid = ?`);
const selectUser = statement<Row>(
  `SELECT ${COLUMNS} FROM oath_device WHERE user_id = ? ORDER BY created_at DESC, uuid`,
);
const insert = statement(
  `INSERT INTO oath_device (${COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
   WHERE (SELECT COUNT(*) FROM oath_device WHERE user_id = ?) < ? ON CONFLICT DO NOTHING`,
);
const insertMany = manyRows('oath_device', COLUMNS);
const update = statement(
  `UPDATE oath_device SET uuid = ?, realm = ?, user_id = ?, username = ?, device_name = ?, issuer = ?, sealed = ?,
     digits = ?, counter = ?, last_login_seconds = ?, clock_drift_seconds = ?, checksum_digit = ?,
     truncation_offset = ?, created_at = ?, last_access_at = ?, rev = ? + 1
   WHERE uuid = ? AND rev = ?`,
);
const used = statement(
  `UPDATE oath_device SET counter = ?, last_login_seconds = ?, clock_drift_seconds = ?, last_access_at = ?, rev = rev + 1
   WHERE uuid = ? AND rev = ?`,
);
const remove = statement<[userId: string]>('DELETE FROM oath_device WHERE uuid = ? RETURNING user_id');
const removeAll = statement('DELETE FROM oath_device WHERE user_id = ?');
const deleteUsers = statement('DELETE FROM oath_device WHERE user_id = {any}');

export const placeOfOathDevice = (id: string, realm: string, userId: string) => ({
  table: 'oath_device',
  id,
  realm,
  userId,
});

/** A counter that goes back would accept a code again (SEC-49). */
const OF_OATH_DEVICES = { tables: ['oath_device', 'recovery_code'], durability: 'disk' } as const;

export const OATH_DEVICE_CHANGES = defineChanges({
  'oath.insert': { ...OF_OATH_DEVICES, creates: 'nothing', locks: ({ row }) => ({ users: [row.userId] }) },
  'oath.update': { ...OF_OATH_DEVICES, creates: 'nothing', locks: ({ row }) => ({ users: [row.userId] }) },
  'oath.used': { ...OF_OATH_DEVICES, creates: 'nothing', locks: ({ row }) => ({ users: [row.userId] }) },
  'oath.delete': { ...OF_OATH_DEVICES, creates: 'nothing', locks: ({ uuid }) => ({ devices: [uuid] }) },
  'oath.deleteAll': { ...OF_OATH_DEVICES, creates: 'nothing', locks: ({ userId }) => ({ users: [userId] }) },
});

/** `deleteCodes` removes the recovery codes of a user who has no such device any more (SEC-48). */
export const oathDevicesTopic = (sealer: Sealer, deleteCodes: (userId: string) => Verb<unknown>) => {
  const valuesOf = (row: OathDevice): SqlValue[] => [
    row.uuid,
    row.realm,
    row.userId,
    row.username,
    row.deviceName,
    row.issuer,
    sealer.seal('device', placeOfOathDevice(row.uuid, row.realm, row.userId), row.secret),
    row.digits ?? null,
    row.counter,
    row.lastLoginSeconds,
    row.clockDriftSeconds,
    row.checksumDigit ? 1 : 0,
    row.truncationOffset,
    row.createdAt,
    row.lastAccessAt,
    row.rev,
  ];
  const deviceOf = (row: Row): OathDevice | undefined => {
    const [
      uuid,
      realm,
      userId,
      username,
      deviceName,
      issuer,
      sealed,
      digits,
      counter,
      lastLoginSeconds,
      clockDriftSeconds,
      checksumDigit,
      truncationOffset,
      createdAt,
      lastAccessAt,
      rev,
    ] = row;
    const secret = sealer.tryOpen('device', placeOfOathDevice(uuid, realm, userId), sealed);
    if (secret === undefined) return undefined;
    return {
      uuid,
      realm,
      userId,
      username,
      deviceName,
      issuer,
      secret: new Uint8Array(secret),
      ...(digits === null ? {} : { digits }),
      counter,
      lastLoginSeconds,
      clockDriftSeconds,
      checksumDigit: checksumDigit === 1,
      truncationOffset,
      createdAt,
      lastAccessAt,
      rev,
    };
  };
  function* deleteAll(userId: string): Verb<void> {
    yield* run(removeAll, userId);
    yield* deleteCodes(userId);
  }

  return {
    reader: {
      *ofUser(userId) {
        return (yield* all(selectUser, userId)).flatMap((row) => deviceOf(row) ?? []);
      },
      *get(uuid) {
        const row = yield* first(select, uuid);
        return row === undefined ? undefined : deviceOf(row);
      },
    } satisfies ReadVerbs<OathDeviceReader>,
    changes: {
      *'oath.insert'({ row, maxDevices }) {
        return (yield* run(insert, ...valuesOf(row), row.userId, maxDevices)) === 1;
      },
      *'oath.update'({ row }) {
        return (yield* run(update, ...valuesOf(row), row.uuid, row.rev)) === 1;
      },
      *'oath.used'({ row: { uuid, counter, lastLoginSeconds, clockDriftSeconds, lastAccessAt, rev } }) {
        return (yield* run(used, counter, lastLoginSeconds, clockDriftSeconds, lastAccessAt, uuid, rev)) === 1;
      },
      *'oath.delete'({ uuid }) {
        const removed = yield* first(remove, uuid);
        if (removed === undefined) return false;
        const [userId] = removed;
        if ((yield* first(selectUser, userId)) === undefined) yield* deleteCodes(userId);
        return true;
      },
      *'oath.deleteAll'({ userId }) {
        yield* deleteAll(userId);
        return true;
      },
    } satisfies VerbsOf<typeof OATH_DEVICE_CHANGES>,
    insertions: (rows: readonly OathDevice[]) => insertMany(rows.map(valuesOf)),
    *deleteUsers(userIds: readonly string[]) {
      return yield* run(deleteUsers, userIds);
    },
  };
};
