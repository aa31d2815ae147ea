import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

const REALM = '/realms/root/realm-config';
const LISTS = [
  ['POST', 'agents/groups?_action=nextdescendents'],
  ['POST', 'authentication/modules?_action=nextdescendents'],
  ['POST', 'secrets/stores?_action=nextdescendents'],
  ['POST', 'services/SocialIdentityProviders?_action=nextdescendents'],
  ['GET', 'agents/RemoteConsentAgent?_queryFilter=true'],
  ['GET', 'authentication/chains?_queryFilter=true'],
  ['GET', 'federation/entityproviders/ws?_queryFilter=true'],
  ['GET', 'saml2?_queryFilter=true'],
  ['GET', 'federation/circlesoftrust?_queryFilter=true'],
] as const;

let server: SteeredServer;
let rest: RestClient;
let token: string | undefined;
beforeAll(async () => {
  server = await steeredServer({ port: 18447 });
  rest = restClient(server);
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(() => server.assent.stop());

test.each(LISTS)('%s %s is for administrators', async (method, path) => {
  const user = await signIn(rest, '/', 'demo', 'Ch4ng31t!');
  expect(await rest(method, `${REALM}/${path}`)).toMatchObject({ status: 401 });
  expect(await rest(method, `${REALM}/${path}`, { token: user })).toMatchObject({ status: 403 });
});

test.each(LISTS)('%s %s says that there is none', async (method, path) => {
  expect(await rest(method, `${REALM}/${path}`, { token })).toMatchObject({ status: 200, body: { result: [] } });
});

test('none can be set up, and the answer does not pretend it', async () => {
  const create = `${REALM}/services/SocialIdentityProviders?_action=create`;
  expect(await rest('POST', create, { token, body: {} })).toMatchObject({ status: 501 });
  const provider = `${REALM}/services/SocialIdentityProviders/googleConfig/google`;
  expect(await rest('PUT', provider, { token, body: {} })).toMatchObject({ status: 404 });
});

const GLOBAL_SETTINGS = [
  '/global-config/authentication',
  '/global-config/authentication/chains',
  '/global-config/servers/server-default/properties/general',
  '/global-config/webhooks',
];

test.each(GLOBAL_SETTINGS)('%s is empty, is written as it was read, and takes nothing else (B6)', async (path) => {
  const { status, body } = await rest('GET', path, { token });
  expect([status, body]).toEqual([200, { _id: '', _rev: expect.any(String), _type: expect.any(Object) }]);
  expect(await rest('PUT', path, { token, body })).toMatchObject({ status: 200, body });
  expect(await rest('PUT', path, { token, body: { ...body, url: 'x' } })).toMatchObject({
    status: 404,
    body: { message: expect.stringContaining('not supported here') },
  });
  const user = await signIn(rest, '/', 'demo', 'Ch4ng31t!');
  expect(await rest('GET', path, { token: user })).toMatchObject({ status: 403 });
  expect(await rest('GET', `/realms/root/realms/nowhere${path}`, { token })).toMatchObject({ status: 400 });
});

test.each([
  ['GET', '/global-config/sites?_queryFilter=true'],
  ['POST', '/global-config/services?_action=nextdescendents'],
  ['GET', '/realms/root/policies?_queryFilter=true'],
] as const)('%s %s is an empty list (B6)', async (method, path) => {
  const { status, body } = await rest(method, path, { token, ...(method === 'POST' && { body: {} }) });
  expect([status, body.result]).toEqual([200, []]);
});

test('any other resource of AM is said not to be supported, with a 404 as it has (B6)', async () => {
  for (const path of ['realm-config/nonsense', 'global-config/services/audit']) {
    expect(await rest('PUT', `/realms/root/${path}`, { token, body: {} })).toMatchObject({
      status: expect.toSatisfy((status: number) => status === 404 || status === 405),
    });
  }
  expect(await rest('GET', '/realms/root/realm-config/nonsense', { token })).toMatchObject({
    status: 404,
    body: { code: 404, reason: 'Not Found', message: expect.stringContaining('not supported here') },
  });
});
