import { type ApprovedBy, MAX_APPROVED_OF_USER, type PendingApproval, type PendingApprovalReader } from '@assent/oidc';
import { IS_APPROVED, IS_PENDING, isOfRealmThatIsOn, REALM_IS_ON } from '../verbs/conditions.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder, lockedInOrder, someLockedInOrder } from '../verbs/locked-in-order.ts';
import { all, first, type ReadVerbs, run, runEach, statement, type Verb } from '../verbs/verb.ts';
import { waitingPlaces } from './waiting-places.ts';

type Row = readonly [
  idHash: string,
  kind: PendingApproval['kind'],
  realm: string,
  clientId: string,
  userCodeDigest: string,
  scopes: string,
  acrValues: string,
  status: PendingApproval['status'],
  approved: string | null,
  nextPollAt: number,
  interval: number,
  source: string | null,
  createdAt: number,
  expiresAt: number,
];

const COLUMNS = `id_hash, kind, realm, client_id, user_code_digest, scopes, acr_values, status, approved, next_poll_at,
  poll_interval, source, created_at, expires_at`;

const select = statement<Row>(`SELECT ${COLUMNS} FROM oauth_pending WHERE id_hash = ?`);
const selectUserCode = statement<Row>(`SELECT ${COLUMNS} FROM oauth_pending WHERE realm = ? AND user_code_digest = ?`);
const insert = statement(
  `INSERT INTO oauth_pending (${COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${REALM_IS_ON}
   ON CONFLICT DO NOTHING`,
);
const deleteOne = statement('DELETE FROM oauth_pending WHERE id_hash = ?');
/** What somebody has agreed to loses its place to nobody. */
const places = waitingPlaces('oauth_pending', `status <> 'approved'`);
const poll = statement(
  'UPDATE oauth_pending SET next_poll_at = ?, poll_interval = ? WHERE id_hash = ? AND next_poll_at = ?',
);
const approve = statement(
  `UPDATE oauth_pending SET status = 'approved', approved = ?, approved_by = ?, approved_sid = ?
   WHERE id_hash = ? AND ${IS_PENDING} AND ${isOfRealmThatIsOn('oauth_pending')}`,
);
const deny = statement(`UPDATE oauth_pending SET status = 'denied' WHERE id_hash = ? AND ${IS_PENDING}`);
const take = statement(`DELETE FROM oauth_pending WHERE id_hash = ? AND ${IS_APPROVED}`);
const withdrawWhere = (whose: string) =>
  statement(
    `UPDATE oauth_pending SET status = 'denied', approved = NULL, approved_by = NULL, approved_sid = NULL
     WHERE ${lockedInOrder('oauth_pending', 'id_hash', whose)}`,
  );
const selectApproved = statement<[idHash: string]>(
  `SELECT id_hash FROM oauth_pending WHERE approved_by = ? AND id_hash <> ?
     AND client_id = (SELECT client_id FROM oauth_pending WHERE id_hash = ?) ORDER BY expires_at DESC, id_hash {lock}`,
);
const withdraw = withdrawWhere('id_hash = ?');
const withdrawOfUsers = withdrawWhere('approved_by = {any}');
const withdrawOfUser = withdrawWhere('approved_by = ?');
const withdrawOfUserAndClient = withdrawWhere('approved_by = ? AND client_id = ?');
const withdrawOfSids = withdrawWhere('approved_by = ? AND approved_sid = {any}');
const withdrawOfOtherSessions = withdrawWhere('approved_by = ? AND approved_sid <> ?');
const deleteSome = statement(
  `DELETE FROM oauth_pending WHERE ${someLockedInOrder('oauth_pending', 'id_hash', 'realm = ?')}`,
);
const sweep = statement(
  `DELETE FROM oauth_pending WHERE ${dueLockedInOrder('oauth_pending', 'id_hash', 'expires_at <= ?')}`,
);

const approvalOf = (row: Row): PendingApproval => {
  const [idHash, kind, realm, clientId, userCodeDigest, scopes, acrValues, status, approved, ...times] = row;
  const [nextPollAt, interval, source, createdAt, expiresAt] = times;
  return {
    idHash,
    kind,
    realm,
    clientId,
    userCodeDigest,
    scopes: JSON.parse(scopes),
    acrValues: JSON.parse(acrValues),
    status,
    ...(approved !== null && { approved: JSON.parse(approved) as ApprovedBy }),
    nextPollAt,
    interval,
    ...(source !== null && { source }),
    createdAt,
    expiresAt,
  };
};

const OF_APPROVALS = { tables: ['oauth_pending', 'oauth_client'] } as const;

export const PENDING_APPROVAL_CHANGES = defineChanges({
  'pendingApproval.open': { ...OF_APPROVALS, creates: ({ row }) => row },
  'pendingApproval.poll': { ...OF_APPROVALS, creates: 'nothing' },
  'pendingApproval.decide': {
    ...OF_APPROVALS,
    // A refusal by the user creates nothing.
    creates: ({ idHash, approved }) => (approved === undefined ? undefined : { table: 'oauth_pending', id: idHash }),
    locks: ({ approved }) => (approved === undefined ? {} : { users: [approved.userId] }),
  },
  'pendingApproval.take': { ...OF_APPROVALS, creates: 'nothing' },
});

export const pendingApprovalsTopic = () => {
  return {
    reader: {
      *get(idHash) {
        const row = yield* first(select, idHash);
        return row === undefined ? undefined : approvalOf(row);
      },
      *byUserCode(realm, userCodeDigest) {
        const row = yield* first(selectUserCode, realm, userCodeDigest);
        return row === undefined ? undefined : approvalOf(row);
      },
    } satisfies ReadVerbs<PendingApprovalReader>,
    changes: {
      *'pendingApproval.open'({ row, now }) {
        yield* runEach(deleteOne, yield* places.pushedOut(row, now));
        return (
          (yield* run(
            insert,
            row.idHash,
            row.kind,
            row.realm,
            row.clientId,
            row.userCodeDigest,
            JSON.stringify(row.scopes),
            JSON.stringify(row.acrValues),
            row.status,
            // Nobody has decided yet.
            null,
            row.nextPollAt,
            row.interval,
            row.source ?? null,
            row.createdAt,
            row.expiresAt,
            row.realm,
          )) === 1
        );
      },
      *'pendingApproval.poll'({ idHash, seenNextPollAt, nextPollAt, interval }) {
        return (yield* run(poll, nextPollAt, interval, idHash, seenNextPollAt)) === 1;
      },
      *'pendingApproval.decide'({ idHash, now, approved }) {
        if (approved === undefined) return (yield* run(deny, idHash, now)) === 1;
        const { userId, sid } = approved;
        if ((yield* run(approve, JSON.stringify(approved), userId, sid, idHash, now)) !== 1) return false;
        const others = yield* all(selectApproved, userId, idHash, idHash);
        yield* runEach(withdraw, others.slice(MAX_APPROVED_OF_USER - 1));
        return true;
      },
      *'pendingApproval.take'({ idHash, now }) {
        return (yield* run(take, idHash, now)) === 1;
      },
    } satisfies VerbsOf<typeof PENDING_APPROVAL_CHANGES>,
    /** Takes back what devices have not fetched yet. */
    withdraw: {
      *ofUserAndClient(userId: string, clientId: string) {
        yield* run(withdrawOfUserAndClient, userId, clientId);
      },
      *ofSids(userId: string, sids: readonly string[]) {
        yield* run(withdrawOfSids, userId, sids);
      },
      *ofSessions(userId: string, exceptSid?: string) {
        yield* exceptSid === undefined ? run(withdrawOfUser, userId) : run(withdrawOfOtherSessions, userId, exceptSid);
      },
    },
    *deleteUsers(userIds: readonly string[]): Verb<number> {
      return yield* run(withdrawOfUsers, userIds);
    },
    *sweep(expiredBy: number, limit: number) {
      return yield* run(sweep, expiredBy, expiredBy, limit);
    },
    *deleteSome(realm: string, limit: number) {
      return yield* run(deleteSome, realm, limit);
    },
  };
};
