import { configuring } from '@assent/store/testing';
import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { oauthApplication, putClient } from '../src/testing/oauth-application.ts';
import { type RestAnswer, type RestClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// The journey of administrators is for users with a role, and a realm says which journeys callers may start at all.

const REALM = '/alpha';
const PASSWORD = 'correct horse 7';
const HEADERS = { 'accept-api-version': 'resource=2.1, protocol=1.0' };

let server: SteeredServer;
let rest: RestClient;
let admin: string | undefined;
/** What each commit was made of, oldest first. */
let commits: string[] = [];

beforeAll(async () => {
  server = await steeredServer({
    port: 18_495,
    between: async (point) => {
      if (typeof point !== 'string') commits.push(...point.map(({ type }) => type));
    },
  });
  rest = oauthApplication(server).rest;
  await server.createRealm(REALM);
  for (const name of ['plain', 'other', 'boss']) await server.createUser(REALM, name, PASSWORD);
  await server.setAttributes(REALM, 'boss', { assentRoles: ['helpdesk'] });
  await server.setAttributes(REALM, 'other', { assentRoles: ['superuser'] });
  admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await putClient(rest, admin, 'app', { clientType: 'Public', redirectionUris: ['https://app.example.com/cb'] });
});
afterAll(() => server?.assent.stop());
beforeEach(() => {
  commits = [];
});

interface Callback {
  readonly type: string;
  readonly input: readonly JsonObject[];
}

const start = (tree: string, realm = REALM): Promise<RestAnswer> =>
  rest('POST', `${realm}/authenticate?authIndexType=service&authIndexValue=${tree}`, { body: {}, headers: HEADERS });

const login = async (username: string, password: string, tree = 'AdminLogin'): Promise<RestAnswer> => {
  const { body } = await start(tree);
  const given: Readonly<Record<string, string>> = { NameCallback: username, PasswordCallback: password };
  const callbacks = (body.callbacks as readonly Callback[]).map(({ input, ...callback }) => ({
    ...callback,
    input: input.map((it) => ({ ...it, value: given[callback.type] ?? it.value })),
  }));
  commits = [];
  return rest('POST', `${REALM}/authenticate`, { body: { authId: body.authId, callbacks }, headers: HEADERS });
};

test('signs in a user with a role', async () => {
  expect((await login('boss', PASSWORD)).body).toHaveProperty('tokenId');
});

test.each(['plain', 'other'])(
  'answers %s, who has no role, with the right password as with a wrong one, and counts alike',
  async (username) => {
    const wrong = await login(username, 'another password');
    const committed = commits;
    const right = await login(username, PASSWORD);
    expect([right.status, right.body]).toEqual([wrong.status, wrong.body]);
    expect(right).toMatchObject({ status: 401, body: { message: 'Login failure' } });
    expect(commits).toEqual(committed);
    expect(committed).toContain('throttle.hit');
    // By the journey of users the same password is right.
    expect((await login(username, PASSWORD, 'Login')).body).toHaveProperty('tokenId');
  },
);

test('right passwords of a user without a role use up the guesses of a place', async () => {
  await server.createUser(REALM, 'guessed', PASSWORD);
  for (let guess = 0; guess < 10; guess += 1) await login('guessed', PASSWORD);
  expect((await login('guessed', PASSWORD, 'Login')).status).toBe(401);
});

const listing = async (startableJourneys: readonly string[]): Promise<void> => {
  const realm = server.assent.configuration.realm(REALM);
  if (realm === undefined) throw new RangeError('The realm is gone.');
  await configuring(server.assent.store).saveRealm({ ...realm, startableJourneys });
  await server.assent.configuration.refresh();
};

test('a journey that the realm does not list is unknown, by every way to start one (SEC-85)', async () => {
  const PATH = `${REALM}/realm-config/services/assent`;
  const { body: service } = await rest('GET', PATH, { token: admin });
  expect(service.startableJourneys).toEqual([]);
  const saved = await rest('PUT', PATH, { token: admin, body: { ...service, startableJourneys: ['StepUp'] } });
  expect(saved.status).toBe(200);
  try {
    const unknown = await start('NoSuchJourney');
    for (const tree of ['AdminLogin', 'PushLogin', 'ldapService']) {
      const { status, body } = await start(tree);
      expect([tree, status, body]).toEqual([tree, unknown.status, unknown.body]);
    }
    expect((await start('StepUp')).body).toHaveProperty('authId');
    // The default journey, by its name and without one.
    expect((await start('Login')).body).toHaveProperty('authId');
    expect((await rest('POST', `${REALM}/authenticate`, { body: {}, headers: HEADERS })).body).toHaveProperty('authId');

    const byHeaders = await rest('POST', `${REALM}/authenticate?authIndexType=service&authIndexValue=ldapService`, {
      body: {},
      headers: { ...HEADERS, 'x-openam-username': 'boss', 'x-openam-password': PASSWORD },
    });
    expect([byHeaders.status, byHeaders.body]).toEqual([unknown.status, unknown.body]);

    const byAdvice = (name: string, tree: string) => {
      const advice = `<Advices><AttributeValuePair><Attribute name="${name}"/><Value>${REALM}:${tree}</Value></AttributeValuePair></Advices>`;
      const query = new URLSearchParams({ authIndexType: 'composite_advice', authIndexValue: advice });
      return rest('POST', `${REALM}/authenticate?${query}`, { body: {}, headers: HEADERS });
    };
    for (const name of ['AuthenticateToServiceConditionAdvice', 'AuthenticateToTreeConditionAdvice']) {
      const { status, body } = await byAdvice(name, 'PushLogin');
      expect([name, status, body]).toEqual([name, unknown.status, unknown.body]);
      expect((await byAdvice(name, 'StepUp')).body).toHaveProperty('authId');
    }

    const { host } = new URL(server.assent.publicUrl);
    const page = async (path: string, tree: string) => {
      const url = `/am/${path}?realm=${REALM}&authIndexType=service&authIndexValue=${tree}`;
      const answer = await inject(server.assent, { method: 'GET', url, headers: { host, accept: 'text/html' } });
      return [answer.statusCode, /<input/.test(answer.body)];
    };
    for (const path of ['login', 'XUI/']) {
      expect(await page(path, 'PushLogin')).toEqual(await page(path, 'NoSuchJourney'));
      expect(await page(path, 'Login')).toEqual([200, true]);
    }
  } finally {
    await listing([]);
  }
});

test('the journey of a class of sign-in is no way round the list (SEC-85)', async () => {
  const config = { advancedOIDCConfig: { loaMapping: { push: 'PushStepUp' } } };
  await configuring(server.assent.store).saveService({ realm: REALM, type: 'oauth-oidc', config });
  await listing(['StepUp']);
  try {
    const answer = await oauthApplication(server).authorize({}, { acr_values: 'push' });
    const location = new URL(String(answer.headers.location));
    expect(location.searchParams.get('authIndexValue')).toBe('PushStepUp');
    expect(await start('PushStepUp')).toMatchObject({ status: (await start('NoSuchJourney')).status });
  } finally {
    await listing([]);
  }
});

test('administrators of the root realm are not locked out by a list', async () => {
  const root = server.assent.configuration.realm('/');
  if (root === undefined) throw new RangeError('There is no root realm.');
  await configuring(server.assent.store).saveRealm({ ...root, startableJourneys: ['StepUp'] });
  await server.assent.configuration.refresh();
  try {
    expect((await start('AdminLogin', '')).body).toHaveProperty('authId');
    expect((await start('ldapService', '')).status).toBe((await start('NoSuchJourney', '')).status);
  } finally {
    await configuring(server.assent.store).saveRealm(root);
    await server.assent.configuration.refresh();
  }
});
