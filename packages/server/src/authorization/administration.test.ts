import { simulatedClock } from '@assent/engine/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RatePerKey } from '../bounds/rate-per-key.ts';
import { type Method, type RestClient, restClient, signIn } from '../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';
import { callerOf } from './administration.ts';

let server: SteeredServer;
let rest: RestClient;
const tokens: Record<string, string | undefined> = {};

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  for (const realm of ['/alpha', '/beta']) {
    await server.createRealm(realm);
    for (const name of ['user', 'other', 'boss']) await server.createUser(realm, name, 'correct horse');
    await server.setAttributes(realm, 'boss', { assentRoles: ['owner'] });
  }
  tokens.user = await signIn(rest, '/alpha', 'user', 'correct horse');
  tokens.other = await signIn(rest, '/alpha', 'other', 'correct horse');
  tokens.boss = await signIn(rest, '/alpha', 'boss', 'correct horse');
  tokens.foreignBoss = await signIn(rest, '/beta', 'boss', 'correct horse');
  tokens.root = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  for (const name of ['user', 'other', 'boss', 'foreignBoss', 'root']) expect(tokens[name]).toBeTypeOf('string');
});
afterAll(() => server?.assent.stop());

interface Route {
  readonly method: Method;
  readonly path: string;
  readonly body?: object;
}
const routesOf = (given: readonly (readonly [Method, string, object?])[]): readonly Route[] =>
  given.map(([method, path, body]) => ({ method, path, ...(body && { body }) }));

/** Every administrative route, with a body that does no harm where it is let through (A157). */
const ALPHA = routesOf([
  ['GET', '/alpha/users?_queryFilter=true'],
  ['POST', '/alpha/users?_action=create', {}],
  ['DELETE', '/alpha/users/nobody'],
  ['PUT', '/alpha/users/nobody', {}],
  ['GET', '/alpha/users/nobody'],
  ['GET', '/alpha/users/nobody/devices/profile?_queryFilter=true'],
  ['PUT', '/alpha/users/nobody/devices/profile/x', { alias: 'x' }],
  ['DELETE', '/alpha/users/nobody/devices/profile/x'],
  ['GET', '/alpha/realm-config/services'],
  ['POST', '/alpha/realm-config/services?_action=nextdescendents'],
  ['GET', '/alpha/realm-config/services/pushNotification'],
  ['PUT', '/alpha/realm-config/services/pushNotification', { nonsense: 1 }],
  ['POST', '/alpha/realm-config/services/pushNotification?_action=schema'],
  ['DELETE', '/alpha/realm-config/services/nothing'],
  ['GET', '/alpha/realm-config/authentication'],
  ['PUT', '/alpha/realm-config/authentication', { nonsense: 1 }],
]);
const GLOBAL = routesOf([
  ['GET', '/global-config/realms?_queryFilter=true'],
  ['POST', '/global-config/realms?_action=create', {}],
  ['GET', '/global-config/realms/none'],
  ['PUT', '/global-config/realms/none', {}],
  ['DELETE', '/global-config/realms/none'],
]);

describe('who may administer (A157, A132, SEC-72)', () => {
  test.each([...ALPHA, ...GLOBAL])(
    '$method $path is 401 for nobody, and for a token that is none',
    async ({ method, path, body }) => {
      expect(await rest(method, path, { body })).toMatchObject({ status: 401, body: { message: 'Access Denied' } });
      expect((await rest(method, path, { body, token: 'made-up' })).status).toBe(401);
    },
  );

  test.each(ALPHA)(
    '$method $path is 403 for a user and for the administrator of another realm (SEC-72)',
    async ({ method, path, body }) => {
      for (const name of ['user', 'foreignBoss']) {
        const answer = await rest(method, path, { body, token: tokens[name] });
        expect([name, answer.status, answer.body.message]).toEqual([name, 403, 'User is not authorized']);
      }
    },
  );

  test.each(ALPHA)(
    '$method $path lets administrators of the realm and of the root through',
    async ({ method, path, body }) => {
      for (const name of ['boss', 'root']) {
        expect([200, 400, 404]).toContain((await rest(method, path, { body, token: tokens[name] })).status);
      }
    },
  );

  test.each(GLOBAL)('$method $path is for administrators of the root realm alone', async ({ method, path, body }) => {
    for (const name of ['user', 'boss', 'foreignBoss']) {
      expect((await rest(method, path, { body, token: tokens[name] })).status).toBe(403);
    }
    expect([200, 400, 404]).toContain((await rest(method, path, { body, token: tokens.root })).status);
  });

  test('a user learns nothing of another, whether there is one or not (SEC-52, A125)', async () => {
    const answers = [];
    for (const name of ['other', 'nobody', 'OTHER', 'boss']) {
      answers.push((await rest('GET', `/alpha/users/${name}`, { token: tokens.user })).body);
    }
    expect(new Set(answers.map((body) => JSON.stringify(body))).size).toBe(1);
    expect((await rest('GET', '/beta/users/user', { token: tokens.user })).status).toBe(403);
    for (const path of ['user/../other', 'user%2f..%2fother', 'user%00']) {
      expect((await rest('GET', `/alpha/users/${path}`, { token: tokens.user })).status).toBeGreaterThanOrEqual(403);
    }
  });

  test('a form of another site cannot write (A130)', async () => {
    const headers = { origin: 'https://evil.example', 'accept-api-version': 'resource=1.0' };
    const answer = await rest('PUT', '/alpha/users/user', { token: tokens.user, body: { sn: 'x' }, headers });
    expect(answer.status).toBe(403);
  });
});

test('whoever writes too much is told when to come again, and others and what only reads are not (SEC-56)', async () => {
  const ports = {
    sessions: {
      find: async (token: string) => ({
        userId: token.replace('+phone', ''),
        realm: '/',
        properties: token.endsWith('+phone') ? { NodeType: 'AuthenticatorPush' } : {},
      }),
    },
    cookies: { read: (_header: string, name: string) => (name === 'iPlanetDirectoryPro' ? _header : undefined) },
    identities: { findById: async (id: string) => ({ id, active: true, attributes: {} }) },
    adminSecondFactor: false,
    clock: simulatedClock(),
    writeRate: new RatePerKey({ burst: 2, perSecond: 1 }, simulatedClock()),
    workTurns: { take: async () => () => undefined },
    userTurns: { take: async () => () => undefined },
  } as unknown as Parameters<typeof callerOf>[1];
  const call = async (method: string, user: string) => {
    const request = { method, url: '/', headers: { iplanetdirectorypro: user } };
    return callerOf({ request, query: {} } as unknown as Parameters<typeof callerOf>[0], ports);
  };
  for (const method of ['PUT', 'DELETE']) expect(await call(method, 'ann')).toHaveProperty('session');
  expect(await call('POST', 'ann')).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  expect(await call('GET', 'ann')).toHaveProperty('session');
  expect(await call('POST', 'bob')).toHaveProperty('session');
  // An attacker who has the password alone does not keep the owner who has shown a phone from changing it (SEC-87).
  expect(await call('POST', 'ann+phone')).toHaveProperty('session');
});
