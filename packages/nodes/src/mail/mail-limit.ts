import { hash } from 'node:crypto';
import type { Throttle, ThrottlePolicy } from '@assent/engine';

/** The tenth mail within an hour is the last for a while: a journey is no way to fill somebody's mailbox. */
export const MAIL_POLICY: ThrottlePolicy = {
  windowMillis: 3_600_000,
  free: 10,
  lockMillis: 900_000,
  maxLockMillis: 3_600_000,
};

/** What one source has mailed for it before anybody has proved to be the user: so much is no office whose people sign in by mail. */
export const MAIL_FROM_SOURCE_POLICY: ThrottlePolicy = { ...MAIL_POLICY, free: 100 };

/** Which mail it is about. */
export interface MailCount {
  readonly realm: string;
  readonly address: string;
  /** Whether somebody has proved to be the user: what they mail themselves is counted by their address alone. */
  readonly isIdentified: boolean;
}

/** Counts a mail to an address, in whichever journey of the realm, and from where it is wanted; `false` where it must not go out any more. */
export const mayMail = async (throttle: Throttle, { realm, address, isIdentified }: MailCount): Promise<boolean> => {
  const subject = `mail:${hash('sha256', `${realm}:${address.toLowerCase()}`, 'base64url')}`;
  const source = throttle.ofSource('mails');
  if ((await throttle.state(subject)).locked) return false;
  if (!isIdentified && (await throttle.state(source)).locked) return false;
  await throttle.hit(subject, MAIL_POLICY);
  if (!isIdentified) await throttle.hit(source, MAIL_FROM_SOURCE_POLICY);
  return true;
};

/** A mail that a node is about to send. */
export const mailTo = (
  { realm }: { readonly realm: string },
  { identifiedUser }: { readonly identifiedUser: string | undefined },
  address: string,
): MailCount => ({ realm, address, isIdentified: identifiedUser !== undefined });
