import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Method, type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

const ROLES = ['owner', 'designer', 'helpdesk', 'auditor'] as const;
type Role = (typeof ROLES)[number];
const PASSWORD = 'correct horse';
const SCRIPT = '0f6a1c52-7f0e-4b0b-9f2d-00000000abcd';
const TREES = 'realm-config/authentication/authenticationtrees';

let server: SteeredServer;
let rest: RestClient;
const tokens: Record<string, string | undefined> = {};

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  await server.createRealm('/alpha');
  await server.createRealm('/beta');
  for (const role of ROLES) {
    for (const realm of ['/alpha', '/beta', '/']) {
      await server.createUser(realm, role, PASSWORD);
      await server.setAttributes(realm, role, { assentRoles: [role] });
      tokens[`${role} of ${realm}`] = await signIn(rest, realm, role, PASSWORD);
    }
  }
  for (const name of ['user', 'made-up']) await server.createUser('/alpha', name, PASSWORD);
  await server.setAttributes('/alpha', 'made-up', { assentRoles: ['superuser', 'constructor', '__proto__'] });
  for (const name of ['user', 'made-up']) tokens[`${name} of /alpha`] = await signIn(rest, '/alpha', name, PASSWORD);
  tokens.amadmin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  expect(Object.values(tokens).every((token) => typeof token === 'string')).toBe(true);
});
afterAll(() => server?.assent.stop());

const call = (who: string, method: Method, path: string, body?: object) =>
  rest(method, path, { body, token: tokens[who] });

const REFUSAL = { status: 403, body: { code: 403, reason: 'Forbidden', message: 'User is not authorized' } };
/** What the handler itself says to a call that does no harm. */
const LET_THROUGH = [200, 400, 404, 501];

/** Families of calls under a realm, with bodies that change nothing, and the roles that they are for. */
const FAMILIES: readonly (readonly [
  family: string,
  roles: readonly Role[],
  calls: readonly (readonly [Method, string, object?])[],
])[] = [
  [
    'read journeys',
    ['owner', 'designer', 'auditor'],
    [
      ['GET', 'scripts?_queryFilter=true'],
      ['GET', `scripts/${SCRIPT}`],
      ['GET', `${TREES}/trees?_queryFilter=true`],
      ['GET', `${TREES}/trees/PushLogin`],
      ['POST', `${TREES}/trees?_action=schema`, {}],
      ['GET', `${TREES}/nodes/PageNode?_queryFilter=true`],
      ['POST', `${TREES}/nodes?_action=getAllTypes`, {}],
      ['POST', `${TREES}/nodes/PageNode?_action=template`, {}],
    ],
  ],
  [
    'write journeys',
    ['owner', 'designer'],
    [
      ['POST', 'scripts?_action=create', {}],
      ['PUT', `scripts/${SCRIPT}`, {}],
      ['DELETE', `scripts/${SCRIPT}`],
      ['PUT', `${TREES}/trees/Nothing`, { nonsense: 1 }],
      ['DELETE', `${TREES}/trees/Nothing`],
      ['PUT', `${TREES}/nodes/PageNode/${SCRIPT}`, { nodes: 1 }],
      ['DELETE', `${TREES}/nodes/PageNode/${SCRIPT}`],
    ],
  ],
  [
    'read settings',
    ['owner', 'auditor'],
    [
      ['GET', 'realm-config/services?_queryFilter=true'],
      ['GET', 'realm-config/services/assent'],
      ['POST', 'realm-config/services/assent?_action=schema', {}],
      ['GET', 'realm-config/authentication'],
    ],
  ],
  [
    'write settings',
    ['owner'],
    [
      ['PUT', 'realm-config/services/assent', { nonsense: 1 }],
      ['POST', 'realm-config/services/nothing?_action=create', {}],
      ['DELETE', 'realm-config/services/nothing'],
      ['PUT', 'realm-config/authentication', { nonsense: 1 }],
    ],
  ],
  [
    'read users',
    ['owner', 'helpdesk', 'auditor'],
    [
      ['GET', 'users?_queryFilter=true'],
      ['GET', 'users/user'],
    ],
  ],
  [
    'write users',
    ['owner'],
    [
      ['POST', 'users?_action=create', {}],
      ['PUT', 'users/user', {}],
      ['PUT', 'users/user', { givenName: [1] }],
      ['DELETE', 'users/nobody-at-all'],
    ],
  ],
  [
    'read devices',
    ['owner', 'helpdesk', 'auditor'],
    [
      ['GET', 'users/user/devices/2fa/push?_queryFilter=true'],
      ['POST', 'users/user/devices/2fa/oath?_action=check', {}],
      ['GET', 'users/user/devices/profile?_queryFilter=true'],
    ],
  ],
  [
    'remove devices',
    ['owner', 'helpdesk'],
    [
      ['DELETE', 'users/user/devices/2fa/push/x'],
      ['DELETE', 'users/user/devices/2fa/oath/x'],
      ['POST', 'users/user/devices/2fa/push?_action=reset', {}],
      ['DELETE', 'users/user/devices/profile/x'],
    ],
  ],
  [
    'write devices',
    ['owner'],
    [
      ['PUT', 'users/user/devices/2fa/push/x', { deviceName: 'x' }],
      ['POST', 'users/user/devices/2fa/push?_action=skip', { value: false }],
      ['PUT', 'users/user/devices/profile/x', { alias: 'x' }],
    ],
  ],
];

describe.each(FAMILIES)('%s', (_family, allowed, listed) => {
  const calls = listed.map(([method, path, body]) => ({ method, path, body }));

  test.each(calls)('$method $path is for the roles that have it, in their realm', async ({ method, path, body }) => {
    for (const role of ROLES) {
      for (const realm of ['/alpha', '/']) {
        const who = `${role} of ${realm}`;
        const answer = await call(who, method, `/alpha/${path}`, body);
        const expected = allowed.includes(role) ? 'let through' : REFUSAL;
        expect([who, LET_THROUGH.includes(answer.status) ? 'let through' : answer]).toMatchObject([who, expected]);
      }
    }
  });

  test.each(calls)('$method $path is for nobody else', async ({ method, path, body }) => {
    for (const who of ['user of /alpha', 'made-up of /alpha', ...ROLES.map((role) => `${role} of /beta`)]) {
      // What is their own, users may see and change.
      const isOwn = who === 'user of /alpha' && path.startsWith('users/user');
      if (!isOwn) expect([who, await call(who, method, `/alpha/${path}`, body)]).toMatchObject([who, REFUSAL]);
    }
    expect((await rest(method, `/alpha/${path}`, { body })).status).toBe(401);
  });
});

test('realms are for owners and auditors of the root realm, and only to read for these', async () => {
  const read = async (who: string) => (await call(who, 'GET', '/global-config/realms?_queryFilter=true')).status;
  const write = async (who: string) => (await call(who, 'POST', '/global-config/realms?_action=create', {})).status;
  const statuses = async (ask: (who: string) => Promise<number>) =>
    Promise.all(ROLES.flatMap((role) => [ask(`${role} of /`), ask(`${role} of /alpha`)]));
  expect(await statuses(read)).toEqual([200, 403, 403, 403, 403, 403, 200, 403]);
  expect(await statuses(write)).toEqual([400, 403, 403, 403, 403, 403, 403, 403]);
});

describe('nobody becomes more than they are', () => {
  const setRoles = (who: string, path: string, assentRoles: readonly string[]) =>
    call(who, 'PUT', path, { assentRoles });

  test('nobody gives roles to themselves', async () => {
    for (const role of ['designer', 'helpdesk', 'auditor', 'user'] as const) {
      expect(await setRoles(`${role} of /alpha`, `/alpha/users/${role}`, ['owner'])).toMatchObject(REFUSAL);
      expect(await setRoles(`${role} of /alpha`, `/alpha/users/${role}`, [role, 'auditor', 'designer'])).toMatchObject(
        REFUSAL,
      );
    }
    expect((await server.attributes('/alpha', 'designer')).assentRoles).toEqual(['designer']);
  });

  test('an owner gives roles in the own realm, which act at once and end at once', async () => {
    const scripts = () => call('user of /alpha', 'GET', '/alpha/scripts?_queryFilter=true');
    expect(await scripts()).toMatchObject(REFUSAL);
    expect((await setRoles('owner of /alpha', '/alpha/users/user', ['designer'])).status).toBe(200);
    expect((await scripts()).status).toBe(200);
    expect((await setRoles('owner of /alpha', '/alpha/users/user', [])).status).toBe(200);
    expect(await scripts()).toMatchObject(REFUSAL);
    expect(await setRoles('owner of /alpha', '/users/designer', ['owner'])).toMatchObject(REFUSAL);
    expect(await setRoles('owner of /alpha', '/beta/users/designer', ['owner'])).toMatchObject(REFUSAL);
    expect(
      await call('owner of /alpha', 'POST', '/users?_action=create', { username: 'x', assentRoles: ['owner'] }),
    ).toMatchObject(REFUSAL);
  });

  test('a role that does not exist is refused by name', async () => {
    for (const role of ['superuser', 'Owner', 'constructor', '']) {
      expect(await setRoles('owner of /alpha', '/alpha/users/user', [role, 'auditor'])).toMatchObject({
        status: 400,
        body: {
          message: `There is no role ${role}; known are owner, privacy, designer, helpdesk, auditor, gateway.`,
          detail: { field: 'assentRoles' },
        },
      });
    }
    expect(
      await call('owner of /alpha', 'POST', '/alpha/users?_action=create', { username: 'x', assentRoles: ['root'] }),
    ).toMatchObject({ status: 400 });
  });

  test('a help desk takes no second factor from those who administer', async () => {
    for (const name of ['owner', 'auditor', 'designer']) {
      const devices = `/alpha/users/${name}/devices`;
      expect(await call('helpdesk of /alpha', 'POST', `${devices}/2fa/push?_action=reset`, {})).toMatchObject(REFUSAL);
      expect(await call('helpdesk of /alpha', 'DELETE', `${devices}/2fa/oath/x`)).toMatchObject(REFUSAL);
      expect(await call('helpdesk of /alpha', 'DELETE', `${devices}/profile/x`)).toMatchObject(REFUSAL);
      expect((await call('helpdesk of /alpha', 'GET', `${devices}/2fa/push?_queryFilter=true`)).status).toBe(200);
      expect((await call('owner of /alpha', 'POST', `${devices}/2fa/push?_action=reset`, { reason: 'x' })).status).toBe(
        200,
      );
    }
  });

  test('those who may only read change nothing of others, and of themselves what everybody may', async () => {
    for (const role of ['helpdesk', 'auditor']) {
      expect(await call(`${role} of /alpha`, 'PUT', '/alpha/users/user', { givenName: 'X' })).toMatchObject(REFUSAL);
      expect(
        await call(`${role} of /alpha`, 'PUT', '/alpha/users/user', { userpassword: 'another one' }),
      ).toMatchObject(REFUSAL);
      expect(await call(`${role} of /alpha`, 'DELETE', '/alpha/users/user')).toMatchObject(REFUSAL);
      expect((await call(`${role} of /alpha`, 'PUT', `/alpha/users/${role}`, { givenName: 'X' })).status).toBe(200);
    }
  });

  test('who gave which roles to whom is in the audit trail', async () => {
    await call('amadmin', 'PUT', '/alpha/users/user', { assentRoles: ['auditor', 'helpdesk'] });
    await call('amadmin', 'PUT', '/alpha/users/user', { assentRoles: [] });
    const { identities, audit } = server.assent.store;
    const amadmin = await identities.find('/', TEST_ADMINISTRATOR.name);
    const user = await identities.find('/alpha', 'user');
    const events = (await audit.ofUser(user?.id ?? '', 10)).filter(({ event }) => event === 'USER_UPDATE');
    expect(events.map(({ detail, realm }) => [realm, detail?.by, detail?.roles]).slice(0, 2)).toEqual([
      ['/alpha', amadmin?.id, ''],
      ['/alpha', amadmin?.id, 'auditor,helpdesk'],
    ]);
  });
});

test('whoever has a role in the root realm signs in by headers, as frodo does', async () => {
  const login = (name: string) =>
    rest('POST', '/realms/root/authenticate', {
      body: {},
      headers: {
        'accept-api-version': 'resource=2.0, protocol=1.0',
        'x-openam-username': name,
        'x-openam-password': PASSWORD,
      },
    });
  for (const role of ROLES) expect((await login(role)).body).toHaveProperty('tokenId');
  await server.createUser('/', 'plain', PASSWORD);
  expect((await login('plain')).body).not.toHaveProperty('tokenId');
});
