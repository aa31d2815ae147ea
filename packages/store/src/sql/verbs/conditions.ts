// Rules of rows as a database reads them: a test holds each against the function that states it.

/** Where `isOpenBackChannel` says yes of a row. */
export const IS_OPEN_BACK_CHANNEL = `status IN ('created', 'started') AND expires_at > ?`;

/** Where `isApprovalOf` says yes of a row. */
export const IS_APPROVAL_OF = `status = 'approved' AND opened_by = ? AND subject = ? AND expires_at > ?`;

/** Where `isProven` says yes of a phone. */
export const IS_PROVEN = 'pending_until IS NULL';
/** Where `countsTowardsLimit` says so of a phone, at that time. */
export const COUNTS_TOWARDS_LIMIT = `(${IS_PROVEN} OR pending_until > ?)`;
/** Where `afterProof` makes a factor of a phone: for that journey, at that time. */
export const CAN_BE_PROVEN = 'pending_journey = ? AND pending_until > ?';
/** Where `isUnreachable` says yes of a phone; an index holds these. */
export const IS_UNREACHABLE = 'channel_dead_at IS NOT NULL';
/** Where `afterAccess` notes that the phone was used at that time. */
export const WAS_USED_BEFORE = 'last_access_at < ?';

/** Where `countFollows` says so of a passkey, of the count that was sent, which is given twice. */
export const COUNT_FOLLOWS = '(sign_count < ? OR (sign_count = 0 AND sign_count = ?))';

/** Where `isRinging` says yes of a message; an index holds what is open. */
export const IS_RINGING = `is_open = 1 AND kind = 'AUTHENTICATE' AND state = 'pending'`;
/** Where `isUnsent` says yes of a message. */
export const IS_UNSENT = `state = 'pending' AND delivery = 'queued'`;
/** Where `isUnclaimed` says yes of a message, by the values of `valuesOfUnclaimed`. */
export const IS_UNCLAIMED = `${IS_UNSENT} AND next_try_at <= ? AND (claim_until < ? OR claim_by = ?)`;
/** No instance has an empty name. */
export const valuesOfUnclaimed = (now: number, alsoOf = ''): readonly [number, number, string] => [now, now, alsoOf];
/** Where `afterDelivery` takes a mark. */
export const TAKES_MARK = `delivery <> 'shown'`;

/** Where `isLiveSession` says yes of a session, by when it is over. */
export const IS_LIVE_SESSION = 'expires_at > ?';

/** Nothing of a realm that is deleted is found, also while the sweep still takes its rows away (OPS-24). */
export const isOfLastingRealm = (table: string): string =>
  `NOT EXISTS (SELECT 1 FROM leaving_realm WHERE leaving_realm.path = ${table}.realm)`;

/** Of one realm, which the statement is given once more: joined to each row, it spoils what PostgreSQL expects of a page. */
export const REALM_LASTS = 'NOT EXISTS (SELECT 1 FROM leaving_realm WHERE path = ?)';

/**
 * Where the realm, which the statement is given, is not switched off: for what creates something there (SEC-89). On PostgreSQL `{share}` locks
 * no row of a realm that is on, but a commit that switches a realm off waits for the end of this one (`lockRealms`).
 */
export const REALM_IS_ON = 'NOT EXISTS (SELECT 1 FROM realm WHERE path = ? AND {off} {share})';
/** Where the realm that a row belongs to is not switched off. */
export const isOfRealmThatIsOn = (table: string): string =>
  `NOT EXISTS (SELECT 1 FROM realm WHERE realm.path = ${table}.realm AND {off} {share})`;

/** Where `isRedeemable` says yes of a grant, at that time. */
export const IS_REDEEMABLE = `status = 'code' AND expires_at > ?`;
/** Where `isLiveGrant` says yes of a grant, at that time. */
export const IS_LIVE_GRANT = `status = 'active' AND expires_at > ?`;
/** Where `endsWithSession` says yes of what was granted, in a session. */
export const ENDS_WITH_SESSION = `sid IS NOT NULL AND (outlives_session = 0 OR status = 'code')`;
/** Where `isToBeTold` says yes of a grant. */
export const IS_TO_BE_TOLD = `wants_logout_notice = 1 AND status = 'active' AND sid IS NOT NULL`;
/** Where `isPending` says yes of what a device waits for, at that time. */
export const IS_PENDING = `status = 'pending' AND expires_at > ?`;
/** Where `isApproved` says yes of it, at that time. */
export const IS_APPROVED = `status = 'approved' AND expires_at > ?`;
