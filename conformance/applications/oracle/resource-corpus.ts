import { BYE, DEVICE_CODE, SECRET } from './clients.ts';
import { type Corpus, casesOf } from './corpus.ts';
import {
  type Answer,
  ask,
  basic,
  codeOf,
  guessed,
  type Over,
  over,
  type Peer,
  REQUEST,
  redemption,
  type Tokens,
  token,
  tokensOf,
} from './peer.ts';

type Fields = Readonly<Record<string, string>>;

const bearer = (token: string): Fields => ({ authorization: `Bearer ${token}` });
const userinfo = (peer: Peer, access: string): Promise<Answer> => ask(peer, 'userinfo', { headers: bearer(access) });

const serviceToken = async (peer: Peer): Promise<string> =>
  String((await token(peer, { grant_type: 'client_credentials' }, basic('service'))).body.access_token);

const USERINFO: Corpus = [
  ...casesOf<(peer: Peer, tokens: Tokens) => Promise<Answer>>(
    'userinfo with',
    {
      'a token in the header': (peer, { access }) => userinfo(peer, access),
      'a token in the header, by POST': (peer, { access }) =>
        ask(peer, 'userinfo', { method: 'POST', headers: bearer(access) }),
      'a token in a form': (peer, { access }) => ask(peer, 'userinfo', { form: { access_token: access } }),
      'a token in the address': (peer, { access }) => ask(peer, 'userinfo', { query: { access_token: access } }),
      'a token in both': (peer, { access }) =>
        ask(peer, 'userinfo', { form: { access_token: access }, headers: bearer(access) }),
      'a scheme in small letters': (peer, { access }) =>
        ask(peer, 'userinfo', { headers: { authorization: `bearer ${access}` } }),
      'no token': (peer) => ask(peer, 'userinfo'),
      'no token, by POST': (peer) => ask(peer, 'userinfo', { form: {} }),
      'a token that nobody made': (peer) => userinfo(peer, 'lemon'),
      'a token with other characters': (peer) => userinfo(peer, 'lem,on'),
      'a scheme without a token': (peer) => ask(peer, 'userinfo', { headers: { authorization: 'Bearer' } }),
      'a secret of a client': (peer) => ask(peer, 'userinfo', { headers: basic('web') }),
      'a refresh token': (peer, { refresh }) => userinfo(peer, refresh),
      'an ID token': (peer, { id }) => userinfo(peer, id),
      'a token that is bound to no key, as if it were': (peer, { access }) =>
        ask(peer, 'userinfo', { headers: { authorization: `DPoP ${access}` } }),
    },
    async (peer, run) => run(peer, await tokensOf(peer)),
  ),
  { name: 'userinfo with a code', run: async (peer) => userinfo(peer, await codeOf(peer)) },
  { name: 'userinfo with a token of a client', run: async (peer) => userinfo(peer, await serviceToken(peer)) },
  {
    name: 'userinfo with a token without the scope openid',
    async run(peer) {
      const code = await codeOf(peer, { scope: 'notes:read', nonce: undefined });
      return userinfo(peer, String((await token(peer, redemption(code))).body.access_token));
    },
  },
];

interface Shown {
  readonly shown: string;
  readonly headers?: Fields;
  readonly form?: Over;
}

/** Asks about a token as the client `web`, whose token it is where the case does not say otherwise. */
const told =
  (path: string) =>
  (peer: Peer, { shown, headers = basic('web'), form }: Shown) =>
    guessed(peer, ask(peer, path, { form: over({ token: shown }, form ?? {}), headers }));

const aboutTokens = (path: string): Corpus =>
  casesOf<(peer: Peer, tokens: Tokens) => Promise<Shown> | Shown>(
    path,
    {
      'the access token of the client': (_, { access }) => ({ shown: access }),
      'the refresh token of the client': (_, { refresh }) => ({ shown: refresh }),
      'with a hint': (_, { access }) => ({ shown: access, form: { token_type_hint: 'access_token' } }),
      'with a wrong hint': (_, { access }) => ({ shown: access, form: { token_type_hint: 'refresh_token' } }),
      'with a hint that nobody knows': (_, { access }) => ({ shown: access, form: { token_type_hint: 'lemon' } }),
      'a token that nobody made': () => ({ shown: 'lemon' }),
      'an ID token': (_, { id }) => ({ shown: id }),
      'a token of another client': async (peer) => ({ shown: (await tokensOf(peer)).access }),
      'no token': () => ({ shown: '', form: { token: undefined } }),
      'no client': (_, { access }) => ({ shown: access, headers: {} }),
      'an unknown client': (_, { access }) => ({ shown: access, headers: basic('nobody') }),
      'a wrong secret': (_, { access }) => ({ shown: access, headers: basic('guessed', 'wrong') }),
      'a secret in the form': (_, { access }) => ({
        shown: access,
        headers: {},
        form: { client_id: 'post', client_secret: SECRET },
      }),
      'by a public client, about another': (_, { access }) => ({
        shown: access,
        headers: {},
        form: { client_id: 'spa' },
      }),
    },
    async (peer, shown) => told(path)(peer, await shown(peer, await tokensOf(peer, { client_id: 'web' }))),
  );

const afterRevocation =
  (kind: keyof Tokens, then: (peer: Peer, tokens: Tokens) => Promise<Answer>) => async (peer: Peer) => {
    const tokens = await tokensOf(peer);
    await ask(peer, 'token/revoke', { form: { token: tokens[kind], client_id: 'spa' } });
    return then(peer, tokens);
  };
const refreshOf = (peer: Peer, { refresh }: Tokens) =>
  token(peer, { grant_type: 'refresh_token', client_id: 'spa', refresh_token: refresh });

const ABOUT_TOKENS: Corpus = [
  ...aboutTokens('introspect'),
  ...aboutTokens('token/revoke'),
  {
    name: 'introspect by a public client, its own token',
    run: async (peer) =>
      told('introspect')(peer, { shown: (await tokensOf(peer)).access, headers: {}, form: { client_id: 'spa' } }),
  },
  {
    name: 'introspect by GET',
    run: (peer) => ask(peer, 'introspect', { query: { token: 'lemon' }, headers: basic('web') }),
  },
  {
    name: 'introspect with twice the token',
    run: (peer) =>
      ask(peer, 'introspect', {
        form: [
          ['token', 'a'],
          ['token', 'b'],
        ],
        headers: basic('web'),
      }),
  },
  {
    name: 'token/revoke, and the access token then',
    run: afterRevocation('access', (peer, { access }) => userinfo(peer, access)),
  },
  { name: 'token/revoke of the access token, and the refresh token then', run: afterRevocation('access', refreshOf) },
  {
    name: 'token/revoke of the refresh token, and the access token then',
    run: afterRevocation('refresh', (peer, { access }) => userinfo(peer, access)),
  },
  { name: 'token/revoke of the refresh token, and the refresh token then', run: afterRevocation('refresh', refreshOf) },
  {
    name: 'token/revoke by another client, and the token then',
    async run(peer) {
      const { access } = await tokensOf(peer);
      await ask(peer, 'token/revoke', { form: { token: access, client_id: 'other' } });
      return userinfo(peer, access);
    },
  },
];

const WEB_REQUEST = { ...REQUEST, client_id: 'web' };
const push = (peer: Peer, change: Over = {}, headers: Fields = basic('web')): Promise<Answer> =>
  ask(peer, 'par', { form: over(WEB_REQUEST, change), headers });
const pushed = async (peer: Peer, change?: Over): Promise<string> =>
  String((await push(peer, change)).body.request_uri);
const asksFor = async (peer: Peer, query: Fields, cookie?: string) =>
  ask(peer, 'authorize', { query, headers: { cookie: cookie ?? (await peer.browser()) } });

const PUSHES: Readonly<Record<string, Over>> = {
  'as it should be': {},
  'a foreign redirect_uri': { redirect_uri: 'https://evil.example/cb' },
  'no redirect_uri': { redirect_uri: undefined },
  'no response_type': { response_type: undefined },
  'another response_type': { response_type: 'token' },
  'an unknown response_mode': { response_mode: 'pigeon' },
  'an unknown scope': { scope: 'openid lemon' },
  'PKCE plain': { code_challenge_method: 'plain' },
  'a short code_challenge': { code_challenge: 'short' },
  'an unknown prompt': { prompt: 'lemon' },
  'prompt none login': { prompt: 'none login' },
  'max_age of a word': { max_age: 'lemon' },
  'claims that are no JSON': { claims: '{' },
  'a request_uri': { request_uri: 'urn:ietf:params:oauth:request_uri:lemon' },
  'a request object': { request: 'e30.e30.' },
  'an id_token_hint that is none': { id_token_hint: 'lemon' },
  'no client_id beside the header': { client_id: undefined },
  'the client_id of another': { client_id: 'spa' },
};

const PUSHED: Corpus = [
  ...casesOf('par with', PUSHES, (peer, change) => push(peer, change)),
  { name: 'par without a client', run: (peer) => push(peer, { client_id: undefined }, {}) },
  { name: 'par of a confidential client by its name alone', run: (peer) => push(peer, {}, {}) },
  {
    name: 'par with a wrong secret',
    run: (peer) => guessed(peer, push(peer, { client_id: undefined }, basic('guessed', 'wrong'))),
  },
  { name: 'par of a public client', run: (peer) => push(peer, { client_id: 'spa' }, {}) },
  {
    name: 'par of a public client without PKCE',
    run: (peer) => push(peer, { client_id: 'spa', code_challenge: undefined, code_challenge_method: undefined }, {}),
  },
  { name: 'par by GET', run: (peer) => ask(peer, 'par', { query: WEB_REQUEST, headers: basic('web') }) },
  {
    name: 'par with twice the state',
    run: (peer) => ask(peer, 'par', { form: [...Object.entries(WEB_REQUEST), ['state', 'x']], headers: basic('web') }),
  },
  {
    name: 'authorize with what was pushed',
    run: async (peer) => asksFor(peer, { client_id: 'web', request_uri: await pushed(peer) }),
  },
  {
    name: 'authorize with what was pushed, and other words beside it',
    run: async (peer) =>
      asksFor(peer, {
        client_id: 'web',
        request_uri: await pushed(peer),
        scope: 'lemon',
        redirect_uri: 'https://evil.example/cb',
      }),
  },
  {
    name: 'authorize with what was pushed, after a visit by nobody',
    async run(peer) {
      const query = { client_id: 'web', request_uri: await pushed(peer) };
      await asksFor(peer, query, '');
      return asksFor(peer, query);
    },
  },
  {
    name: 'authorize with what was pushed by a client that must',
    async run(peer) {
      const { body } = await push(peer, { client_id: 'pushes' }, {});
      return asksFor(peer, { client_id: 'pushes', request_uri: String(body.request_uri) });
    },
  },
  {
    name: 'authorize with what another client has pushed',
    run: async (peer) => asksFor(peer, { client_id: 'spa', request_uri: await pushed(peer) }),
  },
  {
    name: 'authorize with what was pushed, without a client_id',
    run: async (peer) => asksFor(peer, { request_uri: await pushed(peer) }),
  },
  {
    name: 'authorize a second time with what was pushed',
    async run(peer) {
      const [query, cookie] = [{ client_id: 'web', request_uri: await pushed(peer) }, await peer.browser()];
      await asksFor(peer, query, cookie);
      return asksFor(peer, query, cookie);
    },
  },
  {
    name: 'authorize with what was pushed and its request object',
    run: async (peer) => asksFor(peer, { client_id: 'web', request_uri: await pushed(peer), request: 'e30.e30.' }),
  },
];

const endSession = async (peer: Peer, query: Over, cookie = ''): Promise<Answer> =>
  ask(peer, 'connect/endSession', { query: over({}, query), headers: { cookie } });

/** An ID token of a session that no other case is in. */
const hintOf = async (peer: Peer): Promise<string> => (await tokensOf(peer, {}, {}, await peer.newBrowser())).id;

const SIGN_OUT: Corpus = [
  ...casesOf<Over>(
    'endSession, signed out, with',
    {
      nothing: {},
      'a hint that is none': { id_token_hint: 'lemon' },
      'a hint without a signature': { id_token_hint: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.' },
      'a foreign address and no hint': { post_logout_redirect_uri: 'https://evil.example/' },
    },
    (peer, query) => endSession(peer, query),
  ),
  ...casesOf<Over>(
    'endSession with a hint and',
    {
      'a foreign address': { post_logout_redirect_uri: 'https://evil.example/' },
      'an address with a slash more': { post_logout_redirect_uri: `${BYE}/` },
      'another client': { client_id: 'other', post_logout_redirect_uri: BYE },
    },
    async (peer, query) => endSession(peer, { id_token_hint: await hintOf(peer), ...query }),
  ),
  {
    name: 'endSession with a hint, an address and nobody there',
    run: async (peer) =>
      endSession(peer, { id_token_hint: await hintOf(peer), post_logout_redirect_uri: BYE, state: 'a-state' }),
  },
  {
    name: 'endSession with twice the hint',
    run: (peer) =>
      ask(peer, 'connect/endSession', {
        query: [
          ['id_token_hint', 'a'],
          ['id_token_hint', 'b'],
        ],
      }),
  },
];

const device = (
  peer: Peer,
  form: Fields = { client_id: 'spa', scope: 'openid' },
  headers: Fields = {},
): Promise<Answer> => ask(peer, 'device/code', { form, headers });
const polled = (peer: Peer, code: unknown, form: Over = {}): Promise<Answer> =>
  token(peer, { grant_type: DEVICE_CODE, client_id: 'spa', device_code: String(code), ...form });

const DEVICE: Corpus = [
  { name: 'device/code', run: (peer) => device(peer) },
  { name: 'device/code of a confidential client', run: (peer) => device(peer, { scope: 'openid' }, basic('web')) },
  {
    name: 'device/code of a confidential client by its name alone',
    run: (peer) => device(peer, { client_id: 'web', scope: 'openid' }),
  },
  { name: 'device/code without a client', run: (peer) => device(peer, { scope: 'openid' }) },
  { name: 'device/code of an unknown client', run: (peer) => device(peer, { client_id: 'nobody' }) },
  { name: 'device/code of a client that may not', run: (peer) => device(peer, { client_id: 'other' }) },
  {
    name: 'device/code with an unknown scope',
    run: (peer) => device(peer, { client_id: 'spa', scope: 'openid lemon' }),
  },
  { name: 'device/code by GET', run: (peer) => ask(peer, 'device/code', { query: { client_id: 'spa' } }) },
  {
    name: 'a device code that nobody has decided on',
    run: async (peer) => polled(peer, (await device(peer)).body.device_code),
  },
  {
    name: 'a device code that is asked for too soon',
    async run(peer) {
      const { body } = await device(peer);
      await polled(peer, body.device_code);
      return polled(peer, body.device_code);
    },
  },
  {
    name: 'a device code of another client',
    run: async (peer) =>
      polled(peer, (await device(peer)).body.device_code, { client_id: 'web', client_secret: SECRET }),
  },
  {
    name: 'a device code as a code',
    run: async (peer) => token(peer, redemption(String((await device(peer)).body.device_code))),
  },
];

export const RESOURCES: Corpus = [...USERINFO, ...ABOUT_TOKENS, ...PUSHED, ...SIGN_OUT, ...DEVICE];
