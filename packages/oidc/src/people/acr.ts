import type { ProviderSettings } from '../model/provider.ts';
import { meetsClass } from './proof.ts';
import type { SignedIn } from './signed-in.ts';

/** Which classes of sign-in somebody wants (spec: oidc §1.5). */
export interface AcrDemands {
  /** What every sign-in of the client must meet, whatever a request says. */
  readonly required: string | undefined;
  /** One of these must be met. */
  readonly essential: readonly string[];
  /** One of these would be liked, the first the most. */
  readonly voluntary: readonly string[];
}

export type AcrVerdict =
  /** `acr` is what the token says; absent where nobody has asked. */
  | { readonly kind: 'met'; readonly acr?: string }
  /**
   * What is wanted is not there; `tree` is the journey that would bring it, absent where no journey does. `acr` is what the token says where
   * the session is taken as it is.
   */
  | { readonly kind: 'lacking'; readonly isEssential: boolean; readonly tree?: string; readonly acr: string };

/** Says that a class was asked for and none was met (OpenID Connect Core §5.5.1.1; AM's answer). */
const NO_CLASS = '0';

/**
 * What a session meets of the wishes. The factors that were shown in it decide, and nothing else does: a journey that is mapped to a class is
 * the way to the class, and to have walked it proves nothing (SEC-85).
 */
export const acrVerdict = (
  { required, essential, voluntary }: AcrDemands,
  { factors }: Pick<SignedIn, 'factors'>,
  { treeOfAcr, waysOfAcr }: Pick<ProviderSettings, 'treeOfAcr' | 'waysOfAcr'>,
): AcrVerdict => {
  const methods = new Set(factors.map(({ method }) => method));
  const isMet = (acr: string): boolean => meetsClass(acr, methods, waysOfAcr(acr));
  const lacking = (isEssential: boolean, wanted: readonly string[]): AcrVerdict => {
    const tree = wanted.map((acr) => treeOfAcr.get(acr)).find((it) => it !== undefined);
    const acr = required !== undefined && isMet(required) ? required : NO_CLASS;
    return { kind: 'lacking', isEssential, ...(tree !== undefined && { tree }), acr };
  };
  if (required !== undefined && !isMet(required)) return lacking(true, [required]);
  if (essential.length > 0 && !essential.some(isMet)) return lacking(true, essential);
  const wished = [...essential, ...voluntary];
  const met = [...wished, ...(required === undefined ? [] : [required])].find(isMet);
  if (voluntary.length > 0 && essential.length === 0 && !voluntary.some(isMet)) return lacking(false, voluntary);
  return met === undefined ? { kind: 'met' } : { kind: 'met', acr: met };
};
