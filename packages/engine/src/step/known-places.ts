import type { ProofMethod, ProvenFactor } from '../model/proven-factors.ts';
import { DAY_BOUNDS, DAY_MILLIS, type ThrottlePolicy } from '../model/throttle.ts';

/**
 * What made a browser or an address known to be a user's. `factor`: a second factor of that user was shown there. `password`: the password
 * alone, which counts while the user has nothing else to show, and never for requests to phones or codes (SEC-86, docs/adr/0128).
 */
export type KnownBy = 'factor' | 'password';

/** The strongest that was shown in a place: what a device of the user or a recovery code proves, a code that was sent, or the password. */
export type PlaceProof = 'factor' | 'sentCode' | 'password';

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

const NEW_PLACES: Readonly<Record<PlaceProof, string>> = {
  factor: 'new-places',
  sentCode: 'new-places-by-sent-code',
  password: 'new-places-by-password',
};

/**
 * Counts the browsers that become known to be a user's, by each proof apart: a burst of sign-ins by the password alone, or by codes that were sent,
 * keeps no browser from being remembered in which the user has shown a device (SEC-87).
 */
export const newPlacesSubject = (userId: string, proof: PlaceProof): string => `${NEW_PLACES[proof]}:${userId}`;

/** Browsers of one user that become known within a day by one kind of proof (SEC-87). */
export const NEW_PLACES_POLICY: ThrottlePolicy = {
  windowMillis: DAY_MILLIS,
  free: DAY_BOUNDS.newPlaces,
  lockMillis: 0,
  maxLockMillis: 0,
  most: DAY_BOUNDS.newPlaces,
};
