import { OAuthError } from '../protocol/errors.ts';
import { type Check, wordsOf } from './checked-request.ts';

/** `scope`: of those that the client has, all of them or none; its usual ones where the request has none. */
export const scope: Check = ({ client, parameters }) => {
  const asked = wordsOf(parameters.scope);
  const known = new Set(client.scopes.map(({ name }) => name));
  const scopes = asked.length > 0 ? asked : client.defaultScopes;
  if (scopes.some((it) => !known.has(it))) throw new OAuthError('invalid_scope');
  return { scopes };
};

/** An ID token is for those who ask for `openid` (OpenID Connect Core §3.1.2.1). */
export const scopeOfIdToken: Check = ({ responseType, scopes }) => {
  if (responseType === 'id_token' && !scopes.includes('openid')) {
    throw new OAuthError('invalid_scope', { description: 'A request for an id_token must have the scope openid.' });
  }
  return {};
};
