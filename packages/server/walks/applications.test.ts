// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of AM are written so.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import {
  type Asked,
  CALLBACK,
  claimsOf,
  landed,
  type OAuthApplication,
  oauthApplication,
  putClient,
  REQUEST,
} from '../src/testing/oauth-application.ts';
import { type RestClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// An application from its first request to the end of its tokens, as the server answers it (spec: oidc §2, §5.3).

const PASSWORD = 'correct horse 7';
const ISSUER = 'http://localhost:18476/am/oauth2/realms/root/realms/alpha';

let server: SteeredServer;
let app: OAuthApplication;
let rest: RestClient;
let admin: string | undefined;
let session: string;

beforeAll(async () => {
  server = await steeredServer({ port: 18_476 });
  app = oauthApplication(server);
  rest = app.rest;
  await server.createRealm('/alpha');
  await server.createUser('/alpha', 'ada', PASSWORD);
  await server.setAttributes('/alpha', 'ada', { cn: ['Ada Lovelace'], mail: ['ada@example.com'] });
  admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await putClient(rest, admin, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
  await putClient(rest, admin, 'api', { clientType: 'Confidential', userpassword: 'secret-of-the-api' });
});
beforeEach(async () => {
  session = (await signIn(rest, '/alpha', 'ada', PASSWORD)) ?? '';
});
afterAll(() => server?.assent.stop());

const ask: OAuthApplication['ask'] = (...args) => app.ask(...args);
const redeem: OAuthApplication['redeem'] = (...args) => app.redeem(...args);
const refresh: OAuthApplication['refresh'] = (...args) => app.refresh(...args);
const userinfo: OAuthApplication['userinfo'] = (...args) => app.userinfo(...args);
const withSession = () => ({ iplanetdirectorypro: session });
const authorize = (over?: Readonly<Record<string, string>>, headers: Asked['headers'] = withSession()) =>
  app.authorize(headers, over);
const codeOf = (over?: Readonly<Record<string, string>>) => app.codeOf(session, over);
const tokens = (over?: Readonly<Record<string, string>>) => app.tokens(session, over);

describe('the way to tokens', () => {
  test('a redirect is 302 without a body, and does not cut a popup from its opener', async () => {
    const answer = await authorize();
    expect(answer).toMatchObject({ status: 302, text: '' });
    expect(answer.headers).not.toHaveProperty('cross-origin-opener-policy');
    expect(answer.headers['cache-control']).toContain('no-store');
    expect(landed(answer)).toMatchObject({ state: 'st', iss: ISSUER, code: expect.any(String) });
  });

  test('a code becomes tokens, once', async () => {
    const code = await codeOf();
    const answer = await redeem(code);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'openid email' });
    expect(claimsOf(String(answer.body.id_token))).toMatchObject({
      iss: ISSUER,
      aud: 'app',
      nonce: 'no',
      amr: ['pwd'],
    });
    expect(await redeem(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('of fifty who send one code at once, one gets tokens (OIDC-04)', async () => {
    const code = await codeOf();
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_grant')).toHaveLength(49);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['another verifier', { code_verifier: 'w'.repeat(43) }],
    ['none', { code_verifier: '' }],
    ['another redirect URI', { redirect_uri: 'https://app.example.com/other' }],
    ['another client', { client_id: 'api', client_secret: 'secret-of-the-api' }],
  ])('with %s a code is nothing', async (_, over) => {
    expect(await redeem(await codeOf(), over)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('without a session a browser goes to the login page, and a program hears why it does not', async () => {
    const { headers } = await authorize({}, { accept: 'text/html' });
    const login = new URL(String(headers.location));
    expect(login.pathname).toBe('/am/login');
    expect(login.searchParams.get('realm')).toBe('/alpha');
    expect(login.searchParams.get('goto')).toContain(`${ISSUER}/authorize?`);
    expect(landed(await authorize({}, { iplanetdirectorypro: 'forged' })).error).toBe('interaction_required');
  });

  describe('where the realm has a login page of its own', () => {
    const PROVIDER = '/alpha/realm-config/services/oauth-oidc';
    const useTemplate = async (customLoginUrlTemplate: string) => {
      const body = { advancedOAuth2Config: { customLoginUrlTemplate } };
      expect((await rest('PUT', PROVIDER, { token: admin, body })).status).toBe(200);
    };
    afterAll(() => useTemplate(''));
    const loginOf = async (over: Readonly<Record<string, string>> = {}, headers = {}) =>
      new URL(String((await authorize(over, { accept: 'text/html', ...headers })).headers.location));

    test('the browser signs in there, and is led back to its request', async () => {
      await useTemplate(
        'https://login.example.com/in?goto=${goto}<#if realm??>&realm=${realm}</#if><#if locale??>&locale=${locale}</#if>',
      );
      const login = await loginOf({ ui_locales: 'de' });
      expect(`${login.origin}${login.pathname}`).toBe('https://login.example.com/in');
      expect(Object.fromEntries(login.searchParams)).toEqual({
        goto: expect.stringContaining(`${ISSUER}/authorize?`),
        realm: '/alpha',
        locale: 'de',
      });
      expect(
        (await loginOf({ prompt: 'login' }, { cookie: `iPlanetDirectoryPro=${session}` })).searchParams.get(
          'ForceAuth',
        ),
      ).toBe('true');
    });

    test('a template whose host a request would name is not used', async () => {
      await useTemplate('https://${realm}.example.com/?goto=${goto}');
      expect((await loginOf()).pathname).toBe('/am/login');
    });
  });

  test('a session of another realm is none (OIDC-13)', async () => {
    const other = { iplanetdirectorypro: admin ?? '' };
    expect(landed(await authorize({}, other)).error).toBe('interaction_required');
  });

  test('a page of a foreign origin may not show a session by itself (OIDC-30)', async () => {
    const evil = { ...withSession(), origin: 'https://evil.example' };
    expect(landed(await authorize({}, evil)).error).toBe('interaction_required');
    expect(landed(await authorize({}, { ...evil, origin: 'https://app.example.com' })).code).toBeDefined();
  });
});

describe('what tokens open', () => {
  test('userinfo tells what was granted, to who shows a token in a header or a form', async () => {
    const { access } = await tokens();
    expect((await userinfo(access)).body).toEqual({ sub: expect.any(String), email: 'ada@example.com' });
    expect((await ask('userinfo', { form: { access_token: access } })).status).toBe(200);
    expect((await ask(`userinfo?access_token=${access}`)).status).toBe(401);
  });

  test('introspection is for clients that can prove who they are', async () => {
    const { access } = await tokens();
    const own = { form: { token: access, client_id: 'app' } };
    expect(await ask('introspect', own)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    const headers = { authorization: `Basic ${Buffer.from('api:secret-of-the-api').toString('base64')}` };
    expect((await ask('introspect', { form: { token: access }, headers })).body).toEqual({ active: false });
  });

  test('one realm knows nothing of the tokens of another (OIDC-13)', async () => {
    const { access } = await tokens();
    expect(
      (await ask('userinfo', { realm: 'realms/root', headers: { authorization: `Bearer ${access}` } })).status,
    ).toBe(401);
  });

  test('no application may read a page of ours: it may hold the code of another one (OIDC-09)', async () => {
    const headers = { cookie: `iPlanetDirectoryPro=${session}`, origin: 'https://app.example.com' };
    for (const over of [{ response_mode: 'form_post' }, { prompt: 'consent' }]) {
      const page = await authorize(over, { ...headers, accept: 'text/html' });
      expect(String(page.headers['content-type'])).toMatch(/^text\/html/);
      expect(page.headers).not.toHaveProperty('access-control-allow-origin');
      expect(page.headers).not.toHaveProperty('access-control-allow-credentials');
    }
    expect((await authorize({}, headers)).headers).toHaveProperty('access-control-allow-origin');
  });

  test.each([
    { origin: 'https://app.example.com' },
    { origin: 'https://evil.example' },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('a decision from %j is none of the person (OIDC-09)', async (from) => {
    const decision = (headers: Readonly<Record<string, string>>) =>
      ask('authorize', {
        form: { ...REQUEST, decision: 'allow', csrf: session },
        headers: { cookie: `iPlanetDirectoryPro=${session}`, ...headers },
      });
    expect(await decision(from)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect((await decision({ origin: 'null', 'sec-fetch-site': 'same-origin' })).status).toBe(302);
    expect((await decision({})).status).toBe(302);
  });

  test('a page of the application may read, one of another origin may not (OIDC-21)', async () => {
    const { access } = await tokens();
    const from = async (origin: string) =>
      (await ask('userinfo', { headers: { authorization: `Bearer ${access}`, origin } })).headers;
    expect(await from('https://app.example.com')).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
    });
    expect(await from('https://evil.example')).not.toHaveProperty('access-control-allow-origin');
  });

  test.each([
    ['GET', 'users/ada', undefined, false],
    ['PUT', 'users/ada', { cn: ['Eve'] }, false],
    ['GET', 'users/ada/oauth2/applications?_queryFilter=true', undefined, false],
    ['POST', 'users/ada/oauth2/applications?_action=revoke', { clientId: 'app' }, false],
    ['GET', 'users/ada/devices/push?_queryFilter=true', undefined, false],
    ['POST', 'authenticate', {}, true],
    ['POST', 'sessions?_action=getSessionInfo', {}, true],
  ] as const)(
    'by the cookie of its user, the page of an application may sign in and out, and no more: %s %s (OIDC-21)',
    async (method, path, body, isOpen) => {
      const answer = await inject(server.assent, {
        method,
        url: `/am/json/alpha/${path}`,
        headers: {
          host: 'localhost:18476',
          origin: 'https://app.example.com',
          cookie: `iPlanetDirectoryPro=${session}`,
          'accept-api-version': 'resource=2.1',
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { payload: JSON.stringify(body) }),
      });
      expect('access-control-allow-origin' in answer.headers).toBe(isOpen);
      if (method !== 'GET') expect(answer.statusCode).toBe(isOpen ? 200 : 403);
    },
  );
});

describe('what ends tokens (OIDC-20)', () => {
  const isOver = async ({ access, refresh: token }: { readonly access: string; readonly refresh: string }) => {
    const answers = [await userinfo(access), await refresh(token)];
    return answers.map(({ status }) => status);
  };

  test('a refresh gives others, and the access token before is good until it expires', async () => {
    const first = await tokens();
    const { body } = await refresh(first.refresh);
    expect(body).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String) });
    expect((await userinfo(String(body.access_token))).status).toBe(200);
    expect((await userinfo(first.access)).status).toBe(200);
  });

  test('a revoked access token ends alone', async () => {
    const first = await tokens();
    expect(await ask('token/revoke', { form: { client_id: 'app', token: first.access } })).toMatchObject({
      status: 200,
    });
    expect(await isOver(first)).toEqual([401, 200]);
  });

  test.each<[string, (first: { readonly id: string; readonly refresh: string }) => Promise<unknown>]>([
    [
      'the refresh token is revoked',
      ({ refresh: token }) => ask('token/revoke', { form: { client_id: 'app', token } }),
    ],
    ['the application signs its user out', ({ id }) => ask(`connect/endSession?id_token_hint=${id}&client_id=app`)],
    ['the user signs out', () => rest('POST', '/alpha/sessions?_action=logout', { token: session })],
    [
      'another browser of the user ends all',
      async () => {
        const other = await signIn(rest, '/alpha', 'ada', PASSWORD);
        return rest('POST', '/alpha/sessions?_action=logoutByUser', { token: other, body: { username: 'ada' } });
      },
    ],
    [
      'an administrator ends the sessions of the user',
      () => rest('POST', '/alpha/sessions?_action=logoutByUser', { token: admin, body: { username: 'ada' } }),
    ],
  ])('%s: both are over', async (_, end) => {
    const first = await tokens();
    await end(first);
    expect(await isOver(first)).toEqual([401, 400]);
  });

  test('what was granted to outlive the session does', async () => {
    const first = await tokens({ scope: 'openid offline_access' });
    await rest('POST', '/alpha/sessions?_action=logout', { token: session });
    expect(await isOver(first)).toEqual([200, 200]);
  });

  const asAdministrator = (method: 'PUT' | 'DELETE', user: string, body?: object) =>
    rest(method, `/alpha/users/${user}`, { token: admin, ...(body && { body }) });
  test.each<[string, (user: string) => Promise<unknown>]>([
    ['gets another password', (user) => asAdministrator('PUT', user, { userpassword: 'battery staple 9' })],
    ['is put out of use', (user) => asAdministrator('PUT', user, { inetUserStatus: 'Inactive' })],
    ['is deleted', (user) => asAdministrator('DELETE', user)],
  ])('nothing outlives that its user %s', async (what, change) => {
    const user = what.replaceAll(' ', '-');
    await server.createUser('/alpha', user, PASSWORD);
    const own = (await signIn(rest, '/alpha', user, PASSWORD)) ?? '';
    const lasting = await app.tokens(own, { scope: 'openid offline_access' });
    const usual = await app.tokens(own);
    expect(await change(user)).toMatchObject({ status: 200 });
    expect(await isOver(lasting)).toEqual([401, 400]);
    expect(await isOver(usual)).toEqual([401, 400]);
  });
});

describe('the signatures', () => {
  test('are by keys that anybody can fetch', async () => {
    const { id } = await tokens();
    const { kid } = JSON.parse(Buffer.from(id.split('.')[0] ?? '', 'base64url').toString());
    const { body } = await ask('connect/jwk_uri');
    expect(body.keys).toEqual(expect.arrayContaining([expect.objectContaining({ kid })]));
    expect(JSON.stringify(body)).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
  });
});
