import type { Identity } from '@assent/engine';
import type { ClaimRequest } from '../model/grants.ts';

type User = Pick<Identity, 'username' | 'attributes'>;
type ClaimValue = string | Readonly<Record<string, string>>;
type Claim = (user: User) => ClaimValue | undefined;

/** The first value of the first of these attributes that has one. */
const attribute =
  (...names: readonly string[]) =>
  ({ attributes }: User): string | undefined =>
    names.map((name) => attributes[name]?.[0]?.trim()).find(Boolean);

/** Where each claim is found. Whether somebody reads the mail of an address, nobody knows here: there is no `email_verified`. */
const CLAIMS: ReadonlyMap<string, Claim> = new Map<string, Claim>([
  ['name', attribute('cn')],
  ['given_name', attribute('givenName')],
  ['family_name', attribute('sn')],
  ['preferred_username', ({ username }: User) => username],
  ['locale', (user: User) => attribute('preferredLocale', 'preferredlanguage')(user)?.replaceAll('_', '-')],
  ['zoneinfo', attribute('preferredTimezone', 'preferredtimezone')],
  ['email', attribute('mail')],
  [
    'address',
    (user: User) => {
      const formatted = attribute('postalAddress')(user);
      return formatted === undefined ? undefined : { formatted };
    },
  ],
  ['phone_number', attribute('telephoneNumber')],
]);

/** What each scope asks for (OpenID Connect Core §5.4). */
const CLAIMS_OF_SCOPE: ReadonlyMap<string, readonly string[]> = new Map([
  ['profile', ['name', 'given_name', 'family_name', 'preferred_username', 'locale', 'zoneinfo']],
  ['email', ['email']],
  ['address', ['address']],
  ['phone', ['phone_number']],
]);

/** Whether a claim about a user belongs to one of the scopes; one that is no claim about a user belongs to any. */
export const isClaimOf = (scopes: readonly string[], name: string): boolean =>
  !CLAIMS.has(name) || scopes.some((scope) => CLAIMS_OF_SCOPE.get(scope)?.includes(name) === true);

/** All claims about users that there are, for discovery. */
export const CLAIM_NAMES: readonly string[] = [...CLAIMS.keys()];

/**
 * What is told about a user, `sub` apart: the claims of the scopes, and those that were asked for one by one (spec: oidc §2.3). One
 * that is empty is left out. A certain value that was asked for is for whoever asked to compare.
 */
export const claimsOf = (
  user: User,
  scopes: readonly string[],
  requested: Readonly<Record<string, ClaimRequest | null>> = {},
): Readonly<Record<string, ClaimValue>> => {
  const names = new Set([...scopes.flatMap((scope) => CLAIMS_OF_SCOPE.get(scope) ?? []), ...Object.keys(requested)]);
  return Object.fromEntries(
    [...names].flatMap((name): readonly (readonly [string, ClaimValue])[] => {
      const value = CLAIMS.get(name)?.(user);
      return value === undefined ? [] : [[name, value]];
    }),
  );
};
