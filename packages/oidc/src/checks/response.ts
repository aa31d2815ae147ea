import { OAuthError } from '../protocol/errors.ts';
import { type Check, type ResponseMode, type ResponseType, wordsOf } from './checked-request.ts';

const TYPES: readonly ResponseType[] = ['code', 'none', 'id_token'];
const MODES: readonly ResponseMode[] = ['query', 'fragment', 'form_post'];

/**
 * `response_type`: a code; or, silently, whether somebody is signed in (`none`) and who (`id_token`), which official clients ask for.
 * Tokens never go through a browser's address bar (RFC 9700 §2.1.2).
 */
export const responseType: Check = ({ client, parameters }) => {
  const { response_type: asked } = parameters;
  if (asked === undefined) {
    throw new OAuthError('invalid_request', { description: 'The request must have a response_type.' });
  }
  const type = TYPES.find((it) => it === asked);
  // `none` says nothing that a client would need a permission for.
  const isAllowed = type === 'none' || client.responseTypes.includes(asked);
  if (type === undefined || !isAllowed) throw new OAuthError('unsupported_response_type');
  if (type !== 'code' && !wordsOf(parameters.prompt).includes('none')) {
    throw new OAuthError('unsupported_response_type', {
      description: `The response type ${type} is for prompt=none only.`,
    });
  }
  if (type === 'code' && !client.grantTypes.includes('authorization_code')) throw new OAuthError('unauthorized_client');
  return { responseType: type };
};

/** What never stands in a query, where servers log it. */
const OF_FRAGMENTS = ['id_token', 'token'];

/**
 * `response_mode`: how the answer gets to the client. Settled before the type is, since a client that asks for what it cannot have looks
 * for the error where the answer would have been (OAuth 2.0 Multiple Response Types §2.1, §5).
 */
export const responseMode: Check = ({ parameters }) => {
  const { response_mode: asked, response_type: type } = parameters;
  const isOfFragment = wordsOf(type).some((word) => OF_FRAGMENTS.includes(word));
  if (asked === undefined) return { responseMode: isOfFragment ? 'fragment' : 'query' };
  const mode = MODES.find((it) => it === asked);
  if (mode === undefined || (isOfFragment && mode === 'query')) {
    throw new OAuthError('invalid_request', { description: 'The response_mode is not supported for this request.' });
  }
  return { responseMode: mode };
};
