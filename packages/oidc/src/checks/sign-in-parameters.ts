import { OAuthError } from '../protocol/errors.ts';
import { readIdTokenHint } from '../tokens/id-token.ts';
import { type Check, wordsOf } from './checked-request.ts';

const MAX_ACR_VALUES = 20;
const MAX_HINT_LENGTH = 256;
/** BCP 47, as far as a text of a language needs it. */
const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;

/** `acr_values`: the classes wished for; else those that the client, or the provider, always wishes for (spec: oidc §1.5). */
export const acrValues: Check = ({ client, parameters }, { provider }) => {
  const asked = wordsOf(parameters.acr_values);
  if (asked.length > MAX_ACR_VALUES) {
    throw new OAuthError('invalid_request', { description: `There are more than ${MAX_ACR_VALUES} acr_values.` });
  }
  if (asked.length > 0) return { acrValues: asked };
  if (client.defaultAcrValues.length > 0) return { acrValues: client.defaultAcrValues };
  return { acrValues: provider.defaultAcr === undefined ? [] : [provider.defaultAcr] };
};

/** `id_token_hint`: who is expected to be signed in, by a token of this provider, however old. */
export const idTokenHint: Check = async ({ parameters, expectedSubject }, { keys, provider }) => {
  const { id_token_hint: hint } = parameters;
  if (hint === undefined) return {};
  const read = await readIdTokenHint(keys, provider, hint);
  if (read === undefined) {
    throw new OAuthError('invalid_request', { description: 'The id_token_hint is no ID token of this provider.' });
  }
  if (expectedSubject !== undefined && expectedSubject !== read.subject) {
    throw new OAuthError('invalid_request', { description: 'The id_token_hint and the claims name two users.' });
  }
  return { expectedSubject: read.subject };
};

/** What is for the login page alone. A hint that nobody could be called is no reason to refuse: the page asks. */
export const loginPageParameters: Check = ({ parameters }) => {
  const { login_hint: hint, ui_locales: locales, locale = locales, display, service } = parameters;
  const language = wordsOf(locale).find((it) => LANGUAGE.test(it));
  const isUsable = hint !== undefined && hint !== '' && hint.length <= MAX_HINT_LENGTH;
  return {
    isPopup: display === 'popup',
    ...(isUsable && { loginHint: hint }),
    ...(language !== undefined && { locale: language }),
    ...(service !== undefined && service !== '' && { tree: service }),
  };
};
