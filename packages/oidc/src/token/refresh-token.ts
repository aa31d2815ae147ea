import type { OAuthChange } from '../model/changes.ts';
import type { OAuthClient } from '../model/clients.ts';
import { afterRefresh, isGrantedTo, isLiveGrant, type OAuthGrant } from '../model/grants.ts';
import type { OAuthAnswer } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import { endOfGrant, getsRefreshTokens, tokenAnswer } from './issued-tokens.ts';
import type { TokenContext } from './token-context.ts';
import {
  invalidGrant,
  lacksKey,
  narrowedScopes,
  refusedCommit,
  scopesNow,
  stillUsable,
  type TokenGrant,
  type TokenRequest,
  tokenAudit,
  userOf,
} from './token-request.ts';

/** Who loses a race looks again; each round somebody else has won, and after a second one the number is one of the past. */
const MAX_ROUNDS = 3;

/** A stolen refresh token of a public client is as good as the right one, so each is good once, unless it is bound to a key (RFC 9700 §4.14). */
const rotates = ({ isPublic, rotatesRefreshTokens }: OAuthClient, { jkt }: OAuthGrant): boolean =>
  rotatesRefreshTokens || (isPublic && jkt === undefined);

/** A refresh token becomes new tokens of the same grant (RFC 6749 §6). */
export const refreshToken: TokenGrant = async (context, request) => {
  const { ports, handles } = context;
  const { client, http } = request;
  const { refresh_token: text } = http.parameters;
  if (text === undefined) {
    throw new OAuthError('invalid_request', { description: 'The request must have a refresh_token.' });
  }
  const handle = handles.open(client.realm, text, 'refresh');
  if (handle === undefined) throw invalidGrant('the token is none of ours');
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const grant = await ports.grants.get(handle.grantId);
    const answer = await refreshed(context, request, grant, handle.no);
    if (answer !== 'lost the race') return answer;
  }
  throw invalidGrant('others were faster');
};

const refreshed = async (
  context: TokenContext,
  request: TokenRequest,
  grant: OAuthGrant | undefined,
  no: number,
): Promise<OAuthAnswer | 'lost the race'> => {
  const { ports } = context;
  const { client } = request;
  const at = ports.clock.now();
  if (grant === undefined || !isGrantedTo(client, grant) || !isLiveGrant(grant, at) || !getsRefreshTokens(client)) {
    throw invalidGrant('the token is over, or of another client');
  }
  if (grant.jkt !== undefined && grant.jkt !== request.jkt) throw invalidGrant('the token is bound to another key');
  if (lacksKey(client, grant.jkt)) throw invalidGrant('the token is bound to no key, as its client has to by now');
  if (no === grant.refreshNo) return next(context, request, grant, at);
  // The store was set back to an older state: whoever holds a newer token than it knows has stolen nothing.
  if (no > grant.refreshNo) throw invalidGrant('the token is newer than its grant');
  const isLostAnswer = no === grant.refreshNo - 1 && at - grant.rotatedAt < client.refreshGrace;
  return isLostAnswer ? sameAgain(context, request, grant) : reuse(request, grant, at);
};

const next = async (
  context: TokenContext,
  request: TokenRequest,
  grant: OAuthGrant,
  at: number,
): Promise<OAuthAnswer | 'lost the race'> => {
  const { client } = request;
  const change = {
    type: 'grant.refresh',
    id: grant.id,
    seenRefreshNo: grant.refreshNo,
    rotates: rotates(client, grant),
    at,
    expiresAt: endOfGrant(client, grant.createdAt, at),
  } satisfies OAuthChange;
  const refreshedGrant = afterRefresh(grant, change);
  if (refreshedGrant === undefined) throw invalidGrant('the token is over');
  const answer = await answerOf(context, request, refreshedGrant, at);
  const result = await request.proof.commit([
    stillUsable(grant),
    change,
    tokenAudit(request, at, 'TOKEN_REFRESH', { userId: grant.userId }),
  ]);
  if (result.committed) return answer;
  if (result.refused === change.type) return 'lost the race';
  throw refusedCommit(result.refused);
};

/** The answer before was lost, or a second tab was as fast: it is given once more, as it was, and nothing is written (OIDC-06). */
const sameAgain = (context: TokenContext, request: TokenRequest, grant: OAuthGrant): Promise<OAuthAnswer> =>
  answerOf(context, request, grant, grant.rotatedAt);

/** Somebody has kept a token that was replaced: of the two who hold the family, one has stolen it, so it ends (RFC 9700 §4.14.2). */
const reuse = async (request: TokenRequest, grant: OAuthGrant, at: number): Promise<never> => {
  const result = await request.proof.commit([
    { type: 'grant.end', id: grant.id } satisfies OAuthChange,
    tokenAudit(request, at, 'TOKEN_REUSE', { userId: grant.userId, outcome: 'ended' }),
  ]);
  throw result.committed ? invalidGrant('the token was replaced') : refusedCommit(result.refused);
};

const answerOf = async (
  context: TokenContext,
  { client, settings, grantType, http }: TokenRequest,
  grant: OAuthGrant,
  at: number,
): Promise<OAuthAnswer> => {
  const scopes = narrowedScopes(http.parameters.scope, scopesNow(client, grant.scopes));
  const identity = await userOf(context.ports, client, grant);
  if (identity === undefined) throw invalidGrant('the user is gone, or has other credentials');
  return tokenAnswer(context, { settings, client, identity, grant, grantType, at, ...(scopes && { scopes }) });
};
