import type { Identity } from './identities.ts';
import { port } from './port.ts';

export const DAY_MILLIS = 24 * 3_600_000;

/**
 * How much of one user may be asked for or guessed at within a day, above all places (SEC-87, docs/adr/0128). Strangers draw from one part,
 * addresses that are known to be the user's from another, and browsers that are known by a cookie from a third: an address is shared, and a caller there
 * exhausts nothing that the owner's browsers need.
 */
export const DAY_BOUNDS = Object.freeze({
  /** Requests to phones that were not approved. */
  prompts: { strangers: 20, addresses: 20, known: 40 },
  /** Wrong codes, each kind for itself: of an app, of a generator that is not stored yet, sent ones, recovery codes, security answers. */
  guesses: { strangers: 20, addresses: 20, known: 40, mailbox: 20, password: 20 },
  /** Browsers that become known to be the user's. */
  newPlaces: 10,
});

/**
 * Subjects are short and of a few kinds: what a stranger types is in them as a digest only, so that nobody makes rows large
 * and no name stands in them (SEC-46, docs/adr/0039).
 */
export const MAX_SUBJECT_LENGTH = 160;

/** How often a subject did something lately. */
export interface ThrottleRow {
  readonly subject: string;
  /** When the counted events happened, oldest first, milliseconds. */
  readonly hits: readonly number[];
  /** Until when the subject is locked; 0 when it is not. */
  readonly lockedUntil: number;
  readonly rev: number;
  /** Wrong proofs without a right one between them; absent where there are none, or where nobody has the account. */
  readonly failures?: Failures;
}

/** One event that was counted. */
export interface ThrottleHit {
  readonly subject: string;
  readonly at: number;
}

/** How often in a row the proofs of somebody were wrong, however long that took (SEC-57). */
export interface Failures {
  readonly count: number;
  /** The version of the credentials that they were guesses at: with others the count begins anew. */
  readonly credential: number;
}

/** So many wrong proofs in a row disable what they were guesses at (NIST SP 800-63B-4 §3.2.2, SEC-57, docs/adr/0110). */
export const MAX_FAILURES_IN_A_ROW = 100;
/** So many wrong proofs in a row from one source of strangers disable them there: half of what all get, so that one source does not use that up in days (SEC-87, docs/adr/0139). */
export const MAX_FAILURES_OF_SOURCE = MAX_FAILURES_IN_A_ROW / 2;

const FROM_SOURCE = ':from:';
/** Counts what one source of strangers guesses. */
export const strangerSubject = (counted: string, source: string): string => `${counted}${FROM_SOURCE}${source}`;
export const isOfStranger = (subject: string): boolean => subject.includes(FROM_SOURCE);

export interface ThrottleReader {
  /** The rows that there are, in the order of the subjects. */
  get(subjects: readonly string[]): Promise<readonly ThrottleRow[]>;
}

/** What counts as too often, and for how long it then locks. */
export interface ThrottlePolicy {
  /** Hits older than this are forgotten. */
  readonly windowMillis: number;
  /** Up to how many hits nothing happens. */
  readonly free: number;
  /** The first lock; each further hit doubles it. */
  readonly lockMillis: number;
  readonly maxLockMillis: number;
  /** So many hits within the window are all that there may be: then a lock until the oldest of them is forgotten (SEC-87). */
  readonly most?: number;
  /** So many hits within this part of the window are all that there may be: then a lock until the oldest of them is that old. */
  readonly peak?: { readonly windowMillis: number; readonly most: number };
}

/** Past the free ones, so many make the longest lock there is; a list of more says nothing else. */
const MAX_DOUBLINGS = 20;
/** How many hits are kept where a policy frees any number, and so only counts. */
const MAX_FREE_KEPT = 128;

/** How many of these moments lie within the window that ends now. */
export const hitsWithin = (hits: readonly number[], now: number, windowMillis: number): number =>
  hits.filter((at) => at > now - windowMillis).length;

/** When the oldest of so many last hits leaves the window; 0 where there are fewer. */
export const fullUntil = (
  hits: readonly number[],
  { windowMillis, most }: NonNullable<ThrottlePolicy['peak']>,
): number => {
  const oldest = hits.at(-most);
  return oldest === undefined ? 0 : oldest + windowMillis;
};

const oneMoreFailure = (failures: Failures | undefined, credential: number | undefined): Failures | undefined => {
  if (credential === undefined) return failures;
  return { credential, count: failures?.credential === credential ? failures.count + 1 : 1 };
};

/** The row after one more hit; with `credential` it was a wrong proof of somebody whose credentials have that version. */
export const afterHit = (
  row: ThrottleRow | undefined,
  subject: string,
  policy: ThrottlePolicy,
  now: number,
  credential?: number,
): ThrottleRow => {
  const hits = [...(row?.hits ?? []).filter((at) => at > now - policy.windowMillis), now].slice(
    -Math.max(policy.most ?? 0, Math.min(policy.free, MAX_FREE_KEPT) + MAX_DOUBLINGS),
  );
  const over = hits.length - policy.free;
  const failures = oneMoreFailure(row?.failures, credential);
  // Guesses that were made at the same time as the last one that was free fail in their commits, as they do at every lock.
  const doublings = isAtItsEnd(failures) ? MAX_DOUBLINGS : Math.min(over, MAX_DOUBLINGS);
  const lock = doublings < 0 ? 0 : Math.min(policy.maxLockMillis, policy.lockMillis * 2 ** doublings);
  const { most, peak, windowMillis } = policy;
  const full = Math.max(
    most === undefined ? 0 : fullUntil(hits, { windowMillis, most }),
    peak === undefined ? 0 : fullUntil(hits, peak),
  );
  return {
    subject,
    hits,
    lockedUntil: Math.max(row?.lockedUntil ?? 0, lock === 0 ? 0 : now + lock, full),
    rev: row?.rev ?? 0,
    ...(failures && { failures }),
  };
};

const isAtItsEnd = (failures: Failures | undefined): boolean => (failures?.count ?? 0) >= MAX_FAILURES_IN_A_ROW;

/** Whether so many proofs were wrong in a row that none counts any more, until there are other credentials (SEC-57). */
export const isDisabled = (
  row: Pick<ThrottleRow, 'subject' | 'failures'> | undefined,
  credential: number | undefined,
): boolean => {
  if (row?.failures === undefined || row.failures.credential !== credential) return false;
  return row.failures.count >= (isOfStranger(row.subject) ? MAX_FAILURES_OF_SOURCE : MAX_FAILURES_IN_A_ROW);
};

/** Whether a subject may not do it now. */
export const isLocked = (row: Pick<ThrottleRow, 'lockedUntil'> | undefined, now: number): boolean =>
  (row?.lockedUntil ?? 0) > now;

/** The row once nothing of it counts any more. */
export const clearedThrottle = ({ subject, rev }: ThrottleRow): ThrottleRow => ({
  subject,
  rev,
  hits: [],
  lockedUntil: 0,
});

/** The row once a right proof came between: what was counted lately still counts, and what is disabled stays so. */
export const forgivenThrottle = (row: ThrottleRow): ThrottleRow => {
  const { failures, ...rest } = row;
  return isAtItsEnd(failures) ? row : rest;
};

/** The row without the hit of that moment. */
export const withoutHit = (row: ThrottleRow, at: number): ThrottleRow => ({
  ...row,
  hits: row.hits.filter((hit) => hit !== at),
});

/**
 * What made a browser known to be a user's. `factor`: a device or a recovery code of that user. `sentCode`: a code that was sent, the second factor
 * of a user who has no device. `password`: the password of a user who has nothing else, for the limits of passwords and of mails. `mailbox`: a link
 * that was mailed to the user, for the limits of mails alone (SEC-86, docs/adr/0137).
 */
export type BrowserKnownBy = 'factor' | 'sentCode' | 'mailbox' | 'password';

/** Whose browser it is. */
export interface BrowserOwner {
  readonly userId: string;
  readonly credentialRev: number;
  /** With the addresses that the user has now. Without them, what a link or a sent code has made known counts for nothing. */
  readonly attributes?: Identity['attributes'] | undefined;
}

/** Whose secret is guessed. */
export interface Guess extends Pick<BrowserOwner, 'attributes'> {
  /** Undefined where nobody is known by the name. */
  readonly userId: string | undefined;
  /** With it wrong proofs in a row disable what is guessed at, until the user has other credentials, and a known browser counts apart (SEC-57). */
  readonly credentialRev?: number | undefined;
}

export interface ThrottleState {
  /** Whether it is counted for a place that is known to be the user's, apart from strangers. */
  readonly isKnownPlace: boolean;
  /** When what still counts has happened. */
  readonly hits: readonly number[];
  readonly locked: boolean;
  readonly lockedUntil: number;
}

export interface ClearOptions {
  /** For a proof that cannot be guessed, such as a code of 80 random bits: it is accepted also while guesses are refused. */
  readonly evenIfLocked?: boolean;
}

/**
 * Counters of guesses and sends; writes belong to the unit of work. With `guess` the place that it comes from counts too: a browser or an address
 * that is known to be the user's counts for itself and with all known places together, so that no stranger locks it out. Where the source has
 * guessed wrong too often, the subject is as good as locked for it (SEC-56, SEC-57, SEC-87).
 */
export interface Throttle {
  /** Hits and lock now, read inside the turn that this unit of work has for the subject. */
  state(subject: string, guess?: Guess): Promise<ThrottleState>;
  hit(subject: string, policy: ThrottlePolicy, guess?: Guess): Promise<void>;
  /**
   * The proof was right, and clears nothing: the commit stands only while what a guess counts against is unlocked. For a proof that says nothing of
   * the user whose wrong ones are counted, such as a code to an address that the caller has typed.
   */
  demandUnlocked(subject: string, guess: Guess): Promise<void>;
  /** The proof was right and that of the user whose wrong ones are counted. With `guess` the commit stands as by {@link demandUnlocked}. */
  clear(subject: string, guess?: Guess, options?: ClearOptions): Promise<void>;
  /** The strongest that made the browser of this request known to be the user's, a mailed link before the password; undefined for an unknown one. */
  browserKnownBy(owner: Guess): BrowserKnownBy | undefined;
  /** Whether it comes from an address where the user has shown one. It reads the audit log: ask only where the answer decides. */
  isKnownAddress(owner: Guess): Promise<boolean>;
  /** The subject that counts something by the source of this request. */
  ofSource(kind: string): string;
}

export const throttle = port<Throttle>()('throttle', 'stages');

/** Limits of what goes to people, such as mails (SEC-87). The limit and the count are one conditional write, so parallel requests do not exceed it. */
export interface SendLimits {
  /** Counts one more in each of these counters, by subject; `false`, and nothing is counted, where one of them is used up. */
  take(counters: ReadonlyMap<string, ThrottlePolicy>): Promise<boolean>;
}

/** Counts with the commit of the unit of work: for what is sent after it. */
export const sendLimits = port<SendLimits>()('sendLimits', 'stages');

/** Counts at once, in a commit of its own: for what is sent while the node runs. It stays counted where the unit of work fails. */
export const sendLimitsNow = port<SendLimits>()('sendLimitsNow', 'acts');
