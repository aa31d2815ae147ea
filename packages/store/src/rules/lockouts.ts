import { DAY_MILLIS, fullUntil, GUESSES_OF_DAY, isDisabled, type ThrottleRow } from '@assent/engine/host';
import { sendsHeldUntil } from '@assent/push';
import { type CountedUser, countersByPlaceOf, countersOf } from './throttle-subjects.ts';

/** A factor of a user that is refused now, from one place or from all. */
export interface Lockout {
  readonly factor: string;
  /** When the lockout ends; absent where it ends with other credentials, or when an administrator unlocks the user. */
  readonly until?: number;
}

/** What administrators call the factors, by the kind of their counter. A kind that is not listed locks no factor. */
const FACTORS: Readonly<Record<string, string>> = {
  password: 'password',
  strangers: 'password',
  push: 'push',
  'push-refused': 'push',
  recovery: 'recovery code',
  otp: 'code app',
  'otp-new': 'code app',
  'sent-code': 'mailed code',
  kba: 'security question',
};

const kindOf = (subject: string): string => subject.slice(0, subject.indexOf(':'));

/** Whether a counter can lock a factor. @internal Its test asks for each counter. */
export const locksFactor = (subject: string): boolean => Object.hasOwn(FACTORS, kindOf(subject));

/** The counters of a user that can lock a factor: those that are known whole, and how those of places begin. */
export const lockingCountersOf = (user: CountedUser) => ({
  whole: countersOf(user).filter(locksFactor),
  byPlace: countersByPlaceOf(user).filter(locksFactor),
});

/** By what the counters of a user are judged. */
export interface LockoutFacts {
  readonly now: number;
  readonly credentialRev: number;
  /** How many wrong security answers the realm allows one place within a day; undefined where it sets no number. */
  readonly wrongAnswersAllowed: number | undefined;
}

/** Whether a counter is that of one place, and not that of all strangers or of a part of the day. */
const isOfOnePlace = (subject: string): boolean => {
  const place = subject.split(':').slice(2).join(':');
  return place !== '' && !Object.hasOwn(GUESSES_OF_DAY, place);
};

/** Until when the hits of a counter refuse a factor that its own lock does not refuse: such counters only count, and their reader judges. */
const heldUntil = ({ subject, hits }: ThrottleRow, { now, wrongAnswersAllowed }: LockoutFacts): number => {
  const kind = kindOf(subject);
  if (kind === 'push') return sendsHeldUntil(subject, hits, now);
  if (kind === 'kba' && wrongAnswersAllowed !== undefined && isOfOnePlace(subject))
    return fullUntil(hits, { windowMillis: DAY_MILLIS, most: wrongAnswersAllowed + 1 });
  return now;
};

const endOf = (row: ThrottleRow, facts: LockoutFacts): number =>
  isDisabled(row, facts.credentialRev) ? Number.POSITIVE_INFINITY : Math.max(row.lockedUntil, heldUntil(row, facts));

/** The lockouts that these counters mean, one for each factor: the one that ends last. */
export const lockoutsOf = (rows: readonly ThrottleRow[], facts: LockoutFacts): readonly Lockout[] => {
  const ends = new Map<string, number>();
  for (const row of rows) {
    const factor = FACTORS[kindOf(row.subject)];
    const end = endOf(row, facts);
    if (factor !== undefined && end > Math.max(facts.now, ends.get(factor) ?? 0)) ends.set(factor, end);
  }
  return [...ends].map(([factor, until]) => (Number.isFinite(until) ? { factor, until } : { factor }));
};

/** A lockout in words. */
export const lockoutText = ({ factor, until }: Lockout): string =>
  `${factor} until ${until === undefined ? 'unlocked or reset' : new Date(until).toISOString()}`;
