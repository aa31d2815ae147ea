import { hash } from 'node:crypto';
import { JourneyError } from '@assent/engine';
import { type JourneyReference, sameText } from '@assent/engine/host';
import { type Call, type FetchSite, fetchSiteOf } from '../http/call.ts';
import type { Cookies } from '../http/cookies.ts';
import type { AuthIdSigner } from './auth-id-signer.ts';

/** Browsers say where a call comes from; only for those from our own site is the binding cookie demanded. */
const SAME_SITE: ReadonlySet<FetchSite | undefined> = new Set<FetchSite>(['same-origin', 'same-site']);

/** Whether a page of our own site makes the call. */
export const isFromOwnSite = ({ request }: Call): boolean => SAME_SITE.has(fetchSiteOf(request.headers));

/** What a journey keeps of the binding cookie of its browser (SEC-42). */
export const bindingHash = (cookie: string): string => hash('sha256', cookie, 'base64url').slice(0, 22);

interface Opening {
  readonly signer: AuthIdSigner;
  readonly cookies: Cookies;
}

/**
 * Opens the authId of a call: the signature must be ours, and the browser the one that it was given to. A promise only where it names a key that
 * is read first, as nearly none does.
 */
export const presentedAuthId = (
  call: Call,
  authId: string,
  opening: Opening,
): JourneyReference | Promise<JourneyReference> => {
  const reading = opening.signer.reading(authId);
  return reading === undefined ? opened(call, authId, opening) : reading.then(() => opened(call, authId, opening));
};

const opened = (call: Call, authId: string, { signer, cookies }: Opening): JourneyReference => {
  const reference = signer.open(authId);
  if (reference.binding !== undefined && isFromOwnSite(call)) {
    const cookie = cookies.read(call.request.headers.cookie, cookies.bindingName);
    if (cookie === undefined || !sameText(bindingHash(cookie), reference.binding)) {
      throw new JourneyError('JOURNEY_EXPIRED', { reason: 'The authId belongs to another browser.' });
    }
  }
  return reference;
};
