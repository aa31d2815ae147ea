import { isPast } from '@assent/engine/host';
import type { CheckedRequest } from '../checks/checked-request.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { type AcrDemands, acrVerdict } from '../people/acr.ts';
import type { SignedIn } from '../people/signed-in.ts';
import { OAuthError } from '../protocol/errors.ts';

/** Whether the session that is there is what a request needs. */
export type SignInVerdict =
  /** `acr` is the class that the token tells; absent where nobody asked for one. */
  | { readonly kind: 'enough'; readonly acr?: string }
  /** The browser has to sign in; `isForced` although there is a session. `tree` is the journey for it, if a certain one. */
  | { readonly kind: 'login'; readonly isForced: boolean; readonly tree?: string }
  /** No sign-in would help. */
  | { readonly kind: 'refused'; readonly error: OAuthError };

const ENOUGH: SignInVerdict = { kind: 'enough' };

type ClassBearer = Pick<SignedIn, 'factors'>;

/** The classes that a request wants; what the client requires cannot be lowered by it (OIDC-11). */
const acrDemands = ({ client, claims, acrValues }: CheckedRequest): AcrDemands => {
  const claim = claims?.id_token?.acr;
  const named = claim?.values ?? (claim?.value === undefined ? [] : [claim.value]);
  // One that names no class wants to be told it, and leaves the wishes as they are.
  const isEssential = claim?.essential === true && named.length > 0;
  return {
    required: client.requiredAcr,
    essential: isEssential ? named : [],
    voluntary: isEssential ? [] : [...named, ...acrValues],
  };
};

/** When the user last proved anything, in milliseconds. */
const newestFactor = ({ factors }: SignedIn, now: number): number =>
  Math.max(0, ...factors.map(({ at }) => at).filter((at) => isPast(at, now)));

/** For so long a sign-in counts as done for the request that asked for it: to see what a journey still shows, and to agree. */
const FRESH_MILLIS = 300_000;

/** Whether a journey, or that one, has ended since the browser was sent to sign in for this request: to send it again would not end. */
const hasComeBack = ({ journeys }: SignedIn, since: number | undefined, tree?: string): boolean =>
  since !== undefined && journeys.some((journey) => journey.at >= since && journey.tree === (tree ?? journey.tree));

/** Whether what was proven then is as new as the request wants it: by the millisecond, since a second is long (OIDC-10). */
const isFresh = ({ prompts, maxAge, since }: CheckedRequest, proven: number, now: number): boolean => {
  // The way back can be gone a second time; only just after the sign-in it says that somebody has signed in for it.
  if (since !== undefined && proven >= since && now - proven < FRESH_MILLIS) return true;
  // No age is below 0, not even that of the same millisecond: it asks to sign in as `prompt=login` does.
  if (prompts.has('login') || maxAge === 0) return false;
  return maxAge === undefined || now - proven <= maxAge * 1_000;
};

const freshnessOf = (request: CheckedRequest, person: SignedIn, now: number): SignInVerdict => {
  if (isFresh(request, newestFactor(person, now), now)) return ENOUGH;
  const hasProven = request.since !== undefined && newestFactor(person, now) >= request.since;
  if (hasProven || !hasComeBack(person, request.since)) return { kind: 'login', isForced: true };
  const description = 'The journey that the user has walked asks for nothing that would prove who it is.';
  return { kind: 'refused', error: new OAuthError('login_required', { description }) };
};

/** What of a sign-in is as new as the request wants it: where it wants a new one, what was proven before meets no class. */
const freshPartOf = (request: CheckedRequest, { factors }: SignedIn, now: number): ClassBearer => ({
  factors: factors.filter(({ at }) => isPast(at, now) && isFresh(request, at, now)),
});

/** The class that is met by a sign-in, or by a part of it. */
const classOf = (
  request: CheckedRequest,
  person: SignedIn,
  provider: ProviderSettings,
  by: ClassBearer = person,
): SignInVerdict => {
  const { treeOfAcr } = provider;
  const demands = acrDemands(request);
  const verdict = acrVerdict(demands, by, provider);
  if (verdict.kind === 'met') return verdict.acr === undefined ? ENOUGH : { kind: 'enough', acr: verdict.acr };
  const { isEssential, tree, acr } = verdict;
  // Each class is asked for once. What the client requires comes first, so whoever comes back with that may be asked for the other.
  const treeOfRequired = demands.required === undefined ? undefined : treeOfAcr.get(demands.required);
  const isNext =
    treeOfRequired !== undefined && tree !== treeOfRequired && hasComeBack(person, request.since, treeOfRequired);
  const mayAsk = tree !== undefined && (isNext || !hasComeBack(person, request.since));
  // A silent answer takes the session as it is.
  if (!isEssential && (!mayAsk || request.prompts.has('none'))) return { kind: 'enough', acr };
  return mayAsk
    ? { kind: 'login', isForced: true, tree }
    : { kind: 'refused', error: new OAuthError('unmet_authentication_requirements') };
};

/** The journey for somebody who is not signed in at all. */
const firstTree = (request: CheckedRequest, provider: ProviderSettings): string | undefined => {
  const verdict = acrVerdict(acrDemands(request), { factors: [] }, provider);
  return (verdict.kind === 'lacking' ? verdict.tree : undefined) ?? request.tree;
};

/** What becomes of a request: `subject` is what tokens would call the person. */
export const signInVerdict = (
  request: CheckedRequest,
  signedIn: { readonly person: SignedIn; readonly subject: string } | undefined,
  provider: ProviderSettings,
  now: number,
): SignInVerdict => {
  if (signedIn === undefined) {
    const tree = firstTree(request, provider);
    return { kind: 'login', isForced: false, ...(tree !== undefined && { tree }) };
  }
  const { person, subject } = signedIn;
  if (request.expectedSubject !== undefined && request.expectedSubject !== subject) {
    if (request.prompts.has('none') || hasComeBack(person, request.since)) {
      return { kind: 'refused', error: new OAuthError('login_required') };
    }
    return { kind: 'login', isForced: true };
  }
  const fresh = freshnessOf(request, person, now);
  if (fresh.kind === 'refused') return fresh;
  if (fresh.kind === 'enough') return classOf(request, person, provider, freshPartOf(request, person, now));
  const met = classOf(request, person, provider);
  if (met.kind !== 'enough') return met;
  // The journey that brings a class that is met already, so that a fresh sign-in is no weaker one; what the client requires comes first.
  const acr = request.client.requiredAcr ?? met.acr;
  const tree = acr === undefined ? request.tree : provider.treeOfAcr.get(acr);
  return { ...fresh, ...(tree !== undefined && { tree }) };
};
