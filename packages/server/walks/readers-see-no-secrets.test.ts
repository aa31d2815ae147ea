import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

const REALM = '/alpha';
const PASSWORD = 'correct horse 7';
const NODES = `${REALM}/realm-config/authentication/authenticationtrees/nodes`;
const AUTHENTICATION = `${REALM}/realm-config/authentication`;

let server: SteeredServer;
let rest: RestClient;
const tokens: Record<string, string | undefined> = {};

beforeAll(async () => {
  server = await steeredServer({ port: 18_561 });
  rest = restClient(server);
  await server.createRealm(REALM);
  for (const role of ['owner', 'designer', 'auditor']) {
    await server.createUser(REALM, role, PASSWORD);
    await server.setAttributes(REALM, role, { assentRoles: [role] });
    tokens[role] = await signIn(rest, REALM, role, PASSWORD);
  }
});
afterAll(() => server?.assent.stop());

const put = async (role: string, path: string, body: object) => {
  const { status } = await rest('PUT', path, { token: tokens[role], body: body as never });
  expect([200, 201]).toContain(status);
};
const get = async (role: string, path: string): Promise<string> =>
  JSON.stringify((await rest('GET', path, { token: tokens[role] })).body);

test.each([
  ['a node of an unknown type', `${NODES}/SocialProviderHandlerNode/n1`, { clientSecret: 'TOP-SECRET' }, 'designer'],
  ['an unknown member of a node', `${NODES}/MessageNode/n2`, { apiKey: 'TOP-SECRET' }, 'designer'],
  ['an unknown member of the settings', AUTHENTICATION, { security: { moduleSecret: 'TOP-SECRET' } }, 'owner'],
])('%s has no value for an auditor, and its own for those who write it (SEC-72)', async (_what, path, body, writer) => {
  await put(writer, path, body);
  const [name = ''] = /\w*[sS]ecret\b|apiKey/.exec(JSON.stringify(body)) ?? [];
  expect(await get(writer, path)).toContain('TOP-SECRET');
  const seen = await get('auditor', path);
  expect(seen).toContain(`"${name}":null`);
  expect(seen).not.toContain('TOP-SECRET');
});

test('lists of nodes show an auditor no more (SEC-72)', async () => {
  await put('designer', `${NODES}/MessageNode/n3`, { apiKey: 'TOP-SECRET', message: { en: 'Hello' } });
  const ask = (role: string) => rest('POST', `${NODES}?_action=nextdescendents`, { token: tokens[role], body: {} });
  for (const seen of [
    JSON.stringify((await ask('auditor')).body),
    await get('auditor', `${NODES}/MessageNode?_queryFilter=true`),
  ]) {
    expect(seen).toContain('Hello');
    expect(seen).not.toContain('TOP-SECRET');
  }
  expect(JSON.stringify((await ask('designer')).body)).toContain('TOP-SECRET');
});
