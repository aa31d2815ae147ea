import type { ThrottlePolicy } from '@assent/engine';
import type { Rate } from '../bounds/rate-per-key.ts';

/** What the server counts and limits, in the words of the reference, and the test that shows it. */
export interface Limit {
  /** What is guessed or has a cost. */
  readonly what: string;
  /** By whom it is counted. */
  readonly per: string;
  /** With a policy it is counted in the database, in the commit of what it counts; with a rate in the memory of the instance. */
  readonly by: ThrottlePolicy | Rate | string;
  /** What happens over it. */
  readonly over: string;
  /** Where it cannot be counted: `closed` gives no answer, since a guess would pay; `open` goes on. */
  readonly fails: 'closed' | 'open';
  /** A test that fails without it, by its file under `packages/` and its name. */
  readonly heldBy: readonly [file: string, test: string];
}

const SECOND = [1_000, 'second'] as const;
const UNITS = [[86_400_000, 'day'], [3_600_000, 'hour'], [60_000, 'minute'], SECOND] as const;

/** A length of time as people say it. */
export const inWords = (millis: number): string => {
  const [unit, name] = UNITS.find(([length]) => millis % length === 0) ?? SECOND;
  const count = millis / unit;
  if (count > 1) return `${count} ${name}s`;
  return name === 'hour' ? 'an hour' : `a ${name}`;
};

/** The numbers of a limit in words. */
export const numbersOf = ({ by }: Limit): string => {
  if (typeof by === 'string') return by;
  if ('burst' in by) {
    const { burst, perSecond } = by;
    const more = perSecond >= 1 ? `${perSecond} more a second` : `one more in ${Math.round(1 / perSecond)} seconds`;
    return `${burst} at once, and ${more}`;
  }
  const { most, peak, windowMillis } = by;
  if (most !== undefined) {
    const first = peak === undefined ? '' : `${peak.most} within ${inWords(peak.windowMillis)} and `;
    return `${first}${most} within ${inWords(windowMillis)}, then none until the oldest of them is that old`;
  }
  const doubling = by.lockMillis === by.maxLockMillis ? '' : `, doubling to ${inWords(by.maxLockMillis)}`;
  return `${by.free} within ${inWords(by.windowMillis)}, then a lock of ${inWords(by.lockMillis)}${doubling}`;
};
