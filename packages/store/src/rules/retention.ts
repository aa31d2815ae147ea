import { DEAD_RETENTION_MILLIS, type ThrottleRow } from '@assent/engine/host';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** An identical retry of an accepted answer is told apart from a replay for this long (design.md decision 8). */
const RETRY_WINDOW = 60 * SECOND;

/** How long closed push messages are kept where nothing else is said. */
export const DEFAULT_MESSAGE_RETENTION = 120 * SECOND;

/** A session that ended by its clock is kept for a day, so that an operator can still see it. */
const SESSION_RETENTION = 24 * HOUR;

/** Longer than the longest window of a throttle, which is a day (SEC-25). */
const THROTTLE_RETENTION = 25 * HOUR;

/** Failures in a row are of users alone, whose number is bounded, and are counted for as long as guessing may take (SEC-57). */
const FAILURES_RETENTION = 365 * 24 * HOUR;

/** How much longer a counter is kept than others before it is swept. */
export const keptLongerMillis = ({ failures }: Pick<ThrottleRow, 'failures'>): number =>
  failures === undefined ? 0 : FAILURES_RETENTION - THROTTLE_RETENTION;

/** How a back channel ended is kept for an hour after its time, for a journey that asks late. */
const BACK_CHANNEL_RETENTION = HOUR;

/** A version of a tree outlives the longest journey that may be on it, one that waits for its link to be followed included. */
const TREE_RETENTION = 30 * 24 * HOUR;

/** An instance that was killed is told of for an hour; one that has ended in order is not. */
const INSTANCE_RETENTION = HOUR;

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

export const horizonsAt = (now: number, messageRetention: number): Horizons => ({
  journeyExpiredBy: now,
  sessionExpiredBy: now - SESSION_RETENTION,
  messageExpiredBy: now - RETRY_WINDOW - messageRetention,
  throttleIdleSince: now - THROTTLE_RETENTION,
  backChannelExpiredBy: now - BACK_CHANNEL_RETENTION,
  entryDeadBy: now - DEAD_RETENTION_MILLIS,
  treeRetiredBy: now - TREE_RETENTION,
  instanceUnseenSince: now - INSTANCE_RETENTION,
});
