import type { Passkey, PasskeyReader } from '@assent/factors';
import { COUNT_FOLLOWS } from '../verbs/conditions.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { manyRows } from '../verbs/many-rows.ts';
import { all, first, type ReadVerbs, run, type SqlValue, statement, type Verb } from '../verbs/verb.ts';

type Row = readonly [
  uuid: string,
  realm: string,
  userId: string,
  username: string,
  deviceName: string,
  credentialId: string,
  userHandle: string,
  publicKey: string,
  algorithm: number,
  signCount: number,
  userVerified: number,
  backupEligible: number | null,
  backedUp: number,
  aaguid: string,
  transports: string,
  attachment: 'platform' | 'cross-platform' | null,
  attestation: Passkey['attestation'],
  rpId: string | null,
  createdAt: number,
  lastAccessAt: number,
  counterMismatchAt: number | null,
  rev: number,
];

const COLUMNS = `uuid, realm, user_id, username, device_name, credential_id, user_handle, public_key, algorithm, sign_count,
  user_verified, backup_eligible, backed_up, aaguid, transports, attachment, attestation, rp_id, created_at,
  last_access_at, counter_mismatch_at, rev`;

const select = statement<Row>(`SELECT ${COLUMNS} FROM passkey WHERE uuid = ?`);
const selectCredential = statement<Row>(`SELECT ${COLUMNS} FROM passkey WHERE realm = ? AND credential_id = ?`);
const selectUser = statement<Row>(`SELECT ${COLUMNS} FROM passkey WHERE user_id = ? ORDER BY created_at DESC, uuid`);
const selectOne = statement('SELECT 1 FROM passkey WHERE user_id = ? LIMIT 1');
/** Each side reads no more of its index than it counts. */
const othersOn = (side: '<' | '>') =>
  `(SELECT COUNT(*) FROM (SELECT rp_id FROM passkey WHERE realm = ? AND rp_id ${side} ? LIMIT ?) AS others)`;
const countOthers = statement<[count: number]>(`SELECT ${othersOn('<')} + ${othersOn('>')}`);
const insert = statement(
  `INSERT INTO passkey (${COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
   WHERE (SELECT COUNT(*) FROM passkey WHERE user_id = ?) < ? ON CONFLICT DO NOTHING`,
);
const insertMany = manyRows('passkey', COLUMNS);
const rename = statement('UPDATE passkey SET device_name = ?, rev = rev + 1 WHERE uuid = ? AND rev = ?');
/** What every use of one leaves. */
const USED = `user_verified = CASE WHEN user_verified < ? THEN 1 ELSE user_verified END, backed_up = ?,
     backup_eligible = COALESCE(backup_eligible, ?), rp_id = COALESCE(rp_id, ?),
     last_access_at = CASE WHEN last_access_at < ? THEN ? ELSE last_access_at END`;
const used = statement(`UPDATE passkey SET sign_count = ?, ${USED} WHERE uuid = ? AND ${COUNT_FOLLOWS}`);
const mismatched = statement(
  `UPDATE passkey SET counter_mismatch_at = CASE WHEN counter_mismatch_at > ? THEN counter_mismatch_at ELSE ? END, ${USED}
   WHERE uuid = ?`,
);
const remove = statement<[userId: string]>('DELETE FROM passkey WHERE uuid = ? RETURNING user_id');
const removeAll = statement('DELETE FROM passkey WHERE user_id = ?');
const deleteUsers = statement('DELETE FROM passkey WHERE user_id = {any}');

const numberOf = (flag: boolean | undefined): number | null => (flag === undefined ? null : flag ? 1 : 0);

const valuesOf = (row: Passkey): SqlValue[] => [
  row.uuid,
  row.realm,
  row.userId,
  row.username,
  row.deviceName,
  row.credentialId,
  row.userHandle,
  JSON.stringify(row.publicKey),
  row.algorithm,
  row.signCount,
  numberOf(row.userVerified),
  numberOf(row.backupEligible),
  numberOf(row.backedUp),
  row.aaguid,
  JSON.stringify(row.transports),
  row.attachment ?? null,
  row.attestation,
  row.rpId ?? null,
  row.createdAt,
  row.lastAccessAt,
  row.counterMismatchAt ?? null,
  row.rev,
];

const passkeyOf = ([
  uuid,
  realm,
  userId,
  username,
  deviceName,
  credentialId,
  userHandle,
  publicKey,
  algorithm,
  signCount,
  userVerified,
  backupEligible,
  backedUp,
  aaguid,
  transports,
  attachment,
  attestation,
  rpId,
  createdAt,
  lastAccessAt,
  counterMismatchAt,
  rev,
]: Row): Passkey => ({
  uuid,
  realm,
  userId,
  username,
  deviceName,
  credentialId,
  userHandle,
  publicKey: JSON.parse(publicKey),
  algorithm,
  signCount,
  userVerified: userVerified === 1,
  ...(backupEligible !== null && { backupEligible: backupEligible === 1 }),
  backedUp: backedUp === 1,
  aaguid,
  transports: JSON.parse(transports),
  ...(attachment !== null && { attachment }),
  attestation,
  ...(rpId !== null && { rpId }),
  createdAt,
  lastAccessAt,
  ...(counterMismatchAt !== null && { counterMismatchAt }),
  rev,
});

/** A counter that goes back would take a copy of a passkey for the passkey (WA-11). */
const OF_PASSKEYS = { tables: ['passkey', 'recovery_code'], durability: 'disk' } as const;

export const PASSKEY_CHANGES = defineChanges({
  'passkey.insert': { ...OF_PASSKEYS, creates: 'nothing', locks: ({ row }) => ({ users: [row.userId] }) },
  'passkey.update': { ...OF_PASSKEYS, creates: 'nothing', locks: ({ row }) => ({ users: [row.userId] }) },
  'passkey.used': {
    ...OF_PASSKEYS,
    creates: 'nothing',
    // Whatever deletes the user has locked the row of the user, and waits for the passkey next.
    locks: ({ uuid }) => ({ devices: [uuid] }),
    // The use of a passkey without a counter leaves only the time of the use.
    durability: ({ signCount, mismatch }) => (signCount === 0 && mismatch !== true ? 'usual' : 'disk'),
  },
  'passkey.delete': { ...OF_PASSKEYS, creates: 'nothing', locks: ({ uuid }) => ({ devices: [uuid] }) },
  'passkey.deleteAll': { ...OF_PASSKEYS, creates: 'nothing', locks: ({ userId }) => ({ users: [userId] }) },
});

/** `deleteCodes` removes the recovery codes of a user who has no passkey any more (SEC-48). */
export const passkeysTopic = (deleteCodes: (userId: string) => Verb<unknown>) => ({
  reader: {
    *ofUser(userId) {
      return (yield* all(selectUser, userId)).map(passkeyOf);
    },
    *byCredentialId(realm, credentialId) {
      const row = yield* first(selectCredential, realm, credentialId);
      return row === undefined ? undefined : passkeyOf(row);
    },
    *get(uuid) {
      const row = yield* first(select, uuid);
      return row === undefined ? undefined : passkeyOf(row);
    },
    *countOfOtherRelyingParty(realm, rpId, limit) {
      const [count = 0] = (yield* first(countOthers, realm, rpId, limit, realm, rpId, limit)) ?? [];
      return Math.min(count, limit);
    },
  } satisfies ReadVerbs<PasskeyReader>,
  changes: {
    *'passkey.insert'({ row, maxDevices }) {
      return (yield* run(insert, ...valuesOf(row), row.userId, maxDevices)) === 1;
    },
    *'passkey.update'({ row }) {
      return (yield* run(rename, row.deviceName, row.uuid, row.rev)) === 1;
    },
    *'passkey.used'({ uuid, signCount, mismatch, userVerified, backedUp, backupEligible, rpId, at }) {
      const left = [
        numberOf(userVerified),
        numberOf(backedUp),
        numberOf(backupEligible),
        rpId ?? null,
        at,
        at,
        uuid,
      ] as const;
      const count = yield* mismatch
        ? run(mismatched, at, at, ...left)
        : run(used, signCount, ...left, signCount, signCount);
      return count === 1;
    },
    *'passkey.delete'({ uuid }) {
      const removed = yield* first(remove, uuid);
      if (removed === undefined) return false;
      const [userId] = removed;
      if ((yield* first(selectOne, userId)) === undefined) yield* deleteCodes(userId);
      return true;
    },
    *'passkey.deleteAll'({ userId }) {
      yield* run(removeAll, userId);
      yield* deleteCodes(userId);
      return true;
    },
  } satisfies VerbsOf<typeof PASSKEY_CHANGES>,
  insertions: (rows: readonly Passkey[]) => insertMany(rows.map(valuesOf)),
  *deleteUsers(userIds: readonly string[]) {
    return yield* run(deleteUsers, userIds);
  },
});
