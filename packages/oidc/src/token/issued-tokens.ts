import type { Identity } from '@assent/engine';
import type { OAuthClient } from '../model/clients.ts';
import type { OAuthGrant } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { claimsOf } from '../people/claims.ts';
import { subjectOf } from '../people/subject.ts';
import { json, type OAuthAnswer } from '../protocol/answer.ts';
import { type AccessFacts, accessJwt } from '../tokens/access-jwt.ts';
import { idToken, signedLifetime } from '../tokens/id-token.ts';
import type { TokenContext } from './token-context.ts';
import { claimsNow, scopesNow } from './token-request.ts';

const YEAR = 365 * 24 * 3_600_000;

/** Whether a client gets refresh tokens at all. */
export const getsRefreshTokens = ({ issuesRefreshTokens, grantTypes }: OAuthClient): boolean =>
  issuesRefreshTokens && grantTypes.includes('refresh_token');

/**
 * The end of all that follows from a grant which is used now. It moves with each use, and never beyond a year after the user agreed: an access
 * token that outlasted the year would let the chain of refreshes go on (spec: oidc §5.1).
 */
export const endOfGrant = (client: OAuthClient, createdAt: number, now: number): number => {
  const { access, refresh } = client.lifetimes;
  if (!getsRefreshTokens(client)) return now + access;
  return Math.min(now + Math.max(access, refresh), createdAt + YEAR);
};

/** How long an access token of the client is good, in seconds. */
export const accessLifetime = ({ lifetimes, jwtAccessTokens }: OAuthClient): number =>
  jwtAccessTokens ? signedLifetime(lifetimes.access) : Math.floor(lifetimes.access / 1_000);

/** How long the access token of a grant is good, in seconds: no longer than the grant, also for readers that verify a JWT by themselves. */
const lifetimeWithin = ({ client, grant, at }: Pick<Issue, 'client' | 'grant' | 'at'>): number =>
  Math.min(accessLifetime(client), Math.floor(grant.expiresAt / 1_000) - Math.floor(at / 1_000));

/** All that tokens are made of; the grant is as it will be once the commit stands. */
export interface Issue {
  readonly settings: ProviderSettings;
  readonly client: OAuthClient;
  readonly identity: Identity;
  readonly grant: OAuthGrant;
  readonly grantType: string;
  /** When the tokens begin, milliseconds. */
  readonly at: number;
  /** Where the client asks for less than was granted. */
  readonly scopes?: readonly string[];
  readonly nonce?: string | undefined;
}

/** The answer with the tokens of a grant. It is made before the commit, so that what is committed can be answered (spec: oidc §2.2). */
export const tokenAnswer = async (context: TokenContext, issue: Issue): Promise<OAuthAnswer> => {
  const { handles, ports } = context;
  const { client, grant, at } = issue;
  const scopes = scopesNow(client, issue.scopes ?? grant.scopes);
  const accessToken = await accessTokenOf(context, issue, scopes);
  // A token that is given for a lost answer began with that answer.
  const elapsed = Math.floor(ports.clock.now() / 1_000) - Math.floor(at / 1_000);
  return json({
    access_token: accessToken,
    token_type: grant.jkt === undefined ? 'Bearer' : 'DPoP',
    expires_in: lifetimeWithin(issue) - elapsed,
    scope: scopes.join(' '),
    ...(getsRefreshTokens(client) && {
      refresh_token: handles.make(grant.realm, 'refresh', { grantId: grant.id, no: grant.refreshNo }),
    }),
    ...(scopes.includes('openid') && { id_token: await idTokenOf(context, issue, scopes, accessToken) }),
  });
};

const accessTokenOf = async (
  { handles, keys }: TokenContext,
  issue: Issue,
  scopes: readonly string[],
): Promise<string> => {
  const { settings, client, identity, grant, grantType, at } = issue;
  const { id: grantId, accessNo: no } = grant;
  const terms = { grantId, no, issuedAt: Math.floor(at / 1_000), lifetime: lifetimeWithin(issue) };
  if (!client.jwtAccessTokens) {
    const isAll = scopes.length === grant.scopes.length;
    const placeOf = new Map(grant.scopes.map((scope, place) => [scope, place]));
    const places = isAll ? undefined : scopes.map((scope) => placeOf.get(scope) ?? -1);
    return handles.make(grant.realm, 'access', { ...terms, ...(places && { scopes: places }) });
  }
  const facts: AccessFacts = { kind: 'grant', ...terms, scopes };
  const subject = subjectOf(identity, settings);
  return accessJwt(keys, {
    provider: settings,
    client,
    facts,
    subject,
    username: identity.username,
    grantType,
    signIn: grant,
  });
};

const idTokenOf = (
  { keys }: TokenContext,
  issue: Issue,
  scopes: readonly string[],
  accessToken: string,
): Promise<string> => {
  const { settings, client, identity, grant, at, nonce } = issue;
  return idToken(keys, {
    provider: settings,
    client,
    subject: subjectOf(identity, settings),
    signIn: grant,
    issuedAt: Math.floor(at / 1_000),
    nonce,
    accessToken,
    claims: claimsOf(identity, settings.claimsInIdToken ? scopes : [], claimsNow(client, grant.claims?.id_token)),
  });
};
