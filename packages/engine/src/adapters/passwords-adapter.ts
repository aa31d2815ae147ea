import type { Clock } from '../model/clock.ts';
import type { Identity, Passwords } from '../model/identities.ts';
import { afterHit, isLocked, type ThrottleReader, type ThrottleRow } from '../model/throttle.ts';
import { visitorOf } from '../step/new-session.ts';
import { auditIn } from '../unit-of-work/audit-rows.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
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
import type { PasswordKeeper } from './password-keeper.ts';
import { sourceOf } from './source-of.ts';

/** Longer text is not hashed at all. */
const MAX_PASSWORD_LENGTH = 1_024;

export interface PasswordDependencies {
  readonly keeper: PasswordKeeper;
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
  ({ keeper, throttles, isKnownSource, clock, digest }: PasswordDependencies): Adapter<Passwords> =>
  (unit) => ({
    async verify(username, password) {
      const { realm } = unit.realm;
      const account = accountKey(digest, realm, username);
      const source = sourceOf(unit.request.clientAddress);
      const identity = await keeper.knownAs(unit, username);
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
      const isKnown = async (user: Identity | undefined) =>
        browser !== undefined || (user !== undefined && (await isKnownSource(user.id, source)));
      const shutsStrangersOut = isLocked(rowOf(ofStrangers), now) || isLocked(rowOf(ofSource), now);
      const isRefused = isLocked(rowOf(ofPlace), now) || (shutsStrangersOut && !(await isKnown(identity)));
      const proof = await keeper.prove(unit, {
        username,
        password: password.slice(0, MAX_PASSWORD_LENGTH),
        identity,
        lane: place,
        isRefused: isRefused || password.length > MAX_PASSWORD_LENGTH,
      });
      if (proof.status === 'wrong' || proof.status === 'locked') {
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
        return { status: proof.status };
      }
      const mustBeOpen = browser !== undefined || shutsStrangersOut ? [ofPlace] : [ofPlace, ofStrangers, ofSource];
      unit.stage({ type: 'throttle.unlocked', subjects: mustBeOpen, now } satisfies EngineChange);
      if (proof.status === 'expired') return { status: 'expired' };
      // What strangers have guessed is not undone by a success: only the place is proven to be no guesser's.
      if ((rowOf(ofPlace)?.hits.length ?? 0) > 0) {
        unit.stage({ type: 'throttle.clear', subjects: [ofPlace] } satisfies EngineChange);
        counted.set(ofPlace, { subject: ofPlace, hits: [], lockedUntil: 0, rev: 0 });
      }
      return proof;
    },
  });
