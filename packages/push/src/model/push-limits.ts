import type { ThrottlePolicy } from '@assent/engine';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How many messages go to one user's phones since the last success; one more is not sent (SEC-25). */
const SEND_LIMITS = [
  { windowMillis: MINUTE, limit: 3 },
  { windowMillis: 10 * MINUTE, limit: 6 },
  { windowMillis: DAY, limit: 20 },
];

/** Sends are counted here and judged by `isOverSendLimit`: this row locks nothing. */
export const SEND_POLICY: ThrottlePolicy = {
  windowMillis: DAY,
  free: Number.POSITIVE_INFINITY,
  lockMillis: 0,
  maxLockMillis: 0,
};

/** The second denial or wrong number within an hour ends all pushes to that user for an hour (SEC-26). */
export const REFUSAL_POLICY: ThrottlePolicy = { windowMillis: HOUR, free: 2, lockMillis: HOUR, maxLockMillis: HOUR };

/** Counts the messages sent to a user. */
export const sendSubject = (userId: string): string => `push:${userId}`;
/** Counts a user's denials and wrong numbers. */
export const refusalSubject = (userId: string): string => `push-refused:${userId}`;

/** The subjects of both counters of a user: what was sent, and what was refused. */
export const pushSubjects = (userId: string): readonly string[] => [sendSubject(userId), refusalSubject(userId)];

export const isOverSendLimit = (hits: readonly number[], now: number): boolean =>
  SEND_LIMITS.some(({ windowMillis, limit }) => hits.filter((at) => at > now - windowMillis).length >= limit);

/** From when on the limit no longer holds a message back, where it does now. */
export const sendLimitEndsAt = (hits: readonly number[], now: number): number =>
  Math.max(
    now,
    ...SEND_LIMITS.map(({ windowMillis, limit }) => (hits.at(-limit) ?? Number.NEGATIVE_INFINITY) + windowMillis),
  );
