import { CB, OTHER_CB } from './clients.ts';
import { type Corpus, casesOf } from './corpus.ts';
import { ask, authorize, type Over, over, REQUEST, tokensOf, type User } from './peer.ts';

const claims = (value: unknown): Over => ({ claims: JSON.stringify(value) });

/** Changes of a request that is right, by somebody who is signed in. */
const CHANGES: Readonly<Record<string, Over>> = {
  nothing: {},
  // Missing or empty, one by one.
  ...Object.fromEntries(
    Object.keys(REQUEST).flatMap((name) => [
      [`no ${name}`, { [name]: undefined }],
      [`an empty ${name}`, { [name]: '' }],
    ]),
  ),
  'no redirect_uri, of a client with one': { client_id: 'other', redirect_uri: undefined },
  'no PKCE': { code_challenge: undefined, code_challenge_method: undefined },
  'no PKCE, of a confidential client': {
    client_id: 'web',
    code_challenge: undefined,
    code_challenge_method: undefined,
  },
  'a parameter that nobody knows': { flavour: 'lemon' },
  // Who, and where to.
  'an unknown client': { client_id: 'nobody' },
  'a client in another case': { client_id: 'SPA' },
  'a second redirect_uri of the client': { redirect_uri: OTHER_CB },
  'a foreign redirect_uri': { redirect_uri: 'https://evil.example/cb' },
  'a redirect_uri with a slash more': { redirect_uri: `${CB}/` },
  'a redirect_uri with a query': { redirect_uri: `${CB}?a=b` },
  'a redirect_uri of another client': { client_id: 'native', redirect_uri: CB },
  'a loopback address': { client_id: 'native', redirect_uri: 'http://127.0.0.1/cb' },
  'another port of it': { client_id: 'native', redirect_uri: 'http://127.0.0.1:49152/cb' },
  'another path of it': { client_id: 'native', redirect_uri: 'http://127.0.0.1:49152/other' },
  'localhost in its place': { client_id: 'native', redirect_uri: 'http://localhost:49152/cb' },
  // How it is answered.
  'response_type token': { response_type: 'token' },
  'response_type code token': { response_type: 'code token' },
  'response_type code id_token': { response_type: 'code id_token' },
  'an unknown response_type': { response_type: 'lemon' },
  'response_type none, silently': { response_type: 'none', prompt: 'none' },
  'response_type none, aloud': { response_type: 'none' },
  'response_type id_token, silently': { response_type: 'id_token', prompt: 'none' },
  'response_type id_token, aloud': { response_type: 'id_token' },
  'response_type id_token without a nonce': { response_type: 'id_token', prompt: 'none', nonce: undefined },
  'response_type id_token without openid': { response_type: 'id_token', prompt: 'none', scope: 'email' },
  'response_type id_token in the query': { response_type: 'id_token', prompt: 'none', response_mode: 'query' },
  'response_mode query': { response_mode: 'query' },
  'response_mode fragment': { response_mode: 'fragment' },
  'response_mode form_post': { response_mode: 'form_post' },
  'an unknown response_mode': { response_mode: 'pigeon' },
  'an error by fragment': { response_mode: 'fragment', prompt: 'lemon' },
  'an error by form_post': { response_mode: 'form_post', prompt: 'lemon' },
  'an unknown response_type by form_post': { response_mode: 'form_post', response_type: 'lemon' },
  'response_type token by form_post': { response_mode: 'form_post', response_type: 'token' },
  'an error of id_token': { response_type: 'id_token', prompt: 'login none' },
  'a foreign redirect_uri by form_post': { response_mode: 'form_post', redirect_uri: 'https://evil.example/cb' },
  // PKCE.
  'PKCE plain': { code_challenge_method: 'plain' },
  'an unknown method of PKCE': { code_challenge_method: 'S512' },
  'a short code_challenge': { code_challenge: 'short' },
  'a long code_challenge': { code_challenge: 'a'.repeat(129) },
  'a code_challenge with other characters': { code_challenge: `${'a'.repeat(42)}=` },
  // How somebody is to be signed in.
  'prompt none': { prompt: 'none' },
  'prompt login': { prompt: 'login' },
  'prompt consent': { prompt: 'consent' },
  'prompt select_account': { prompt: 'select_account' },
  'prompt none login': { prompt: 'none login' },
  'prompt none consent': { prompt: 'none consent' },
  'prompt login consent': { prompt: 'login consent' },
  'an unknown prompt': { prompt: 'lemon' },
  'an unknown prompt beside login': { prompt: 'login lemon' },
  'max_age of an hour': { max_age: '3600' },
  'max_age of nothing': { max_age: '0' },
  'max_age of nothing, silently': { max_age: '0', prompt: 'none' },
  'max_age below nothing': { max_age: '-1' },
  'max_age of a word': { max_age: 'lemon' },
  'max_age of a part': { max_age: '1.5' },
  'acr_values that nobody knows': { acr_values: 'lemon' },
  ui_locales: { ui_locales: 'fr de' },
  'ui_locales that are none': { ui_locales: '!!' },
  'display page': { display: 'page' },
  'display popup': { display: 'popup' },
  'display that nobody knows': { display: 'lemon' },
  login_hint: { login_hint: 'ada' },
  claims_locales: { claims_locales: 'fr' },
  // What for.
  'an unknown scope': { scope: 'openid lemon' },
  'a scope without openid': { scope: 'notes:read', nonce: undefined },
  'a nonce without openid': { scope: 'notes:read' },
  'a scope twice': { scope: 'openid openid email' },
  'a scope in quotes': { scope: 'openid "email"' },
  'a scope in another case': { scope: 'OPENID' },
  'all scopes': { scope: 'openid profile email offline_access notes:read' },
  claims: claims({ userinfo: { email: null }, id_token: { email: { essential: true } } }),
  'claims that are no JSON': { claims: '{' },
  'claims that are a list': { claims: '[]' },
  'claims that are a word': { claims: '"email"' },
  'claims that are nothing': { claims: 'null' },
  'claims without a place': claims({}),
  'claims in a list': claims({ id_token: [] }),
  'claims as a word': claims({ id_token: 'email' }),
  'claims with a place that nobody knows': claims({ id_token: {}, lemon: {} }),
  'claims with a class that must be': claims({ id_token: { acr: { essential: true, value: 'lemon' } } }),
  'claims with a class that must be, silently': {
    prompt: 'none',
    ...claims({ id_token: { acr: { essential: true, value: 'lemon' } } }),
  },
  'claims for another user': claims({ id_token: { sub: { value: 'somebody-else' } } }),
  'claims for another user, silently': { prompt: 'none', ...claims({ id_token: { sub: { value: 'somebody-else' } } }) },
  // What is not taken.
  'a request object': { request: 'e30.e30.' },
  'a request_uri by https': { request_uri: 'https://app.example/request.jwt' },
  'a request_uri that nobody has pushed': { request_uri: 'urn:ietf:params:oauth:request_uri:lemon' },
  'both of them': { request: 'e30.e30.', request_uri: 'https://app.example/request.jwt' },
  'a registration': { registration: '{}' },
  'no request pushed by a client that must': { client_id: 'pushes' },
  'an id_token_hint that is none': { id_token_hint: 'lemon' },
  'an id_token_hint without a signature': { id_token_hint: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.' },
  // As it came.
  'a state of any characters': { state: 'a b&c=d#e?f%20g"<é' },
  'a long nonce': { nonce: 'n'.repeat(500) },
  'a state of 3,000 characters': { state: 's'.repeat(3_000) },
};

/** Changes of a request that comes from nobody who is signed in. */
const SIGNED_OUT: Readonly<Record<string, Over>> = {
  nothing: {},
  'prompt none': { prompt: 'none' },
  'prompt none and consent implied': { prompt: 'none', client_id: 'other' },
  'response_type none, silently': { response_type: 'none', prompt: 'none' },
  'response_type id_token, silently': { response_type: 'id_token', prompt: 'none' },
  max_age: { max_age: '3600' },
  'a foreign redirect_uri and prompt none': { prompt: 'none', redirect_uri: 'https://evil.example/cb' },
  'an unknown client and prompt none': { prompt: 'none', client_id: 'nobody' },
  'an unknown scope': { scope: 'openid lemon' },
};

export const AUTHORIZE: Corpus = [
  ...casesOf('authorize', CHANGES, (peer, change) => authorize(peer, change)),
  ...casesOf('authorize, signed out', SIGNED_OUT, (peer, change) => authorize(peer, change, '')),
  ...casesOf(
    'authorize with twice the',
    Object.fromEntries([...Object.keys(REQUEST), 'prompt', 'max_age'].map((name) => [name, name])),
    async (peer, name) =>
      ask(peer, 'authorize', {
        query: [
          ...Object.entries({ prompt: 'login', max_age: '1', ...REQUEST }).filter(
            ([it]) => it in REQUEST || it === name,
          ),
          [name, 'x'],
        ],
        headers: { cookie: await peer.browser() },
      }),
  ),
  ...casesOf(
    'authorize by POST',
    { nothing: {}, 'a foreign redirect_uri': { redirect_uri: 'https://evil.example' } },
    async (peer, change: Over) =>
      ask(peer, 'authorize', { form: over(REQUEST, change), headers: { cookie: await peer.browser() } }),
  ),
  ...casesOf<{ readonly of: User; readonly change: Over }>(
    'authorize with an id_token_hint',
    {
      'of the same user': { of: 'ada', change: {} },
      'of the same user, silently': { of: 'ada', change: { prompt: 'none' } },
      'of another user': { of: 'bob', change: {} },
      'of another user, silently': { of: 'bob', change: { prompt: 'none' } },
      'of another client, silently': { of: 'ada', change: { prompt: 'none', client_id: 'other' } },
    },
    async (peer, { of, change }) => {
      const { id } = await tokensOf(peer, {}, {}, await peer.browser(of));
      return authorize(peer, { ...change, id_token_hint: id });
    },
  ),
];
