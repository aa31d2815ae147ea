import type { AuditEvent } from '../model/audit.ts';
import type { BackChannel } from '../model/back-channels.ts';
import type { Proposal } from '../model/configuration.ts';
import type { JourneySession } from '../model/journey-sessions.ts';
import type { OutboxEntry } from '../model/outbox.ts';
import type { FactorKind } from '../model/proven-factors.ts';
import type { Session } from '../model/sessions.ts';
import type { ThrottleHit, ThrottlePolicy, ThrottleRow } from '../model/throttle.ts';
import type { ConfigurationChange } from './configuration-changes.ts';

/** When a change was committed, and by which instance: requests to phones note it in their trace. */
export interface MomentOfChange {
  readonly at: number;
  readonly by: string;
}

/**
 * A change that a unit of work wants. Each is conditional: it says what it saw, and the store applies all changes of a commit
 * or none. A change that no longer applies makes the commit fail with its type, and the unit of work is run again from what
 * is stored now. So nothing is decided twice, and no lock is held while a node thinks.
 */
export type EngineChange =
  /** Fails if the id exists: two first units of work of one unstored start have one winner. */
  | { readonly type: 'journey.insert'; readonly row: JourneySession }
  /** Fails unless the stored nonce is `seenNonce` and the journey has not ended. */
  | { readonly type: 'journey.advance'; readonly seenNonce: string; readonly row: JourneySession }
  /**
   * `replaces` is the session that the caller had, whose token is over. It goes on in this one where both have one `sid`, and
   * ends where they have not.
   */
  | {
      readonly type: 'session.insert';
      readonly row: Session;
      readonly replaces?: Pick<Session, 'tokenHash' | 'userId' | 'sid'>;
    }
  /**
   * Somebody ends a session, whatever its token is by now. What was granted in it ends with it, but for what was granted to
   * outlive it (OIDC-20), and its applications are told by way of the outbox; the same goes for all changes that end sessions.
   * Never fails: ending an ended session changes nothing.
   */
  | { readonly type: 'session.end'; readonly userId: string; readonly sid: string }
  /** What was granted in sessions that ran out meanwhile ends, too. */
  | { readonly type: 'session.endAllOf'; readonly userId: string }
  /** Ends the user's sessions, that one apart. One that has ended meanwhile stays ended, and nothing fails for it. */
  | { readonly type: 'session.endOthersOf'; readonly userId: string; readonly tokenHash: string }
  /** Changes nothing. Fails unless the session is there and lives at `now`. */
  | { readonly type: 'session.usable'; readonly tokenHash: string; readonly now: number }
  /** Changes nothing. Fails unless the user has a session of that `sid` that lives at `now`: for what a journey has read of it (docs/adr/0149). */
  | { readonly type: 'session.continues'; readonly userId: string; readonly sid: string; readonly now: number }
  | { readonly type: 'session.touch'; readonly tokenHash: string; readonly at: number }
  /** Sets the properties it names, null removes one, the others stay. Fails if there is no such session. */
  | {
      readonly type: 'session.properties';
      readonly tokenHash: string;
      readonly properties: Readonly<Record<string, string | null>>;
    }
  /**
   * Sets the attributes it names, an empty list removes one, the others stay. Fails unless the rev is `seenRev`, and where the user would become
   * larger than a user may be.
   */
  | {
      readonly type: 'identity.attributes';
      readonly id: string;
      readonly seenRev: number;
      readonly attributes: Readonly<Record<string, readonly string[]>>;
    }
  /** Another password: `credentialRev` grows. Fails unless that is `seenCredentialRev`, where one was seen. */
  | {
      readonly type: 'identity.password';
      readonly id: string;
      readonly hash: string;
      readonly seenCredentialRev?: number;
    }
  /** The same password hashed better. Fails unless the hash is still `seenHash`. */
  | { readonly type: 'identity.rehash'; readonly id: string; readonly hash: string; readonly seenHash: string }
  /** What was begun under the user's credentials is over, though the password stays: `credentialRev` grows. */
  | { readonly type: 'identity.revoke'; readonly id: string }
  /** Changes nothing. Fails unless the account is in use and has these credentials, after the changes before this one. */
  | { readonly type: 'identity.usable'; readonly id: string; readonly credentialRev: number }
  /** Changes nothing. Fails unless the user has that device: for what the device has proven (docs/adr/0147). */
  | { readonly type: 'factor.held'; readonly userId: string; readonly kind: FactorKind; readonly uuid: string }
  /** Changes nothing. Fails unless the rev is `seenRev`: for what was decided by the attributes, or by whether it is active. */
  | { readonly type: 'identity.unchanged'; readonly id: string; readonly seenRev: number }
  /** Enables the account, or disables it: a disabled account ends all that its user holds, as `identity.endAccess` does (SEC-90). */
  | {
      readonly type: 'identity.active';
      readonly id: string;
      readonly active: boolean;
      readonly moment?: MomentOfChange | undefined;
    }
  /**
   * Ends all that the user holds: sessions, all grants with their tokens, approvals of devices, requests to phones, back channels that ask for
   * the user, and proposals. `credentialRev` grows, which ends journeys under way, links and persistent cookies. Fails where the user is gone.
   */
  | { readonly type: 'identity.endAccess'; readonly id: string; readonly moment?: MomentOfChange | undefined }
  /** The directory calls the user otherwise by now. Fails if the folded name is taken in the realm. */
  | { readonly type: 'identity.rename'; readonly id: string; readonly username: string }
  /**
   * The directory says that the user has other credentials than those last seen: `credentialRev` grows. Fails unless the mark
   * is `seenMark`, so that of several who notice it one tells.
   */
  | { readonly type: 'identity.entryMark'; readonly id: string; readonly seenMark: string; readonly mark: string }
  /** Fails if the folded name is taken in the realm, or the entry of its directory, and where the attributes are larger than a user may be. */
  | {
      readonly type: 'identity.insert';
      readonly id: string;
      readonly realm: string;
      readonly username: string;
      readonly hash?: string;
      readonly attributes: Readonly<Record<string, readonly string[]>>;
      readonly entryId?: string;
      readonly entryMark?: string;
    }
  /** Removes the user with devices, codes, messages, sessions, what was granted in them or beside them, and counters. */
  | { readonly type: 'identity.delete'; readonly id: string }
  /**
   * Removes all that `identity.delete` does, and what it leaves of the person: messages that are over, and the journeys of these ids. The id is noted,
   * so that a backup of before is erased once more. Never fails, also where the user is gone already.
   */
  | {
      readonly type: 'identity.erase';
      readonly id: string;
      readonly realm: string;
      readonly at: number;
      readonly journeys: readonly string[];
    }
  /** Fails where the id exists, or where with it more would wait in the realm at `now` than may: by number, by number of its proposer, or by bytes. */
  | { readonly type: 'proposal.put'; readonly row: Proposal; readonly now: number }
  /**
   * Takes a proposal away, because it is decided: once. Fails unless it waits in that realm at `now`, and where its proposer is `notBy`, who
   * would decide for both.
   */
  | {
      readonly type: 'proposal.settle';
      readonly id: string;
      readonly realm: string;
      readonly now: number;
      readonly notBy?: string;
    }
  /** Fails unless the row's rev is `row.rev`, 0 for a row that does not exist; the stored rev is one more. */
  | { readonly type: 'throttle.put'; readonly row: ThrottleRow }
  /**
   * Counts one more, whatever the row is by now; nothing where the subject is locked at `at`: a lock runs out by the clock,
   * also under attack. Never fails, so that parallel guesses cost no other try. With `credential` it was a wrong proof of
   * a user whose credentials have that version. With `onlyUnlocked` it fails where the subject is locked, also if it was locked by a
   * commit at the same moment: for what may happen a number of times and no more.
   */
  | {
      readonly type: 'throttle.hit';
      readonly subject: string;
      readonly policy: ThrottlePolicy;
      readonly at: number;
      readonly credential?: number;
      readonly onlyUnlocked?: true;
    }
  /** Fails where one of the subjects is locked. */
  | { readonly type: 'throttle.unlocked'; readonly subjects: readonly string[]; readonly now: number }
  /** Forgets what was counted of the subjects and ends their locks, whatever they are by now. Never fails. */
  | { readonly type: 'throttle.clear'; readonly subjects: readonly string[] }
  /**
   * Forgets each of these hits, and leaves what others have done and a lock as they are: for a row that many share, of whom one has proven
   * to be no attacker (SEC-27). Never fails.
   */
  | { readonly type: 'throttle.takeBack'; readonly hits: readonly ThrottleHit[] }
  /**
   * A right proof came between wrong ones: they are not in a row any more. What was counted lately and its lock stay, and so does
   * what is disabled ({@link MAX_FAILURES_IN_A_ROW}). Never fails.
   */
  | { readonly type: 'throttle.forgive'; readonly subject: string }
  /** Fails if the hash exists. */
  | { readonly type: 'backChannel.open'; readonly row: BackChannel }
  /** The journey of it has begun, maybe again. Fails unless it is open at `now`. */
  | { readonly type: 'backChannel.start'; readonly idHash: string; readonly now: number }
  /** Replaces what was told before. Fails unless it is open at `now`. */
  | { readonly type: 'backChannel.tell'; readonly idHash: string; readonly now: number; readonly notice: string }
  /** Fails unless it is open at `now`: of two who complete it, one has. */
  | {
      readonly type: 'backChannel.approve';
      readonly idHash: string;
      readonly now: number;
      readonly properties?: string;
    }
  /** Uses an approval up. Fails unless it is that of `isApprovalOf`: of two who use it, one has. */
  | {
      readonly type: 'backChannel.consume';
      readonly idHash: string;
      readonly openedBy: string;
      readonly subject: string;
      readonly now: number;
    }
  /** Never fails: what is closed, or out of time at `now`, stays as it is. */
  | { readonly type: 'backChannel.deny'; readonly idHash: string; readonly now: number }
  /**
   * Something to be sent once this stands. Never fails: what is there already stays, and what its recipient has no place for
   * ({@link MAX_WAITING_OF_RECIPIENT}) is lost, and told of by the store.
   */
  | { readonly type: 'outbox.put'; readonly entry: OutboxEntry }
  /**
   * Somebody sets out to send it; where nobody says what came of it, it is due again at `nextTryAt`. Fails unless it waits and was
   * tried `seenTries` times, so that of two who set out one does.
   */
  | {
      readonly type: 'outbox.claim';
      readonly id: string;
      readonly seenTries: number;
      readonly at: number;
      readonly nextTryAt: number;
    }
  /** A try came to nothing, and there is another one. Fails where somebody else has set out meanwhile, as does the next. */
  | {
      readonly type: 'outbox.defer';
      readonly id: string;
      readonly seenTries: number;
      readonly nextTryAt: number;
      readonly cause: string;
    }
  /** It is given up, and kept for a while. */
  | {
      readonly type: 'outbox.bury';
      readonly id: string;
      readonly seenTries: number;
      readonly at: number;
      readonly cause: string;
    }
  /** One that was given up is tried again from the beginning. Fails for any other. */
  | { readonly type: 'outbox.revive'; readonly id: string }
  /** It is sent, or nobody wants it any more. Never fails. */
  | { readonly type: 'outbox.settle'; readonly id: string }
  | ConfigurationChange
  /** Changes nothing. Fails unless the realm is there, is not switched off and is not being deleted. */
  | { readonly type: 'realm.usable'; readonly realm: string }
  | { readonly type: 'audit.append'; readonly event: AuditEvent }
  /**
   * Empties the details of a user's rows, but those of `ERASE`, without a break in the chain (SEC-80). A row `ERASE` of the user goes into the
   * same commit: a detail that is gone without one counts as tampering. Never fails.
   */
  | { readonly type: 'audit.erase'; readonly userId: string };

/** What the engine knows of a change: that it has a type. The store knows them all. */
export interface Change {
  readonly type: string;
  readonly [member: string]: unknown;
}

/**
 * `refused` is the type of the change that no longer applies. A change that creates something in a realm that is switched off is refused as
 * `realm.usable`, and `realm` names the realm (SEC-89). A change that would make a user larger than a user may be is refused as `identity.size`.
 */
export type CommitResult =
  | { readonly committed: true }
  | { readonly committed: false; readonly refused: string; readonly realm?: string };

/** Applies all changes, in order, or none. A result `committed` means that they survive a killed process (REL-02). */
export interface Committer {
  commit(changes: readonly Change[]): Promise<CommitResult>;
}
