import { OAuthError } from '../protocol/errors.ts';
import type { Check } from './checked-request.ts';

/** SHA-256 in base64url. */
const CHALLENGE = /^[\w-]{43}$/;

/** `code_challenge`: needed of clients that can prove nothing else, and never `plain` (OIDC-03; RFC 7636, RFC 9700 §2.1.1). */
export const codeChallenge: Check = ({ client, responseType, parameters }) => {
  const { code_challenge: challenge, code_challenge_method: method } = parameters;
  const refused = (description: string) => new OAuthError('invalid_request', { description });
  if (challenge === undefined) {
    if (method !== undefined) throw refused('There is a code_challenge_method without a code_challenge.');
    if (responseType === 'code' && (client.isPublic || client.requiresPkce)) {
      throw refused('The client must send a code_challenge (PKCE).');
    }
    return {};
  }
  if (method !== 'S256') throw refused('The code_challenge_method must be S256.');
  if (!CHALLENGE.test(challenge)) throw refused('The code_challenge must be 43 characters of base64url.');
  return { challenge };
};
