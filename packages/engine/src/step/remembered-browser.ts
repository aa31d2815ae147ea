import { afterHit, type BrowserKnownBy, isLocked } from '../model/throttle.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { CredentialVersion } from '../unit-of-work/credential-version.ts';
import type { RememberedBrowser } from './journey-requests.ts';
import { type BrowserProof, knownBy, NEW_PLACES_POLICY, newPlacesSubject } from './known-places.ts';
import type { StepExecution } from './step-execution.ts';

/**
 * Whether the browser of a sign-in is known to be the user's from now on, and by which of these proofs. A new one is counted in the commit of the
 * sign-in, so that no more than a day's number becomes known, however many sign in at once (SEC-86, SEC-87). A browser that is known already costs
 * nothing.
 */
export const rememberBrowser = async (
  execution: StepExecution,
  { userId, rev: credentialRev }: CredentialVersion,
  proofs: readonly BrowserProof[],
): Promise<RememberedBrowser | undefined> => {
  const by: BrowserKnownBy[] = [];
  for (const proof of proofs) {
    const kind = proof === 'mailbox' ? proof : knownBy(proof);
    const isKnown = execution.unit.request.browserKnownTo?.(userId, credentialRev, kind) !== undefined;
    if (isKnown || (await becomesKnown(execution, userId, proof))) by.push(kind);
    // A second factor covers what the others make the browser known for.
    if (by.includes('factor')) break;
  }
  return by.length === 0 ? undefined : { userId, by, credentialRev };
};

const becomesKnown = async (
  { dependencies: { knownPlaces, clock }, unit }: StepExecution,
  userId: string,
  proof: BrowserProof,
): Promise<boolean> => {
  if (knownPlaces === undefined) return false;
  const isWeak = proof === 'password' || proof === 'mailbox';
  if (isWeak && (await knownPlaces.hasSecondFactor(unit, userId))) return false;
  const subject = newPlacesSubject(userId, proof);
  const [row] = await knownPlaces.throttles.get([subject]);
  const now = clock.now();
  if (isLocked(row, now)) return false;
  unit.stage({ type: 'throttle.put', row: afterHit(row, subject, NEW_PLACES_POLICY, now) } satisfies EngineChange);
  return true;
};
