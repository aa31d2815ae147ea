import type { ThrottlePolicy } from '@assent/engine';

/** Of users that one source makes, or tries to, which says whether a name is taken: a school class registers in one hour. */
export const REGISTRATION_POLICY: ThrottlePolicy = {
  windowMillis: 3_600_000,
  free: 100,
  lockMillis: 900_000,
  maxLockMillis: 3_600_000,
};
