import type { Identity } from '@assent/engine';
import { type AuditFacts, auditChange, type EngineChange } from '@assent/engine/host';
import type { OAuthClient } from '../model/clients.ts';
import { type OAuthGrant, OFFLINE_ACCESS } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { isClaimOf } from '../people/claims.ts';
import type { OAuthAnswer } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';
import type { ProofChanges } from './proof-changes.ts';
import type { TokenContext } from './token-context.ts';

/** A request for tokens whose client is proven. */
export interface TokenRequest {
  readonly http: OAuthRequest;
  readonly client: OAuthClient;
  readonly settings: ProviderSettings;
  /** Commits what the request changes, with what its proofs do. */
  readonly proof: ProofChanges;
  /** Thumbprint of the key that the request has proven, for tokens to be bound to (RFC 9449). */
  readonly jkt?: string;
  /** As it was sent. */
  readonly grantType: string;
}

/** Answers one type of grant. */
export type TokenGrant = (context: TokenContext, request: TokenRequest) => Promise<OAuthAnswer>;

/** Of whatever is wrong with a code or a refresh token: wrong, over and foreign are one answer (spec: oidc §2). */
export const invalidGrant = (detail: string): OAuthError => new OAuthError('invalid_grant', { detail });

/**
 * What of the scopes the client may have now: a scope that was taken from it is gone from all that was granted before, for as long as it is
 * gone.
 */
export const scopesNow = (
  { scopes: own }: Pick<OAuthClient, 'scopes'>,
  granted: readonly string[],
): readonly string[] => {
  const names = new Set(own.map(({ name }) => name));
  return granted.filter((scope) => names.has(scope));
};

/** What of the single claims that were asked for belongs to a scope that the client may have now. */
export const claimsNow = <T>(
  { scopes: own }: Pick<OAuthClient, 'scopes'>,
  requested: Readonly<Record<string, T>> = {},
): Readonly<Record<string, T>> => {
  const names = own.map(({ name }) => name);
  return Object.fromEntries(Object.entries(requested).filter(([claim]) => isClaimOf(names, claim)));
};

/** Whether tokens are good without a key though the client must bind them by now (RFC 9449 §5). */
export const lacksKey = ({ requiresDpop }: OAuthClient, jkt: string | undefined): boolean =>
  requiresDpop && jkt === undefined;

/**
 * Whether a grant is bound to its session although it was granted to outlast it: the client may not have `offline_access` any more. The end of the
 * session left the grant in the store, so the session has to be looked up.
 */
const hasLostOfflineAccess = ({ scopes: own }: Pick<OAuthClient, 'scopes'>, scopes: readonly string[]): boolean =>
  scopes.includes(OFFLINE_ACCESS) && !own.some(({ name }) => name === OFFLINE_ACCESS);

/**
 * The user of a grant; undefined where the account is not in use or has other credentials than those of the grant, or where the session is over that
 * the grant is bound to (spec: oidc §5.3). Only a client that has lost `offline_access` costs a second read.
 */
export const userOf = async (
  { identities, hasSession }: Pick<ProviderPorts, 'identities' | 'hasSession'>,
  client: Pick<OAuthClient, 'scopes'>,
  { userId, credentialRev, realm, sid, scopes }: OAuthGrant,
): Promise<Identity | undefined> => {
  const identity = await identities.findById(userId);
  const isUsable = identity?.active === true && identity.realm === realm && identity.credentialRev === credentialRev;
  if (!isUsable) return undefined;
  if (sid === undefined || !hasLostOfflineAccess(client, scopes)) return identity;
  return (await hasSession({ userId, sid })) ? identity : undefined;
};

/** Asks once more in the commit whether the user's account is in use: it may be shut while its tokens are made. */
export const stillUsable = ({ userId, credentialRev }: Pick<OAuthGrant, 'userId' | 'credentialRev'>): EngineChange => ({
  type: 'identity.usable',
  id: userId,
  credentialRev,
});

/** A row of the trail: which client and which user, never a token (OIDC-18, OIDC-28). */
export const tokenAudit = (
  { http, client, grantType }: Pick<TokenRequest, 'http' | 'client' | 'grantType'>,
  at: number,
  event: string,
  { userId, outcome = 'success', detail }: AuditFacts = {},
): EngineChange =>
  auditChange({ at, realm: client.realm, transactionId: http.transactionId }, event, {
    ...(userId !== undefined && { userId }),
    outcome,
    detail: { client: client.id, grant: grantType, ...detail },
  });

/** What a commit that was refused says to the client, where it is not for another try; what is wrong with its proof is told on the way out. */
export const refusedCommit = (refused: string): OAuthError => invalidGrant(`not committed: ${refused}`);

/** The scopes that a request asks for of those that it may have; undefined where it asks for no others than all (RFC 6749 §6). */
export const narrowedScopes = (
  asked: string | undefined,
  granted: readonly string[],
): readonly string[] | undefined => {
  const words = new Set((asked ?? '').split(' ').filter(Boolean));
  const known = new Set(granted);
  for (const word of words) if (!known.has(word)) throw new OAuthError('invalid_scope');
  return words.size === 0 || words.size === granted.length ? undefined : granted.filter((it) => words.has(it));
};
