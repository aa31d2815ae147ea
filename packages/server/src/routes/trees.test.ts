import { FAILURE, SUCCESS } from '@assent/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Method, type RestClient, restClient, signIn } from '../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;
let token: string | undefined;

const BASE = '/realms/root/realm-config/authentication/authenticationtrees';
const call = (method: Method, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) =>
  rest(method, `${BASE}/${path}`, { token, body, ...(headers && { headers }) });

const uuid = (at: number) => `0A1B2C3D-0000-4000-8000-${String(at).padStart(12, '0')}`;
const treeOf = (given: Readonly<Record<string, unknown>> = {}) => ({
  entryNodeId: uuid(1),
  nodes: {
    [uuid(1)]: {
      nodeType: 'SetStateNode',
      displayName: 'Set',
      connections: { outcome: SUCCESS },
      x: 1.5,
      y: 2,
    },
  },
  ...given,
});

beforeAll(async () => {
  server = await steeredServer({ port: 18441 });
  rest = restClient(server);
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  expect((await call('PUT', `nodes/SetStateNode/${uuid(1)}`, {})).status).toBe(201);
});
afterAll(() => server.assent.stop());

describe('the life of a tree (spec: journeys-rest §6.1, §6.3)', () => {
  test('a new one is 201 with its address, the next save 200, a delete answers with what it was', async () => {
    const made = await call('PUT', 'trees/Test%20Tree', treeOf());
    expect(made).toMatchObject({ status: 201, body: { _id: 'Test Tree', enabled: true, ...treeOf() } });
    expect(made.headers).toMatchObject({
      location: `/am/json${BASE}/trees/Test%20Tree`,
      etag: `"${made.body._rev}"`,
    });
    const again = await call('PUT', 'trees/Test%20Tree', treeOf({ description: 'd' }));
    expect(again).toMatchObject({ status: 200, body: { description: 'd' } });
    expect(again.body._rev).not.toBe(made.body._rev);
    expect((await call('GET', 'trees/Test%20Tree')).body).toEqual(again.body);
    expect(await call('DELETE', 'trees/Test%20Tree')).toMatchObject({ status: 200, body: again.body });
    for (const method of ['GET', 'DELETE'] as const) {
      expect(await call(method, 'trees/Test%20Tree')).toMatchObject({
        status: 404,
        body: { code: 404, reason: 'Not Found', message: 'Not Found' },
      });
    }
  });

  test('entry may be an end', async () => {
    expect((await call('PUT', 'trees/Ends', { entryNodeId: FAILURE, nodes: {} })).status).toBe(201);
    expect((await call('DELETE', 'trees/Ends')).status).toBe(200);
  });
});
