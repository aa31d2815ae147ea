import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';

/**
 * The access token of a request: in the header, or in the form, but in one of them alone (RFC 6750 §2); never in the address, where servers and
 * browsers would keep it.
 */
export const shownToken = ({ method, header, parameters }: OAuthRequest): string => {
  const { token: ofHeader } = /^bearer +(?<token>[\w.~+/=-]+) *$/i.exec(header('authorization') ?? '')?.groups ?? {};
  const ofForm = method === 'POST' ? parameters.access_token : undefined;
  if (ofHeader !== undefined && ofForm !== undefined) {
    throw new OAuthError('invalid_request', { description: 'The access token must be sent once.' });
  }
  const token = ofHeader ?? ofForm;
  if (token === undefined) throw new OAuthError('invalid_token', { description: 'The request has no access token.' });
  return token;
};
