import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  CALLBACK,
  claimsOf,
  type OAuthAnswer,
  type OAuthApplication,
  oauthApplication,
  putClient,
  REQUEST,
} from '../src/testing/oauth-application.ts';
import { signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// What the modules of the OpenID conformance suite look at, each under its name, by a client with a secret and without PKCE as the
// plans have it. `conformance/openid-suite/modules.json` lists them (docs/guides/certifying.md says how the suite itself is run).

const PASSWORD = 'correct horse 7';
const SECRET = 'secret-of-the-suite';
const BYE = 'https://app.example.com/bye';
const ISSUER = 'http://localhost:18499/am/oauth2/realms/root/realms/alpha';

type Fields = Readonly<Record<string, string>>;
type Over = Readonly<Record<string, string | undefined>>;

let server: SteeredServer;
let app: OAuthApplication;
/** Of the user's browser. */
let session: string;

beforeAll(async () => {
  server = await steeredServer({ port: 18_499, hashCost: 'cheap-for-tests' });
  app = oauthApplication(server);
  await server.createRealm('/alpha');
  await server.createUser('/alpha', 'ada', PASSWORD);
  await server.setAttributes('/alpha', 'ada', {
    ...{ cn: ['Ada Lovelace'], givenName: ['Ada'], sn: ['Lovelace'], mail: ['ada@example.com'] },
    ...{ postalAddress: ['12 St James’s Square'], telephoneNumber: ['+44 20 7946 0000'] },
  });
  const admin = await signIn(app.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const scopes = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'];
  const core = { clientType: 'Confidential', userpassword: SECRET, redirectionUris: [CALLBACK], scopes };
  await putClient(app.rest, admin, 'suite', core, { postLogoutRedirectUri: [BYE] });
});
beforeEach(async () => {
  // No test is in the second, or on the counters, of another.
  server.clock.advance(60_000);
  session = (await signIn(app.rest, '/alpha', 'ada', PASSWORD)) ?? '';
});
afterAll(() => server?.assent.stop());

const present = (over: Over): Fields =>
  Object.fromEntries(Object.entries(over).filter((entry): entry is [string, string] => entry[1] !== undefined));
const BASIC = { authorization: `Basic ${Buffer.from(`suite:${SECRET}`).toString('base64')}` };
const browser = (): Fields => ({ accept: 'text/html', cookie: `iPlanetDirectoryPro=${session}` });
const NO_PKCE = { code_challenge: undefined, code_challenge_method: undefined };
const requestOf = (over: Over): Fields =>
  present({ ...REQUEST, ...NO_PKCE, client_id: 'suite', scope: 'openid', ...over });

/** What the application is told, by the address or by a form that sends itself. */
const told = ({ status, headers, text }: OAuthAnswer): Fields => {
  if (status === 302) {
    const { origin, pathname, searchParams } = new URL(String(headers.location));
    expect(`${origin}${pathname}`).toBe(CALLBACK);
    return Object.fromEntries(searchParams);
  }
  expect(text).toContain(`action="${CALLBACK}"`);
  const inputs = [...text.matchAll(/<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)];
  return Object.fromEntries(inputs.map(([, name, value]) => [name, value?.replaceAll('&amp;', '&')]));
};

const redeem = (code: string | undefined, over: Over = {}, headers: Fields = BASIC): Promise<OAuthAnswer> =>
  app.ask('access_token', {
    form: present({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...over }),
    headers,
  });

const tokensOf = async (fields: Fields, over?: Over, headers?: Fields) => {
  expect(fields).toMatchObject({ state: 'st', iss: ISSUER });
  const { status, body } = await redeem(fields.code, over, headers);
  expect(status).toBe(200);
  const id = String(body.id_token);
  const claims = claimsOf(id);
  expect(claims).toMatchObject({ iss: ISSUER, aud: 'suite', sub: expect.any(String), exp: expect.any(Number) });
  const tokens = { access: String(body.access_token), refresh: String(body.refresh_token), id };
  return { ...tokens, code: fields.code, claims };
};
type Login = Awaited<ReturnType<typeof tokensOf>>;
const claimsOfUser = async ({ access }: Login) => (await app.userinfo(access)).body;
const discovery = async () => (await app.ask('.well-known/openid-configuration')).body;

describe.each(['query', 'form_post'])('Basic OP, Form Post OP: response_mode %s', (mode) => {
  const authorize = (over: Over = {}, headers: Fields = browser()): Promise<OAuthAnswer> =>
    app.ask(`authorize?${new URLSearchParams(requestOf({ response_mode: mode, ...over }))}`, { headers });
  const login = async (over?: Over): Promise<Login> => tokensOf(told(await authorize(over)));
  /** Signs in at the login page, in the same browser, and goes the way back. */
  const signedInAnew = async (answer: OAuthAnswer): Promise<Login> => {
    const page = new URL(String(answer.headers.location));
    expect(page.pathname).toBe('/am/login');
    server.clock.advance(2_000);
    session = (await signIn(app.rest, '/alpha', 'ada', PASSWORD)) ?? '';
    const [, back = ''] = (page.searchParams.get('goto') ?? '').split(`${ISSUER}/`);
    return tokensOf(told(await app.ask(back, { headers: browser() })));
  };

  test('oidcc-server', async () => {
    const it = await login();
    expect(it.claims).toMatchObject({ nonce: 'no', at_hash: expect.any(String), auth_time: expect.any(Number) });
    expect(await claimsOfUser(it)).toEqual({ sub: it.claims.sub });
  });

  test('oidcc-response-type-missing', async () => {
    expect(told(await authorize({ response_type: undefined }))).toMatchObject({
      error: 'invalid_request',
      state: 'st',
    });
  });

  test('oidcc-idtoken-signature', async () => {
    const [head = '', payload = '', signature = ''] = (await login()).id.split('.');
    const { alg, kid } = JSON.parse(Buffer.from(head, 'base64url').toString());
    const { keys } = (await app.ask('connect/jwk_uri')).body as {
      readonly keys: readonly (JsonWebKey & { kid: string })[];
    };
    const key = createPublicKey({ key: keys.find((it) => it.kid === kid) ?? {}, format: 'jwk' });
    expect(alg).toBe('RS256');
    expect(verify('sha256', Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  test('oidcc-idtoken-unsigned', async () => {
    // Nothing is unsigned, and discovery says so, by which the module passes.
    expect((await discovery()).id_token_signing_alg_values_supported).not.toContain('none');
  });

  test('oidcc-userinfo-get', async () => {
    const it = await login();
    expect((await app.userinfo(it.access)).body.sub).toBe(it.claims.sub);
  });

  test('oidcc-userinfo-post-header', async () => {
    const it = await login();
    const headers = { authorization: `Bearer ${it.access}` };
    expect((await app.ask('userinfo', { method: 'POST', headers })).body.sub).toBe(it.claims.sub);
  });

  test('oidcc-userinfo-post-body', async () => {
    const it = await login();
    expect((await app.ask('userinfo', { form: { access_token: it.access } })).body.sub).toBe(it.claims.sub);
  });

  test('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async () => {
    expect((await login({ nonce: undefined })).claims).not.toHaveProperty('nonce');
  });

  const CLAIMS = {
    profile: { name: 'Ada Lovelace', given_name: 'Ada', family_name: 'Lovelace', preferred_username: 'ada' },
    email: { email: 'ada@example.com' },
    address: { address: { formatted: '12 St James’s Square' } },
    phone: { phone_number: '+44 20 7946 0000' },
  };
  test.each<[string, keyof typeof CLAIMS]>([
    ['oidcc-scope-profile', 'profile'],
    ['oidcc-scope-email', 'email'],
    ['oidcc-scope-address', 'address'],
    ['oidcc-scope-phone', 'phone'],
  ])('%s', async (_, scope) => {
    const it = await login({ scope: `openid ${scope}` });
    expect(await claimsOfUser(it)).toEqual({ sub: it.claims.sub, ...CLAIMS[scope] });
  });

  test('oidcc-scope-all', async () => {
    const { profile, email, address, phone } = CLAIMS;
    const it = await login({ scope: 'openid profile email address phone' });
    expect(await claimsOfUser(it)).toEqual({ sub: it.claims.sub, ...profile, ...email, ...address, ...phone });
  });

  test('oidcc-alternate-happy-flow', async () => {
    const reversed = Object.entries(requestOf({ response_mode: mode, scope: 'email openid' })).reverse();
    const it = await tokensOf(
      told(await app.ask(`authorize?${new URLSearchParams(reversed)}`, { headers: browser() })),
    );
    expect(await claimsOfUser(it)).toMatchObject(CLAIMS.email);
  });

  test.each<[string, Over]>([
    ['oidcc-display-page', { display: 'page' }],
    ['oidcc-display-popup', { display: 'popup' }],
    ['oidcc-ensure-request-with-unknown-parameter-succeeds', { extra: 'foobar' }],
    ['oidcc-login-hint', { login_hint: 'ada' }],
    ['oidcc-ui-locales', { ui_locales: 'se de' }],
    ['oidcc-claims-locales', { claims_locales: 'se de' }],
    ['oidcc-ensure-request-with-acr-values-succeeds', { acr_values: '1 2' }],
  ])('%s', async (_, over) => {
    expect((await login(over)).claims.sub).toEqual(expect.any(String));
  });

  test('oidcc-prompt-login', async () => {
    const first = await login();
    const second = await signedInAnew(await authorize({ prompt: 'login' }));
    expect(second.claims.sub).toBe(first.claims.sub);
    expect(Number(second.claims.auth_time)).toBeGreaterThan(Number(first.claims.auth_time));
  });

  test('oidcc-prompt-none-not-logged-in', async () => {
    const answer = await authorize({ prompt: 'none' }, { accept: 'text/html' });
    expect(told(answer)).toMatchObject({ error: 'interaction_required', state: 'st' });
  });

  test('oidcc-prompt-none-logged-in', async () => {
    const { claims } = await login();
    const { sub, auth_time } = claims;
    expect((await login({ prompt: 'none' })).claims).toMatchObject({ sub, auth_time });
  });

  test('oidcc-max-age-1', async () => {
    const first = await login();
    server.clock.advance(1_001);
    const second = await signedInAnew(await authorize({ max_age: '1' }));
    expect(Number(second.claims.auth_time)).toBeGreaterThan(Number(first.claims.auth_time));
  });

  test('oidcc-max-age-10000', async () => {
    const { auth_time } = (await login()).claims;
    server.clock.advance(1_001);
    expect((await login({ max_age: '10000' })).claims.auth_time).toBe(auth_time);
  });

  test('oidcc-id-token-hint', async () => {
    const { id, claims } = await login();
    expect((await login({ prompt: 'none', id_token_hint: id })).claims.sub).toBe(claims.sub);
  });

  test('oidcc-codereuse', async () => {
    const { code } = await login();
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('oidcc-codereuse-30seconds', async () => {
    const { code, access } = await login();
    server.clock.advance(30_000);
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await app.userinfo(access)).status).toBe(401);
  });

  test('oidcc-ensure-registered-redirect-uri', async () => {
    const answer = await authorize({ redirect_uri: 'https://app.example.com/other' });
    expect(answer.status).toBe(400);
    expect(answer.headers).not.toHaveProperty('location');
    expect(String(answer.headers['content-type'])).toMatch(/^text\/html/);
  });

  test('oidcc-ensure-post-request-succeeds', async () => {
    const form = requestOf({ response_mode: mode });
    expect((await tokensOf(told(await app.ask('authorize', { form, headers: browser() })))).id).toMatch(/^ey/);
  });

  test('oidcc-server-client-secret-post', async () => {
    const proof = { client_id: 'suite', client_secret: SECRET };
    expect((await tokensOf(told(await authorize()), proof, {})).claims.nonce).toBe('no');
  });

  test.each<[string, Over, string]>([
    [
      'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
      { request_uri: 'https://app.example.com/request.jwt' },
      'request_uri_not_supported',
    ],
    [
      'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
      { request: 'eyJhbGciOiJub25lIn0.e30.' },
      'request_not_supported',
    ],
    ['oidcc-ensure-request-object-with-redirect-uri', { request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported'],
  ])('%s', async (_, over, error) => {
    expect(told(await authorize(over))).toMatchObject({ error, state: 'st' });
  });

  test('oidcc-claims-essential', async () => {
    const it = await login({ claims: JSON.stringify({ userinfo: { name: { essential: true } } }) });
    expect(await claimsOfUser(it)).toMatchObject({ name: 'Ada Lovelace' });
  });

  test('oidcc-refresh-token', async () => {
    const first = await login();
    const { sub, aud, iss, auth_time } = first.claims;
    const { status, body } = await app.ask('access_token', {
      form: { grant_type: 'refresh_token', refresh_token: first.refresh },
      headers: BASIC,
    });
    expect(status).toBe(200);
    expect(claimsOf(String(body.id_token))).toMatchObject({ sub, aud, iss, auth_time });
    expect((await app.userinfo(String(body.access_token))).body.sub).toBe(sub);
  });

  test('oidcc-ensure-request-with-valid-pkce-succeeds', async () => {
    const { code_challenge, code_challenge_method } = REQUEST;
    const fields = told(await authorize({ code_challenge, code_challenge_method }));
    expect((await tokensOf(fields, { code_verifier: 'v'.repeat(43) })).claims.nonce).toBe('no');
  });
});

describe('Config OP', () => {
  test('oidcc-discovery-endpoint-verification', async () => {
    const metadata = await discovery();
    expect(metadata).toMatchObject({
      issuer: ISSUER,
      response_types_supported: expect.arrayContaining(['code']),
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']),
      scopes_supported: expect.arrayContaining(['openid']),
      claims_parameter_supported: true,
      request_uri_parameter_supported: false,
    });
    for (const name of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri']) {
      expect(metadata[name]).toEqual(expect.stringMatching(`^${ISSUER}/`));
    }
  });
});

test('oidcc-backchannel-logout-discovery-endpoint-verification', async () => {
  const supported = { backchannel_logout_supported: true, backchannel_logout_session_supported: true };
  expect(await discovery()).toMatchObject(supported);
});

describe('RP-Initiated OP', () => {
  const login = async (): Promise<Login> =>
    tokensOf(told(await app.ask(`authorize?${new URLSearchParams(requestOf({}))}`, { headers: browser() })));
  const endSession = (over: Over) =>
    app.ask(`connect/endSession?${new URLSearchParams(present(over))}`, { headers: browser() });
  const isSignedOut = async (): Promise<boolean> => {
    const query = new URLSearchParams(requestOf({ prompt: 'none' }));
    return told(await app.ask(`authorize?${query}`, { headers: browser() })).error !== undefined;
  };
  /** Nothing leads on from there. */
  const expectPage = (answer: OAuthAnswer, status: number): void => {
    expect(answer.status).toBe(status);
    expect(answer.headers).not.toHaveProperty('location');
    expect(String(answer.headers['content-type'])).toMatch(/^text\/html/);
  };
  /** The page asks, and whoever agrees is signed out. */
  const expectQuestion = async (answer: OAuthAnswer): Promise<void> => {
    expectPage(answer, 200);
    expect(await isSignedOut()).toBe(false);
    const [, csrf = ''] = /name="csrf"[^>]*value="([^"]*)"/.exec(answer.text) ?? [];
    expectPage(await app.ask('connect/endSession', { form: { csrf }, headers: browser() }), 200);
    expect(await isSignedOut()).toBe(true);
  };

  test('oidcc-rp-initiated-logout-discovery-endpoint-verification', async () => {
    expect((await discovery()).end_session_endpoint).toBe(`${ISSUER}/connect/endSession`);
  });

  test.each([
    ['oidcc-rp-initiated-logout', 'st', `${BYE}?state=st`],
    ['oidcc-rp-initiated-logout-no-state', undefined, BYE],
  ])('%s', async (_, state, location) => {
    const { id } = await login();
    const answer = await endSession({ id_token_hint: id, post_logout_redirect_uri: BYE, state });
    expect(answer).toMatchObject({ status: 302, headers: { location } });
    expect(await isSignedOut()).toBe(true);
  });

  test.each([
    ['oidcc-rp-initiated-logout-bad-post-logout-redirect-uri', 'https://evil.example.com/'],
    ['oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri', `${BYE}?foo=bar`],
  ])('%s', async (_, post_logout_redirect_uri) => {
    const { id } = await login();
    expectPage(await endSession({ id_token_hint: id, post_logout_redirect_uri, state: 'st' }), 400);
  });

  test.each<[string, (id: string) => string]>([
    ['oidcc-rp-initiated-logout-modified-id-token-hint', (id) => `eyJhbGciOiJub25lIn0.${id.split('.')[1]}.`],
    ['oidcc-rp-initiated-logout-bad-id-token-hint', (id) => id.replace(/\.[^.]{8}([^.]*)$/, '.forgedXX$1')],
  ])('%s', async (_, changed) => {
    const { id } = await login();
    expectPage(await endSession({ id_token_hint: changed(id), post_logout_redirect_uri: BYE, state: 'st' }), 400);
    expect(await isSignedOut()).toBe(false);
  });

  test('oidcc-rp-initiated-logout-no-id-token-hint', async () => {
    await login();
    await expectQuestion(await endSession({ post_logout_redirect_uri: BYE, state: 'st' }));
  });

  test('oidcc-rp-initiated-logout-no-params', async () => {
    await login();
    await expectQuestion(await endSession({}));
  });

  test('oidcc-rp-initiated-logout-only-state', async () => {
    await login();
    await expectQuestion(await endSession({ state: 'st' }));
  });

  test('oidcc-rp-initiated-logout-no-post-logout-redirect-uri', async () => {
    const { id } = await login();
    expectPage(await endSession({ id_token_hint: id }), 200);
    expect(await isSignedOut()).toBe(true);
  });
});
