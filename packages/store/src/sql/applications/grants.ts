import { type OutboxEntry, STRENGTH, type Strength } from '@assent/engine/host';
import {
  afterDrop,
  endedByNext,
  GRANTS_ENDED_AT_ONCE,
  type GrantReader,
  HeldClients,
  isLiveGrant,
  keptUntil,
  maxGrantsOf,
  NOTICE_RETENTION,
  noticesOf,
  type OAuthGrant,
  OFFLINE_ACCESS,
  strengthOfGrant,
} from '@assent/oidc';
import {
  ENDS_WITH_SESSION,
  IS_LIVE_GRANT,
  IS_REDEEMABLE,
  IS_TO_BE_TOLD,
  isOfRealmThatIsOn,
  REALM_IS_ON,
} from '../verbs/conditions.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder, lockedInOrder } from '../verbs/locked-in-order.ts';
import {
  all,
  first,
  type ReadVerbs,
  run,
  runEach,
  type SqlValue,
  type Statement,
  statement,
  turn,
  type Verb,
} from '../verbs/verb.ts';
import { GRANT_COLUMNS, type GrantRow, grantOf } from './grant-rows.ts';
import type { pendingApprovalsTopic } from './pending-approvals.ts';
import { readScopes, writeScopes } from './scopes-column.ts';

/** As `keptUntil` has it of one that is in use. */
const KEPT = `kept_until = ? + ${NOTICE_RETENTION} * wants_logout_notice`;

const select = statement<GrantRow>(`SELECT ${GRANT_COLUMNS} FROM oauth_grant WHERE id = ?`);
const selectToChange = statement<GrantRow>(`SELECT ${GRANT_COLUMNS} FROM oauth_grant WHERE id = ? {lock}`);
type HeldRow = readonly [
  id: string,
  sid: string | null,
  clientId: string,
  scopes: string,
  credentialRev: number,
  status: OAuthGrant['status'],
  createdAt: number,
  rotatedAt: number,
  expiresAt: number,
];
const HELD_COLUMNS = 'id, sid, client_id, scopes, credential_rev, status, created_at, rotated_at, expires_at';
/** Guests are one user, who may have any number of grants: so many are read in one turn of the event loop (SEC-93). */
const HELD_AT_ONCE = 250;
/** How many characters of scopes are parsed in one. */
const CHARACTERS_OF_TURN = 256 * 1_024;
const selectHeldWithoutSession = statement<HeldRow>(
  `SELECT ${HELD_COLUMNS} FROM oauth_grant WHERE user_id = ? AND sid IS NULL AND id > ? ORDER BY id LIMIT ${HELD_AT_ONCE}`,
);
const selectHeldInSessions = statement<HeldRow>(
  `SELECT ${HELD_COLUMNS} FROM oauth_grant WHERE user_id = ? AND (sid, id) > (?, ?) ORDER BY sid, id LIMIT ${HELD_AT_ONCE}`,
);
const selectSession = statement<GrantRow>(
  `SELECT ${GRANT_COLUMNS} FROM oauth_grant WHERE user_id = ? AND sid = ? AND ${IS_LIVE_GRANT} ORDER BY created_at DESC, id`,
);
const selectOthers = statement<[id: string, status: OAuthGrant['status'], createdAt: number, expiresAt: number]>(
  'SELECT id, status, created_at, expires_at FROM oauth_grant WHERE user_id = ? AND sid = ? AND client_id = ? ORDER BY id {lock}',
);
const insertWhere = (condition: string) =>
  statement(
    `INSERT INTO oauth_grant (${GRANT_COLUMNS}, outlives_session, kept_until, strength)
     SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${condition} ON CONFLICT DO NOTHING`,
  );
/**
 * Whether the consent that a grant is opened by is stored as it was read. The statement that inserts asks it, so that a sign-in costs no statement for
 * it.
 */
const IS_AGREED = 'EXISTS (SELECT 1 FROM oauth_consent WHERE user_id = ? AND client_id = ? AND scopes = ?)';
/** Counts no further than the bound, from an index alone and in the statement that inserts, so that a sign-in costs no statement for it. */
const COUNTED = '(SELECT 1 FROM oauth_grant WHERE user_id = ? AND strength = ? LIMIT ?) AS counted';
const IS_WITHIN_BOUND = `(SELECT COUNT(*) FROM ${COUNTED}) < ?`;
const INSERTIONS = {
  insert: insertWhere(REALM_IS_ON),
  insertWithinBound: insertWhere(`${REALM_IS_ON} AND ${IS_WITHIN_BOUND}`),
};
const INSERTIONS_BY_CONSENT: typeof INSERTIONS = {
  insert: insertWhere(`${REALM_IS_ON} AND ${IS_AGREED}`),
  insertWithinBound: insertWhere(`${REALM_IS_ON} AND ${IS_AGREED} AND ${IS_WITHIN_BOUND}`),
};
const selectHasMost = statement<[count: number]>(`SELECT COUNT(*) FROM ${COUNTED}`);
const selectEndedFirst = statement<[id: string]>(
  `SELECT id FROM oauth_grant WHERE user_id = ? AND strength = ?
   ORDER BY CASE WHEN expires_at <= ? THEN 0 ELSE 1 END, rotated_at, id LIMIT ${GRANTS_ENDED_AT_ONCE}`,
);
/**
 * Whether this grant looks at the bound. Of grants that prove nothing each one would count ten thousand. Their ids are random, so one in 64 counts for
 * all of them, and where they are too many it ends more than 64.
 */
const looksAtBound = ({ id }: OAuthGrant, strength: Strength): boolean =>
  strength !== STRENGTH.nothing || id.startsWith('A');
const redeem = statement(
  `UPDATE oauth_grant SET status = 'active', redeemed_at = ?, refresh_no = 1, rotated_at = ?, access_no = 1, expires_at = ?,
     ${KEPT}, jkt = COALESCE(?, jkt)
   WHERE id = ? AND ${IS_REDEEMABLE} AND ${isOfRealmThatIsOn('oauth_grant')}`,
);
const refreshed = `access_no = access_no + 1, expires_at = ?, ${KEPT}
   WHERE id = ? AND refresh_no = ? AND ${IS_LIVE_GRANT} AND ${isOfRealmThatIsOn('oauth_grant')}`;
const refresh = statement(`UPDATE oauth_grant SET ${refreshed}`);
const rotate = statement(`UPDATE oauth_grant SET refresh_no = refresh_no + 1, rotated_at = ?, ${refreshed}`);
const setDropped = statement('UPDATE oauth_grant SET dropped = ? WHERE id = ?');
const end = statement('DELETE FROM oauth_grant WHERE id = ?');
const endWhere = (whose: string) =>
  statement(`DELETE FROM oauth_grant WHERE ${lockedInOrder('oauth_grant', 'id', whose)}`);
const endThese = endWhere('id = {any}');
const endOfUserAndClient = endWhere('user_id = ? AND client_id = ?');
const endOfSids = endWhere(`user_id = ? AND sid = {any} AND ${ENDS_WITH_SESSION}`);
const endOfSessions = endWhere(`user_id = ? AND ${ENDS_WITH_SESSION}`);
const endOfOtherSessions = endWhere(`user_id = ? AND sid <> ? AND ${ENDS_WITH_SESSION}`);
const deleteUsers = endWhere('user_id = {any}');
/** Users are bounded in what they hold one by one, and not together. */
const selectSomeOfUsers = statement<[id: string]>('SELECT id FROM oauth_grant WHERE user_id = {any} LIMIT ?');
const deleteThese = endWhere('id = {any}');

type Told = readonly [id: string, realm: string, clientId: string, sid: string, scopes: string];
/** How many grants are told of at once: of all others of a user the process has the ids alone. */
const TOLD_AT_ONCE = 500;
/** Whom to tell of the end of sessions. */
const toldWhere = (whose: string) =>
  statement<[id: string]>(`SELECT id FROM oauth_grant WHERE ${whose} AND ${IS_TO_BE_TOLD} ORDER BY id`);
const selectTold = statement<Told>(
  `SELECT id, realm, client_id, sid, scopes FROM oauth_grant WHERE id = {any} AND ${IS_TO_BE_TOLD} ORDER BY id`,
);
/** They are told, also where what they hold outlives the session. */
const noteTold = statement(
  `UPDATE oauth_grant SET wants_logout_notice = 0, kept_until = expires_at
   WHERE ${lockedInOrder('oauth_grant', 'id', 'id = {any}')}`,
);
const toldOfSids = toldWhere('user_id = ? AND sid = {any}');
const toldOfSessions = toldWhere('user_id = ?');
const toldOfOtherSessions = toldWhere('user_id = ? AND sid <> ?');

const sweep = statement(`DELETE FROM oauth_grant WHERE ${dueLockedInOrder('oauth_grant', 'id', 'kept_until <= ?')}`);

const jsonOrNull = (value: object | undefined): string | null => (value === undefined ? null : JSON.stringify(value));

const withoutSession = (userId: string, last: HeldRow | undefined) =>
  all(selectHeldWithoutSession, userId, last?.[0] ?? '');
const inSessions = (userId: string, last: HeldRow | undefined) =>
  all(selectHeldInSessions, userId, last?.[1] ?? '', last?.[0] ?? '');

/**
 * Adds the live grants among these rows. Only scopes of the page's clients are parsed, each text once, in turns of bounded size: an application opens
 * a grant with each silent renewal, most of them with the same scopes.
 */
function* addLive(held: HeldClients, rows: readonly HeldRow[], credentialRev: number, now: number): Verb<void> {
  const scopesOf = new Map<string, ReturnType<typeof readScopes>>();
  let characters = 0;
  for (const [, , clientId, text, rev, status, since, lastUsedAt, expiresAt] of rows) {
    if (rev !== credentialRev || !isLiveGrant({ status, expiresAt }, now) || !held.canHave(clientId)) continue;
    let scopes = scopesOf.get(text);
    if (scopes === undefined) {
      scopes = readScopes(text);
      scopesOf.set(text, scopes);
      characters += text.length;
    }
    held.add({ clientId, ...scopes, since, lastUsedAt, expiresAt });
    if (characters > CHARACTERS_OF_TURN) {
      yield* turn();
      characters = 0;
    }
  }
}

/** What ends with a session beside itself, in the stores alone, so that whoever ends one cannot forget it (OIDC-20). */
export interface EndsWithSessions {
  ofSids(userId: string, sids: readonly string[]): Verb<unknown>;
  /** Of all sessions of the user, also of those that have run out; where `exceptSid` is given, but for that one's. */
  ofSessions(userId: string, exceptSid?: string): Verb<unknown>;
}

/** Only the end of sessions and grants puts entries of this kind, so no other change meets them in the outbox (OPS-08). */
export const ENDS_OF_SESSIONS = ['outbox', 'ends of sessions'] as const;
const OF_GRANTS = { tables: ['oauth_grant', 'oauth_pending', ENDS_OF_SESSIONS] } as const;
/**
 * A redeemed code or a replaced refresh token would be valid again after a power failure (OIDC-04, OIDC-06), and so would what a user has ended or
 * dropped. A lost grant is requested again.
 */
const ONCE = { ...OF_GRANTS, durability: 'disk' } as const;

export const GRANT_CHANGES = defineChanges({
  'grant.open': {
    tables: ({ consent }) => (consent === undefined ? OF_GRANTS.tables : [...OF_GRANTS.tables, 'oauth_consent']),
    creates: ({ row }) => row,
  },
  'grant.redeem': { ...ONCE, creates: ({ id }) => ({ table: 'oauth_grant', id }) },
  'grant.refresh': { ...ONCE, creates: ({ id }) => ({ table: 'oauth_grant', id }) },
  'grant.dropAccess': { ...ONCE, creates: 'nothing' },
  'grant.end': { ...ONCE, creates: 'nothing' },
  'grant.endOfUser': { ...ONCE, creates: 'nothing', locks: ({ userId }) => ({ users: [userId] }) },
});

/**
 * Taken back with the grants is what devices have not fetched yet. What tells clients that a session is over goes into the outbox.
 */
export const grantsTopic = (
  approvals: ReturnType<typeof pendingApprovalsTopic>['withdraw'],
  leave: (entries: readonly OutboxEntry[]) => Verb<unknown>,
) => {
  function* tell(whom: Statement<[id: string]>, userId: string, ...sid: readonly SqlValue[]): Verb<void> {
    yield* tellThese(userId, (yield* all(whom, userId, ...sid)).flat());
  }
  function* tellThese(userId: string, ids: readonly string[]): Verb<void> {
    for (let at = 0; at < ids.length; at += TOLD_AT_ONCE) {
      const rows = yield* all(selectTold, ids.slice(at, at + TOLD_AT_ONCE));
      if (rows.length === 0) continue;
      yield* leave(
        noticesOf(
          rows.map(([, realm, clientId, of, scopes]) => {
            const { clientGeneration } = readScopes(scopes);
            return { realm, clientId, userId, sid: of, ...(clientGeneration !== undefined && { clientGeneration }) };
          }),
        ),
      );
      yield* run(
        noteTold,
        rows.map(([id]) => id),
      );
    }
  }

  return {
    reader: {
      *get(id) {
        const row = yield* first(select, id);
        return row === undefined ? undefined : grantOf(row);
      },
      *heldOf({ userId, credentialRev }, page) {
        const held = new HeldClients(page);
        for (const next of [withoutSession, inSessions]) {
          for (let last: HeldRow | undefined, isMore = true; isMore; ) {
            const rows: readonly HeldRow[] = yield* next(userId, last);
            yield* addLive(held, rows, credentialRev, page.now);
            last = rows.at(-1);
            isMore = rows.length === HELD_AT_ONCE;
            if (isMore) yield* turn();
          }
        }
        return held.page();
      },
      *ofSession(userId, sid, now) {
        return (yield* all(selectSession, userId, sid, now)).map(grantOf);
      },
    } satisfies ReadVerbs<GrantReader>,
    changes: {
      *'grant.open'({ row, consent }) {
        if (row.sid !== undefined) {
          const others = (yield* all(selectOthers, row.userId, row.sid, row.clientId)).map(
            ([id, status, createdAt, expiresAt]) => ({ id, status, createdAt, expiresAt }),
          );
          yield* runEach(
            end,
            endedByNext(others, row.createdAt).map((id) => [id]),
          );
        }
        const strength = strengthOfGrant(row);
        const values = [
          row.id,
          row.realm,
          row.clientId,
          row.userId,
          row.credentialRev,
          row.sid ?? null,
          writeScopes(row),
          jsonOrNull(row.claims),
          row.acr ?? null,
          JSON.stringify(row.amr),
          row.authTime,
          row.status,
          jsonOrNull(row.code),
          row.redeemedAt ?? null,
          row.refreshNo,
          row.rotatedAt,
          row.accessNo,
          JSON.stringify(row.dropped),
          row.jkt ?? null,
          row.createdAt,
          row.expiresAt,
          row.wantsLogoutNotice === true ? 1 : 0,
          row.scopes.includes(OFFLINE_ACCESS) ? 1 : 0,
          keptUntil(row),
          strength,
          row.realm,
          ...(consent === undefined ? [] : [row.userId, row.clientId, writeScopes(consent)]),
        ];
        const { insert, insertWithinBound } = consent === undefined ? INSERTIONS : INSERTIONS_BY_CONSENT;
        if (!looksAtBound(row, strength)) return (yield* run(insert, ...values)) === 1;
        const most = maxGrantsOf(strength);
        const counted = [row.userId, strength, most];
        if ((yield* run(insertWithinBound, ...values, ...counted, most)) === 1) return true;
        const [held = 0] = (yield* first(selectHasMost, ...counted)) ?? [];
        if (held < most) return false;
        const ended = (yield* all(selectEndedFirst, row.userId, strength, row.createdAt)).map(([id]) => id);
        if ((yield* run(insert, ...values)) === 0) return false;
        yield* tellThese(row.userId, ended);
        yield* run(endThese, ended);
        return true;
      },
      *'grant.redeem'({ id, at, expiresAt, jkt }) {
        return (yield* run(redeem, at, at, expiresAt, expiresAt, jkt ?? null, id, at)) === 1;
      },
      *'grant.refresh'({ id, seenRefreshNo, rotates, at, expiresAt }) {
        const refreshedBy = [expiresAt, expiresAt, id, seenRefreshNo, at];
        return (yield* rotates ? run(rotate, at, ...refreshedBy) : run(refresh, ...refreshedBy)) === 1;
      },
      *'grant.dropAccess'({ id, accessNo }) {
        const row = yield* first(selectToChange, id);
        if (row !== undefined) yield* run(setDropped, JSON.stringify(afterDrop(grantOf(row), accessNo)), id);
        return true;
      },
      *'grant.end'({ id }) {
        yield* run(end, id);
        return true;
      },
      *'grant.endOfUser'({ userId, clientId }) {
        yield* run(endOfUserAndClient, userId, clientId);
        yield* approvals.ofUserAndClient(userId, clientId);
        return true;
      },
    } satisfies VerbsOf<typeof GRANT_CHANGES>,
    ends: {
      *ofSids(userId, sids) {
        yield* tell(toldOfSids, userId, sids);
        yield* run(endOfSids, userId, sids);
        yield* approvals.ofSids(userId, sids);
      },
      *ofSessions(userId, exceptSid) {
        yield* exceptSid === undefined ? tell(toldOfSessions, userId) : tell(toldOfOtherSessions, userId, exceptSid);
        yield* exceptSid === undefined ? run(endOfSessions, userId) : run(endOfOtherSessions, userId, exceptSid);
        yield* approvals.ofSessions(userId, exceptSid);
      },
    } satisfies EndsWithSessions,
    /** A user who goes is signed out everywhere. */
    *tellOfEnd(userId: string) {
      yield* tell(toldOfSessions, userId);
    },
    *deleteBeyond(userIds: readonly string[], limit: number): Verb<boolean> {
      const ids = (yield* all(selectSomeOfUsers, userIds, limit + 1)).map(([id]) => id);
      if (ids.length <= limit) return false;
      yield* run(deleteThese, ids.slice(0, limit));
      return true;
    },
    *deleteUsers(userIds: readonly string[]) {
      return yield* run(deleteUsers, userIds);
    },
    *sweep(expiredBy: number, limit: number) {
      return yield* run(sweep, expiredBy, expiredBy, limit);
    },
  };
};
