import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPhone, openSession, type SessionFacts } from '../src/testing/account-fixture.ts';
import { type Method, type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

const HOUR = 3_600_000;
const TREES = 'realm-config/authentication/authenticationtrees';
const LISTED = 'https://app.example.net';

let server: SteeredServer;
let rest: RestClient;

beforeAll(async () => {
  server = await steeredServer({ port: 8080, adminSecondFactor: true });
  rest = restClient(server);
  await server.createRealm('/alpha');
  for (const role of ['owner', 'designer', 'helpdesk', 'auditor']) {
    await server.createUser('/', role, 'correct horse');
    await server.setAttributes('/', role, { assentRoles: [role] });
  }
  for (const name of ['user', 'other']) await server.createUser('/', name, 'correct horse');
});
afterAll(() => server?.assent.stop());

const tokenOf = async (name: string, facts: SessionFacts = {}) => (await openSession(server, '/', name, facts)).token;
const NO_FACTOR: SessionFacts = {};
const NEEDS_FACTOR = {
  status: 403,
  body: {
    reason: 'Forbidden',
    message: expect.stringContaining('sign in with a second factor: run the journey StepUp'),
    detail: { needs: 'secondFactor' },
  },
};
const PLAIN_REFUSAL = { status: 403, body: { code: 403, reason: 'Forbidden', message: 'User is not authorized' } };

/** A call of each family, and a role for it. None of them changes anything, or the test would fail for who may. */
const CALLS: readonly (readonly [role: string, method: Method, path: string, body?: object])[] = [
  ['owner', 'GET', '/realm-config/services'],
  ['owner', 'PUT', '/realm-config/services/assent', { nonsense: 1 }],
  ['owner', 'PUT', '/realm-config/authentication', { nonsense: 1 }],
  ['owner', 'GET', '/realm-config/email-templates?_queryFilter=true'],
  ['owner', 'GET', '/alpha/realm-config/services'],
  ['owner', 'GET', '/global-config/realms?_queryFilter=true'],
  ['owner', 'GET', '/metrics/api?_queryFilter=true'],
  ['owner', 'GET', '/users?_queryFilter=true'],
  ['owner', 'POST', '/users?_action=create', {}],
  ['owner', 'GET', '/users/user'],
  ['owner', 'PUT', '/users/user', { givenName: [1] }],
  ['owner', 'DELETE', '/users/nobody'],
  ['owner', 'GET', '/users/user/activity'],
  ['owner', 'GET', '/sessions?_queryFilter=username%20eq%20%22user%22'],
  ['owner', 'GET', '/users/user/devices/2fa/push?_queryFilter=true'],
  ['owner', 'GET', '/users/user/devices/profile?_queryFilter=true'],
  ['designer', 'GET', `/${TREES}/trees?_queryFilter=true`],
  ['designer', 'PUT', `/${TREES}/trees/Nothing`, { nonsense: 1 }],
  ['designer', 'POST', '/scripts?_action=create', {}],
  ['helpdesk', 'GET', '/users/user'],
  ['auditor', 'GET', '/realm-config/services'],
];

describe.each(CALLS.map(([role, method, path, body]) => [role, method, path, body] as const))(
  '%s may %s %s',
  (role, method, path, body) => {
    test.each([
      ['the password alone', NO_FACTOR],
      ['what is no second factor', { factor: 'Anonymous', factorAgeMillis: 0 }],
      ['what only looks like one', { factor: 'AuthenticatorPushy', factorAgeMillis: 0 }],
    ])('not after %s, and is told what to do (A157)', async (_what, facts) => {
      expect(await rest(method, path, { token: await tokenOf(role, facts), body })).toMatchObject(NEEDS_FACTOR);
    });

    test.each(['AuthenticatorPush', 'AuthenticatorOATH', 'AuthenticatorPushRegistration'])(
      'after %s, also an hour later',
      async (factor) => {
        const token = await tokenOf(role, { factor, factorAgeMillis: HOUR });
        expect([200, 400, 404]).toContain((await rest(method, path, { token, body })).status);
      },
    );

    test('but nobody else may, and learns nothing of factors', async () => {
      expect(await rest(method, path, { token: await tokenOf('other'), body })).toEqual(
        expect.objectContaining({ status: 403, body: PLAIN_REFUSAL.body }),
      );
    });
  },
);

test('a page of a listed origin does not learn who administers', async () => {
  const withFactor = await tokenOf('owner', { factorAgeMillis: 0 });
  const corsOrigins = [LISTED];
  await rest('PUT', '/realm-config/services/assent', { token: withFactor, body: { corsOrigins } });
  const headers = { origin: LISTED, 'sec-fetch-site': 'cross-site', 'x-requested-with': 'XMLHttpRequest' };
  const answer = await rest('GET', '/users/user', { token: await tokenOf('owner'), headers });
  expect(answer).toMatchObject(PLAIN_REFUSAL);
});

test('without a second factor administrators are users like others', async () => {
  const token = await tokenOf('owner');
  for (const path of ['', '/activity', '/devices/2fa/push?_queryFilter=true'])
    expect((await rest('GET', `/users/owner${path}`, { token })).status).toBe(200);
  expect((await rest('PUT', '/users/owner', { token, body: { givenName: 'Ann' } })).status).toBe(200);
  // What only an administrator could change of a user stays, also of oneself.
  for (const body of [{ assentRoles: [] }, { userpassword: 'another one' }, { inetUserStatus: 'Inactive' }])
    expect(await rest('PUT', '/users/owner', { token, body })).toMatchObject(NEEDS_FACTOR);
});

describe('devices (SEC-51, SEC-54)', () => {
  const RECENT = { status: 403, body: { detail: { needs: 'recentFactor' } } };
  const reset = (token: string, name = 'user') =>
    rest('POST', `/users/${name}/devices/2fa/push?_action=reset`, { token, body: {} });

  test.each(['owner', 'helpdesk'])(
    'of others are not taken away by a %s who used a factor long ago (SEC-54)',
    async (role) => {
      const { uuid } = await addPhone(server, '/', 'user');
      const token = await tokenOf(role, { factorAgeMillis: 300_000 });
      expect(await reset(token)).toMatchObject(RECENT);
      expect(await rest('DELETE', `/users/user/devices/2fa/push/${uuid}`, { token })).toMatchObject(RECENT);
      expect(await server.assent.store.devices.get(uuid)).toBeDefined();
      expect((await reset(await tokenOf(role, { factorAgeMillis: 299_999 }))).status).toBe(200);
      expect(await server.assent.store.devices.get(uuid)).toBeUndefined();
    },
  );

  test('of an owner are no exception', async () => {
    await addPhone(server, '/', 'owner');
    expect(await reset(await tokenOf('owner'), 'owner')).toMatchObject(RECENT);
    expect(await reset(await tokenOf('owner', { factorAgeMillis: HOUR }), 'owner')).toMatchObject(RECENT);
    expect((await reset(await tokenOf('owner', { factorAgeMillis: 0 }), 'owner')).status).toBe(200);
  });
});
