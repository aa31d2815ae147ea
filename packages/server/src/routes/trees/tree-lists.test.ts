import { SUCCESS } from '@assent/engine/host';
import { beforeAll, describe, expect, test } from 'vitest';
import { administeredServer } from '../../testing/administered-server.ts';
import type { JourneyConfigurationClient } from '../../testing/journey-configuration-client.ts';

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

const world = administeredServer();
let client: JourneyConfigurationClient;
beforeAll(async () => {
  client = world.journeys;
  await client.put(`nodes/SetStateNode/${node(1)}`, {});
  await client.put(`nodes/SetStateNode/${node(2)}`, {});
});

describe('lists and actions', () => {
  test('a query lists them, counts them, and filters them', async () => {
    await client.put('trees/Listed', treeOf({ description: 'to be found' }));
    const { body } = await client.call('GET', 'trees?_queryFilter=true');
    const names = (body.result as { _id: string }[]).map(({ _id }) => _id);
    expect(names).toEqual([...names].sort());
    expect(names).toContain('Listed');
    expect(body).toMatchObject({
      resultCount: names.length,
      pagedResultsCookie: null,
      totalPagedResultsPolicy: 'NONE',
      totalPagedResults: -1,
      remainingPagedResults: -1,
    });
    const count = await client.call('GET', 'trees?_queryFilter=true&_pageSize=0&_totalPagedResultsPolicy=EXACT');
    expect(count.body).toMatchObject({ totalPagedResults: names.length, resultCount: names.length });
    const filter = encodeURIComponent('description co "found" and enabled eq true');
    const found = await client.call('GET', `trees?_queryFilter=${filter}&_fields=description`);
    expect(found.body.result).toEqual([{ _id: 'Listed', _rev: expect.any(String), description: 'to be found' }]);
    const page = await client.call('GET', 'trees?_queryFilter=true&_pageSize=2&_pagedResultsOffset=1');
    expect(page.body).toMatchObject({ resultCount: 2, pagedResultsCookie: '3' });
    expect((page.body.result as { _id: string }[]).map(({ _id }) => _id)).toEqual(names.slice(1, 3));
    expect((await client.call('POST', 'trees?_action=getIds', {})).body.result).toEqual(names.map((_id) => ({ _id })));
  });

  test.each(['', '?_queryFilter=(', '?_queryFilter=true&_pageSize=x', '?_queryFilter=true&_pagedResultsCookie=x'])(
    'a query "%s" is refused',
    async (query) => {
      expect((await client.call('GET', `trees${query}`)).status).toBe(400);
    },
  );

  test('the template can be saved once it has an entry, and the schema names what can', async () => {
    const { body: template } = await client.call('POST', 'trees?_action=template', {});
    expect(template).toMatchObject({ enabled: true, nodes: {} });
    expect((await client.call('PUT', 'trees/FromTemplate', { ...template, entryNodeId: SUCCESS })).status).toBe(201);
    const { body: schema } = await client.call('POST', 'trees?_action=schema', {});
    expect(schema).toMatchObject({
      type: 'object',
      properties: { treeTimeout: { type: 'integer', title: 'Journey Timeout (minutes)' }, enabled: { default: true } },
      required: ['entryNodeId', 'nodes'],
    });
  });

  test('a copy of a Page node 2.0 has the outcomes of the copied nodes inside', async () => {
    const { body } = await client.call('POST', 'trees/PasskeyLogin?_action=clone', { newId: 'CopyOfPasskeyLogin' });
    const nodes = Object.entries(body.nodes as Record<string, { nodeType: string; connections: object }>);
    for (const [id, { nodeType, connections }] of nodes) {
      const { body: stored } = await client.call('GET', `nodes/${nodeType}/${id}`);
      const outcomes = (stored._outcomes as { id: string }[]).map((it) => it.id);
      expect(Object.keys(connections).sort()).toEqual(outcomes.sort());
    }
    expect(nodes.flatMap(([, { connections }]) => Object.keys(connections)).join()).toContain('-success');
  });

  test.each([
    ['2.0, where one id begins with another', '2.0', 'login', 'login-key-success'],
    ['1.0, where an outcome happens to begin with the id of a node inside', '1.0', 'choose', 'choose-a'],
  ])('a copy of a Page node %s has the outcomes of its copied page', async (_, version, id, wanted) => {
    const first = id === 'login' ? 'UsernameCollectorNode' : 'ChoiceCollectorNode';
    const key = 'WebAuthnAuthenticationNode';
    await client.put(`nodes/${first}/${id}`, id === 'login' ? {} : { choices: ['choose-a', 'b'] });
    await client.put(`nodes/${key}/${id}-key`, {
      _type: { _id: key, version: '2.0' },
      requiresResidentKey: true,
      asScript: false,
      mediation: 'conditional',
    });
    const inside = { _id: id, nodeType: first, displayName: 'First' };
    const nodes = version === '1.0' ? [inside] : [inside, { _id: `${id}-key`, nodeType: key, displayName: 'Key' }];
    const pageId = `${id}-page`;
    await client.put(`nodes/PageNode/${pageId}`, { _type: { _id: 'PageNode', version }, nodes });
    const outcomesOf = async (id: string) => {
      const { body } = await client.call('GET', `nodes/PageNode/${id}`);
      return (body._outcomes as { id: string }[]).map((it) => it.id).sort();
    };
    const outcomes = await outcomesOf(pageId);
    expect(outcomes).toContain(wanted);
    const connections = Object.fromEntries(outcomes.map((outcome) => [outcome, SUCCESS]));
    const page = { nodeType: 'PageNode', displayName: 'Page', connections };
    await client.put(`trees/${pageId}`, { entryNodeId: pageId, nodes: { [pageId]: page } });
    const { body } = await client.call('POST', `trees/${pageId}?_action=clone`, { newId: `CopyOf-${pageId}` });
    const [[copyId = '', copied] = []] = Object.entries(body.nodes as Record<string, { connections: object }>);
    expect(Object.keys(copied?.connections ?? {}).sort()).toEqual(await outcomesOf(copyId));
  });

  test('a copy has the same nodes under other ids, those inside pages too', async () => {
    const page = node(21);
    const child = node(22);
    await client.put(`nodes/UsernameCollectorNode/${child}`, {});
    const inside = { _id: child, nodeType: 'UsernameCollectorNode', displayName: 'Name' };
    await client.put(`nodes/PageNode/${page}`, { nodes: [inside], pageHeader: { en: 'Hi' } });
    await client.put('trees/Original', {
      entryNodeId: page,
      nodes: {
        [page]: { nodeType: 'PageNode', displayName: 'Page', connections: { outcome: node(1) } },
        ...treeOf().nodes,
      },
    });
    const { status, body } = await client.call('POST', 'trees/Original?_action=clone', { newId: 'Copy' });
    expect([status, body._id]).toEqual([200, 'Copy']);
    expect((await client.call('GET', 'trees/Copy')).body).toEqual(body);
    const nodes = body.nodes as Record<string, { nodeType: string; connections: Record<string, string> }>;
    const [copiedPage = ''] = Object.keys(nodes).filter((id) => nodes[id]?.nodeType === 'PageNode');
    const [copiedSet = ''] = Object.keys(nodes).filter((id) => nodes[id]?.nodeType === 'SetStateNode');
    expect(body.entryNodeId).toBe(copiedPage);
    expect(nodes[copiedPage]?.connections).toEqual({ outcome: copiedSet });
    expect(nodes[copiedSet]?.connections).toEqual({ outcome: SUCCESS });
    const { body: stored } = await client.call('GET', `nodes/PageNode/${copiedPage}`);
    const [copiedChild] = stored.nodes as { _id: string }[];
    expect(stored).toMatchObject({ pageHeader: { en: 'Hi' }, nodes: [{ ...inside, _id: copiedChild?._id }] });
    expect(new Set([page, child, copiedPage, copiedChild?._id]).size).toBe(4);
    expect((await client.call('GET', `nodes/UsernameCollectorNode/${copiedChild?._id}`)).status).toBe(200);
    expect((await client.call('POST', 'trees/Original?_action=clone', { newId: 'Copy' })).status).toBe(409);
    for (const newId of [undefined, '', 'a/b', 7]) {
      expect((await client.call('POST', 'trees/Original?_action=clone', { newId })).status).toBe(400);
    }
    expect((await client.call('POST', 'trees/None?_action=clone', { newId: 'Copy2' })).status).toBe(404);
  });

  test('a validation says what a save would, and saves nothing (REL-25)', async () => {
    const good = await client.call('POST', 'trees?_action=validateTree', { _id: 'Unsaved', ...treeOf() });
    expect(good).toMatchObject({ status: 200, body: { valid: true, findings: [] } });
    const bad = await client.call('POST', 'trees?_action=validateTree', treeOf({ entryNodeId: 'x' }));
    expect(bad.body.message).toMatch(/^Node with ID entryNodeId must exist in the tree\. \S+ is none of the nodes\./);
    expect((await client.call('GET', 'trees/Unsaved')).status).toBe(404);
  });
});
