import { beforeAll, describe, expect, test } from 'vitest';
import { administeredServer } from '../../testing/administered-server.ts';
import type { JourneyConfigurationClient } from '../../testing/journey-configuration-client.ts';

const world = administeredServer();
let client: JourneyConfigurationClient;
beforeAll(() => {
  client = world.journeys;
});

const node = (at: number) => `7d7c8acb-0000-4000-8000-${String(at).padStart(12, '0')}`;
let last = 0;
const newId = () => {
  last += 1;
  return node(last);
};

describe('what cannot be saved is refused by node, setting and fix', () => {
  test.each<[string, string, object, string, string]>([
    ['a value of a wrong type', 'PushRegistrationNode', { timeout: 'soon' }, 'timeout', ''],
    ['a value out of range', 'PushRegistrationNode', { timeout: 0 }, 'timeout', ''],
    ['a value that is none of the choices', 'PushRegistrationNode', { accountName: 'NICKNAME' }, 'accountName', ''],
    ['a colon in the issuer', 'PushRegistrationNode', { issuer: 'a:b' }, 'issuer', 'Take the colon out.'],
    [
      'a language that there is not',
      'MessageNode',
      { message: { en: 'x', 'not a tag': 'y' } },
      'message.not a tag',
      'Invalid locale provided',
    ],
    ['an outcome that is listed twice', 'ScriptedDecisionNode', { outcomes: ['a', 'a'] }, 'outcomes', 'listed twice'],
    [
      'a page inside a page',
      'PageNode',
      { nodes: [{ _id: node(900), nodeType: 'PageNode', displayName: '' }] },
      'nodes.0.nodeType',
      'A page cannot hold a node of this type.',
    ],
  ])('%s', async (_, type, body, attribute, reason) => {
    const id = newId();
    const before = await world.server.assent.store.configuration.version();
    const answer = await client.call('PUT', `nodes/${type}/${id}`, body);
    expect([answer.status, answer.body.detail]).toEqual([
      400,
      { nodeType: type, nodeId: id, attribute, why: expect.stringContaining(reason) },
    ]);
    const start = `Data validation failed for the attribute, ${attribute}: `;
    expect(answer.body.message).toEqual(expect.stringContaining(start));
    expect(answer.body.message).toEqual(expect.stringContaining(`(${type} ${id})`));
    expect((await client.call('GET', `nodes/${type}/${id}`)).status).toBe(404);
    expect(await world.server.assent.store.configuration.version()).toBe(before);
  });

  test('a script that the realm does not have, in the words that frodo knows', async () => {
    const id = newId();
    for (const script of ['11111111-0000-4000-8000-000000000000', 'garbage']) {
      const { status, body } = await client.call('PUT', `nodes/ScriptedDecisionNode/${id}`, { script });
      expect([status, body.message]).toEqual([400, 'Data validation failed for the attribute, Script']);
      expect(body.detail).toMatchObject({ nodeId: id, attribute: 'script', why: expect.stringContaining(script) });
    }
    expect((await client.call('PUT', `nodes/ScriptedDecisionNode/${id}`, { script: '[Empty]' })).status).toBe(201);
    const stored = '22222222-0000-4000-8000-000000000000';
    const document = { name: 'Decide', script: Buffer.from('outcome = "true";').toString('base64') };
    await world.admin('PUT', `/realms/root/scripts/${stored}`, document);
    const { status } = await client.call('PUT', `nodes/ScriptedDecisionNode/${id}`, { script: stored });
    expect(status).toBe(200);
  });

  test.each([
    ['PUT', 'nodes/PageNode/70e691a5-1e33-4ac3-a356-e7b6d60d92e0'],
    ['PUT', 'nodes/PageNode/startNode'],
    ['PUT', 'nodes/PageNode/a%20b'],
    ['PUT', 'nodes/Page%20Node/x'],
  ] as const)('%s %s: an id or a type that can be none', async (method, path) => {
    expect((await client.call(method, path, {})).status).toBe(400);
  });

  test('a body that is no object', async () => {
    expect((await client.call('PUT', `nodes/PageNode/${newId()}`, [])).status).toBe(400);
  });

  test('an id that another type has', async () => {
    const id = newId();
    await client.put(`nodes/UsernameCollectorNode/${id}`, {});
    const { status, body } = await client.call('PUT', `nodes/PasswordCollectorNode/${id}`, {});
    expect([status, body.message]).toEqual([409, expect.stringContaining(`There is a UsernameCollectorNode ${id}`)]);
    expect((await client.call('GET', `nodes/PasswordCollectorNode/${id}`)).status).toBe(404);
    expect((await client.call('DELETE', `nodes/PasswordCollectorNode/${id}`)).status).toBe(404);
  });

  test('an action that there is not, and any of a type that there is not', async () => {
    expect((await client.call('POST', 'nodes?_action=nonsense', {})).status).toBe(501);
    expect((await client.call('POST', 'nodes/PageNode?_action=constructor', {})).status).toBe(501);
    for (const action of ['schema', 'template', 'getType', 'listOutcomes']) {
      expect((await client.call('POST', `nodes/NoSuchNode?_action=${action}`, {})).status).toBe(404);
    }
    expect((await client.call('GET', 'nodes/NoSuchNode?_queryFilter=true')).status).toBe(404);
    expect((await client.call('GET', `nodes/NoSuchNode/${node(901)}`)).status).toBe(404);
  });
});
