import { OAuthError } from '../protocol/errors.ts';
import type { Check } from './checked-request.ts';

/** What would change the meaning of all else if it were left unread (OpenID Connect Core §6, §7.2.1). */
export const unsupportedParameters: Check = ({ parameters }) => {
  if (parameters.request !== undefined) throw new OAuthError('request_not_supported');
  // Here is only what nobody has pushed, or what somebody pushes (RFC 9126 §2.1).
  if (parameters.request_uri !== undefined) throw new OAuthError('request_uri_not_supported');
  if (parameters.registration !== undefined) throw new OAuthError('registration_not_supported');
  return {};
};
