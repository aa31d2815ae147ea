import { SUCCESS } from '@assent/engine/host';
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

const node = (at: number) => `7d7c8acb-0000-4000-8000-${String(at).padStart(12, '0')}`;
let last = 0;
const newId = () => {
  last += 1;
  return node(last);
};

beforeAll(async () => {
  server = await steeredServer({ port: 18442 });
  rest = restClient(server);
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  client = journeyConfigurationClient(rest, token);
});
afterAll(() => server.assent.stop());

const ofAdministrator = async () => {
  const { identities, audit } = server.assent.store;
  const administrator = await identities.find('/', TEST_ADMINISTRATOR.name);
  return audit.ofUser(administrator?.id ?? '', 5);
};
const tree = (entry: string, type: string, outcomes: readonly string[] = ['outcome']) => ({
  entryNodeId: entry,
  nodes: {
    [entry]: {
      nodeType: type,
      displayName: type,
      connections: Object.fromEntries(outcomes.map((outcome) => [outcome, SUCCESS])),
    },
  },
});

describe('pages (spec: journeys-rest §7.5)', () => {
  const inside = (id: string, nodeType: string) => ({ _id: id, nodeType, displayName: nodeType });

  test('need the nodes inside them to be there, of their type, and once', async () => {
    const [page, name, gone] = [newId(), newId(), newId()];
    await client.put(`nodes/UsernameCollectorNode/${name}`, {});
    const save = (...nodes: object[]) => client.call('PUT', `nodes/PageNode/${page}`, { nodes });
    const missing = await save(inside(gone, 'PasswordCollectorNode'));
    expect([missing.status, missing.body.message]).toEqual([
      400,
      expect.stringContaining(`there is no node ${gone} of type PasswordCollectorNode. Save it before the node`),
    ]);
    expect((await save(inside(name, 'PasswordCollectorNode'))).status).toBe(400);
    const used = inside(name, 'UsernameCollectorNode');
    expect((await save(used, used)).body.message).toMatch(/is listed twice/);
    const { status, body } = await save(used);
    expect([status, body._outcomes]).toEqual([201, [{ id: 'outcome', displayName: 'Outcome' }]]);
  });

  test('let only the last one inside choose the way, also when a node inside changes', async () => {
    const [page, name, choice] = [newId(), newId(), newId()];
    await client.put(`nodes/UsernameCollectorNode/${name}`, {});
    await client.put(`nodes/ChoiceCollectorNode/${choice}`, { choices: ['Yes', "I don't"] });
    const first = inside(choice, 'ChoiceCollectorNode');
    const second = inside(name, 'UsernameCollectorNode');
    const refused = await client.call('PUT', `nodes/PageNode/${page}`, { nodes: [first, second] });
    expect([refused.status, refused.body.message]).toEqual([
      400,
      expect.stringContaining(`ChoiceCollectorNode ${choice} has 2 outcomes. Put it last`),
    ]);
    const { body } = await client.put(`nodes/PageNode/${page}`, { nodes: [second, first] });
    expect(body._outcomes).toEqual([
      { id: 'Yes', displayName: 'Yes' },
      { id: "I don't", displayName: "I don't" },
    ]);
    await client.put(`nodes/ChoiceCollectorNode/${choice}`, { choices: ['Only'] });
    await client.put(`nodes/PageNode/${page}`, { nodes: [first, second] });
    const late = await client.call('PUT', `nodes/ChoiceCollectorNode/${choice}`, { choices: ['Yes', 'No'] });
    expect([late.status, late.body.detail]).toEqual([
      400,
      expect.objectContaining({ nodeType: 'PageNode', nodeId: page, attribute: 'nodes' }),
    ]);
  });
});

describe('trees inside trees (spec: journeys-rest §5.7)', () => {
  test('have to be there, and may not run themselves, whichever save would close the loop', async () => {
    const [outer, inner] = [newId(), newId()];
    const none = await client.call('PUT', `nodes/InnerTreeEvaluatorNode/${outer}`, { tree: 'Inner' });
    expect([none.status, none.body.message]).toEqual([
      400,
      `Configured tree does not exist. Save the tree Inner before this node, or name another. (InnerTreeEvaluatorNode ${outer})`,
    ]);
    expect(none.body.detail).toMatchObject({ nodeId: outer, attribute: 'tree', why: expect.stringMatching(/Save/) });
    await client.put('trees/Inner', { entryNodeId: SUCCESS, nodes: {} });
    await client.put(`nodes/InnerTreeEvaluatorNode/${outer}`, { tree: 'Inner' });
    await client.put('trees/Outer', tree(outer, 'InnerTreeEvaluatorNode', ['true', 'false']));
    await client.put(`nodes/InnerTreeEvaluatorNode/${inner}`, { tree: 'Outer' });
    const byTree = await client.call('PUT', 'trees/Inner', tree(inner, 'InnerTreeEvaluatorNode', ['true', 'false']));
    const loop = 'Tree would result in recursive loop: Outer. The tree';
    expect([byTree.status, byTree.body.message]).toEqual([
      400,
      `${loop} Inner would run itself. Name another tree. (InnerTreeEvaluatorNode ${inner})`,
    ]);
    const byNode = await client.call('PUT', `nodes/InnerTreeEvaluatorNode/${outer}`, { tree: 'Outer' });
    expect([byNode.status, byNode.body.message]).toEqual([
      400,
      `${loop} Outer would run itself. Name another tree. (InnerTreeEvaluatorNode ${outer})`,
    ]);
    expect((await client.call('GET', `nodes/InnerTreeEvaluatorNode/${outer}`)).body.tree).toBe('Inner');
  });
});

describe('the life of a node (spec: journeys-rest §6.4)', () => {
  test("a new one is 201 with its address and AM's defaults, the next save 200, a delete answers with what it was", async () => {
    const id = newId();
    const made = await client.call('PUT', `nodes/ValidatedUsernameNode/${id}`, { _id: id, _type: {}, _outcomes: [] });
    expect(made).toMatchObject({
      status: 201,
      headers: {
        etag: `"${made.body._rev}"`,
        location: `/am/json/realms/root/realm-config/authentication/authenticationtrees/nodes/ValidatedUsernameNode/${id}`,
      },
    });
    expect(made.body).toEqual({
      _id: id,
      _rev: expect.stringMatching(/^-?\d+$/),
      usernameAttribute: 'userName',
      validateInput: false,
      autocompleteValues: [],
      _type: { _id: 'ValidatedUsernameNode', name: 'Platform Username', collection: true, version: '1.0' },
      _outcomes: [{ id: 'outcome', displayName: 'Outcome' }],
    });
    const changed = await client.call('PUT', `nodes/ValidatedUsernameNode/${id}`, { validateInput: true });
    expect(changed).toMatchObject({ status: 200, body: { validateInput: true } });
    expect(changed.body._rev).not.toBe(made.body._rev);
    expect((await client.call('GET', `nodes/ValidatedUsernameNode/${id}`)).body).toEqual(changed.body);
    const deleted = await client.call('DELETE', `nodes/ValidatedUsernameNode/${id}`);
    expect([deleted.status, deleted.body]).toEqual([200, changed.body]);
    for (const method of ['GET', 'DELETE'] as const) {
      expect(await client.call(method, `nodes/ValidatedUsernameNode/${id}`)).toMatchObject({
        status: 404,
        body: { code: 404, reason: 'Not Found', message: 'Not Found' },
      });
    }
    expect((await ofAdministrator()).map(({ outcome, detail }) => [outcome, detail]).slice(0, 3)).toEqual(
      ['delete', 'update', 'create'].map((outcome) => [outcome, { kind: 'node', type: 'ValidatedUsernameNode', id }]),
    );
  });

  test('an id is kept to the letter, so that two which differ in case are two nodes', async () => {
    const [upper, lower] = ['ABCDEF00-0000-4000-8000-000000000001', 'abcdef00-0000-4000-8000-000000000001'];
    await client.put(`nodes/SetStateNode/${upper}`, { attributes: { a: '1' } });
    await client.put(`nodes/SetStateNode/${lower}`, { attributes: { b: '2' } });
    expect((await client.call('GET', `nodes/SetStateNode/${upper}`)).body).toMatchObject({
      _id: upper,
      attributes: { a: '1' },
    });
  });

  test("a missing key is AM's default and a template is ours", async () => {
    const id = newId();
    const { body } = await client.put(`nodes/PushAuthenticationSenderNode/${id}`, { userMessage: null });
    expect(body).toMatchObject({ pushType: 'DEFAULT', messageTimeout: 120_000, userMessage: {} });
    const template = await client.call('POST', 'nodes/PushAuthenticationSenderNode?_action=template', {});
    expect(template.body).toMatchObject({ pushType: 'CHALLENGE', messageTimeout: 120_000 });
    expect((await client.call('PUT', `nodes/PushAuthenticationSenderNode/${id}`, template.body)).body.pushType).toBe(
      'CHALLENGE',
    );
  });

  test('settings come back as they were given', async () => {
    const id = newId();
    const settings = {
      message: { en_GB: 'Colour', 'de-AT': 'Farbe \u{1f511}' },
      messageYes: { fr: 'Oui' },
      messageNo: {},
    };
    await client.put(`nodes/MessageNode/${id}`, settings);
    expect((await client.call('GET', `nodes/MessageNode/${id}`)).body).toMatchObject(settings);
  });

  test('what was seeded without a setting reads, and is saved, as with its default', async () => {
    const [seeded] = server.assent.configuration.nodes('/').filter(({ type }) => type === 'RetryLimitDecisionNode');
    const path = `nodes/RetryLimitDecisionNode/${seeded?.id}`;
    const { body } = await client.call('GET', path);
    expect(Object.keys(body)).toEqual(expect.arrayContaining(['retryLimit', 'incrementUserAttributeOnFailure']));
    expect((await client.put(path, body)).body).toEqual(body);
  });

  test('a create gives an id, or takes the one it gets, once', async () => {
    const made = await client.call('POST', 'nodes/UsernameCollectorNode?_action=create', {});
    expect([made.status, made.body._id]).toEqual([201, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    expect(String(made.headers.location)).toMatch(new RegExp(`nodes/UsernameCollectorNode/${made.body._id}$`));
    const _id = newId();
    expect((await client.call('POST', 'nodes/UsernameCollectorNode?_action=create', { _id })).status).toBe(201);
    expect((await client.call('POST', 'nodes/UsernameCollectorNode?_action=create', { _id })).status).toBe(409);
  });

  describe('a stored password is shown to nobody new (SEC-72)', () => {
    const mail = { hostName: 'mail', hostPort: 25, fromEmailAddress: 'a@b.example', username: 'postman' };
    const kept = async () => {
      const id = newId();
      const path = `nodes/OneTimePasswordSmtpSenderNode/${id}`;
      const { body } = await client.put(path, { ...mail, password: 'canary-1' });
      return { path, body, stored: () => server.assent.configuration.node('/', id)?.config };
    };

    test.each([
      ['hostName', 'mail.attacker.example'],
      ['hostPort', 2525],
      ['username', null],
      ['username', 'somebody'],
      ['sslOption', 'NON_SSL'],
    ])('a save with another %s, %j, has to give it again', async (name, value) => {
      const { path, body, stored } = await kept();
      const answer = await client.call('PUT', path, { ...body, [name]: value });
      expect(answer).toMatchObject({ status: 400, body: { detail: { attribute: 'password' } } });
      expect(answer.body.message).toContain('Data validation failed for the attribute, password: Give it again');
      expect(answer.body.message).toContain(`the same ${name}`);
      expect(JSON.stringify(answer.body)).not.toContain('canary');
      expect(stored()).toMatchObject({ ...mail, password: 'canary-1' });
    });

    test('a save that leaves the settings out, and so means their defaults, has to give it again', async () => {
      const { path } = await kept();
      const { username: _, ...rest } = mail;
      expect((await client.call('PUT', path, { ...rest, sslOption: 'SSL' })).status).toBe(400);
    });

    test('a save that gives a password, or an empty one, may name another host', async () => {
      const { path, body, stored } = await kept();
      await client.put(path, { ...body, hostName: 'second', password: 'canary-2' });
      expect(stored()).toMatchObject({ hostName: 'second', password: 'canary-2' });
      await client.put(path, { ...body, hostName: 'third', password: '' });
      expect(stored()).toMatchObject({ hostName: 'third', password: '' });
      // Nothing is stored now that could be shown.
      await client.put(path, { ...body, hostName: 'fourth' });
      expect(stored()).toMatchObject({ hostName: 'fourth' });
    });
  });

  test('a password is kept, never read back, and stays where a save brings none', async () => {
    const id = newId();
    const path = `nodes/OneTimePasswordSmtpSenderNode/${id}`;
    const { body } = await client.put(path, {
      hostName: 'mail',
      hostPort: 25,
      fromEmailAddress: 'a@b.example',
      password: 'canary-1',
    });
    expect(body.password).toBeNull();
    await client.put(path, { ...body, fromEmailAddress: 'b@b.example' });
    const stored = () => server.assent.configuration.node('/', id)?.config;
    expect(stored()).toMatchObject({ fromEmailAddress: 'b@b.example', password: 'canary-1' });
    await client.put(path, { ...body, password: 'canary-2' });
    expect(stored()).toMatchObject({ password: 'canary-2' });
    const everything = await client.call('POST', 'nodes?_action=nextdescendents', {});
    expect(JSON.stringify(everything.body)).not.toContain('canary');
  });

  test('conditions hold for nodes too, and of ten at once one wins', async () => {
    const path = `nodes/SetStateNode/${newId()}`;
    const { body } = await client.put(path, {});
    expect((await client.call('PUT', path, {}, { 'if-none-match': '*' })).status).toBe(412);
    expect((await client.call('DELETE', path, undefined, { 'if-match': '"x"' })).status).toBe(412);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        client.call('PUT', path, { attributes: { by: String(at) } }, { 'if-match': `"${body._rev}"` }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(412)]);
  });

  test('one that a tree uses cannot be deleted, one inside its page neither', async () => {
    const [page, name] = [newId(), newId()];
    await client.put(`nodes/UsernameCollectorNode/${name}`, {});
    await client.put(`nodes/PageNode/${page}`, {
      nodes: [{ _id: name, nodeType: 'UsernameCollectorNode', displayName: '' }],
    });
    await client.put('trees/Uses', tree(page, 'PageNode'));
    for (const path of [`nodes/PageNode/${page}`, `nodes/UsernameCollectorNode/${name}`]) {
      const { status, body } = await client.call('DELETE', path);
      expect([status, body.message]).toEqual([
        409,
        expect.stringMatching(/^The tree Uses uses .* delete the tree first/),
      ]);
    }
    await client.call('DELETE', 'trees/Uses');
    for (const path of [`nodes/UsernameCollectorNode/${name}`, `nodes/PageNode/${page}`]) {
      expect((await client.call('DELETE', path)).status).toBe(200);
    }
  });
});

describe('what an export has and this server does not read is kept (B5)', () => {
  test('settings that the type does not have come back as they came, and are named in the log', async () => {
    const id = newId();
    const given = { transientState: false, 'hmacSigningKey-encrypted': 'x', owner: null, popupEnabled: false };
    const { body } = await client.put(`nodes/DebugNode/${id}`, given);
    expect(body).toMatchObject(given);
    expect((await client.call('GET', `nodes/DebugNode/${id}`)).body).toMatchObject(given);
    const unknown = ['hmacSigningKey-encrypted', 'owner', 'transientState'];
    expect(server.logged()).toContainEqual(expect.objectContaining({ nodeId: id, unknown }));
    expect((await client.call('PUT', `nodes/DebugNode/${id}`, body)).body).toEqual(body);
    const { body: less } = await client.call('PUT', `nodes/DebugNode/${id}`, { popupEnabled: true });
    expect(less).not.toHaveProperty('transientState');
  });

  test.each([
    [
      'OneTimePasswordSmtpSenderNode',
      { hostName: null, username: 'mail' },
      ['hostName', 'hostPort', 'fromEmailAddress'],
    ],
    ['QueryFilterDecisionNode', {}, ['queryFilter']],
    ['InnerTreeEvaluatorNode', {}, ['tree']],
  ])(
    'a %s that lacks settings without default is saved, and fails a journey that reaches it',
    async (type, given, lacking) => {
      const id = newId();
      await client.put(`nodes/${type}/${id}`, given);
      expect(server.logged()).toContainEqual(expect.objectContaining({ nodeId: id, lacking }));
      await client.put(`trees/Lacking${type}`, tree(id, type, []));
      const findings = (await client.call('POST', `trees/Lacking${type}?_action=check`, {})).body.result;
      expect(findings).toContainEqual(
        expect.objectContaining({ code: 'J20', message: expect.stringContaining(`${lacking[0]}: it is not set`) }),
      );
      const path = `/realms/root/authenticate?authIndexType=service&authIndexValue=Lacking${type}`;
      expect(await rest('POST', path, { body: {} })).toMatchObject({ status: 401, body: { message: 'Login failure' } });
      expect(server.logged()).toContainEqual(
        expect.objectContaining({ nodeId: id, msg: expect.stringContaining(`${lacking[0]}: it is not set`) }),
      );
    },
  );

  test('a setting that is given wrong is refused all the same, beside one that is missing', async () => {
    const { status, body } = await client.call('PUT', `nodes/OneTimePasswordSmtpSenderNode/${newId()}`, {
      hostPort: 'x',
    });
    expect([status, body.detail]).toMatchObject([400, { attribute: 'hostPort' }]);
  });
});
