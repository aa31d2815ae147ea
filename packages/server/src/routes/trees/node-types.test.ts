import { nodeCatalogue } from '@assent/nodes';
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

describe('types', () => {
  test('are listed by id, with what a palette shows', async () => {
    for (const action of ['getAllTypes', 'getCreatableTypes']) {
      const { body } = await client.call('POST', `nodes?_action=${action}`, {});
      const types = body.result as { _id: string }[];
      expect(types.map(({ _id }) => _id)).toEqual([...nodeCatalogue.keys()].sort());
      expect(types).toContainEqual({
        _id: 'PageNode',
        name: 'Page Node',
        collection: true,
        tags: ['utilities'],
        metadata: { tags: ['utilities'] },
        help: expect.any(String),
      });
    }
  });

  test.each([...nodeCatalogue.keys()])(
    '%s: what its template gives can be saved, and its schema names it all',
    async (type) => {
      const { body: template } = await client.call('POST', `nodes/${type}?_action=template`, {});
      const { body: schema } = await client.call('POST', `nodes/${type}?_action=schema`, {});
      expect(schema.type).toBe('object');
      const names = Object.keys(schema.properties as object);
      const newest = nodeCatalogue.get(type);
      const first = newest?.earlier.at(-1) ?? newest;
      expect(names).toEqual(Object.keys(first?.config.shape ?? {}));
      expect(names).toEqual(expect.arrayContaining(Object.keys(template)));
      expect((await client.call('POST', `nodes/${type}?_action=getType`, {})).body).toMatchObject({
        _id: type,
        version: '1.0',
      });
      const { status, body } = await client.call('PUT', `nodes/${type}/${newId()}`, template);
      expect([status, body]).toEqual([201, expect.objectContaining(template)]);
    },
  );

  test('the schema has no bounds that say nothing, and an order', async () => {
    const { body } = await client.call('POST', 'nodes/PushRegistrationNode?_action=schema', {});
    expect(body.properties).toMatchObject({
      timeout: { type: 'integer', minimum: 1, default: 60, title: expect.any(String) },
      issuer: { propertyOrder: 100 },
    });
    expect(JSON.stringify(body)).not.toContain(String(Number.MAX_SAFE_INTEGER));
  });

  test('outcomes follow the settings that are sent', async () => {
    const outcomes = (settings: object) =>
      client.call('POST', 'nodes/PushAuthenticationSenderNode?_action=listOutcomes', settings);
    const ids = async (settings: object) =>
      ((await outcomes(settings)).body as unknown as { id: string }[]).map(({ id }) => id);
    expect(await ids({})).toEqual(['SENT', 'NOT_REGISTERED', 'SKIPPED']);
    expect(await ids({ mandatory: true, captureFailure: true })).toEqual(['SENT', 'NOT_REGISTERED', 'FAILURE']);
    expect((await outcomes({ mandatory: 'x' })).status).toBe(200);
    expect((await outcomes([])).status).toBe(400);
  });

  test('one type, and every node of the realm, can be read at once', async () => {
    const id = newId();
    await client.put(`nodes/ModifyAuthLevelNode/${id}`, { authLevelIncrement: 3 });
    const ofType = await client.call('GET', 'nodes/ModifyAuthLevelNode?_queryFilter=true');
    expect(ofType.body.result).toContainEqual(expect.objectContaining({ _id: id, authLevelIncrement: 3 }));
    const all = (await client.call('POST', 'nodes?_action=nextdescendents', {})).body.result as { _id: string }[];
    expect(all.map(({ _id }) => _id)).toContain(id);
    const login = (await client.call('GET', 'trees/Login')).body.nodes as object;
    expect(all.map(({ _id }) => _id)).toEqual(expect.arrayContaining(Object.keys(login)));
  });
});
