import type { ConsentReader, SavedConsent } from './consents.ts';
import type { GrantReader, OAuthGrant } from './grants.ts';
import type { ParkedRequest, ParkedRequestReader } from './parked-requests.ts';
import type { ApprovedBy, PendingApproval, PendingApprovalReader } from './pending-approvals.ts';
import type { ReplayReader } from './replays.ts';
import type { SigningKeyReader, SigningKeyRow } from './signing-keys.ts';

/**
 * A change of what a provider keeps. As with all changes, each says what it saw, and the store applies all of a commit or none
 * (ADR 0001); one that does not apply makes the commit fail with its type. What is granted in a session ends with the change that
 * ends the session, `session.end` and its like, so that nobody who ends one can forget it; `grant.` is for what ends without one.
 * What was granted to a client ends with its generation, without a change.
 */
export type OAuthChange =
  /**
   * Fails if the id exists. Where the same client has {@link MAX_GRANTS_OF_SESSION} others in the same session that are not over,
   * the oldest of them ends. Where the user has as many of this strength as {@link maxGrantsOf} says, {@link GRANTS_ENDED_AT_ONCE}
   * of them end, expired ones first, then the oldest, and their clients are told that the session is over. Of grants that prove nothing, only
   * one in 64 looks at that bound. A caller that opens one for a session commits `session.usable` with it: a session that has ended meanwhile
   * gets none (OIDC-20). A caller that opens one by a saved `consent` names it as it was read: the change fails where the user has withdrawn or changed
   * that consent. Such a commit has `identity.usable`, too, which makes it wait for a withdrawal that is under way, or the withdrawal for it.
   */
  | { readonly type: 'grant.open'; readonly row: OAuthGrant; readonly consent?: SavedConsent }
  /**
   * The code becomes tokens: refresh and access token number 1. Fails unless it is a code and in time at `at`; `expiresAt` is
   * the end of all that follows. `jkt` binds what follows to a key.
   */
  | {
      readonly type: 'grant.redeem';
      readonly id: string;
      readonly at: number;
      readonly expiresAt: number;
      readonly jkt?: string;
    }
  /**
   * One more access token, and, where `rotates`, one more refresh token; `expiresAt` is then the end of all that follows, so that
   * an application which is used goes on, and one that is not is swept. Fails unless the grant lives at `at` and its refresh token
   * is number `seenRefreshNo`, so that of two who refresh at once one does (OIDC-06).
   */
  | {
      readonly type: 'grant.refresh';
      readonly id: string;
      readonly seenRefreshNo: number;
      readonly rotates: boolean;
      readonly at: number;
      readonly expiresAt: number;
    }
  /** Revokes an access token alone. Never fails. */
  | { readonly type: 'grant.dropAccess'; readonly id: string; readonly accessNo: number }
  /** Ends it with all its tokens. Never fails. */
  | { readonly type: 'grant.end'; readonly id: string }
  /** Ends everything that a user has granted to a client, what a device has not fetched yet included. Never fails. */
  | { readonly type: 'grant.endOfUser'; readonly userId: string; readonly clientId: string }
  /**
   * Fails if the hash exists. What others that are not expired at `now` lose their place, {@link pushedOutBy} says; what a client has
   * pushed with its proof, and what anybody can make, are two kinds.
   */
  | { readonly type: 'parked.put'; readonly row: ParkedRequest; readonly now: number }
  /** Fails unless it is there and in time at `now`: a code is given for it once. */
  | { readonly type: 'parked.spend'; readonly idHash: string; readonly now: number }
  /** Fails if {@link MAX_SEEN_OF_OWNER} of the owner are kept that are not over by `now` (OIDC-22). Changes nothing. */
  | { readonly type: 'replay.room'; readonly owner: string; readonly now: number }
  /**
   * Fails if it was seen before and would not be over by `now` (RFC 9449 §11.1; RFC 7523 §3, `jti`), and, where it says when it was issued,
   * if a backup was put back since: what was seen after that backup nobody knows (REL-26).
   */
  | {
      readonly type: 'replay.see';
      readonly hash: string;
      /** By whom it is counted: the digest of a client, of a source or of a grant. */
      readonly owner: string;
      readonly expiresAt: number;
      /** By the clock of whoever made it, epoch milliseconds; it may be {@link MAX_AHEAD_MILLIS} ahead. */
      readonly issuedAt?: number;
      readonly now: number;
    }
  /** Adds to what the user has agreed to, or replaces it where that was for another generation of the client. Never fails. */
  | { readonly type: 'consent.save'; readonly row: SavedConsent }
  /** Never fails. */
  | { readonly type: 'consent.drop'; readonly userId: string; readonly clientId: string }
  /** Fails if the realm has a key of that status and algorithm, or that kid: of two who make the first, one does. */
  | { readonly type: 'signingKey.insert'; readonly row: SigningKeyRow }
  /** The key that was shown begins to sign, and the one that signed is retired. Fails unless both are as they were seen. */
  | {
      readonly type: 'signingKey.rotate';
      readonly realm: string;
      readonly nextKid: string;
      readonly activeKid: string;
      readonly at: number;
    }
  /** Fails unless it is there and retired. */
  | { readonly type: 'signingKey.drop'; readonly realm: string; readonly kid: string }
  /**
   * Fails if the hash exists, or the code that users type is another's in the realm that is still kept. Which of the others that
   * nobody has approved lose their place, {@link pushedOutBy} says.
   */
  | { readonly type: 'pendingApproval.open'; readonly row: PendingApproval; readonly now: number }
  /** The device has asked. Fails unless it may ask again at `seenNextPollAt`, so that of two who ask at once one does (OIDC-24). */
  | {
      readonly type: 'pendingApproval.poll';
      readonly idHash: string;
      readonly seenNextPollAt: number;
      readonly nextPollAt: number;
      readonly interval: number;
    }
  /**
   * Somebody has agreed, or, without `approved`, refused. Fails unless it is pending at `now`. Beyond {@link MAX_APPROVED_OF_USER}
   * of the same user and client, the one that is over the soonest is taken back.
   */
  | {
      readonly type: 'pendingApproval.decide';
      readonly idHash: string;
      readonly now: number;
      readonly approved?: ApprovedBy;
    }
  /** The tokens are fetched, and it is gone. Fails unless it is approved and in time at `now`. */
  | { readonly type: 'pendingApproval.take'; readonly idHash: string; readonly now: number };

/** What a provider reads of a store. */
export interface OAuthReaders {
  readonly grants: GrantReader;
  readonly parkedRequests: ParkedRequestReader;
  readonly replays: ReplayReader;
  readonly consents: ConsentReader;
  readonly signingKeys: SigningKeyReader;
  readonly pendingApprovals: PendingApprovalReader;
}
