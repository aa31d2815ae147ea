import type { AuditReader } from '../model/audit.ts';
import type { Clock } from '../model/clock.ts';
import { foldUsername } from '../model/identities.ts';
import { DAY_BOUNDS, DAY_MILLIS, type ThrottlePolicy } from '../model/throttle.ts';
import type { KnownBy } from '../step/known-places.ts';
import { auditIn } from '../unit-of-work/audit-rows.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.ts';
import { sourceOf } from './source-of.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** At one account from one place: from the fifth wrong password on, a lock of 30 s that doubles up to an hour (SEC-57). */
export const PASSWORD_POLICY: ThrottlePolicy = {
  windowMillis: DAY,
  free: 5,
  lockMillis: 30_000,
  maxLockMillis: HOUR,
};

/**
 * At one account from all places that do not know it together, so that many addresses are no way to guess on. It locks out
 * strangers alone: whoever has signed in from a place before is let in from there (docs/adr/0039).
 */
export const STRANGERS_POLICY: ThrottlePolicy = { ...PASSWORD_POLICY, free: 20 };

/** Wrong proofs of every kind, at whatever account, from one source (SEC-56). */
export const SOURCE_POLICY: ThrottlePolicy = {
  windowMillis: HOUR,
  free: 100,
  lockMillis: MINUTE,
  maxLockMillis: 15 * MINUTE,
};

/** Wrong codes of one kind at a user from all strangers within a day; no success takes them back (SEC-87). */
const GUESSES_OF_STRANGERS: ThrottlePolicy = {
  windowMillis: DAY_MILLIS,
  free: DAY_BOUNDS.guesses.strangers,
  lockMillis: 0,
  maxLockMillis: 0,
  most: DAY_BOUNDS.guesses.strangers,
};

/**
 * The same from one source of strangers: half of what all get, so that no single one uses that up, and half of that within an hour (SEC-87,
 * docs/adr/0139). A right code from there takes them back for the source, and not for all.
 */
export const GUESSES_OF_SOURCE: ThrottlePolicy = {
  ...GUESSES_OF_STRANGERS,
  free: DAY_BOUNDS.guesses.strangers / 2,
  most: DAY_BOUNDS.guesses.strangers / 2,
  peak: { windowMillis: HOUR, most: DAY_BOUNDS.guesses.strangers / 4 },
};

/** The same from all known addresses together, above the limit of each. */
const GUESSES_OF_ADDRESSES: ThrottlePolicy = {
  ...GUESSES_OF_STRANGERS,
  free: DAY_BOUNDS.guesses.addresses,
  most: DAY_BOUNDS.guesses.addresses,
};

/** The same from all known browsers together. */
const GUESSES_OF_BROWSERS: ThrottlePolicy = {
  ...GUESSES_OF_STRANGERS,
  free: DAY_BOUNDS.guesses.known,
  most: DAY_BOUNDS.guesses.known,
};

/** The same from all browsers of a user without a second factor that are known by a followed link. */
const GUESSES_OF_LINKED_BROWSERS: ThrottlePolicy = {
  ...GUESSES_OF_STRANGERS,
  free: DAY_BOUNDS.guesses.mailbox,
  most: DAY_BOUNDS.guesses.mailbox,
};

/** The same from all that are known by the password alone. */
const GUESSES_OF_PASSWORD_BROWSERS: ThrottlePolicy = {
  ...GUESSES_OF_STRANGERS,
  free: DAY_BOUNDS.guesses.password,
  most: DAY_BOUNDS.guesses.password,
};

export const GUESSES_OF_DAY = {
  strangers: GUESSES_OF_STRANGERS,
  addresses: GUESSES_OF_ADDRESSES,
  known: GUESSES_OF_BROWSERS,
  mailbox: GUESSES_OF_LINKED_BROWSERS,
  password: GUESSES_OF_PASSWORD_BROWSERS,
};

/** SHA-256 in base64url; this package knows no cryptography of its own. */
export type Digest = (text: string) => string;

/** By what an account is counted that may have no user: of a fixed length, whatever was typed (SEC-46). */
export const accountKey = (digest: Digest, realm: string, username: string): string =>
  digest(`${realm}:${foldUsername(username)}`);

/** Counts the wrong proofs that come from a source. */
export const sourceSubject = (source: string): string => `source:${source}`;

/** How long a place is known by a sign-in. */
const KNOWN_MILLIS = 30 * DAY;
/** More places than that are not known of one user: the oldest are forgotten. */
const MAX_SIGN_INS = 100;

/** Whether a source is known to be a user's, within the last 30 days; by a `password` it is for guesses at passwords alone. */
export type IsKnownSource = (userId: string, source: string, by: KnownBy) => Promise<boolean>;

/**
 * In whose name it is asked where a name has no user, and nobody has ever signed in: the question takes its time, a millisecond on some
 * stores, and to ask it of users alone would tell by time that a locked name is one (SEC-59).
 */
export const NOBODY = '00000000-0000-4000-8000-000000000000';

/**
 * By the audit log, so that nothing is written for it; it is asked only where there is a lock to be lifted. A caller who ends many journeys
 * of a user without a second factor pushes none of those with one out of sight. A sign-in by the password alone makes its place known only to
 * the limits of passwords, and only while the user has no second factor (SEC-86).
 */
export const knownSources =
  (
    audit: Pick<AuditReader, 'signIns'>,
    clock: Clock,
    hasSecondFactor: (userId: string) => Promise<boolean>,
  ): IsKnownSource =>
  async (userId, source, by) => {
    const since = clock.now() - KNOWN_MILLIS;
    const knownBy = by === 'factor' ? 'factor' : 'any';
    const ends = await audit.signIns(userId, { knownBy, since, limit: MAX_SIGN_INS });
    const fromThere = ends.filter(
      ({ detail }) => typeof detail?.address === 'string' && sourceOf(detail.address) === source,
    );
    if (fromThere.some(({ detail }) => detail?.knownBy === 'factor')) return true;
    return fromThere.length > 0 && !(await hasSecondFactor(userId));
  };

/** Says once that too many wrong proofs in a row have disabled something of a user, by the kind of it (SEC-57). */
export const disabledAudit = (
  unit: UnitOfWork,
  now: number,
  userId: string | undefined,
  factor: string,
): EngineChange =>
  auditIn(unit, now, 'FACTOR_DISABLED', {
    outcome: factor,
    ...(userId !== undefined && { userId }),
  });
