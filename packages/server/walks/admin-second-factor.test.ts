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
const RECENT = { status: 403, body: { detail: { needs: 'recentFactor' } } };
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
      'after %s: to read also an hour later, to change something within five minutes (SEC-51, SEC-72)',
      async (factor) => {
        const call = async (factorAgeMillis: number) =>
          rest(method, path, { token: await tokenOf(role, { factor, factorAgeMillis }), body });
        expect([200, 400, 404]).toContain((await call(299_999)).status);
        for (const age of [300_000, HOUR]) {
          const late = await call(age);
          if (method === 'GET') expect([200, 400, 404]).toContain(late.status);
          else expect(late).toMatchObject(RECENT);
        }
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

test('administrators change their own record like others long after a factor, and what takes a role within five minutes (SEC-72)', async () => {
  const token = await tokenOf('owner', { factorAgeMillis: HOUR });
  expect((await rest('PUT', '/users/owner', { token, body: { givenName: 'Ann' } })).status).toBe(200);
  for (const body of [{ assentRoles: [] }, { userpassword: 'another one' }, { inetUserStatus: 'Inactive' }]) {
    expect(await rest('PUT', '/users/owner', { token, body })).toMatchObject(RECENT);
    expect(await rest('PUT', '/users/user', { token, body })).toMatchObject(RECENT);
  }
  expect(await rest('DELETE', '/users/user', { token })).toMatchObject(RECENT);
});

test('what a role does not give is refused as ever, and no factor is asked for (SEC-72)', async () => {
  const token = await tokenOf('helpdesk', { factorAgeMillis: HOUR });
  for (const [method, path, body] of [
    ['PUT', '/users/user', { mail: 'x@example.com' }],
    ['DELETE', '/users/user', undefined],
    ['POST', '/users?_action=create', {}],
    ['PUT', '/realm-config/services/assent', {}],
  ] as const)
    expect(await rest(method, path, { token, body })).toMatchObject(PLAIN_REFUSAL);
});

describe('devices (SEC-51, SEC-54)', () => {
  const reset = (token: string, name = 'user') =>
    rest('POST', `/users/${name}/devices/2fa/push?_action=reset`, { token, body: { reason: 'request 4711' } });

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

// From the table that requests are routed by, so that a new route is judged without anybody remembering it (A157).

/** Routes of the API that are no administration: for everybody, for phones, or about the caller alone. */
const NO_ADMINISTRATION = /^\w+ \/json\/(health|serverinfo|authenticate|push|sessions)\b/;
/** What they do depends on the action, without which nothing is done; each action has tests of its own. */
const BY_ACTION = [
  'POST /json/policies',
  'POST /json/users',
  'POST /json/users/:user',
  'POST /json/users/:user/devices/2fa/:type',
];

const administration = () =>
  server.assent.routes
    .filter((key) => /^(GET|POST|PUT|PATCH|DELETE) \/json\//.test(key) && !NO_ADMINISTRATION.test(key))
    .filter((key) => !BY_ACTION.includes(key))
    .map((key) => {
      const [method = '', pattern = ''] = key.split(' ');
      const path = pattern.replace('/json', '').replace(':user', 'user').replace(':type', 'push');
      return { key, method: method as Method, path: path.replaceAll(/:(\w+)/g, 'some-$1').replace('*', 'x') };
    });

describe('every route of administration, by who calls it (A132, A157)', () => {
  /** Routes whose answer is another one than the status and the need that are expected. */
  const others = async (
    token: string | undefined,
    expected: (method: Method) => string,
  ): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const { key, method, path } of administration()) {
      // Where it is answered it is no JSON.
      if (expected(method) === 'through' && path.endsWith('/prometheus')) continue;
      const { status, body } = await rest(method, path, { token, body: method === 'GET' ? undefined : {} });
      const { needs } = (body as { readonly detail?: { readonly needs?: string } }).detail ?? {};
      const told = `${status}${needs === undefined ? '' : ` ${needs}`}`;
      const isExpected = expected(method) === 'through' ? status !== 401 && status !== 403 : told === expected(method);
      if (!isExpected) found.push(`${key}: ${told}`);
    }
    return found;
  };

  test('nobody is told who they would have to be', async () => {
    expect(administration().length).toBeGreaterThan(40);
    expect(await others(undefined, () => '401')).toEqual([]);
  });

  test('a user without a role, and the owner of another realm with a factor of now, are refused', async () => {
    await server.createUser('/alpha', 'ruler', 'correct horse');
    await server.setAttributes('/alpha', 'ruler', { assentRoles: ['owner'] });
    const { token } = await openSession(server, '/alpha', 'ruler', { factorAgeMillis: 0 });
    for (const caller of [await tokenOf('other', { factorAgeMillis: 0 }), token])
      expect(await others(caller, () => '403')).toEqual([]);
  });

  test('an owner without a factor is told to use one, and one who used it long ago reads alone', async () => {
    expect(await others(await tokenOf('owner'), () => '403 secondFactor')).toEqual([]);
    const late = await tokenOf('owner', { factorAgeMillis: HOUR });
    expect(await others(late, (method) => (method === 'GET' ? 'through' : '403 recentFactor'))).toEqual([]);
  });
});
