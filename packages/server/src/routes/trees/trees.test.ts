import { FAILURE, SUCCESS } from '@assent/engine/host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type JourneyConfigurationClient,
  journeyConfigurationClient,
} from '../../testing/journey-configuration-client.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;
let token: string | undefined;
let client: JourneyConfigurationClient;

const node = (at: number) => `0A1B2C3D-0000-4000-8000-${String(at).padStart(12, '0')}`;
const wired = (given: Readonly<Record<string, unknown>> = {}) => ({
  nodeType: 'SetStateNode',
  displayName: 'Set',
  connections: { outcome: SUCCESS },
  x: 1.5,
  y: 2,
  ...given,
});
const treeOf = (given: Readonly<Record<string, unknown>> = {}) => ({
  entryNodeId: node(1),
  nodes: { [node(1)]: wired() },
  ...given,
});

beforeAll(async () => {
  server = await steeredServer({ port: 18441 });
  rest = restClient(server);
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  client = journeyConfigurationClient(rest, token);
  await client.put(`nodes/SetStateNode/${node(1)}`, {});
  await client.put(`nodes/SetStateNode/${node(2)}`, {});
});
afterAll(() => server.assent.stop());

describe('who may', () => {
  test.each([
    ['GET', 'trees?_queryFilter=true'],
    ['GET', 'trees/Login'],
    ['PUT', 'trees/Login'],
    ['DELETE', 'trees/Login'],
    ['POST', 'trees?_action=getIds'],
    ['POST', 'trees/Login?_action=clone'],
    ['GET', 'nodes/PageNode?_queryFilter=true'],
    ['PUT', 'nodes/PageNode/x'],
    ['DELETE', 'nodes/PageNode/x'],
    ['POST', 'nodes?_action=getAllTypes'],
    ['POST', 'nodes/PageNode?_action=create'],
  ] as const)('%s %s is 401 without a session and 403 for a user', async (method, path) => {
    const body = method === 'PUT' || method === 'POST' ? {} : undefined;
    const at = `/realms/root/realm-config/authentication/authenticationtrees/${path}`;
    expect(await rest(method, at, { body })).toMatchObject({
      status: 401,
      body: { code: 401, reason: 'Unauthorized', message: 'Access Denied' },
    });
    const user = await signIn(rest, '/', 'demo', 'Ch4ng31t!');
    expect(await rest(method, at, { body, token: user })).toMatchObject({
      status: 403,
      body: { code: 403, reason: 'Forbidden', message: 'User is not authorized' },
    });
  });
});

describe('what cannot be saved is refused, and nothing of it is kept', () => {
  test.each<[string, object, string]>([
    ['no JSON object', [], 'The body must be a JSON object.'],
    ['no entry', { nodes: {} }, 'Data validation failed for the attribute, entryNodeId: '],
    ['an entry that is no node', treeOf({ entryNodeId: node(9) }), 'Node with ID entryNodeId must exist in the tree.'],
    ['nodes that are none', treeOf({ nodes: [] }), 'Data validation failed for the attribute, Nodes'],
    [
      'a node that is no object',
      treeOf({ nodes: { [node(1)]: 'x' } }),
      'Data validation failed for the attribute, Nodes',
    ],
    ['a wrong type', treeOf({ enabled: 'yes' }), 'Data validation failed for the attribute, enabled: '],
    ['no time at all', treeOf({ treeTimeout: 0 }), 'Data validation failed for the attribute, treeTimeout: '],
    [
      'a node that is not stored',
      treeOf({ nodes: { ...treeOf().nodes, [node(9)]: wired() } }),
      `there is no node ${node(9)} of type SetStateNode. Save the node before the tree.`,
    ],
    [
      'a node of another type',
      treeOf({ nodes: { [node(1)]: wired({ nodeType: 'PageNode' }) } }),
      `there is no node ${node(1)} of type PageNode.`,
    ],
    [
      'a node id in the other case',
      treeOf({ entryNodeId: node(1).toLowerCase(), nodes: { [node(1).toLowerCase()]: wired() } }),
      `there is no node ${node(1).toLowerCase()} of type SetStateNode.`,
    ],
    [
      'a wire to nowhere',
      treeOf({ nodes: { [node(1)]: wired({ connections: { outcome: node(2) } }) } }),
      `outcome "outcome" of SetStateNode ${node(1)} "Set" leads to ${node(2)}, which is no node of the tree.`,
    ],
    [
      'an end among the nodes',
      treeOf({ nodes: { ...treeOf().nodes, [SUCCESS]: wired() } }),
      `${SUCCESS} is an end of every tree and cannot be one of its nodes.`,
    ],
  ])('%s', async (_, body, message) => {
    const before = await server.assent.store.configuration.version();
    const answer = await client.call('PUT', 'trees/Bad', body);
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringContaining(message)]);
    expect((await client.call('GET', 'trees/Bad')).status).toBe(404);
    expect(await server.assent.store.configuration.version()).toBe(before);
  });

  test.each(['%20', 'x'.repeat(257)])('a name of %s', async (name) => {
    expect((await client.call('PUT', `trees/${name}`, treeOf())).status).toBe(400);
  });

  test.each(['a%2Fb', 'a%3Bb', 'a%25b', '..%2Fx', 'a%00b'])('an address with %s', async (name) => {
    expect((await client.call('PUT', `trees/${name}`, treeOf())).status).toBe(404);
  });

  test('an action that there is not', async () => {
    for (const path of [
      'trees?_action=nonsense',
      'trees',
      'trees/Login?_action=constructor',
      'trees?_action=toString',
    ]) {
      expect((await client.call('POST', path, {})).status).toBe(501);
    }
  });
});

describe('the life of a tree (spec: journeys-rest §6.1, §6.3)', () => {
  test('a new one is 201 with its address, the next save 200, a delete answers with what it was', async () => {
    const made = await client.call('PUT', 'trees/Test%20Tree', treeOf());
    expect(made).toMatchObject({ status: 201, body: { _id: 'Test Tree', enabled: true, ...treeOf() } });
    expect(made.headers).toMatchObject({
      location: '/am/json/realms/root/realm-config/authentication/authenticationtrees/trees/Test%20Tree',
      etag: `"${made.body._rev}"`,
    });
    const again = await client.call('PUT', 'trees/Test%20Tree', treeOf({ description: 'd' }));
    expect(again).toMatchObject({ status: 200, body: { description: 'd' } });
    expect(again.body._rev).not.toBe(made.body._rev);
    expect((await client.call('GET', 'trees/Test%20Tree')).body).toEqual(again.body);
    expect(await client.call('DELETE', 'trees/Test%20Tree')).toMatchObject({ status: 200, body: again.body });
    for (const method of ['GET', 'DELETE'] as const) {
      expect(await client.call(method, 'trees/Test%20Tree')).toMatchObject({
        status: 404,
        body: { code: 404, reason: 'Not Found', message: 'Not Found' },
      });
    }
  });

  test('the revision follows the content alone', async () => {
    const { body: first } = await client.put('trees/Rev', treeOf({ description: 'a' }));
    const { body: other } = await client.put('trees/Rev', treeOf({ description: 'b' }));
    const { body: again } = await client.put('trees/Rev', treeOf({ description: 'a' }));
    expect(other._rev).not.toBe(first._rev);
    expect(again._rev).toBe(first._rev);
    const before = await server.assent.store.configuration.version();
    await client.put('trees/Rev', treeOf({ description: 'a', _id: 'Rev', _rev: 'x', _anything: true }));
    expect(await server.assent.store.configuration.version()).toBe(before);
  });

  test('what comes back is what was sent, strange as it is, and null is not set (spec: node-census §2)', async () => {
    const strange = {
      uiConfig: { categories: '["Authentication"]', annotations: '{"note":"<b>ü</b>"}', other: 7 },
      staticNodes: { startNode: { x: 50, y: 25.25 }, [SUCCESS]: { x: 1, y: 1, z: 'kept' } },
      identityResource: 'managed/alpha_user',
      nodes: { [node(1)]: wired({ version: '1.0', stray: { deep: [1] } }) },
    };
    await client.put(
      'trees/Strange',
      treeOf({ ...strange, description: null, treeTimeout: null, _type: { _id: 'x' } }),
    );
    const { body } = await client.call('GET', 'trees/Strange');
    const { _id, _rev, ...rest } = body;
    expect([_id, typeof _rev]).toEqual(['Strange', 'string']);
    expect(rest).toEqual({
      ...treeOf(strange),
      enabled: true,
      innerTreeOnly: false,
      noSession: false,
      mustRun: false,
      transactionalOnly: false,
    });
    const again = await client.call('PUT', 'trees/Strange', body);
    expect([again.status, again.body]).toEqual([200, body]);
  });

  test('entry may be an end, and nodes that nothing leads to are kept', async () => {
    await client.put('trees/Ends', { entryNodeId: FAILURE, nodes: {} });
    await client.put('trees/Ends', { entryNodeId: FAILURE, nodes: { [node(2)]: wired({ connections: {} }) } });
    expect((await client.call('GET', 'trees/Ends')).body.nodes).toHaveProperty(node(2));
  });

  test('a tree of three hundred nodes can be saved; a larger body is refused', async () => {
    const nodes = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [node(1_000 + at), wired()]));
    for (const id of Object.keys(nodes)) await client.put(`nodes/SetStateNode/${id}`, {});
    await client.put('trees/Large', { entryNodeId: node(1_000), nodes });
    expect(Object.keys((await client.call('GET', 'trees/Large')).body.nodes as object)).toHaveLength(300);
    const uiConfig = { annotations: 'x'.repeat(100_000) };
    expect((await client.call('PUT', 'trees/Large', { entryNodeId: FAILURE, nodes: {}, uiConfig })).status).toBe(413);
  });

  test('the room that a tree has is for trees: what a query says gives it to nothing else', async () => {
    const body = { filler: 'x'.repeat(70_000) };
    for (const query of ['x=/authenticationtrees/trees', 'x=/scripts', 'x=/authenticationtrees/trees/Large']) {
      expect((await rest('POST', `/realms/root/authenticate?${query}`, { body })).status, query).toBe(413);
    }
  });

  test('a switched-off tree cannot be started, and comes back when it is switched on', async () => {
    const start = async () => {
      const query = '/realms/root/authenticate?authIndexType=service&authIndexValue=Switch';
      const { status, body } = await rest('POST', query, { body: {} });
      return [status, body.message ?? Object.keys(body).includes('tokenId')];
    };
    await client.put('trees/Switch', treeOf({ entryNodeId: FAILURE }));
    expect(await start()).toEqual([401, 'Login failure']);
    const { body } = await client.call('GET', 'trees/Switch');
    await client.put('trees/Switch', { ...body, enabled: false });
    expect(await start()).toEqual([400, 'No Configuration found']);
    await client.put('trees/Switch', { ...body, enabled: true });
    expect(await start()).toEqual([401, 'Login failure']);
    await client.call('DELETE', 'trees/Switch');
    expect(await start()).toEqual([400, 'No Configuration found']);
  });

  test('the one that administrators sign in by stays, and can be started, until another is named', async () => {
    const { body } = await client.call('GET', 'trees/AdminLogin');
    for (const attribute of ['innerTreeOnly', 'transactionalOnly', 'enabled']) {
      const changed = { ...body, [attribute]: attribute !== 'enabled' };
      expect(await client.call('PUT', 'trees/AdminLogin', changed)).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(`attribute, ${attribute}: administrators sign in by this tree`) },
      });
    }
    expect(await client.call('DELETE', 'trees/AdminLogin')).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('Name another in core.adminAuthModule') },
    });
    expect((await client.call('GET', 'trees/AdminLogin')).body).toEqual(body);

    const settings = (adminAuthModule: string) =>
      rest('PUT', '/realms/root/realm-config/authentication', { token, body: { core: { adminAuthModule } } });
    expect(await settings('Login')).toMatchObject({ status: 200 });
    expect(await client.call('DELETE', 'trees/AdminLogin')).toMatchObject({ status: 200 });
    expect(await client.call('DELETE', 'trees/Login')).toMatchObject({ status: 409 });
    await client.put('trees/AdminLogin', body);
    expect(await settings('AdminLogin')).toMatchObject({ status: 200 });
  });

  test('a realm has its own', async () => {
    await server.createRealm('/alpha');
    await client.put('trees/OfRoot', treeOf());
    const at = '/realms/root/realms/alpha/realm-config/authentication/authenticationtrees/trees/OfRoot';
    expect((await rest('GET', at, { token })).status).toBe(404);
    expect((await rest('PUT', at, { token, body: treeOf() })).body.message).toMatch(/there is no node/);
  });
});

describe('conditions of a save (spec: journeys-rest §6.1)', () => {
  test('If-None-Match: * creates and never replaces', async () => {
    const only = { 'if-none-match': '*' };
    expect((await client.call('PUT', 'trees/Once', treeOf(), only)).status).toBe(201);
    expect(await client.call('PUT', 'trees/Once', treeOf({ description: 'x' }), only)).toMatchObject({
      status: 412,
      body: { code: 412, reason: 'Precondition Failed' },
    });
  });

  test('If-Match saves and deletes what is there and nothing else', async () => {
    expect((await client.call('PUT', 'trees/Not', treeOf(), { 'if-match': '*' })).status).toBe(412);
    const { body } = await client.put('trees/Match', treeOf());
    const wrong = { 'if-match': '"other"' };
    expect((await client.call('PUT', 'trees/Match', treeOf(), wrong)).status).toBe(412);
    expect((await client.call('DELETE', 'trees/Match', undefined, wrong)).status).toBe(412);
    const right = { 'if-match': `"${body._rev}"` };
    expect((await client.call('PUT', 'trees/Match', treeOf({ description: 'x' }), right)).status).toBe(200);
    expect((await client.call('DELETE', 'trees/Match', undefined, right)).status).toBe(412);
    expect((await client.call('DELETE', 'trees/Match', undefined, { 'if-match': '*' })).status).toBe(200);
  });

  test('of ten who save over what all have read, one wins (REL-25)', async () => {
    const { body } = await client.put('trees/Race', treeOf());
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        client.call('PUT', 'trees/Race', treeOf({ description: `by ${at}` }), { 'if-match': `"${body._rev}"` }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(412)]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect((await client.call('GET', 'trees/Race')).body.description).toBe(`by ${winner}`);
  });

  test('of ten who save without a condition, the last one is what is there, whole', async () => {
    const bodies = Array.from({ length: 10 }, (_, at) => treeOf({ description: `by ${at}`, treeTimeout: at + 1 }));
    await Promise.all(bodies.map((body) => client.put('trees/Free', body)));
    const { body } = await client.call('GET', 'trees/Free');
    expect(bodies).toContainEqual(treeOf({ description: body.description, treeTimeout: body.treeTimeout }));
  });
});

describe('what a check finds (SEC-36)', () => {
  const deadEnd = () => treeOf({ nodes: { [node(1)]: wired({ connections: {} }) } });

  test('is answered and logged with the save, and lets it through (SEC-36)', async () => {
    const before = server.logged().length;
    await client.put('trees/DeadEnd', deadEnd());
    const { body } = await client.call('POST', 'trees/DeadEnd?_action=check', {});
    expect(body.result).toMatchObject([
      { code: 'J01', tree: 'DeadEnd', nodeId: node(1), nodeType: 'SetStateNode', outcome: 'outcome' },
    ]);
    expect(server.logged().slice(before)).toContainEqual(
      expect.objectContaining({ code: 'J01', journey: 'DeadEnd', nodeId: node(1), realm: '/' }),
    );
    expect((await client.call('POST', 'trees/None?_action=check', {})).status).toBe(404);
  });

  test('is logged with the save of a node that brings it into a tree', async () => {
    const choice = node(31);
    const wires = (...outcomes: string[]) => Object.fromEntries(outcomes.map((outcome) => [outcome, FAILURE]));
    await client.put(`nodes/ChoiceCollectorNode/${choice}`, { choices: ['a'] });
    await client.put('trees/Grows', {
      entryNodeId: choice,
      nodes: { [choice]: wired({ nodeType: 'ChoiceCollectorNode', connections: wires('a') }) },
    });
    const before = server.logged().length;
    await client.put(`nodes/ChoiceCollectorNode/${choice}`, { choices: ['a', 'b'] });
    expect(server.logged().slice(before)).toEqual([
      expect.objectContaining({ code: 'J01', journey: 'Grows', nodeId: choice, outcome: 'b' }),
    ]);
  });

  test('is an error where the realm says so, unless the save gives its reason, which is audited (SEC-36)', async () => {
    const service = '/realms/root/realm-config/services/assent';
    expect((await rest('PUT', service, { token, body: { treeFindings: 'error' } })).status).toBe(200);
    try {
      const refused = await client.call('PUT', 'trees/Strict', deadEnd());
      expect(refused).toMatchObject({ status: 400, body: { detail: { findings: [{ code: 'J01', tree: 'Strict' }] } } });
      expect(refused.body.message).toMatch(/J01 .*x-assent-findings-accepted/);
      const reason = { 'x-assent-findings-accepted': 'The rest is wired tomorrow.' };
      expect((await client.call('PUT', 'trees/Strict', deadEnd(), reason)).status).toBe(201);
      const [event] = await auditOfAdministrator();
      expect(event?.detail).toMatchObject({ id: 'Strict', accepted: 'The rest is wired tomorrow.', findings: 'J01' });
      expect((await client.call('PUT', 'trees/Sound', treeOf())).status).toBe(201);
    } finally {
      await rest('PUT', service, { token, body: { treeFindings: 'warn' } });
    }
  });
});

const auditOfAdministrator = async () => {
  const { identities, audit } = server.assent.store;
  const administrator = await identities.find('/', TEST_ADMINISTRATOR.name);
  return audit.ofUser(administrator?.id ?? '', 20);
};

test('every save and delete is audited with actor, realm, target and transaction; what changes nothing is not (SEC-80)', async () => {
  const headers = { 'x-forgerock-transactionid': 'frodo-123' };
  await client.call('PUT', 'trees/Audited', treeOf(), headers);
  await client.call('PUT', 'trees/Audited', treeOf({ description: 'x' }), headers);
  await client.call('PUT', 'trees/Audited', treeOf({ description: 'x' }), headers);
  await client.call('PUT', 'trees/Audited', treeOf({ entryNodeId: 'x' }), headers);
  await client.call('DELETE', 'trees/Audited', undefined, headers);
  const events = await auditOfAdministrator();
  expect(events.slice(0, 3).map(({ outcome }) => outcome)).toEqual(['delete', 'update', 'create']);
  expect(events[0]).toMatchObject({
    event: 'CONFIG_CHANGE',
    realm: '/',
    transactionId: 'frodo-123',
    detail: { kind: 'tree', id: 'Audited' },
  });
  expect(events[3]?.detail?.id).not.toBe('Audited');
});

test('members that trees do not have here are kept, and named in the log (B5)', async () => {
  const body = { entryNodeId: SUCCESS, nodes: {}, colour: 'red', owner: null, stages: [{ a: 1 }] };
  const { status, body: record } = await client.call('PUT', 'trees/Kept', body);
  expect([status, record]).toMatchObject([201, body]);
  expect((await client.call('GET', 'trees/Kept')).body).toEqual(record);
  const unknown = ['colour', 'owner', 'stages'];
  expect(server.logged()).toContainEqual(expect.objectContaining({ journey: 'Kept', unknown }));
  expect((await client.call('PUT', 'trees/Kept', record)).body).toEqual(record);
});
