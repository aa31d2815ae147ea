import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

/** No more nodes are worked on before others have a turn. */
const ITEMS_OF_TURN = 50;
const NODES = 40 * ITEMS_OF_TURN;
const BASE = '/alpha/realm-config/authentication/authenticationtrees/nodes';

let server: SteeredServer;
let rest: RestClient;
let designer: string | undefined;

beforeAll(async () => {
  server = await steeredServer({ port: 18_998 });
  rest = restClient(server);
  await server.createRealm('/alpha');
  await server.createUser('/alpha', 'des', 'correct horse 7');
  await server.setAttributes('/alpha', 'des', { assentRoles: ['designer'] });
  const message = (at: number) => ({ id: `n${at}`, type: 'MessageNode', config: { message: { en: `${at}` } } });
  const page = (at: number) => ({ id: `p${at}`, type: 'PageNode', config: { nodes: [{ _id: `n${at}` }] } });
  const putNodes = Array.from({ length: NODES / 2 }, (_, at) => [message(at), page(at)])
    .flat()
    .map((node) => ({ ...node, realm: '/alpha' }));
  await configuring(server.assent.store).change({ putNodes });
  await server.assent.configuration.refresh();
  designer = await signIn(rest, '/alpha', 'des', 'correct horse 7');
});
afterAll(() => server?.assent.stop());

/** How many turns of the event loop others have while it is answered. */
const turnsOf = async <T>(work: () => Promise<T>): Promise<{ readonly answer: T; readonly turns: number }> => {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const answer = await work();
  isOver = true;
  return { answer, turns };
};

describe('in a realm of many nodes, other requests have turns (SEC-93)', () => {
  test.each<[string, () => ReturnType<RestClient>, number]>([
    ['all are listed', () => rest('POST', `${BASE}?_action=nextdescendents`, { token: designer, body: {} }), NODES],
    [
      'those of a type are listed',
      () => rest('GET', `${BASE}/PageNode?_queryFilter=true`, { token: designer }),
      NODES / 2,
    ],
    [
      'those of a type are looked for',
      () => rest('GET', `${BASE}/PageNode?_queryFilter=${encodeURIComponent('_id eq "p7"')}`, { token: designer }),
      NODES / 2,
    ],
    [
      'one is saved',
      () => rest('PUT', `${BASE}/MessageNode/n7`, { token: designer, body: { message: { en: 'other' } } }),
      NODES,
    ],
  ])('while %s', async (_, work, nodes) => {
    const { answer, turns } = await turnsOf(work);
    expect(answer.status).toBe(200);
    expect(turns).toBeGreaterThanOrEqual(nodes / ITEMS_OF_TURN - 1);
  });

  test('and what is listed, looked for and saved is right', async () => {
    const all = await rest('POST', `${BASE}?_action=nextdescendents`, { token: designer, body: {} });
    expect((all.body.result as readonly unknown[]).length).toBeGreaterThanOrEqual(NODES);
    const one = await rest('GET', `${BASE}/PageNode?_queryFilter=${encodeURIComponent('_id eq "p7"')}`, {
      token: designer,
    });
    expect(one.body.result).toMatchObject([{ _id: 'p7', nodes: [{ _id: 'n7' }] }]);
    const paged = await rest('GET', `${BASE}/PageNode?_queryFilter=true&_pageSize=3`, { token: designer });
    expect(paged.body.result).toHaveLength(3);
    expect((await rest('GET', `${BASE}/MessageNode/n7`, { token: designer })).body).toMatchObject({
      message: { en: 'other' },
    });
  });
});
