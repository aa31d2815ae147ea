import type { BackChannel, BackChannelReader } from '@assent/engine/host';
import type { Sealer } from '../../sealing/sealer.ts';
import { IS_APPROVAL_OF, IS_OPEN_BACK_CHANNEL, REALM_IS_ON } from '../verbs/conditions.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder, lockedInOrder, someLockedInOrder } from '../verbs/locked-in-order.ts';
import { first, type ReadVerbs, run, statement } from '../verbs/verb.ts';

type Row = readonly [
  realm: string,
  tree: string,
  openedBy: string,
  expiresAt: number,
  allowRetry: number,
  subject: string | null,
  status: BackChannel['status'],
  data: Uint8Array,
  notice: Uint8Array | null,
  properties: Uint8Array | null,
];

type SealedColumn = 'data' | 'notice' | 'properties';

const select = statement<Row>(
  `SELECT realm, tree, opened_by, expires_at, allow_retry, subject, status, data, notice, properties
   FROM back_channel WHERE id_hash = ?`,
);
const insert = statement(
  `INSERT INTO back_channel (id_hash, realm, tree, opened_by, expires_at, allow_retry, subject, status, data)
   SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${REALM_IS_ON} ON CONFLICT DO NOTHING`,
);
const isOpen = `id_hash = ? AND ${IS_OPEN_BACK_CHANNEL}`;
const start = statement(`UPDATE back_channel SET status = 'started' WHERE ${isOpen}`);
const tell = statement(`UPDATE back_channel SET notice = ? WHERE ${isOpen}`);
const approve = statement(`UPDATE back_channel SET status = 'approved', properties = ? WHERE ${isOpen}`);
const consume = statement(`DELETE FROM back_channel WHERE id_hash = ? AND ${IS_APPROVAL_OF}`);
const deny = statement(`UPDATE back_channel SET status = 'denied' WHERE ${isOpen}`);
const sweep = statement(
  `DELETE FROM back_channel WHERE ${dueLockedInOrder('back_channel', 'id_hash', 'expires_at <= ?')}`,
);
const deleteUsers = statement(
  `DELETE FROM back_channel WHERE ${lockedInOrder('back_channel', 'id_hash', 'subject = {any}')}`,
);
const deleteSome = statement(
  `DELETE FROM back_channel WHERE ${someLockedInOrder('back_channel', 'id_hash', 'realm = ?')}`,
);

/**
 * The column is part of the place, so that none of the three can stand for another. The hash names the row without its realm: whoever changes
 * a row knows no more of it.
 */
export const placeOfBackChannel = (idHash: string, column: SealedColumn) => ({
  table: `back_channel.${column}`,
  id: idHash,
  realm: '',
  userId: '',
});

const OF_BACK_CHANNELS = { tables: ['back_channel'], freesPlainText: false } as const;

export const BACK_CHANNEL_CHANGES = defineChanges({
  'backChannel.open': { ...OF_BACK_CHANNELS, creates: ({ row }) => row },
  'backChannel.start': { ...OF_BACK_CHANNELS, creates: 'nothing' },
  'backChannel.tell': { ...OF_BACK_CHANNELS, creates: 'nothing' },
  'backChannel.approve': { ...OF_BACK_CHANNELS, creates: 'nothing' },
  'backChannel.consume': { ...OF_BACK_CHANNELS, creates: 'nothing' },
  'backChannel.deny': { ...OF_BACK_CHANNELS, creates: 'nothing' },
});

export const backChannelsTopic = (sealer: Sealer) => {
  const seal = (idHash: string, column: SealedColumn, text: string) =>
    sealer.seal('journey', placeOfBackChannel(idHash, column), text);
  const open = (idHash: string, column: SealedColumn, sealed: Uint8Array) =>
    sealer.tryOpen('journey', placeOfBackChannel(idHash, column), sealed)?.toString();

  return {
    reader: {
      *get(idHash) {
        const row = yield* first(select, idHash);
        if (row === undefined) return undefined;
        const [realm, tree, openedBy, expiresAt, allowRetry, subject, status, ...sealed] = row;
        const [data, notice, properties] = [
          open(idHash, 'data', sealed[0]),
          sealed[1] === null ? null : open(idHash, 'notice', sealed[1]),
          sealed[2] === null ? null : open(idHash, 'properties', sealed[2]),
        ];
        if (data === undefined || notice === undefined || properties === undefined) return undefined;
        return {
          idHash,
          realm,
          tree,
          openedBy,
          expiresAt,
          allowRetry: allowRetry === 1,
          ...(subject !== null && { subject }),
          status,
          data,
          ...(notice !== null && { notice }),
          ...(properties !== null && { properties }),
        };
      },
    } satisfies ReadVerbs<BackChannelReader>,
    changes: {
      *'backChannel.open'({ row }) {
        return (
          (yield* run(
            insert,
            row.idHash,
            row.realm,
            row.tree,
            row.openedBy,
            row.expiresAt,
            row.allowRetry ? 1 : 0,
            row.subject ?? null,
            row.status,
            seal(row.idHash, 'data', row.data),
            row.realm,
          )) === 1
        );
      },
      *'backChannel.start'({ idHash, now }) {
        return (yield* run(start, idHash, now)) === 1;
      },
      *'backChannel.tell'({ idHash, now, notice }) {
        return (yield* run(tell, seal(idHash, 'notice', notice), idHash, now)) === 1;
      },
      *'backChannel.approve'({ idHash, now, properties }) {
        const sealed = properties === undefined ? null : seal(idHash, 'properties', properties);
        return (yield* run(approve, sealed, idHash, now)) === 1;
      },
      *'backChannel.consume'({ idHash, openedBy, subject, now }) {
        return (yield* run(consume, idHash, openedBy, subject, now)) === 1;
      },
      *'backChannel.deny'({ idHash, now }) {
        yield* run(deny, idHash, now);
        return true;
      },
    } satisfies VerbsOf<typeof BACK_CHANNEL_CHANGES>,
    *sweep(expiredBy: number, limit: number) {
      return yield* run(sweep, expiredBy, expiredBy, limit);
    },
    *deleteUsers(userIds: readonly string[]) {
      return yield* run(deleteUsers, userIds);
    },
    *deleteSome(realm: string, limit: number) {
      return yield* run(deleteSome, realm, limit);
    },
  };
};
