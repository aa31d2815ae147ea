import { hash } from 'node:crypto';
import { foldUsername, type Identity, type SendLimits, type Throttle, type ThrottlePolicy } from '@assent/engine';

const HOUR = 3_600_000;

/** So many mails within an hour, and within a day: a journey is no way to flood a mailbox. */
const bound = (hour: number, day: number): ThrottlePolicy => ({
  windowMillis: 24 * HOUR,
  free: day,
  lockMillis: 0,
  maxLockMillis: 0,
  most: day,
  peak: { windowMillis: HOUR, most: hour },
});

/** To one mailbox, asked for by strangers at one source: a small part of what all strangers get, so that no single one uses that up (SEC-87). */
export const MAILS_FOR_SOURCE: ThrottlePolicy = bound(5, 20);
/** To one mailbox, asked for by all strangers together. */
export const MAILS_FOR_STRANGERS: ThrottlePolicy = bound(20, 100);
/** To the mailbox of a user, asked for from one kind of known places: each kind has a part, of which the others use up nothing (SEC-87). */
export const MAILS_FOR_KNOWN_PLACES: ThrottlePolicy = bound(10, 50);
/** To a mailbox that a user only claims, asked for from known browsers of that user. */
export const MAILS_FOR_CLAIMANT: ThrottlePolicy = bound(5, 10);
/** To a mailbox that users only claim, asked for by all of them together: each could be an account of one attacker, who floods another person. */
export const MAILS_FOR_CLAIMANTS: ThrottlePolicy = bound(20, 40);

/** Mails for one source before the user is identified: enough for an office whose users sign in by mail. */
export const MAIL_FROM_SOURCE_POLICY: ThrottlePolicy = {
  windowMillis: HOUR,
  free: 100,
  lockMillis: 900_000,
  maxLockMillis: HOUR,
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
  /** Those that are counted at once where the mail goes out before the commit. */
  readonly limits: SendLimits;
}

/** One address in all its spellings: in any case, and with any display name as in `Jane <jane@example.org>`. */
const bareAddress = (address: string): string => foldUsername(/<([^<>]*)>\s*$/.exec(address)?.[1] ?? address).trim();

/**
 * Counts a mail to an address, in each journey of the realm, in the part of where it is asked for; `false` where that part is used up. Browsers that
 * a second factor, or a followed link or a sent code, has made known draw from the parts of their kinds (docs/adr/0137). All other callers draw from the part of
 * strangers, and once that is used up, from a reserve: known addresses and browsers known by the password from theirs, and known browsers of a
 * user who only claims the address, or has changed it by the password alone lately, from one with narrow bounds, since that mailbox may belong to another person.
 *
 * Before a user is identified, each visit of such a caller counts for its source, also where the mailbox got too many mails, and where there is no user or
 * no address: call it without an address then. Otherwise the limit of the source would tell which users exist (SEC-59).
 */
export const mayMail = async (
  { realm: { realm }, journey, ports: { throttle }, limits }: MailVisit,
  address: string | undefined,
  owner: MailOwner | undefined,
): Promise<boolean> => {
  const ofSource: ReadonlyMap<string, ThrottlePolicy> = new Map(
    journey.identifiedUser === undefined ? [[throttle.ofSource('mails'), MAIL_FROM_SOURCE_POLICY]] : [],
  );
  const chargeSource = async (): Promise<void> => {
    if (ofSource.size > 0) await limits.take(ofSource);
  };
  if (address === undefined) {
    await chargeSource();
    return false;
  }
  const subject = `mail:${hash('sha256', `${realm}:${bareAddress(address)}`, 'base64url')}`;
  // An address that was collected is in no attribute of the user.
  const user = owner === undefined || owner.addressIn.length === 0 ? undefined : owner.user;
  const asker = { ...user, userId: user?.id };
  const isOwn = user !== undefined && journey.ownsAddress(user, owner?.addressIn ?? []);
  const browser = throttle.browserKnownBy(asker);
  const partOf = (kind: string): ReadonlyMap<string, ThrottlePolicy> =>
    new Map([[`${subject}:${kind}:${user?.id}`, MAILS_FOR_KNOWN_PLACES]]);
  if (isOwn && (browser === 'factor' || browser === 'mailbox')) return limits.take(partOf(browser));

  const strangers = new Map([
    [`${subject}:${throttle.ofSource('from')}`, MAILS_FOR_SOURCE],
    [subject, MAILS_FOR_STRANGERS],
    ...ofSource,
  ]);
  if (await limits.take(strangers)) return true;
  await chargeSource();
  if (isOwn) {
    if (browser === 'password' && (await limits.take(partOf('password')))) return true;
    return (await throttle.isKnownAddress(asker)) && limits.take(partOf('addresses'));
  }
  if (user === undefined || browser === undefined) return false;
  const claimants = new Map([
    [`${subject}:claimant:${user.id}`, MAILS_FOR_CLAIMANT],
    [`${subject}:claimants`, MAILS_FOR_CLAIMANTS],
  ]);
  return limits.take(claimants);
};
