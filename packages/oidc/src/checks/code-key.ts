import { OAuthError } from '../protocol/errors.ts';
import type { Check } from './checked-request.ts';

/** A thumbprint by SHA-256 in base64url (RFC 7638). */
const THUMBPRINT = /^[\w-]{43}$/;

/** `dpop_jkt`: the key that the code is good for, and no other (OIDC-29; RFC 9449 §10). */
export const codeKey: Check = ({ parameters }) => {
  const { dpop_jkt: jkt } = parameters;
  if (jkt === undefined) return {};
  if (!THUMBPRINT.test(jkt)) {
    throw new OAuthError('invalid_request', { description: 'The dpop_jkt must be the SHA-256 thumbprint of a key.' });
  }
  return { jkt };
};
