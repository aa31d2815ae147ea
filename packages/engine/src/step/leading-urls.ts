import type { RealmSettings } from '../model/configuration.ts';
import type { JourneyDependencies, JourneyParameters } from './journey-requests.ts';

type Rule = Pick<JourneyDependencies, 'isAllowedRedirect'>;

const isUrl = (byNode: unknown): byNode is string => typeof byNode === 'string' && byNode !== '';

/** Where success leads: a node's word, then an allowed `goto`, then the realm (spec: journeys-rest §1.11). */
export const successUrlOf = (
  { isAllowedRedirect }: Rule,
  realm: RealmSettings,
  { goto }: JourneyParameters,
  byNode?: unknown,
): string => {
  if (isUrl(byNode)) return byNode;
  return goto !== undefined && isAllowedRedirect(goto, realm) ? goto : realm.successUrl;
};

/** Where failure leads, by the same order. */
export const failureUrlOf = (
  { isAllowedRedirect }: Rule,
  realm: RealmSettings,
  { gotoOnFail }: JourneyParameters,
  byNode?: unknown,
): string => {
  if (isUrl(byNode)) return byNode;
  return gotoOnFail !== undefined && isAllowedRedirect(gotoOnFail, realm) ? gotoOnFail : realm.failureUrl;
};
