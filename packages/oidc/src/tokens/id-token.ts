import { createHash } from 'node:crypto';
import type { OAuthClient } from '../model/clients.ts';
import type { OAuthGrant } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { type JwtClaims, openJwt, signJwt } from './signed-jwt.ts';
import { MAX_SIGNED_MILLIS, type SigningKeys } from './signing-keys.ts';

/** What an ID token tells (OpenID Connect Core §2). */
export interface IdTokenFacts {
  readonly provider: ProviderSettings;
  readonly client: OAuthClient;
  readonly subject: string;
  /** How the user had signed in; always told, so that the client need not ask for it (spec: oidc §1.5). */
  readonly signIn: Pick<OAuthGrant, 'authTime' | 'amr' | 'acr' | 'sid'>;
  /** Seconds. */
  readonly issuedAt: number;
  readonly nonce?: string | undefined;
  /** The access token that comes with it. */
  readonly accessToken?: string | undefined;
  /** Of the user, as scopes and request want them; none of them replaces one of the token's own. */
  readonly claims?: JwtClaims | undefined;
}

/** The left half of the hash of the signature's algorithm, which is SHA-256 for all of ours (OpenID Connect Core §3.1.3.6). */
const halfHash = (text: string): string =>
  createHash('sha256').update(text, 'ascii').digest().subarray(0, 16).toString('base64url');

/** For how long a JWT is good that should be for so many milliseconds, in seconds. */
export const signedLifetime = (millis: number): number => Math.floor(Math.min(millis, MAX_SIGNED_MILLIS) / 1_000);

export const idToken = async (
  keys: Pick<SigningKeys, 'active'>,
  { provider, client, subject, signIn, issuedAt, nonce, accessToken, claims }: IdTokenFacts,
): Promise<string> => {
  const { authTime, amr, acr, sid } = signIn;
  const key = await keys.active(provider.realm, client.idTokenAlgorithm);
  return signJwt(key, 'JWT', {
    ...claims,
    iss: provider.issuer,
    sub: subject,
    aud: client.id,
    azp: client.id,
    iat: issuedAt,
    exp: issuedAt + signedLifetime(client.lifetimes.idToken),
    auth_time: authTime,
    nonce,
    acr,
    amr,
    sid,
    at_hash: accessToken === undefined ? undefined : halfHash(accessToken),
  });
};

/** What an ID token of ours says that comes back as a hint. */
export interface IdTokenHint {
  readonly subject: string;
  readonly clientId: string;
  readonly sid: string | undefined;
}

/** Reads an ID token of this realm's provider, whatever its age (OpenID Connect Core §3.1.2.1); undefined for all else. */
export const readIdTokenHint = async (
  keys: Pick<SigningKeys, 'byKid'>,
  { realm, issuer }: Pick<ProviderSettings, 'realm' | 'issuer'>,
  hint: string,
): Promise<IdTokenHint | undefined> => {
  const claims = await openJwt(keys, realm, 'JWT', hint);
  if (claims === undefined || claims.iss !== issuer) return undefined;
  const { sub, aud, sid } = claims;
  if (typeof sub !== 'string' || typeof aud !== 'string') return undefined;
  return { subject: sub, clientId: aud, sid: typeof sid === 'string' ? sid : undefined };
};
