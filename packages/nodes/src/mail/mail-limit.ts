import { hash } from 'node:crypto';
import { foldUsername, type Identity, type Throttle, type ThrottlePolicy } from '@assent/engine';

/**
 * What each part sends to an address within an hour: a journey is no way to flood a mailbox. Strangers together have a part, and so have the
 * known addresses and the known browsers of each user whose address it is. A caller in one part uses up nothing of another (SEC-87).
 */
export const MAIL_POLICY: ThrottlePolicy = {
  windowMillis: 3_600_000,
  free: 10,
  lockMillis: 0,
  maxLockMillis: 0,
  most: 10,
};

/** Mails for one source before the user is identified: enough for an office whose users sign in by mail. */
export const MAIL_FROM_SOURCE_POLICY: ThrottlePolicy = {
  windowMillis: 3_600_000,
  free: 100,
  lockMillis: 900_000,
  maxLockMillis: 3_600_000,
};

/** The user whose own address a mail goes to, and the attributes that hold it. */
export interface MailOwner {
  readonly user: Pick<Identity, 'id' | 'credentialRev' | 'attributes'>;
  readonly addressIn: readonly string[];
}

/** The visit of a node that sends a mail. */
interface MailVisit {
  readonly realm: { readonly realm: string };
  readonly journey: {
    readonly identifiedUser: string | undefined;
    ownsAddress(user: Pick<Identity, 'attributes'>, addressIn: readonly string[]): boolean;
  };
  readonly ports: { readonly throttle: Throttle };
}

/** One address in all its spellings: in any case, and with any display name as in `Jane <jane@example.org>`. */
const bareAddress = (address: string): string => foldUsername(/<([^<>]*)>\s*$/.exec(address)?.[1] ?? address).trim();

/** Counts it in every one of these rows, or in none where one of them is used up. */
const counted = async (throttle: Throttle, rows: ReadonlyMap<string, ThrottlePolicy>): Promise<boolean> => {
  for (const subject of rows.keys()) if ((await throttle.state(subject)).locked) return false;
  for (const [subject, policy] of rows) await throttle.hit(subject, policy);
  return true;
};

/**
 * Counts a mail to an address, in each journey of the realm, in the part of where it is asked for; `false` where that part is used up. Without an
 * `owner`, and for an address that the password alone has changed lately, all callers are strangers: else a user could draw from, or add to, the
 * parts of a mailbox that belongs to another person.
 */
export const mayMail = async (
  { realm: { realm }, journey, ports: { throttle } }: MailVisit,
  address: string,
  owner: MailOwner | undefined,
): Promise<boolean> => {
  const subject = `mail:${hash('sha256', `${realm}:${bareAddress(address)}`, 'base64url')}`;
  const user = owner !== undefined && journey.ownsAddress(owner.user, owner.addressIn) ? owner.user : undefined;
  const asker = { userId: user?.id, credentialRev: user?.credentialRev };
  const part = (name: string) => new Map([[`${subject}:${name}:${user?.id}`, MAIL_POLICY]]);
  if (throttle.isKnownBrowser(asker)) return counted(throttle, part('known'));
  const strangers = new Map([
    [subject, MAIL_POLICY],
    ...(journey.identifiedUser === undefined ? [[throttle.ofSource('mails'), MAIL_FROM_SOURCE_POLICY] as const] : []),
  ]);
  if (await counted(throttle, strangers)) return true;
  return user !== undefined && (await throttle.isKnownAddress(asker)) && counted(throttle, part('addresses'));
};
