import type { Clock, ThrottlePolicy } from '@assent/engine';
import {
  type Change,
  type CommitResult,
  type Committer,
  type EngineChange,
  USER_TOO_LARGE,
  USER_TOO_LARGE_TEXT,
} from '@assent/engine/host';
import { type Answer, refuse } from '../http/call.ts';
import type { Logger } from '../platform/log.ts';
import { type CallerConditions, CommitAuthority } from '../realms/commit-authority.ts';
import { AuthorityLost, type ConfigurationWrites } from '../realms/configuration-writes.ts';
import { ConfigurationTooLarge } from '../realms/realm-quota.ts';
import { hasDeviceFactor } from './access.ts';
import { ACCESS_DENIED, type Caller, NEEDS_RECENT_FACTOR, unchanged } from './administration.ts';
import type { Answered } from './answered.ts';

export interface CallerCommitsPorts {
  readonly committer: Committer;
  readonly writes: ConfigurationWrites;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
}

type Refused = Extract<CommitResult, { readonly committed: false }>;

/** In the place of a condition of the store: the second factor of the caller has become too old since the call came. */
const FACTOR_TOO_OLD = 'caller.recentFactor';

const HOUR = 3_600_000;
/** Changes of the own profile: each writes a row of the audit log, and users can repeat them as often as they like. */
export const OWN_CHANGES_POLICY: ThrottlePolicy = {
  windowMillis: HOUR,
  free: 60,
  lockMillis: HOUR / 6,
  maxLockMillis: HOUR,
};

const TOO_OFTEN: Answer = refuse(429, 'You have done this too often. Try again in some minutes.');
/** In the place of a condition of the store, since a change may have such a condition too: the own profile was changed too often. */
const TOO_MANY_OWN_CHANGES = 'caller.ownChanges';

const CALLER_CHANGED: Answer = refuse(412, 'You or your session have changed meanwhile. Sign in again.');

const usable = (realm: string) => ({ type: 'realm.usable', realm }) satisfies EngineChange;

/**
 * What a write of a caller depends on, first in its commit: the session still lives, the account is active with the same
 * credentials, the realms of the caller and of the call are in force, and a caller with roles still has them. Between the check and the commit
 * others may have signed the caller out, reset the password, switched a realm off, or taken the account or the roles away; none of that is undone
 * or outrun (SEC-61, SEC-62, SEC-72, SEC-89).
 */
const stillCalling = ({ session, identity, roles, realmOfCall }: Caller, now: number): CallerConditions => [
  { type: 'session.usable', tokenHash: session.tokenHash, now } satisfies EngineChange,
  { type: 'identity.usable', id: identity.id, credentialRev: identity.credentialRev } satisfies EngineChange,
  usable(session.realm),
  ...(realmOfCall === session.realm ? [] : [usable(realmOfCall)]),
  ...(roles.length === 0 ? [] : [unchanged(identity)]),
];

/** What a caller hears whose write was not committed: that the session is over, or that something has changed meanwhile. */
export const refusedWrite = ({ refused }: Refused, stale: Answer): Answer => {
  if (refused === FACTOR_TOO_OLD) return NEEDS_RECENT_FACTOR;
  if (refused === USER_TOO_LARGE) return refuse(413, USER_TOO_LARGE_TEXT);
  if (refused === 'throttle.hit' || refused === TOO_MANY_OWN_CHANGES) return TOO_OFTEN;
  return refused === 'session.usable' ? ACCESS_DENIED : stale;
};

/**
 * The only way in which routes commit: each commit names its caller, and is applied only while that caller may still do it (SEC-91).
 * Neither the committer nor the writes of the configuration can be reached from here.
 */
export class CallerCommits {
  readonly #ports: CallerCommitsPorts;

  constructor(ports: CallerCommitsPorts) {
    this.#ports = ports;
  }

  /** What users change of what is their own. */
  ofAccount(caller: Caller, changes: readonly Change[]): Promise<CommitResult> {
    const { committer, clock } = this.#ports;
    return committer.commit([...stillCalling(caller, clock.now()), ...changes]);
  }

  /**
   * What users change of themselves and can repeat without end, such as a name: at most {@link OWN_CHANGES_POLICY}. Counted apart by what was proven:
   * an attacker who has the password uses up nothing of the owner who has shown a device.
   */
  async ofProfile(caller: Caller, changes: readonly Change[]): Promise<CommitResult> {
    const at = this.#ports.clock.now();
    const subject = `${hasDeviceFactor(caller.session) ? 'profile-device' : 'profile'}:${caller.identity.id}`;
    const result = await this.ofAccount(caller, [
      { type: 'throttle.hit', subject, policy: OWN_CHANGES_POLICY, at, onlyUnlocked: true } satisfies EngineChange,
      ...changes,
    ]);
    const isTooOften = !result.committed && result.refused === 'throttle.hit';
    return isTooOften ? { ...result, refused: TOO_MANY_OWN_CHANGES } : result;
  }

  /** What callers change by a role: where that takes a recent second factor, it is still recent when the commit is made. */
  async byRole(caller: Caller, changes: readonly Change[]): Promise<CommitResult> {
    return caller.isFreshAt(this.#ports.clock.now())
      ? this.ofAccount(caller, changes)
      : { committed: false, refused: FACTOR_TOO_OLD };
  }

  /** Changes of the configuration: {@link ConfigurationWrites.decided}, and the refusal where the caller may not do it any more. */
  async decided<D extends Answered>(caller: Caller, decide: () => D): Promise<Answered & Partial<D>> {
    const { writes, clock, log } = this.#ports;
    const { realm, id } = caller.identity;
    const authority = CommitAuthority.ofCaller({ realm, caller: id }, () => {
      const now = clock.now();
      return caller.isFreshAt(now) ? { conditions: stillCalling(caller, now) } : { refused: FACTOR_TOO_OLD };
    });
    try {
      return await writes.decided(authority, decide);
    } catch (error) {
      if (error instanceof ConfigurationTooLarge) {
        log.warn(
          { realm: caller.realmOfCall, problem: error.message },
          'A change of the configuration was refused because of its size.',
        );
        return { answer: refuse(413, error.message) } as Answered & Partial<D>;
      }
      if (!(error instanceof AuthorityLost)) throw error;
      const answer = refusedWrite({ committed: false, refused: error.refused }, CALLER_CHANGED);
      return { answer } as Answered & Partial<D>;
    }
  }
}
