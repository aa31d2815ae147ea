import type { Clock } from '../model/clock.ts';
import type { Identity, Passwords } from '../model/identities.ts';
import {
  afterHit,
  clearedThrottle,
  forgivenThrottle,
  isDisabled,
  isLocked,
  type ThrottleReader,
  type ThrottleRow,
} from '../model/throttle.ts';
import { visitorOf } from '../step/new-session.ts';
import { auditIn } from '../unit-of-work/audit-rows.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { Adapter } from '../unit-of-work/unit-of-work.ts';
import {
  accountKey,
  type Digest,
  disabledAudit,
  type IsKnownSource,
  NOBODY,
  PASSWORD_POLICY,
  SOURCE_POLICY,
  STRANGERS_POLICY,
  sourceSubject,
} from './guess-limits.ts';
import type { PasswordKeeper } from './password-keeper.ts';
import { isTooLongPassword, MAX_PASSWORD_LENGTH } from './password-rules.ts';
import { sourceOf } from './source-of.ts';
import type { SprayWatch } from './spray-watch.ts';

export interface PasswordDependencies {
  readonly keeper: PasswordKeeper;
  readonly throttles: ThrottleReader;
  readonly isKnownSource: IsKnownSource;
  readonly clock: Clock;
  readonly digest: Digest;
  /** Shared by all who check passwords in this process; absent where nobody is to be told. */
  readonly spray?: SprayWatch;
}

/**
 * Checks passwords, and limits guesses: at an account by the place that they come from, which is a browser that has signed in
 * there before or else an address; at an account by all strangers together; and from an address at all accounts together
 * (SEC-56, SEC-57, docs/adr/0039). Nobody who only guesses locks out an account where its owner has signed in before.
 */
export const passwordsAdapter =
  ({ keeper, throttles, isKnownSource, clock, digest, spray }: PasswordDependencies): Adapter<Passwords> =>
  (unit) => ({
    async verify(username, password, accepts) {
      const { realm } = unit.realm;
      const account = accountKey(digest, realm, username);
      const source = sourceOf(unit.request.clientAddress);
      const identity = await keeper.knownAs(unit, username);
      const browser = identity && unit.request.browserKnownTo?.({ ...identity, userId: identity.id }, 'password');
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
        browser !== undefined || ((await isKnownSource(user?.id ?? NOBODY, source, 'password')) && user !== undefined);
      const credential = identity?.credentialRev;
      const isShut = (subject: string) => isLocked(rowOf(subject), now) || isDisabled(rowOf(subject), credential);
      const shutsStrangersOut = isShut(ofStrangers) || isShut(ofSource);
      const isRefused = isShut(ofPlace) || (shutsStrangersOut && !(await isKnown(identity)));
      const isTooLong = isTooLongPassword(password);
      const answered = await keeper.prove(unit, {
        username,
        // Longer text is not hashed at all.
        password: isTooLong ? password.slice(0, MAX_PASSWORD_LENGTH) : password,
        identity,
        lane: { realm, caller: place },
        isKnown: () => isKnown(identity),
        isRefused: isRefused || isTooLong,
      });
      // An expired password of a user that the caller does not accept is answered like a wrong one.
      const isAccepted = accepts === undefined || ('identity' in answered && accepts(answered.identity));
      const proof = isAccepted || answered.status === 'locked' ? answered : ({ status: 'wrong' } as const);
      if (proof.status === 'wrong' || proof.status === 'locked') {
        // The hash is made for every name. What is read and counted beside it differs by whether there is a user, and whether it is shut (ADR 119).
        unit.answerEvenly();
        /** With `isOfUser` it counts for what is kept until there is another password: of users alone, whose number is bounded. */
        const hit = (subject: string, policy: typeof PASSWORD_POLICY, isOfUser = false) => {
          const failed = isOfUser && credential !== undefined ? { credential } : {};
          unit.stageAlways({ type: 'throttle.hit', subject, policy, at: now, ...failed } satisfies EngineChange);
          const after = afterHit(rowOf(subject), subject, policy, now, failed.credential);
          counted.set(subject, after);
          if (isOfUser && isDisabled(after, credential))
            unit.stageAlways(disabledAudit(unit, now, identity?.id, 'password'));
        };
        // While locked nothing is counted: the lock runs out by the clock, also under attack.
        if (!isRefused) {
          // A place that the user is known from counts for itself, where strangers are shut out as well.
          hit(ofPlace, PASSWORD_POLICY, browser !== undefined || shutsStrangersOut);
          if (browser === undefined) hit(ofStrangers, STRANGERS_POLICY, true);
          hit(ofSource, SOURCE_POLICY);
        }
        const facts = {
          outcome: 'password',
          ...(identity && { userId: identity.id }),
          detail: visitorOf(unit.request),
        };
        unit.stageAlways(auditIn(unit, now, isRefused ? 'THROTTLED' : 'AUTH_FAIL', facts));
        const sprayed = spray?.wrong(realm, account);
        if (sprayed !== undefined) unit.stageAlways(auditIn(unit, now, 'PASSWORD_SPRAY', { detail: { ...sprayed } }));
        return { status: proof.status };
      }
      const mustBeOpen = browser !== undefined || shutsStrangersOut ? [ofPlace] : [ofPlace, ofStrangers, ofSource];
      unit.stage({ type: 'throttle.unlocked', subjects: mustBeOpen, now } satisfies EngineChange);
      spray?.right(realm);
      if (proof.status === 'expired') return { status: 'expired' };
      // What strangers have guessed is not undone by a success: only the place is proven to be no guesser's. But theirs are no
      // failures in a row any more (NIST SP 800-63B-4 §3.2.2).
      const strangers = rowOf(ofStrangers);
      const own = rowOf(ofPlace);
      if (own !== undefined && (own.hits.length > 0 || own.failures !== undefined)) {
        unit.stage({ type: 'throttle.clear', subjects: [ofPlace] } satisfies EngineChange);
        counted.set(ofPlace, clearedThrottle(own));
      }
      if (strangers?.failures !== undefined && !isDisabled(strangers, credential)) {
        unit.stage({ type: 'throttle.forgive', subject: ofStrangers } satisfies EngineChange);
        counted.set(ofStrangers, forgivenThrottle(strangers));
      }
      return proof;
    },
  });
