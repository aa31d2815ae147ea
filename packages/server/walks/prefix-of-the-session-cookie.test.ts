import { afterAll, beforeAll, expect, test } from 'vitest';
import { CALLBACK, type OAuthApplication, oauthApplication, putClient } from '../src/testing/oauth-application.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// Every reader and writer of the session cookie goes by the name that the operator has set.

const PASSWORD = 'correct horse';
const NAME = '__Host-iPlanetDirectoryPro';

let server: SteeredServer;
let rest: RestClient;
let app: OAuthApplication;
let token = '';

beforeAll(async () => {
  server = await steeredServer({
    port: 8080,
    publicUrl: 'https://login.example.com/am',
    sessionCookiePrefix: '__Host-',
  });
  rest = restClient(server);
  app = oauthApplication(server);
  await server.createRealm('/alpha');
  await server.createUser('/alpha', 'ada', PASSWORD);
  const admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await putClient(rest, admin, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
  token = (await signIn(rest, '/alpha', 'ada', PASSWORD)) ?? '';
});
afterAll(() => server?.assent.stop());

const MARKED = { 'x-requested-with': 'XMLHttpRequest' };
const userOf = async (headers: Readonly<Record<string, string>>) => {
  const { status } = await rest('GET', '/alpha/users/ada', { headers: { ...MARKED, ...headers } });
  return status;
};
const setCookies = (headers: Readonly<Record<string, unknown>>): readonly string[] =>
  [headers['set-cookie'] ?? []].flat().map(String);

test('clients are told the name of the session cookie', async () => {
  expect((await rest('GET', '/serverinfo/*')).body).toMatchObject({ cookieName: NAME, secureCookie: true });
});

test('a sign-in sets the cookie under its prefix, secure, for the whole host and for no other', async () => {
  const login = '/alpha/authenticate?authIndexType=service&authIndexValue=Login';
  const first = await rest('POST', login, { body: {} });
  const filled = structuredClone(first.body) as { callbacks: { input: { value: string }[] }[] };
  for (const [at, value] of ['ada', PASSWORD].entries()) {
    const input = filled.callbacks[at]?.input[0];
    if (input !== undefined) input.value = value;
  }
  const done = await rest('POST', login, { body: filled });
  const cookies = setCookies(done.headers).filter((cookie) => cookie.includes('iPlanetDirectoryPro'));
  expect(cookies).toEqual([
    expect.stringMatching(/^__Host-iPlanetDirectoryPro=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
  ]);
});

test.each([
  ['the cookie', () => ({ cookie: `${NAME}=${token}` }), 200],
  ['a header that is named like the cookie', () => ({ [NAME.toLowerCase()]: token }), 200],
  ['the header of AM', () => ({ iplanetdirectorypro: token }), 200],
  [
    'a cookie of the former name, which another host of the domain can set',
    () => ({ cookie: `iPlanetDirectoryPro=${token}` }),
    401,
  ],
  ['two cookies of that name', () => ({ cookie: `${NAME}=${token}; ${NAME}=x` }), 401],
])('a session that is shown in %s is read accordingly', async (_what, headers, status) => {
  expect(await userOf(headers())).toBe(status);
});

test('the provider reads the cookie of that name alone', async () => {
  const silent = async (cookie: string) => {
    const { headers } = await app.authorize({ cookie }, { prompt: 'none' });
    return new URL(String(headers.location)).searchParams;
  };
  expect((await silent(`${NAME}=${token}`)).get('code')).toMatch(/./);
  expect((await silent(`iPlanetDirectoryPro=${token}`)).get('error')).toBe('interaction_required');
});

test('a logout clears the cookie of that name', async () => {
  const own = (await signIn(rest, '/alpha', 'ada', PASSWORD)) ?? '';
  const { headers, status } = await rest('POST', '/alpha/sessions?_action=logout', {
    headers: { ...MARKED, cookie: `${NAME}=${own}` },
  });
  expect(status).toBe(200);
  expect(setCookies(headers)).toContainEqual(
    expect.stringMatching(/^__Host-iPlanetDirectoryPro=; Max-Age=0; Path=\/; .*Secure/),
  );
  expect(await userOf({ cookie: `${NAME}=${own}` })).toBe(401);
});
