import { DEAD_RETENTION_MILLIS } from '@assent/engine/host';

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
