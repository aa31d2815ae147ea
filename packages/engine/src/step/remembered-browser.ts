import { afterHit, type BrowserKnownBy, type BrowserOwner, isLocked } from '../model/throttle.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { RememberedBrowser } from './journey-requests.ts';
import { type BrowserProof, NEW_PLACES_POLICY, newPlacesSubject } from './known-places.ts';
import type { StepExecution } from './step-execution.ts';

/**
 * Whether the browser of a sign-in is known to be the user's from now on, and by which of these proofs. A new one is counted in the commit of the
 * sign-in, so that no more than a day's number becomes known, however many sign in at once (SEC-86, SEC-87). A browser that is known already costs
 * nothing.
 */
export const rememberBrowser = async (
  execution: StepExecution,
  owner: BrowserOwner,
  proofs: readonly BrowserProof[],
): Promise<RememberedBrowser | undefined> => {
  const shown: BrowserProof[] = [];
  for (const proof of proofs) {
    const { by } = proof;
    const isKnown = execution.unit.request.browserKnownTo?.(owner, by) !== undefined;
    if (isKnown || (await becomesKnown(execution, owner.userId, by))) shown.push(proof);
    // Either covers what the others make the browser known for.
    if (shown.length > 0 && (by === 'factor' || by === 'sentCode')) break;
  }
  const by = shown.map((proof) => proof.by);
  return by.length === 0 ? undefined : { ...owner, by, addressIn: shown.flatMap(({ addressIn }) => addressIn) };
};

const becomesKnown = async (
  { dependencies: { knownPlaces, clock }, unit }: StepExecution,
  userId: string,
  proof: BrowserKnownBy,
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
