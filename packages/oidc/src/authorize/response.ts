import type { CheckedRequest } from '../checks/checked-request.ts';
import type { OAuthAnswer } from '../protocol/answer.ts';
import type { OAuthError } from '../protocol/errors.ts';

/** A request whose answer has somewhere to go. */
export type WithRedirectUri = CheckedRequest & { readonly redirectUri: string };

type Fields = Readonly<Record<string, string | undefined>>;

const present = (fields: Fields): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** The address with the fields in its query, beside those that are there; what is registered is not written anew. */
const withQuery = (uri: string, query: string): string => {
  const separator = uri.includes('?') ? '&' : '?';
  return `${uri}${uri.endsWith('?') || uri.endsWith('&') ? '' : separator}${query}`;
};

/** Brings an answer to the client, with the issuer in it, so that it cannot be taken for another's (OIDC-07; RFC 9207). */
export const respond = (
  { redirectUri, responseMode, state }: WithRedirectUri,
  issuer: string,
  answer: Fields,
): OAuthAnswer => {
  const fields = present({ ...answer, state, iss: issuer });
  if (responseMode === 'form_post') {
    return { kind: 'page', status: 200, page: { kind: 'formPost', action: redirectUri, fields } };
  }
  const encoded = new URLSearchParams(fields).toString();
  const location = responseMode === 'fragment' ? `${redirectUri}#${encoded}` : withQuery(redirectUri, encoded);
  return { kind: 'redirect', location };
};

/** The error as the client gets it. */
export const respondError = (request: WithRedirectUri, issuer: string, error: OAuthError): OAuthAnswer =>
  respond(request, issuer, error.body);

export const hasRedirectUri = (request: CheckedRequest): request is WithRedirectUri =>
  request.redirectUri !== undefined;
