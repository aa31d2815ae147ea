import { FAILURE, SUCCESS } from '@assent/engine/host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type JourneyConfigurationClient,
  journeyConfigurationClient,
} from '../src/testing/journey-configuration-client.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;
let journeys: JourneyConfigurationClient;
let administrator: string | undefined;

beforeAll(async () => {
  server = await steeredServer({ port: 18_493, environment: { ESV_PLAIN_HEADER: 'cookie' } });
  rest = restClient(server);
  administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  journeys = journeyConfigurationClient(rest, administrator);
});
afterAll(() => server.assent.stop());

/** A tree of one node that goes to success whatever it finds. */
const reach = async (type: string, id: string, outcomes: readonly string[], headers: Record<string, string>) => {
  const connections = Object.fromEntries(outcomes.map((outcome) => [outcome, outcome === 'false' ? FAILURE : SUCCESS]));
  await journeys.put(`trees/Reach${id}`, {
    entryNodeId: id,
    enabled: true,
    nodes: { [id]: { displayName: 'Reads', nodeType: type, connections } },
  });
  const path = `/authenticate?authIndexType=service&authIndexValue=Reach${id}`;
  return rest('POST', path, { token: administrator, body: {}, headers });
};

const ZERO = ['ZeroPageLoginNode', ['true', 'false']] as const;
const COOKIE = ['CookiePresenceDecisionNode', ['true', 'false']] as const;
describe.each<[string, readonly string[], string, Record<string, unknown>]>([
  [...ZERO, 'usernameHeader', { usernameHeader: 'Cookie' }],
  [...ZERO, 'passwordHeader', { passwordHeader: 'AUTHORIZATION' }],
  [...ZERO, 'usernameHeader', { usernameHeader: 'iPlanetDirectoryPro' }],
  [...ZERO, 'usernameHeader', { usernameHeader: '&{esv.header}' }],
  [...COOKIE, 'cookieName', { cookieName: 'iplanetDirectoryPro' }],
  [...COOKIE, 'cookieName', { cookieName: '__Host-jb' }],
  ['SetPersistentCookieNode', ['outcome'], 'persistentCookieName', { persistentCookieName: 'iPlanetDirectoryPro' }],
  [
    'PersistentCookieDecisionNode',
    ['true', 'false'],
    'persistentCookieName',
    { persistentCookieName: 'IPLANETDIRECTORYPRO' },
  ],
  ['SetCustomCookieNode', ['outcome'], 'name', { name: 'jb', value: 'x' }],
])('a %s with %j out whose %s names what no journey may have, as %j (A2, SEC-72)', (type, outcomes, setting, given) => {
  test('is not made', async () => {
    const { status, body } = await journeys.call('POST', `nodes/${type}?_action=create`, given);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(setting);
    expect(JSON.stringify(body)).toContain('No journey');
  });

  test('is kept where an import brings it, with a warning, and fails the journey that reaches it', async () => {
    const id = crypto.randomUUID();
    expect((await journeys.put(`nodes/${type}/${id}`, given)).status).toBe(201);
    expect((await journeys.call('GET', `nodes/${type}/${id}`)).body).toMatchObject(given);
    expect(server.logged()).toContainEqual(
      expect.objectContaining({ nodeId: id, setting, reason: expect.any(String) }),
    );
    const { status, body } = await reach(type, id, outcomes, { cookie: 'iPlanetDirectoryPro=AQIC5-secret' });
    expect(status).toBe(401);
    expect(JSON.stringify(body)).not.toContain('AQIC5');
    const lines = server.logged().filter((line) => line.nodeId === id && line.journey !== undefined);
    expect(JSON.stringify(lines)).toContain(setting);
  });
});

test('a Zero Page Login that names its own two headers is made, and reads them', async () => {
  const given = { usernameHeader: 'x-openam-USERNAME', passwordHeader: 'X-OpenAM-Password' };
  expect((await journeys.call('POST', 'nodes/ZeroPageLoginNode?_action=create', given)).status).toBe(201);
});
