import type { ThrottlePolicy } from '@assent/engine';

/** The fifth wrong password in a row locks for a quarter of an hour, as with recovery codes (SEC-46). */
export const ONE_TIME_PASSWORD_POLICY: ThrottlePolicy = {
  windowMillis: 3_600_000,
  free: 5,
  lockMillis: 900_000,
  maxLockMillis: 900_000,
};

/** Counts wrong codes that were sent: of the user, where there is one, so that starting again gives no new tries. Codes of an app have a counter of theirs. */
export const oneTimePasswordSubject = (userId: string | undefined, journeyId: string): string =>
  `sent-code:${userId ?? `journey:${journeyId}`}`;
