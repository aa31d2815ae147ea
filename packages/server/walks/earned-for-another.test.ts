import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';
import { type Answer, type Callback, filledIn } from './every-way.ts';

// A journey raises the level of users whose device it knows. An attacker names an account of their own, whose device they have, and then the victim:
// the session of the victim gets neither the level nor the property (SEC-85, docs/adr/0138).

const PASSWORD = 'correct horse 7';
const PROFILE = JSON.stringify({ identifier: 'desk', metadata: { platform: 'Linux' } });

let server: SteeredServer;

beforeAll(async () => {
  server = await steeredServer({ port: 18_477, hashCost: 'cheap-for-tests' });
  for (const name of ['jane', 'mallory']) await server.createUser('/', name, PASSWORD);
  await server.setAttributes('/', 'mallory', {
    deviceProfiles: [JSON.stringify({ ...JSON.parse(PROFILE), lastSelectedDate: server.clock.now() })],
  });
  await publishTree(server, 'KnownDevice', {
    name: ['UsernameCollectorNode', { outcome: 'collect' }],
    collect: ['DeviceProfileCollectorNode', { outcome: 'match' }],
    match: ['DeviceMatchNode', { true: 'level', false: 'secret', unknownDevice: 'secret' }],
    level: ['ModifyAuthLevelNode', { outcome: 'mark' }, { authLevelIncrement: 20 }],
    mark: ['SetSessionPropertiesNode', { outcome: 'secret' }, { properties: { knownDevice: 'yes' } }],
    secret: ['PasswordCollectorNode', { outcome: 'check' }],
    check: ['DataStoreDecisionNode', { true: SUCCESS, false: 'name' }],
  });
});
afterAll(() => server?.assent.stop());

const propertiesAfter = async (user: string, ...values: readonly Readonly<Record<string, string>>[]) => {
  const rest = restClient(server);
  const headers = { 'accept-api-version': 'resource=2.1, protocol=1.0' };
  const path = '/authenticate?authIndexType=service&authIndexValue=KnownDevice';
  let step: Answer = (await rest('POST', path, { body: {}, headers })).body;
  for (const value of values) {
    const callbacks = filledIn(step.callbacks as readonly Callback[], value);
    step = (await rest('POST', path, { body: { authId: step.authId, callbacks }, headers })).body;
  }
  expect(step.tokenId).toEqual(expect.any(String));
  const { id } = (await server.assent.store.identities.find('/', user)) ?? { id: '' };
  const [session] = await server.assent.store.sessions.ofUser(id, server.clock.now());
  return { level: session?.properties.AuthLevel, knownDevice: session?.properties.knownDevice };
};

const device = { DeviceProfileCallback: PROFILE };
const asked = (name: string, password: string) => [{ NameCallback: name }, device, { PasswordCallback: password }];

test('the level and the property of a known device stay with the user whose device it is', async () => {
  const ofOther = [...asked('mallory', 'wrong'), ...asked('jane', PASSWORD)];
  expect(await propertiesAfter('jane', ...ofOther)).toEqual({ level: '0', knownDevice: undefined });
  expect(await propertiesAfter('mallory', ...asked('mallory', PASSWORD))).toEqual({ level: '20', knownDevice: 'yes' });
});
