import { hasUnprovenAddress, type Identity } from '../model/identities.ts';
import { type FollowedLink, hasAddress, type ProofMethod, type ProvenFactor } from '../model/proven-factors.ts';
import { type BrowserKnownBy, DAY_BOUNDS, DAY_MILLIS, type ThrottlePolicy } from '../model/throttle.ts';

/**
 * What made an address, or the browser there, known to be a user's. `factor`: a second factor of that user was shown there. `password`: the password
 * alone, which counts while the user has nothing else to show, and never for requests to phones or codes (SEC-86, docs/adr/0128).
 */
export type KnownBy = Extract<BrowserKnownBy, 'factor' | 'password'>;

/** The strongest that was shown in a place: what a device of the user or a recovery code proves, a code that was sent, or the password. */
export type PlaceProof = Exclude<BrowserKnownBy, 'mailbox'>;

const SENT_CODES: ReadonlySet<ProofMethod | undefined> = new Set(['mailCode', 'smsCode']);

/** What these proofs of one user are for a place; undefined where nothing was proven. */
export const placeProof = (factors: readonly Pick<ProvenFactor, 'method'>[]): PlaceProof | undefined => {
  const methods = factors.flatMap(({ method }) => method ?? []);
  if (methods.length === 0) return undefined;
  const factor = methods.filter((method) => method !== 'password');
  if (factor.length === 0) return 'password';
  return factor.every((method) => SENT_CODES.has(method)) ? 'sentCode' : 'factor';
};

/** What a proof makes the place known by. A code that was sent is the second factor of a user who has no device for one. */
export const knownBy = (proof: PlaceProof): KnownBy => (proof === 'password' ? 'password' : 'factor');

/** What makes a browser known: what proves the user there, or a followed link, which makes no address known. */
export interface BrowserProof {
  readonly by: BrowserKnownBy;
  /** The attributes with the addresses that the link or the code went to: the browser is known while the user has these addresses. */
  readonly addressIn: readonly string[];
}

/**
 * Whether the link of this journey has shown that its user reads the mailbox: it went to an address of the user that the password alone has not
 * changed lately. An attacker with the password, who has set another address for a while, keeps no mark for later (docs/adr/0137).
 */
export const provesMailbox = (
  link: FollowedLink,
  { id, attributes }: Pick<Identity, 'id' | 'attributes'>,
  now: number,
): boolean =>
  (link.userId === null || link.userId === id) &&
  hasAddress({ attributes }, link) &&
  !hasUnprovenAddress(attributes, [link.attribute], now);

const NEW_PLACES: Readonly<Record<BrowserKnownBy, string>> = {
  factor: 'new-places',
  sentCode: 'new-places-by-sent-code',
  password: 'new-places-by-password',
  mailbox: 'new-places-by-mailbox',
};

/** What counters of new places begin with. */
export const NEW_PLACES_KINDS: readonly string[] = Object.values(NEW_PLACES);

/**
 * Counts the browsers that become known to be a user's, by each proof apart: a burst of sign-ins by the password alone, by codes that were sent or by
 * mailed links keeps no browser from being remembered in which the user has shown a device (SEC-87).
 */
export const newPlacesSubject = (userId: string, proof: BrowserKnownBy): string => `${NEW_PLACES[proof]}:${userId}`;

/** Browsers of one user that become known within a day by one kind of proof (SEC-87). */
export const NEW_PLACES_POLICY: ThrottlePolicy = {
  windowMillis: DAY_MILLIS,
  free: DAY_BOUNDS.newPlaces,
  lockMillis: 0,
  maxLockMillis: 0,
  most: DAY_BOUNDS.newPlaces,
};
