import type { Clock } from '../model/clock.ts';
import type { Identity, IdentityDirectory, Passwords } from '../model/identities.ts';
import { port } from '../model/port.ts';
import { afterHit, isLocked, type ThrottleReader, type ThrottleRow } from '../model/throttle.ts';
import { visitorOf } from '../step/new-session.ts';
import { auditIn } from '../unit-of-work/audit-rows.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import { StagedUsers, stagedChanges } from '../unit-of-work/staged-users.ts';
import type { Adapter } from '../unit-of-work/unit-of-work.ts';
import {
  accountKey,
  type Digest,
  type IsKnownSource,
  PASSWORD_POLICY,
  SOURCE_POLICY,
  STRANGERS_POLICY,
  sourceSubject,
} from './guess-limits.ts';
import { sourceOf } from './source-of.ts';

/**
 * Hashes and checks passwords. Hashing is bounded: those who wait take turns by `lane`, which says for whom it is done, so that
 * one who asks for a thousand keeps nobody else waiting.
 */
export interface PasswordHasher {
  hash(password: string, lane?: string): Promise<string>;
  /** Without a hash the answer is `false`, at the same cost: whether a user exists does not show in the time (SEC-56). */
  verify(hash: string | undefined, password: string, lane?: string): Promise<boolean>;
  /** True for a hash of another kind, or a cheaper one, than new hashes are. */
  needsRehash(hash: string): boolean;
}

/** For what else is kept as a hash, such as answers to security questions. */
export const passwordHasher = port<PasswordHasher>()('passwordHasher', 'reads');

/** Longer text is not hashed at all. */
const MAX_PASSWORD_LENGTH = 1_024;

export interface PasswordDependencies {
  readonly identities: IdentityDirectory;
  readonly hasher: PasswordHasher;
  readonly throttles: ThrottleReader;
  readonly isKnownSource: IsKnownSource;
  readonly clock: Clock;
  readonly digest: Digest;
}

/**
 * Checks passwords, and limits guesses: at an account by the place that they come from, which is a browser that has signed in
 * there before or else an address; at an account by all strangers together; and from an address at all accounts together
 * (SEC-56, SEC-57, docs/adr/0039). Nobody who only guesses locks out an account where its owner has signed in before.
 */
export const passwordsAdapter =
  ({ identities, hasher, throttles, isKnownSource, clock, digest }: PasswordDependencies): Adapter<Passwords> =>
  (unit) => ({
    async verify(username, password) {
      const { realm } = unit.realm;
      const account = accountKey(digest, realm, username);
      const source = sourceOf(unit.request.clientAddress);
      const identity = await new StagedUsers(unit, identities).find(username);
      const browser = identity && unit.request.browserKnownTo?.(identity.id);
      const place = browser ?? source;
      const ofPlace = `password:${account}:${place}`;
      const ofStrangers = `strangers:${account}`;
      const ofSource = sourceSubject(source);
      // One guess at a time from a place. A turn only spares work: that the limits hold is for the commit to see to.
      await unit.holdTurn(ofPlace);
      const stored = await unit.remember(`guesses:${ofPlace}`, () => throttles.get([ofPlace, ofStrangers, ofSource]));
      /** As this unit of work has counted by now. */
      const counted = unit.keep('guesses:counted', () => new Map<string, ThrottleRow>());
      const rowOf = (subject: string) => counted.get(subject) ?? stored.find((row) => row.subject === subject);
      const now = clock.now();
      const own = identity && stagedChanges(unit).passwords.get(identity.id);
      const hash = own ?? (identity && (await identities.passwordHash(identity.id)));
      const isRight = await hasher.verify(hash, password.slice(0, MAX_PASSWORD_LENGTH + 1), place);
      const isKnown = async (user: Identity | undefined) =>
        browser !== undefined || (user !== undefined && (await isKnownSource(user.id, source)));
      const shutsStrangersOut = isLocked(rowOf(ofStrangers), now) || isLocked(rowOf(ofSource), now);
      const isRefused = isLocked(rowOf(ofPlace), now) || (shutsStrangersOut && !(await isKnown(identity)));
      if (
        !isRight ||
        isRefused ||
        identity === undefined ||
        hash === undefined ||
        password.length > MAX_PASSWORD_LENGTH
      ) {
        const hit = (subject: string, policy: typeof PASSWORD_POLICY) => {
          unit.stageAlways({ type: 'throttle.hit', subject, policy, at: now } satisfies EngineChange);
          counted.set(subject, afterHit(rowOf(subject), subject, policy, now));
        };
        // While locked nothing is counted: the lock runs out by the clock, also under attack.
        if (!isRefused) {
          hit(ofPlace, PASSWORD_POLICY);
          if (browser === undefined) hit(ofStrangers, STRANGERS_POLICY);
          hit(ofSource, SOURCE_POLICY);
        }
        const facts = {
          outcome: 'password',
          ...(identity && { userId: identity.id }),
          detail: visitorOf(unit.request),
        };
        unit.stageAlways(auditIn(unit, now, isRefused ? 'THROTTLED' : 'AUTH_FAIL', facts));
        return { status: 'wrong' };
      }
      const mustBeOpen = browser !== undefined || shutsStrangersOut ? [ofPlace] : [ofPlace, ofStrangers, ofSource];
      unit.stage({ type: 'throttle.unlocked', subjects: mustBeOpen, now } satisfies EngineChange);
      // What strangers have guessed is not undone by a success: only the place is proven to be no guesser's.
      if ((rowOf(ofPlace)?.hits.length ?? 0) > 0) {
        unit.stage({ type: 'throttle.clear', subjects: [ofPlace] } satisfies EngineChange);
        counted.set(ofPlace, { subject: ofPlace, hits: [], lockedUntil: 0, rev: 0 });
      }
      if (own === undefined && hasher.needsRehash(hash)) {
        const better = await hasher.hash(password, place);
        stagedChanges(unit).passwords.set(identity.id, better);
        unit.stage({
          type: 'identity.rehash',
          id: identity.id,
          hash: better,
          seenHash: hash,
        } satisfies EngineChange);
      }
      return { status: 'right', identity };
    },
  });
