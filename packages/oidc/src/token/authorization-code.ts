import { createHash, timingSafeEqual } from 'node:crypto';
import type { OAuthChange } from '../model/changes.ts';
import type { OAuthClient } from '../model/clients.ts';
import { afterRedeem, isGrantedTo, type OAuthGrant } from '../model/grants.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { Parameters } from '../protocol/request.ts';
import { endOfGrant, tokenAnswer } from './issued-tokens.ts';
import type { TokenContext } from './token-context.ts';
import {
  invalidGrant,
  refusedCommit,
  stillUsable,
  type TokenGrant,
  type TokenRequest,
  tokenAudit,
  userOf,
} from './token-request.ts';

/** A page that is mounted twice sends its code twice; so soon that is nobody's theft. */
const SENT_TWICE_MILLIS = 10_000;

/** RFC 7636 §4.1. */
const VERIFIER = /^[\w.~-]{43,128}$/;

/**
 * A code becomes tokens: once, in time, for the client that it was made for, with the redirect URI and the verifier of its request
 * (OIDC-04; RFC 6749 §4.1.3).
 */
export const authorizationCode: TokenGrant = async (context, request) => {
  const { ports, handles } = context;
  const { client, http } = request;
  const { code } = http.parameters;
  if (code === undefined) {
    throw new OAuthError('invalid_request', { description: 'The request must have a code.' });
  }
  const handle = handles.open(client.realm, code, 'code');
  if (handle === undefined) throw invalidGrant('the code is none of ours');
  const grant = await ports.grants.get(handle.grantId);
  if (grant === undefined || !isGrantedTo(client, grant)) throw invalidGrant('the code is over, or of another client');
  if (grant.status !== 'code') return sentTwice(context, request, grant);
  demandProof(grant, client, http.parameters);
  if (grant.jkt !== undefined && grant.jkt !== request.jkt) throw invalidGrant('the code is bound to another key');
  return redeem(context, request, grant);
};

const redeem = async (context: TokenContext, request: TokenRequest, grant: OAuthGrant) => {
  const { ports } = context;
  const { client, settings, grantType } = request;
  const at = ports.clock.now();
  const change = {
    type: 'grant.redeem',
    id: grant.id,
    at,
    expiresAt: endOfGrant(client, grant.createdAt, at),
    ...(request.jkt !== undefined && { jkt: request.jkt }),
  } satisfies OAuthChange;
  const redeemed = afterRedeem(grant, change);
  if (redeemed === undefined) throw invalidGrant('the code is over');
  const identity = await userOf(ports, client, grant);
  if (identity === undefined) throw invalidGrant('the user is gone, or has other credentials');
  const nonce = grant.code?.nonce;
  const answer = await tokenAnswer(context, { settings, client, identity, grant: redeemed, grantType, at, nonce });
  const result = await request.proof.commit([
    stillUsable(grant),
    change,
    tokenAudit(request, at, 'TOKEN_ISSUE', { userId: grant.userId, detail: { scope: grant.scopes.join(' ') } }),
  ]);
  if (result.committed) return answer;
  const now = result.refused === change.type ? await ports.grants.get(grant.id) : undefined;
  if (now?.status === 'active') return sentTwice(context, request, now);
  throw refusedCommit(result.refused);
};

/** A code that was used before ends what came of it, since one of the two who had it has stolen it (RFC 6749 §4.1.2). */
const sentTwice = async ({ ports }: TokenContext, request: TokenRequest, grant: OAuthGrant): Promise<never> => {
  const { client, http, proof } = request;
  const at = ports.clock.now();
  const isSoon = grant.redeemedAt !== undefined && at - grant.redeemedAt < SENT_TWICE_MILLIS;
  if (isSoon && hasProof(grant, client, http.parameters)) throw invalidGrant('the code was sent twice');
  const result = await proof.commit([
    { type: 'grant.end', id: grant.id } satisfies OAuthChange,
    tokenAudit(request, at, 'TOKEN_REUSE', { userId: grant.userId, outcome: 'ended' }),
  ]);
  throw result.committed ? invalidGrant('the code was used before') : refusedCommit(result.refused);
};

const demandProof = (grant: OAuthGrant, client: OAuthClient, parameters: Parameters): void => {
  if (!hasProof(grant, client, parameters))
    throw invalidGrant('the redirect URI or the verifier is not that of the code');
};

/** Whether the request is by whoever has asked for the code: with its redirect URI, and what its challenge was made of. */
const hasProof = ({ code = {} }: OAuthGrant, { redirectUris }: OAuthClient, parameters: Parameters): boolean => {
  const { redirect_uri: uri, code_verifier: verifier } = parameters;
  const isUri =
    code.redirectUri === undefined ? uri === undefined || uri === redirectUris[0] : uri === code.redirectUri;
  return isUri && isVerifierOf(code.challenge, verifier);
};

/** A verifier without a challenge is wrong, too: somebody has taken the challenge out of the request (OIDC-03; RFC 9700 §4.8). */
const isVerifierOf = (challenge: string | undefined, verifier: string | undefined): boolean => {
  if (challenge === undefined || verifier === undefined) return challenge === verifier;
  if (!VERIFIER.test(verifier)) return false;
  const computed = createHash('sha256').update(verifier).digest();
  const kept = Buffer.from(challenge, 'base64url');
  return computed.length === kept.length && timingSafeEqual(computed, kept);
};
