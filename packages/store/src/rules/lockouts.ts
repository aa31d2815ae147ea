import { isDisabled, isLocked, type ThrottleRow } from '@assent/engine/host';
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

/** Whether a counter can lock a factor. */
export const locksFactor = (subject: string): boolean => Object.hasOwn(FACTORS, kindOf(subject));

/** The counters of a user that can lock a factor: those that are known whole, and how those of places begin. */
export const lockingCountersOf = (user: CountedUser) => ({
  whole: countersOf(user).filter(locksFactor),
  byPlace: countersByPlaceOf(user).filter(locksFactor),
});

/** The lockouts that these counters mean, one for each factor: the one that ends last. */
export const lockoutsOf = (
  rows: readonly ThrottleRow[],
  { now, credentialRev }: { readonly now: number; readonly credentialRev: number },
): readonly Lockout[] => {
  const ends = new Map<string, number>();
  for (const row of rows) {
    const factor = FACTORS[kindOf(row.subject)];
    const end = isDisabled(row, credentialRev) ? Number.POSITIVE_INFINITY : isLocked(row, now) ? row.lockedUntil : 0;
    if (factor !== undefined && end > (ends.get(factor) ?? 0)) ends.set(factor, end);
  }
  return [...ends].map(([factor, until]) => (Number.isFinite(until) ? { factor, until } : { factor }));
};

/** A lockout in words. */
export const lockoutText = ({ factor, until }: Lockout): string =>
  `${factor} until ${until === undefined ? 'unlocked or reset' : new Date(until).toISOString()}`;
