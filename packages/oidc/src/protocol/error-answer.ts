import { json, type OAuthAnswer } from './answer.ts';
import type { OAuthError } from './errors.ts';
import type { OAuthRequest } from './request.ts';

/** Quoted as a header has it (RFC 9110 §5.6.4); the name of a realm may hold what a header may not. */
const quoted = (value: string): string => `"${value.replaceAll(/[^\x20-\x7e]|["\\]/g, '')}"`;

/** By which scheme a caller has failed: asked for only where it has tried, since a browser would ask its user (RFC 6749 §5.2). */
const challenge = (error: OAuthError, request: OAuthRequest): string | undefined => {
  const [scheme] = (request.header('authorization') ?? '').split(' ', 1);
  const realm = `realm=${quoted(request.realm.realm)}`;
  if (error.code === 'invalid_client') return scheme?.toLowerCase() === 'basic' ? `Basic ${realm}` : undefined;
  if (error.code !== 'invalid_token' && error.code !== 'insufficient_scope' && error.code !== 'invalid_dpop_proof') {
    return undefined;
  }
  // RFC 9449 §7.1: a token that is bound to a key is shown by a scheme of its own.
  const shown = scheme?.toLowerCase() === 'dpop' || error.code === 'invalid_dpop_proof' ? 'DPoP' : 'Bearer';
  return `${shown} ${realm}, error=${quoted(error.code)}, error_description=${quoted(error.description)}`;
};

/** What is answered where a request failed: a page to a person, RFC 6749 §5.2 to a program. The log has the rest. */
export const errorAnswer = (error: OAuthError, request: OAuthRequest, isForPeople: boolean): OAuthAnswer => {
  const { code, description, status, retryAfterSeconds } = error;
  if (isForPeople && request.isNavigation) {
    return { kind: 'page', status, page: { kind: 'error', code, description } };
  }
  const header = challenge(error, request);
  const headers = {
    ...(header !== undefined && { 'www-authenticate': header }),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  };
  return json(error.body, status, Object.keys(headers).length === 0 ? undefined : headers);
};
