import { FAILURE, SUCCESS } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type JourneyConfigurationClient,
  journeyConfigurationClient,
} from '../../testing/journey-configuration-client.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;
let client: JourneyConfigurationClient;

const node = (at: number) => `C0FFEE00-0000-4000-8000-${String(at).padStart(12, '0')}`;
const wired = (nodeType: string, connections: Readonly<Record<string, string>>) => ({
  nodeType,
  displayName: nodeType,
  connections,
});

beforeAll(async () => {
  server = await steeredServer({
    port: 18443,
    environment: { ESV_PLAIN_GREETING: 'Good morning', ESV_PLAIN_LIMIT: '2', ASSENT_MASTER_KEY: 'never-told' },
  });
  rest = restClient(server);
  const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  client = journeyConfigurationClient(rest, token);
});
afterAll(() => server.assent.stop());

interface Callback {
  readonly type: string;
  readonly output: readonly { readonly name: string; readonly value: unknown }[];
  readonly input?: { readonly name: string; value: unknown }[];
}
const run = async (tree: string, step: object = {}) => {
  const at = `/realms/root/authenticate?authIndexType=service&authIndexValue=${encodeURIComponent(tree)}`;
  const { status, body } = await rest('POST', at, { body: step });
  return { status, body, callbacks: (body.callbacks ?? []) as readonly Callback[] };
};
const answered = (body: object, value: unknown) => {
  const step = structuredClone(body) as { callbacks: Callback[] };
  for (const { input } of step.callbacks) for (const it of input ?? []) it.value = value;
  return step;
};
const prompts = (callbacks: readonly Callback[]) => callbacks.flatMap(({ output }) => output.map(({ value }) => value));
const loggedSince = (at: number) => server.logged().slice(at);

describe('journeys under way', () => {
  const [page, name, ask] = [node(1), node(2), node(3)];
  const save = async (message: string, more: object = {}) => {
    await client.put(`nodes/MessageNode/${ask}`, { message: { en: message } });
    await client.put(`nodes/UsernameCollectorNode/${name}`, {});
    await client.put(`nodes/PageNode/${page}`, {
      nodes: [{ _id: name, nodeType: 'UsernameCollectorNode', displayName: 'Name' }],
      pageHeader: { en: message },
    });
    await client.put('trees/Under Way'.replace(' ', '%20'), {
      entryNodeId: page,
      nodes: {
        [page]: wired('PageNode', { outcome: ask }),
        [ask]: wired('MessageNode', { true: FAILURE, false: FAILURE }),
      },
      ...more,
    });
  };

  test('finish on the version that they began with, through saves of nodes and of the tree (SEC-41)', async () => {
    await save('first');
    const begin = async (header: string) => {
      const first = await run('Under Way');
      expect(first.body.header).toBe(header);
      return run('Under Way', answered(first.body, 'demo'));
    };
    const begun = await begin('first');
    await save('second', { description: 'second' });
    const other = await begin('second');
    for (const [next, message] of [
      [begun, 'first'],
      [other, 'second'],
    ] as const) {
      expect(prompts(next.callbacks)).toContain(message);
      expect(await run('Under Way', answered(next.body, 0))).toMatchObject({
        status: 401,
        body: { message: 'Login failure' },
      });
    }
  });

  test('end when the tree is deleted, as one that has timed out; the name can be given again (ADR 151)', async () => {
    await save('third');
    const first = await run('Under Way');
    const second = await run('Under Way', answered(first.body, 'demo'));
    const unanswered = await run('Under Way');
    expect((await client.call('DELETE', 'trees/Under%20Way')).status).toBe(200);
    for (const answer of [answered(second.body, 0), answered(unanswered.body, 'demo')]) {
      expect(await run('Under Way', answer)).toMatchObject({
        status: 401,
        body: { message: 'Session has timed out', detail: { errorCode: '110' } },
      });
    }
    expect(await run('Under Way')).toMatchObject({ status: 400, body: { message: 'No Configuration found' } });
    await save('fourth');
    expect((await run('Under Way')).body.header).toBe('fourth');
  });

  test('a saved node inside a page is in every tree that uses it, in the moment that it is saved', async () => {
    await save('shared');
    const nodes = { [page]: wired('PageNode', { outcome: FAILURE }) };
    await client.put('trees/Second', { entryNodeId: page, nodes });
    const versionOf = (tree: string) => server.assent.configuration.tree('/', tree)?.version ?? 0;
    const before = [versionOf('Under Way'), versionOf('Second'), versionOf('Login')];
    await client.put(`nodes/UsernameCollectorNode/${name}`, {});
    expect([versionOf('Under Way'), versionOf('Second'), versionOf('Login')]).toEqual(before);
    await client.put(`nodes/PageNode/${page}`, { nodes: [], pageHeader: { en: 'empty' } });
    expect([versionOf('Under Way'), versionOf('Second'), versionOf('Login')]).toEqual(
      before.map((version, at) => (at < 2 ? version + 1 : version)),
    );
    expect(server.assent.configuration.tree('/', 'Second')?.nodes).not.toHaveProperty(name);
  });
});

describe('a node of a type that this server lacks (design.md §3.3)', () => {
  const [opaque, message] = [node(11), node(12)];
  const exported = {
    _id: opaque,
    apiKey: '&{esv.key}',
    nested: { list: [1, { deep: null }] },
    nothing: null,
    _type: { _id: 'AcmeRiskNode', name: 'Acme Risk', collection: true, version: '3.1' },
    _outcomes: [
      { id: 'low', displayName: 'Low' },
      { id: 'high risk', displayName: "It's high" },
    ],
  };

  test('is kept and exported as it came, with a warning, and stands in no palette', async () => {
    const at = server.logged().length;
    const made = await client.call('PUT', `nodes/AcmeRiskNode/${opaque}`, { ...exported, _rev: '7' });
    expect(made.status).toBe(201);
    const { _rev, ...read } = (await client.call('GET', `nodes/AcmeRiskNode/${opaque}`)).body;
    expect(read).toEqual(exported);
    const again = await client.call('PUT', `nodes/AcmeRiskNode/${opaque}`, { ...read });
    expect([again.status, again.body]).toEqual([200, { _rev, ...exported }]);
    const fields = { realm: '/', nodeType: 'AcmeRiskNode', nodeId: opaque };
    expect(loggedSince(at)).toContainEqual(expect.objectContaining(fields));
    const { body: types } = await client.call('POST', 'nodes?_action=getAllTypes', {});
    expect(JSON.stringify(types)).not.toContain('AcmeRiskNode');
    const { body: list } = await client.call('GET', 'nodes/AcmeRiskNode?_queryFilter=true');
    expect(list.result).toEqual([{ _rev, ...exported }]);
    const all = await client.call('POST', 'nodes?_action=nextdescendents', {});
    expect(all.body.result).toContainEqual({ _rev, ...exported });
  });

  test('lets its tree be saved and run until it is reached, and then fails it with the missing type', async () => {
    await client.put(`nodes/MessageNode/${message}`, { message: { en: 'Go there?' } });
    const wiring = {
      entryNodeId: message,
      nodes: {
        [message]: wired('MessageNode', { true: opaque, false: FAILURE }),
        [opaque]: { ...wired('AcmeRiskNode', { low: SUCCESS, 'high risk': FAILURE }), x: 3, y: 4.5 },
      },
    };
    const { body: saved } = await client.put('trees/Imported', wiring);
    expect(saved.nodes).toEqual(wiring.nodes);
    const { body: check } = await client.call('POST', 'trees/Imported?_action=check', {});
    expect(check.result).toMatchObject([{ code: 'J13', nodeId: opaque, nodeType: 'AcmeRiskNode' }]);

    const around = await run('Imported');
    expect((await run('Imported', answered(around.body, 1))).body.message).toBe('Login failure');
    const at = server.logged().length;
    const into = await run('Imported', answered((await run('Imported')).body, 0));
    expect(into).toMatchObject({
      status: 401,
      body: { code: 401, message: 'Login failure', detail: { failureUrl: '' } },
    });
    expect(JSON.stringify(into.body)).not.toContain('Acme');
    expect(loggedSince(at)).toContainEqual(
      expect.objectContaining({
        msg: 'This server has no node of type AcmeRiskNode.',
        journey: 'Imported',
        nodeType: 'AcmeRiskNode',
        nodeId: opaque,
        realm: '/',
      }),
    );
  });

  test('inside a page it fails the page, and the rest of the tree runs', async () => {
    const [page, ask] = [node(13), node(14)];
    await client.put(`nodes/UsernameCollectorNode/${ask}`, {});
    await client.put(`nodes/PageNode/${page}`, {
      nodes: [
        { _id: ask, nodeType: 'UsernameCollectorNode', displayName: 'Name' },
        { _id: opaque, nodeType: 'AcmeRiskNode', displayName: 'Risk' },
      ],
    });
    const { body } = await client.call('GET', `nodes/PageNode/${page}`);
    expect(body._outcomes).toEqual(exported._outcomes);
    const first = (
      await client.call('PUT', `nodes/PageNode/${page}`, { nodes: [...(body.nodes as object[])].reverse() })
    ).body;
    expect(first.message).toMatch(`AcmeRiskNode ${opaque} has 2 outcomes. Put it last`);
    await client.put('trees/Page', { entryNodeId: page, nodes: { [page]: wired('PageNode', { low: SUCCESS }) } });
    const at = server.logged().length;
    expect((await run('Page')).body.message).toBe('Login failure');
    expect(loggedSince(at).map(({ msg }) => msg)).toContain('This server has no node of type AcmeRiskNode.');
  });
});

describe('trees that were published with faults are survived (spec: node-census §2)', () => {
  const [loop, set] = [node(21), node(22)];

  test.each<[string, string, object]>([
    ['an entry that is an end', SUCCESS, {}],
    ['a loop that asks nobody', loop, { [loop]: wired('SetStateNode', { outcome: loop }) }],
    ['an outcome that leads nowhere', loop, { [loop]: wired('SetStateNode', {}) }],
    ['a wire of an outcome that there is not', loop, { [loop]: wired('SetStateNode', { nonsense: SUCCESS }) }],
    [
      'nodes that nothing leads to',
      loop,
      { [loop]: wired('SetStateNode', { outcome: FAILURE }), [set]: wired('SetStateNode', { outcome: set }) },
    ],
  ])('%s', async (_, entryNodeId, nodes) => {
    for (const id of [loop, set]) await client.put(`nodes/SetStateNode/${id}`, {});
    await client.put('trees/Faulty', { entryNodeId, nodes });
    // Nobody is identified anywhere in them, so even success is none.
    expect(await run('Faulty')).toMatchObject({ status: 401, body: { code: 401, reason: 'Unauthorized' } });
    expect((await run('Login')).status).toBe(200);
  });

  test('what no route lets in, but a file of configuration may bring', async () => {
    const document = {
      enabled: true,
      innerTreeOnly: false,
      noSession: false,
      mustRun: false,
      transactionalOnly: false,
    };
    const publish = async (entryNodeId: string, connections: Readonly<Record<string, string>>, config: object) => {
      const nodes = { [loop]: { nodeType: 'MessageNode', displayName: '', connections } };
      const stored = { [loop]: { id: loop, type: 'MessageNode', config: { ...config } } };
      await configuring(server.assent.store).publishTree({
        realm: '/',
        name: 'Worse',
        tree: { ...document, entryNodeId, nodes },
        nodes: stored,
      });
      await server.assent.configuration.refresh();
    };
    await publish('gone', {}, {});
    expect((await run('Worse')).status).toBe(401);
    await publish(loop, { true: 'gone', false: SUCCESS }, {});
    const step = await run('Worse');
    expect((await run('Worse', answered(step.body, 0))).status).toBe(401);
    await publish(loop, {}, { message: 'not a map' });
    const at = server.logged().length;
    expect((await run('Worse')).status).toBe(401);
    const { msg } = loggedSince(at).find(({ nodeId }) => nodeId === loop) ?? {};
    expect(msg).toMatch(new RegExp(`^MessageNode ${loop}: message: `));
    expect((await client.call('GET', 'trees/Worse')).status).toBe(200);
    expect((await client.call('POST', 'trees/Worse?_action=check', {})).status).toBe(200);
    const { body } = await client.call('GET', `nodes/MessageNode/${loop}`);
    expect(body).toMatchObject({ message: 'not a map' });
  });
});

describe('placeholders in settings', () => {
  const [greet, limit] = [node(31), node(32)];
  const asked = async (settings: object) => {
    await client.put(`nodes/MessageNode/${greet}`, settings);
    await client.put('trees/Greeting', {
      entryNodeId: greet,
      nodes: { [greet]: wired('MessageNode', { true: FAILURE, false: FAILURE }) },
    });
    return run('Greeting');
  };

  test('take plain values from variables that begin with ESV_PLAIN_, and are exported as they came', async () => {
    const settings = {
      message: { en: '&{esv.greeting}, you!' },
      messageYes: { en: { $string: '&{esv.yes|Yes indeed}' } },
    };
    const step = await asked(settings);
    expect(prompts(step.callbacks)).toContain('Good morning, you!');
    expect(prompts(step.callbacks)).toContainEqual(['Yes indeed', 'No']);
    expect((await client.call('GET', `nodes/MessageNode/${greet}`)).body).toMatchObject(settings);
  });

  test('numbers and truth values count as what they stand for', async () => {
    const settings = { retryLimit: { $int: '&{esv.limit}' }, incrementUserAttributeOnFailure: { $bool: 'false' } };
    expect((await client.call('PUT', `nodes/RetryLimitDecisionNode/${limit}`, settings)).status).toBe(201);
    const wrong = { retryLimit: { $int: '&{esv.greeting}' } };
    const { status, body } = await client.call('PUT', `nodes/RetryLimitDecisionNode/${limit}`, wrong);
    expect([status, body.detail]).toEqual([400, expect.objectContaining({ attribute: 'retryLimit', nodeId: limit })]);
  });

  test.each([
    ['esv.unknown', 'ESV_UNKNOWN'],
    ['assent.master.key', '&{assent.master.key} has no variable here'],
  ])('%s has no value here: the save warns, and the journey fails where the node is reached', async (name, missing) => {
    const at = server.logged().length;
    const ended = await asked({ message: { en: `&{${name}}` } });
    expect(ended).toMatchObject({ status: 401, body: { message: 'Login failure' } });
    const lines = loggedSince(at);
    expect(lines).toContainEqual(expect.objectContaining({ nodeId: greet, missing: { message: missing } }));
    expect(lines.map(({ msg }) => msg)).toContain(`MessageNode ${greet}: message: there is no value for &{${name}}`);
    expect(JSON.stringify(lines)).not.toContain('never-told');
  });
});
