import { FAILURE, SUCCESS, treeDocument } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RestAnswer, type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// A policy that asks for an authentication level leads to the journey that the realm names for the level (SEC-85).

const REALM = '/alpha';
const PASSWORD = 'correct horse 7';
const ASSENT = `${REALM}/realm-config/services/assent`;

type Node = readonly [type: string, config: JsonObject, connections: Readonly<Record<string, string>>];

let server: SteeredServer;
let rest: RestClient;
let admin: string | undefined;

const publish = async (name: string, level: number, settings: JsonObject = {}): Promise<void> => {
  const nodes: Readonly<Record<string, Node>> = {
    [`${name}-name`]: ['UsernameCollectorNode', {}, { outcome: `${name}-password` }],
    [`${name}-password`]: ['PasswordCollectorNode', {}, { outcome: `${name}-check` }],
    [`${name}-check`]: ['DataStoreDecisionNode', {}, { true: `${name}-raise`, false: FAILURE }],
    [`${name}-raise`]: ['ModifyAuthLevelNode', { authLevelIncrement: level }, { outcome: SUCCESS }],
  };
  await configuring(server.assent.store).publishTree({
    realm: REALM,
    name,
    tree: treeDocument.parse({
      entryNodeId: `${name}-name`,
      nodes: Object.fromEntries(
        Object.entries(nodes).map(([id, [nodeType, , connections]]) => [id, { nodeType, connections }]),
      ),
      ...settings,
    }),
    nodes: Object.fromEntries(Object.entries(nodes).map(([id, [type, config]]) => [id, { id, type, config }])),
  });
};

beforeAll(async () => {
  server = await steeredServer({ port: 18_511 });
  await server.createRealm(REALM);
  await server.createUser(REALM, 'ada', PASSWORD);
  await publish('Five', 5);
  await publish('Ten', 10);
  await publish('Inside', 10, { innerTreeOnly: true });
  await server.assent.configuration.refresh();
  rest = (...call) => restClient(server)(...call);
  admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(() => server?.assent.stop());
beforeEach(async () => {
  expect((await save({})).status).toBe(200);
});

const save = (settings: JsonObject, headers: Readonly<Record<string, string>> = {}): Promise<RestAnswer> =>
  rest('PUT', ASSENT, { token: admin, body: settings, headers });
const levelsNow = async () => (await rest('GET', ASSENT, { token: admin })).body.authLevelJourneys;

const advised = (level: number | string, token?: string) => {
  const authIndexValue = `<Advices><AttributeValuePair><Attribute name="AuthLevelConditionAdvice"/><Value>${level}</Value></AttributeValuePair></Advices>`;
  const query = new URLSearchParams({ authIndexType: 'composite_advice', authIndexValue });
  return rest('POST', `${REALM}/authenticate?${query}`, { body: {}, ...(token !== undefined && { token }) });
};
/** Walks to the end of the journey that a level leads to, and says what the session tells of it. */
const walked = async (level: number, token?: string) => {
  let { body } = await advised(level, token);
  for (const value of ['ada', PASSWORD]) {
    const callbacks = (body.callbacks as readonly JsonObject[]).map((callback) => ({
      ...callback,
      input: [{ name: 'IDToken1', value }],
    }));
    ({ body } = await rest('POST', `${REALM}/authenticate`, {
      body: { authId: body.authId, callbacks },
      ...(token !== undefined && { token }),
    }));
  }
  return String(body.tokenId);
};
const propertiesOf = async (token: string) =>
  (await rest('POST', `${REALM}/sessions?_action=getSessionProperties`, { token, body: {} })).body;

test('starts the journey of the lowest level that is high enough, and the session says what was reached', async () => {
  expect((await save({ authLevelJourneys: { '5': 'Five', '10': 'Ten' } })).status).toBe(200);
  const five = await walked(3);
  expect(await propertiesOf(five)).toMatchObject({ AuthLevel: '5' });
  const ten = await walked(6, five);
  expect(await propertiesOf(ten)).toMatchObject({ AuthLevel: '10' });
});

test('does not ask a session again that has the level, and asks one that lacks it', async () => {
  await save({ authLevelJourneys: { '5': 'Five', '10': 'Ten' } });
  const five = await walked(5);
  expect((await advised(5, five)).body).toMatchObject({ tokenId: five });
  expect((await advised('/alpha:4', five)).body).toMatchObject({ tokenId: five });
  expect((await advised(6, five)).body).toHaveProperty('authId');
  const ten = await walked(10, five);
  // The session of a journey for another level serves, too.
  expect((await advised(5, ten)).body).toMatchObject({ tokenId: ten });
  // Its own journey has signed the user in, and not to that level.
  await save({ authLevelJourneys: { '5': 'Five', '10': 'Ten', '20': 'Later' } });
  expect((await advised(20, ten)).status).toBe(400);
});

test('runs the default journey for level 0 alone where no level is listed', async () => {
  expect((await advised(0)).body).toHaveProperty('authId');
  expect(await advised(1)).toMatchObject({
    status: 400,
    body: {
      message: 'No journey reaches the authentication level 1. Name one in authLevelJourneys of the service "assent".',
    },
  });
  await save({ authLevelJourneys: { '10': 'Ten' } });
  expect((await advised(11)).status).toBe(400);
  expect((await advised('1', 'no-session')).body).toHaveProperty('authId');
});

test('is no way round: neither to a journey inside others nor to one that the realm does not list', async () => {
  await save({ authLevelJourneys: { '5': 'Five', '10': 'Inside' }, startableJourneys: ['Ten'] });
  expect((await advised(10)).body).toMatchObject({ message: 'No Configuration found' });
  expect((await advised(5)).body).toMatchObject({ message: 'No Configuration found' });
});

test('refuses to name a journey for a level that it does not reach, and says level, journey, path and fix', async () => {
  const refused = await save({ authLevelJourneys: { '5': 'Five', '10': 'Five' } });
  expect(refused.status).toBe(400);
  expect(refused.body).toMatchObject({ detail: { attribute: 'authLevelJourneys', level: 10, tree: 'Five' } });
  expect(refused.body.message).toMatch(
    /^The authentication level 10 \(authLevelJourneys\) names the journey Five, which comes to Success with the level 5 by the path .*Success\. Add a Modify Auth Level node/,
  );
  expect(await levelsNow()).toEqual({});
  for (const wrong of [{ high: 'Five' }, { '0': 'Five' }, { '-5': 'Five' }, { '5': '' }, { '5': 5 }, ['Five'], 'Five'])
    expect((await save({ authLevelJourneys: wrong })).status).toBe(400);
});

test('keeps what frodo imports, what is stored, and a journey that is to come', async () => {
  expect((await save({ authLevelJourneys: { '5': 'Coming' } })).status).toBe(200);
  const byFrodo = { 'user-agent': '@rockcarver/frodo-lib/4.0.0' };
  expect((await save({ authLevelJourneys: { '10': 'Five' } }, byFrodo)).status).toBe(200);
  expect(await levelsNow()).toEqual({ '10': 'Five' });
  expect((await save({ authLevelJourneys: { '5': 'Five', '10': 'Five' } })).status).toBe(200);
  expect((await save({ authLevelJourneys: { '11': 'Five' } })).status).toBe(400);
});

test('finds a change of a journey by which it does not reach its level any more when the journey is saved', async () => {
  await save({ authLevelJourneys: { '10': 'Ten' } });
  server.takeLogged();
  const path = `${REALM}/realm-config/authentication/authenticationtrees/nodes/ModifyAuthLevelNode/Ten-raise`;
  expect((await rest('PUT', path, { token: admin, body: { authLevelIncrement: 9 } })).status).toBe(200);
  expect(server.takeLogged()).toContainEqual(expect.objectContaining({ code: 'J24', journey: 'Ten' }));
  await rest('PUT', path, { token: admin, body: { authLevelIncrement: 10 } });
});
