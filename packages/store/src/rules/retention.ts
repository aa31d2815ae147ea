import { isOfStranger, type ThrottleRow } from '@assent/engine/host';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** An identical retry of an accepted answer is told apart from a replay for this long (design.md decision 8). */
const RETRY_WINDOW = 60 * SECOND;

/** How long what is over is kept where an operator may say so, in milliseconds (security-reliability §7 "Retention"). */
export interface Retention {
  /** A session after it ended by its clock, so that an operator can still see it. */
  readonly sessions: number;
  /** A request to a phone after its time, beyond what the protocol needs. */
  readonly requests: number;
  /** What was to be sent after it was given up, for somebody to mend the cause and try again (OPS-44). */
  readonly notices: number;
}

export const USUAL_RETENTION: Retention = { sessions: DAY, requests: 120 * SECOND, notices: 30 * DAY };

/** Longer than the longest window of a throttle, which is a day (SEC-25). */
export const THROTTLE_RETENTION = 25 * HOUR;

/** Failures in a row are of users alone, whose number is bounded, and are counted for as long as guessing may take (SEC-57). */
export const FAILURES_RETENTION = 365 * DAY;

/** Failures in a row of one source of strangers: a user gets up to 20 more such rows a day for each kind of code, so they are kept for less time. */
export const STRANGER_RETENTION = 30 * DAY;

/** How much longer a counter is kept than others before it is swept. */
export const keptLongerMillis = ({ subject, failures }: Pick<ThrottleRow, 'subject' | 'failures'>): number => {
  if (failures === undefined) return 0;
  return (isOfStranger(subject) ? STRANGER_RETENTION : FAILURES_RETENTION) - THROTTLE_RETENTION;
};

/** How a back channel ended is kept for an hour after its time, for a journey that asks late. */
export const BACK_CHANNEL_RETENTION = HOUR;

/** So many versions of a tree stay whether a journey is on them or not: a browser may hold the first step of one, which is not stored yet. */
export const KEPT_TREE_VERSIONS = 32;

/** A version of a tree outlives the longest journey that may be on it, one that waits for its link to be followed included. */
export const TREE_RETENTION = 30 * DAY;

/** An instance that was killed is told of for an hour; one that has ended in order is not. */
export const INSTANCE_RETENTION = HOUR;

/** The moments that rows must have passed to be swept. */
export interface Horizons {
  readonly journeyExpiredBy: number;
  readonly sessionExpiredBy: number;
  readonly messageExpiredBy: number;
  readonly throttleIdleSince: number;
  readonly backChannelExpiredBy: number;
  readonly entryDeadBy: number;
  readonly treeRetiredBy: number;
  readonly instanceUnseenSince: number;
}

export const horizonsAt = (now: number, { sessions, requests, notices }: Retention): Horizons => ({
  journeyExpiredBy: now,
  sessionExpiredBy: now - sessions,
  messageExpiredBy: now - RETRY_WINDOW - requests,
  throttleIdleSince: now - THROTTLE_RETENTION,
  backChannelExpiredBy: now - BACK_CHANNEL_RETENTION,
  entryDeadBy: now - notices,
  treeRetiredBy: now - TREE_RETENTION,
  instanceUnseenSince: now - INSTANCE_RETENTION,
});
