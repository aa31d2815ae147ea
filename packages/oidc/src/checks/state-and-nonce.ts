import { OAuthError } from '../protocol/errors.ts';
import type { Check } from './checked-request.ts';

const MAX_STATE_LENGTH = 2_048;
const MAX_NONCE_LENGTH = 512;

/** `state`: goes back as it came. First of all, so that every error can carry it (OIDC-08). */
export const state: Check = ({ parameters }) => {
  const { state: given } = parameters;
  if (given === undefined) return {};
  if (given.length > MAX_STATE_LENGTH) {
    throw new OAuthError('invalid_request', {
      description: `The state is longer than ${MAX_STATE_LENGTH} characters.`,
    });
  }
  return { state: given };
};

/** `nonce`: goes into the ID token as it came; one that goes through the browser needs one (OpenID Connect Core §3.2.2.1). */
export const nonce: Check = ({ responseType, parameters }) => {
  const { nonce: given } = parameters;
  if (given === undefined) {
    if (responseType !== 'id_token') return {};
    throw new OAuthError('invalid_request', { description: 'A request for an id_token must have a nonce.' });
  }
  if (given.length > MAX_NONCE_LENGTH) {
    throw new OAuthError('invalid_request', {
      description: `The nonce is longer than ${MAX_NONCE_LENGTH} characters.`,
    });
  }
  return { nonce: given };
};
