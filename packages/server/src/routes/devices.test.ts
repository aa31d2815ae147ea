import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RestClient, restClient, signIn } from '../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;
let token: string | undefined;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(() => server.assent.stop());

describe.each([
  ['push', 'authenticatorPushService', 'authenticatorPushSkippableName', 'push2faEnabled'],
  ['oath', 'authenticatorOathService', 'authenticatorOATHSkippableName', 'oath2faEnabled'],
])('the skip setting of %s over REST', (type, service, setting, usual) => {
  const skip = (value: unknown) =>
    rest('POST', `/users/demo/devices/2fa/${type}?_action=skip`, { token, body: { value } });
  const check = () => rest('POST', `/users/demo/devices/2fa/${type}?_action=check`, { token, body: {} });
  const attribute = async (name: string) =>
    (await server.assent.store.identities.find('/', 'demo'))?.attributes[name] ?? [];

  test('is refused without a value that says what is meant', async () => {
    expect((await skip('yes')).status).toBe(400);
    expect((await check()).body).toEqual({ result: false });
  });

  test('is kept in the usual attribute, and read back by check', async () => {
    expect((await skip(true)).status).toBe(200);
    expect(await attribute(usual)).toEqual(['1']);
    expect((await check()).body).toEqual({ result: true });
    await skip(false);
    expect(await attribute(usual)).toEqual(['2']);
  });

  test('goes to the attribute that the service of the realm names', async () => {
    const path = `/realm-config/services/${service}`;
    expect((await rest('PUT', path, { token, body: { [setting]: 'mayPass' } })).status).toBe(201);
    await skip(true);
    expect(await attribute('mayPass')).toEqual(['1']);
    expect(await attribute(usual)).toEqual(['2']);
    expect((await check()).body).toEqual({ result: true });
    await rest('DELETE', path, { token });
  });
});
