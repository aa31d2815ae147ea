import type { OAuthClient } from '../model/clients.ts';
import type { OAuthGrant } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import type { HandleKinds } from './handles.ts';
import { openJwt, signJwt } from './signed-jwt.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What an access token says of itself, whatever it looks like to those who carry it. */
export type AccessFacts =
  | ({ readonly kind: 'grant'; readonly grantId: string; readonly no: number } & AccessTerms)
  /** Of a client for itself: no row stands behind it. */
  | (Pick<HandleKinds['client'], 'id' | 'clientId' | 'generation'> & { readonly kind: 'client' } & AccessTerms);

interface AccessTerms {
  readonly scopes: readonly string[];
  /** Seconds. */
  readonly issuedAt: number;
  readonly lifetime: number;
}

interface AccessJwtFacts {
  readonly provider: ProviderSettings;
  readonly client: OAuthClient;
  readonly facts: AccessFacts;
  readonly subject: string;
  /** The user's name, for those who still read it (AM's `subname`). */
  readonly username: string;
  readonly grantType: string;
  readonly signIn?: Pick<OAuthGrant, 'authTime' | 'amr' | 'acr' | 'sid' | 'jkt'>;
}

/** Names the token and opens nothing: whoever finds it in a log has no token (spec: oidc §5.1). */
const jtiOf = (facts: AccessFacts): string => {
  if (facts.kind === 'grant') return `${facts.grantId}.${facts.no}`;
  return facts.generation === undefined ? `client.${facts.id}` : `client.${facts.id}.${facts.generation}`;
};

const JTI = /^(?:client\.(?<id>[\w-]{22})(?:\.(?<generation>[\w-]{22}))?|(?<grantId>[\w-]{22})\.(?<no>\d{1,15}))$/;

/** An access token that others can verify by themselves (RFC 9068); with what AM's say, where the realm wants them so. */
export const accessJwt = async (
  keys: Pick<SigningKeys, 'active'>,
  { provider, client, facts, subject, username, grantType, signIn }: AccessJwtFacts,
): Promise<string> => {
  const { scopes, issuedAt, lifetime } = facts;
  const isAm = provider.accessTokenProfile === 'am';
  return signJwt(await keys.active(provider.realm, client.idTokenAlgorithm), 'at+jwt', {
    iss: provider.issuer,
    sub: subject,
    aud: client.id,
    client_id: client.id,
    scope: isAm ? scopes : scopes.join(' '),
    iat: issuedAt,
    exp: issuedAt + lifetime,
    jti: jtiOf(facts),
    auth_time: signIn?.authTime,
    acr: signIn?.acr,
    amr: signIn?.amr,
    sid: signIn?.sid,
    realm: provider.realm,
    cnf: signIn?.jkt === undefined ? undefined : { jkt: signIn.jkt },
    ...(isAm && {
      grant_type: grantType,
      tokenName: 'access_token',
      expires_in: lifetime,
      subname: username,
      authGrantId: facts.kind === 'grant' ? facts.grantId : facts.id,
    }),
  });
};

/** What an access JWT of this realm's provider says; undefined for all else. Whether it is still good is not for it to say. */
export const openAccessJwt = async (
  keys: Pick<SigningKeys, 'byKid'>,
  { realm, issuer }: Pick<ProviderSettings, 'realm' | 'issuer'>,
  text: string,
): Promise<AccessFacts | undefined> => {
  const claims = await openJwt(keys, realm, 'at+jwt', text);
  if (claims === undefined || claims.iss !== issuer) return undefined;
  const { jti, scope, iat, exp, client_id: clientId } = claims;
  const { id, generation, grantId, no } = (typeof jti === 'string' ? JTI.exec(jti)?.groups : undefined) ?? {};
  if (typeof iat !== 'number' || typeof exp !== 'number' || typeof clientId !== 'string') return undefined;
  const scopes = Array.isArray(scope) ? scope.map(String) : String(scope ?? '').split(' ');
  const terms = { scopes: scopes.filter(Boolean), issuedAt: iat, lifetime: exp - iat };
  if (id !== undefined) return { kind: 'client', id, clientId, ...(generation && { generation }), ...terms };
  return grantId === undefined ? undefined : { kind: 'grant', grantId, no: Number(no), ...terms };
};
