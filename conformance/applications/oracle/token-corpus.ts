import { DEVICE_CODE, OTHER_CB, SECRET } from './clients.ts';
import { type Corpus, casesOf } from './corpus.ts';
import { ask, basic, codeOf, guessed, type Over, type Peer, redemption, token, tokensOf } from './peer.ts';
import { clientAssertion, type ProofOver } from './proofs.ts';

/** What a client sends with a fresh code of `spa`, where it is not what it should be. */
const REDEMPTIONS: Readonly<
  Record<string, { readonly form?: Over; readonly headers?: Readonly<Record<string, string>> }>
> = {
  'as it should be': {},
  'no grant_type': { form: { grant_type: undefined } },
  'an unknown grant_type': { form: { grant_type: 'lemon' } },
  'grant_type password': { form: { grant_type: 'password', username: 'ada', password: 'x' } },
  'grant_type implicit': { form: { grant_type: 'implicit' } },
  'no code': { form: { code: undefined } },
  'an empty code': { form: { code: '' } },
  'a code that nobody made': { form: { code: 'lemon' } },
  'no redirect_uri': { form: { redirect_uri: undefined } },
  'another redirect_uri of the client': { form: { redirect_uri: OTHER_CB } },
  'a foreign redirect_uri': { form: { redirect_uri: 'https://evil.example/cb' } },
  'no code_verifier': { form: { code_verifier: undefined } },
  'another code_verifier': { form: { code_verifier: 'w'.repeat(43) } },
  'a short code_verifier': { form: { code_verifier: 'short' } },
  'a long code_verifier': { form: { code_verifier: 'v'.repeat(129) } },
  'a code_verifier with other characters': { form: { code_verifier: `${'v'.repeat(42)}=` } },
  'no client_id': { form: { client_id: undefined } },
  'an unknown client': { form: { client_id: 'nobody' } },
  'another public client': { form: { client_id: 'other' } },
  'another confidential client': { form: { client_id: undefined }, headers: basic('web') },
  'a secret of a public client': { form: { client_secret: 'a-secret' } },
  'a client that may not': { form: { client_id: undefined }, headers: basic('service') },
  'a scope, which is not of this grant': { form: { scope: 'openid' } },
  'a parameter that nobody knows': { form: { flavour: 'lemon' } },
};

const wrongBody = (peer: Peer, body: string, type: string) =>
  ask(peer, 'access_token', { body, headers: { 'content-type': type } });

const redeemed = async (peer: Peer, form: Over = {}, headers: Readonly<Record<string, string>> = {}) =>
  token(peer, { ...redemption(await codeOf(peer)), ...form }, headers);

/** How the confidential client `web` proves itself, or does not. */
const webCode = (peer: Peer) => codeOf(peer, { client_id: 'web' });
const WEB = { client_id: undefined };

const REFRESHES: Readonly<Record<string, Over>> = {
  'as it should be': {},
  'no refresh_token': { refresh_token: undefined },
  'a refresh_token that nobody made': { refresh_token: 'lemon' },
  'the same scope': { scope: 'openid email' },
  'a narrower scope': { scope: 'openid' },
  'a wider scope': { scope: 'openid email profile' },
  'an unknown scope': { scope: 'openid lemon' },
  'a response_type, which is not of this grant': { response_type: 'code' },
  'another client': { client_id: 'other' },
  'no client': { client_id: undefined },
};

const refreshed = (peer: Peer, refresh: string, change: Over = {}) =>
  token(peer, { grant_type: 'refresh_token', client_id: 'spa', refresh_token: refresh, ...change });

const ASSERTIONS: Readonly<Record<string, ProofOver & { readonly form?: Over }>> = {
  'as it should be': {},
  'its claim iss of another': { claims: { iss: 'web' } },
  'its claim sub of another': { claims: { sub: 'web' } },
  'no iss': { claims: { iss: undefined } },
  'no sub': { claims: { sub: undefined } },
  'no aud': { claims: { aud: undefined } },
  'no exp': { claims: { exp: undefined } },
  'no jti': { claims: { jti: undefined } },
  'a foreign aud': { claims: { aud: 'https://evil.example' } },
  'its time over': { claims: { exp: 1_000_000_000 } },
  'its time not begun': { claims: { nbf: 9_999_999_999 } },
  'the signature of another key': { signedBy: 'thief' },
  'no signature': { header: { alg: 'none' } },
  'an HMAC by the public key': { header: { alg: 'HS256' } },
  'no client_assertion_type': { form: { client_assertion_type: undefined } },
  'another client_assertion_type': { form: { client_assertion_type: 'lemon' } },
  'a client_id of another': { form: { client_id: 'web' } },
  'its own client_id': { form: { client_id: 'jwt' } },
  'a secret beside it': { form: { client_secret: SECRET } },
  'no JWT': { form: { client_assertion: 'lemon' } },
};

/** An address of its own for each call: wrong proofs of a client are counted by address, and a right signature clears no counter (ADR 128). */
let addresses = 0;
const fromElsewhere = () => {
  addresses += 1;
  return { 'x-forwarded-for': `203.0.113.${addresses}` };
};

const asserted = async (peer: Peer, proof: ProofOver, form: Over = {}) => {
  const fields = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: clientAssertion({ audience: peer.issuer, now: await peer.now() }, proof),
    ...form,
  };
  return token(peer, fields, fromElsewhere());
};

export const TOKEN: Corpus = [
  ...casesOf('a code with', REDEMPTIONS, (peer, { form, headers }) => redeemed(peer, form, headers)),
  {
    name: 'a code a second time',
    async run(peer) {
      const code = await codeOf(peer);
      await token(peer, redemption(code));
      return token(peer, redemption(code));
    },
  },
  {
    name: 'a code a second time by another verifier ends what came of it',
    async run(peer) {
      const code = await codeOf(peer);
      const { body } = await token(peer, redemption(code));
      await token(peer, { ...redemption(code), code_verifier: 'w'.repeat(43) });
      return ask(peer, 'userinfo', { headers: { authorization: `Bearer ${body.access_token}` } });
    },
  },
  {
    name: 'a code after a wrong verifier',
    async run(peer) {
      const code = await codeOf(peer);
      await token(peer, { ...redemption(code), code_verifier: 'w'.repeat(43) });
      return token(peer, redemption(code));
    },
  },
  {
    name: 'a verifier for a code without a challenge',
    async run(peer) {
      const change = { client_id: 'web', code_challenge: undefined, code_challenge_method: undefined };
      return token(peer, { ...redemption(await codeOf(peer, change)), ...WEB }, basic('web'));
    },
  },
  {
    name: 'a code without a challenge',
    async run(peer) {
      const change = { client_id: 'web', code_challenge: undefined, code_challenge_method: undefined };
      const code = await codeOf(peer, change);
      return token(peer, { ...redemption(code), ...WEB, code_verifier: undefined }, basic('web'));
    },
  },
  ...casesOf<{ readonly form?: Over; readonly headers?: Readonly<Record<string, string>> }>(
    'a confidential client with',
    {
      'its secret in the header': { headers: basic('web') },
      'its secret in the form': { form: { client_id: 'web', client_secret: SECRET } },
      'its secret in both': { form: { client_id: 'web', client_secret: SECRET }, headers: basic('web') },
      'its secret in the header and its name in the form': { form: { client_id: 'web' }, headers: basic('web') },
      'the header and the name of another': { form: { client_id: 'spa' }, headers: basic('web') },
      'its name alone': { form: { client_id: 'web' } },
      'an empty secret in the form': { form: { client_id: 'web', client_secret: '' } },
    },
    async (peer, { form, headers }) => token(peer, { ...redemption(await webCode(peer)), ...WEB, ...form }, headers),
  ),
  ...casesOf<Readonly<Record<string, string>>>(
    'a header of',
    {
      'a wrong secret': basic('guessed', 'wrong'),
      'an unknown client': basic('nobody'),
      'no secret': basic('guessed', ''),
      'no colon': { authorization: `Basic ${Buffer.from('guessed').toString('base64')}` },
      'no base64': { authorization: 'Basic !!!' },
      'another scheme': { authorization: 'Digest lemon' },
      'a bearer token': { authorization: 'Bearer lemon' },
    },
    (peer, headers) => guessed(peer, token(peer, { ...redemption('lemon'), client_id: undefined }, headers)),
  ),
  {
    name: 'a client that proves itself in the form',
    run: async (peer) =>
      token(peer, {
        ...redemption(await codeOf(peer, { client_id: 'post' })),
        client_id: 'post',
        client_secret: SECRET,
      }),
  },
  {
    name: 'the header of a client that proves itself in the form',
    run: async (peer) =>
      token(peer, { ...redemption(await codeOf(peer, { client_id: 'post' })), ...WEB }, basic('post')),
  },
  { name: 'tokens by GET', run: (peer) => ask(peer, 'access_token', { query: redemption('lemon') }) },
  { name: 'tokens by JSON', run: (peer) => wrongBody(peer, JSON.stringify(redemption('lemon')), 'application/json') },
  {
    name: 'tokens by a form without a type',
    run: (peer) => wrongBody(peer, 'grant_type=authorization_code', 'text/plain'),
  },
  ...casesOf(
    'tokens with twice the',
    Object.fromEntries(
      ['grant_type', 'code', 'redirect_uri', 'code_verifier', 'client_id'].map((name) => [name, name]),
    ),
    async (peer, name) =>
      ask(peer, 'access_token', { form: [...Object.entries(redemption(await codeOf(peer))), [name, 'x']] }),
  ),
  ...casesOf('a refresh with', REFRESHES, async (peer, change) =>
    refreshed(peer, (await tokensOf(peer)).refresh, change),
  ),
  ...casesOf<'access' | 'id'>(
    'a refresh with, in place of a refresh token, the token',
    { access: 'access', id: 'id' },
    async (peer, kind) => refreshed(peer, (await tokensOf(peer))[kind]),
  ),
  {
    name: 'a code with a refresh token in its place',
    run: async (peer) => token(peer, redemption((await tokensOf(peer)).refresh)),
  },
  {
    name: 'a refresh token at once a second time',
    async run(peer) {
      const { refresh } = await tokensOf(peer);
      await refreshed(peer, refresh);
      return refreshed(peer, refresh);
    },
  },
  {
    name: 'a refresh token that was replaced twice ends what came of it',
    async run(peer) {
      const { refresh } = await tokensOf(peer);
      const second = String((await refreshed(peer, refresh)).body.refresh_token);
      const third = String((await refreshed(peer, second)).body.refresh_token);
      await refreshed(peer, refresh);
      return refreshed(peer, third);
    },
  },
  {
    name: 'a refresh after one that asked for too much',
    async run(peer) {
      const { refresh } = await tokensOf(peer);
      await refreshed(peer, refresh, { scope: 'openid lemon' });
      return refreshed(peer, refresh);
    },
  },
  ...casesOf<{ readonly form?: Over; readonly headers?: Readonly<Record<string, string>> }>(
    'client credentials of',
    {
      'a service': { headers: basic('service') },
      'a service with a scope': { headers: basic('service'), form: { scope: 'notes:read' } },
      'a service with an unknown scope': { headers: basic('service'), form: { scope: 'lemon' } },
      'a service with the scope openid': { headers: basic('service'), form: { scope: 'openid' } },
      'a public client': { form: { client_id: 'spa' } },
      'a client that may not': { headers: basic('web') },
      'a wrong secret': { headers: basic('guessed', 'wrong') },
    },
    (peer, { form, headers }) => guessed(peer, token(peer, { grant_type: 'client_credentials', ...form }, headers)),
  ),
  ...casesOf('an assertion with', ASSERTIONS, (peer, { form, ...proof }) => asserted(peer, proof, form)),
  {
    name: 'an assertion a second time',
    async run(peer) {
      const claims = { jti: 'seen-before' };
      const client_assertion = clientAssertion({ audience: peer.issuer, now: await peer.now() }, { claims });
      await asserted(peer, {}, { client_assertion });
      return asserted(peer, {}, { client_assertion });
    },
  },
  {
    name: 'an assertion whose time begins in eight seconds',
    run: async (peer) => asserted(peer, { claims: { nbf: (await peer.now()) + 8 } }),
  },
  {
    name: 'an assertion of a client that has a secret',
    run: (peer) => asserted(peer, { claims: { iss: 'web', sub: 'web' } }),
  },
  {
    name: 'the secret of a client that signs',
    run: (peer) => token(peer, { grant_type: 'client_credentials' }, { ...basic('jwt'), ...fromElsewhere() }),
  },
  {
    name: 'a device code that nobody made',
    run: (peer) => token(peer, { grant_type: DEVICE_CODE, client_id: 'spa', device_code: 'lemon' }),
  },
  { name: 'a device grant without a code', run: (peer) => token(peer, { grant_type: DEVICE_CODE, client_id: 'spa' }) },
  {
    name: 'a device grant of a client that may not',
    run: (peer) => token(peer, { grant_type: DEVICE_CODE, client_id: 'other', device_code: 'lemon' }),
  },
];
