import type { ThrottlePolicy } from '@assent/engine';

/** The fifth wrong password in a row locks for a quarter of an hour, as with recovery codes (SEC-46). */
export const ONE_TIME_PASSWORD_POLICY: ThrottlePolicy = {
  windowMillis: 3_600_000,
  free: 5,
  lockMillis: 900_000,
  maxLockMillis: 900_000,
};

/** The tenth mail within an hour is the last for a while: a journey is no way to fill somebody's mailbox. */
export const MAIL_POLICY: ThrottlePolicy = {
  windowMillis: 3_600_000,
  free: 10,
  lockMillis: 900_000,
  maxLockMillis: 3_600_000,
};

/** Counts wrong passwords: of the user, where there is one, so that starting again gives no new tries. */
export const oneTimePasswordSubject = (userId: string | undefined, journeyId: string): string =>
  `otp:${userId ?? `journey:${journeyId}`}`;

/** Counts mails to one address. */
export const mailSubject = (realm: string, address: string): string => `mail:${realm}:${address.toLowerCase()}`;
