import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RestClient, restClient, signIn } from '../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';

const REALM = '/realms/root/realm-config';
const LISTS = [
  ['POST', 'services/SocialIdentityProviders?_action=nextdescendents'],
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
