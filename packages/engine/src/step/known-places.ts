import type { ProvenFactor } from '../model/proven-factors.ts';
import { DAY_BOUNDS, DAY_MILLIS, type ThrottlePolicy } from '../model/throttle.ts';

/**
 * What made a browser or an address known to be a user's. `factor`: a second factor of that user was shown there. `password`: the password
 * alone, which counts while the user has nothing else to show, and never for requests to phones or codes (SEC-86, docs/adr/0128).
 */
export type KnownBy = 'factor' | 'password';

/** What these proofs of one user make the place known by; undefined where nothing was proven. */
export const knownBy = (factors: readonly Pick<ProvenFactor, 'method'>[]): KnownBy | undefined => {
  const methods = factors.flatMap(({ method }) => method ?? []);
  if (methods.length === 0) return undefined;
  return methods.some((method) => method !== 'password') ? 'factor' : 'password';
};

/**
 * Counts the browsers that become known to be a user's, by each proof apart: a burst of sign-ins by the password alone keeps no browser from being
 * remembered in which a second factor was shown (SEC-87).
 */
export const newPlacesSubject = (userId: string, by: KnownBy): string =>
  `${by === 'factor' ? 'new-places' : 'new-places-by-password'}:${userId}`;

/** Browsers of one user that become known within a day by one kind of proof (SEC-87). */
export const NEW_PLACES_POLICY: ThrottlePolicy = {
  windowMillis: DAY_MILLIS,
  free: DAY_BOUNDS.newPlaces,
  lockMillis: 0,
  maxLockMillis: 0,
  most: DAY_BOUNDS.newPlaces,
};
