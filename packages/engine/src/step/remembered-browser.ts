import { afterHit, isLocked } from '../model/throttle.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { CredentialVersion } from '../unit-of-work/credential-version.ts';
import type { RememberedBrowser } from './journey-requests.ts';
import { knownBy, NEW_PLACES_POLICY, newPlacesSubject, type PlaceProof } from './known-places.ts';
import type { StepExecution } from './step-execution.ts';

/**
 * Whether the browser of a sign-in is known to be the user's from now on. A new one is counted in the commit of the sign-in, so that no more than
 * a day's number becomes known, however many sign in at once (SEC-86, SEC-87). A browser that is known already costs nothing.
 */
export const rememberBrowser = async (
  { dependencies, unit }: StepExecution,
  { userId, rev: credentialRev }: CredentialVersion,
  proof: PlaceProof | undefined,
): Promise<RememberedBrowser | undefined> => {
  const { knownPlaces, clock } = dependencies;
  const { request } = unit;
  if (knownPlaces === undefined || proof === undefined) return undefined;
  const by = knownBy(proof);
  const remembered = { userId, by, credentialRev };
  if (request.browserKnownTo?.(userId, credentialRev, by) !== undefined) return remembered;
  if (by === 'password' && (await knownPlaces.hasSecondFactor(unit, userId))) return undefined;

  const subject = newPlacesSubject(userId, proof);
  const [row] = await knownPlaces.throttles.get([subject]);
  const now = clock.now();
  if (isLocked(row, now)) return undefined;
  unit.stage({ type: 'throttle.put', row: afterHit(row, subject, NEW_PLACES_POLICY, now) } satisfies EngineChange);
  return remembered;
};
