import { hash } from 'node:crypto';
import type { Throttle, ThrottlePolicy } from '@assent/engine';

/** The tenth mail within an hour is the last for a while: a journey is no way to fill somebody's mailbox. */
const MAIL_POLICY: ThrottlePolicy = {
  windowMillis: 3_600_000,
  free: 10,
  lockMillis: 900_000,
  maxLockMillis: 3_600_000,
};

/** Counts a mail to an address, in whichever journey of the realm; `false` where it must not go out any more. */
export const mayMail = async (throttle: Throttle, realm: string, address: string): Promise<boolean> => {
  const subject = `mail:${hash('sha256', `${realm}:${address.toLowerCase()}`, 'base64url')}`;
  if ((await throttle.state(subject)).locked) return false;
  await throttle.hit(subject, MAIL_POLICY);
  return true;
};
