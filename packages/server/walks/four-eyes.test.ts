import { Unavailable } from '@assent/engine';
import { MAX_PROPOSALS_OF_PROPOSER } from '@assent/engine/host';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PROPOSAL_MILLIS } from '../src/proposals/four-eyes.ts';
import { openSession, type SessionFacts } from '../src/testing/account-fixture.ts';
import { type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

// Where a realm asks for four eyes, what changes journeys waits for another administrator (ADR 118).

const TREES = '/realm-config/authentication/authenticationtrees';
const PROPOSALS = '/realm-config/proposals';
const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
const NODE = '0f6a1c52-7f0e-4b0b-9f2d-00000000abcd';

let server: SteeredServer;
let rest: RestClient;
let designer: string;
let other: string;
let owner: string;
let made = 0;
let isFailing = false;
/** Happens once, right before the next commit. */
let beforeCommit: (() => Promise<unknown>) | undefined;
let name: string;

const tokenOf = async (user: string, facts: SessionFacts = { factorAgeMillis: 0 }) =>
  (await openSession(server, '/', user, facts)).token;
const treeOf = (description: string) => ({
  entryNodeId: NODE,
  description,
  nodes: { [NODE]: { nodeType: 'MessageNode', displayName: 'x', connections: { true: SUCCESS, false: SUCCESS } } },
});
const put = (path: string, body: object, token = designer) => rest('PUT', `${TREES}/${path}`, { token, body });
const get = (path: string, token = designer) => rest('GET', path, { token });
const act = (action: string, id: string, token = other, body: object = {}) =>
  rest('POST', `${PROPOSALS}/${id}?_action=${action}`, { token, body });
const waiting = async () => (await get(PROPOSALS)).body.result as readonly { readonly _id: string }[];
const setFourEyes = (fourEyes: boolean, token = owner) =>
  rest('PUT', '/realm-config/services/assent', { token, body: { fourEyes } });
const descriptionOf = async () => (await get(`${TREES}/trees/${name}`)).body.description;
const events = async (user: string) => {
  const { id = '' } = (await server.assent.store.identities.find('/', user)) ?? {};
  return (await server.assent.store.audit.ofUser(id, 100)).map(({ event, detail }) => ({ event, detail }));
};

/** Proposes another description of the journey; the id of the proposal. */
const propose = async (description = 'proposed', token = designer): Promise<string> => {
  const { status, body } = await put(`trees/${name}`, treeOf(description), token);
  expect([status, body.description]).toEqual([202, description]);
  return (body._proposal as { readonly _id: string })._id;
};

beforeAll(async () => {
  server = await steeredServer({
    port: 8080,
    adminSecondFactor: true,
    between: async () => {
      if (isFailing) throw new Unavailable('the database cannot be written');
      const act = beforeCommit;
      beforeCommit = undefined;
      await act?.();
    },
  });
  rest = restClient(server);
  const roles = { designer: 'designer', other: 'designer', owner: 'owner', desk: 'helpdesk', auditor: 'auditor' };
  for (const [user, role] of Object.entries(roles)) {
    await server.createUser('/', user, 'correct horse');
    await server.setAttributes('/', user, { assentRoles: [role] });
  }
  await server.createRealm('/alpha');
});
afterAll(() => server?.assent.stop());
beforeEach(async () => {
  [designer, other, owner] = await Promise.all([tokenOf('designer'), tokenOf('other'), tokenOf('owner')]);
  for (const { _id } of (await waiting()) ?? []) await act('reject', _id);
  const { status, body } = await setFourEyes(false);
  if (status === 202)
    expect((await act('approve', (body._proposal as { _id: string })._id, await tokenOf('amadmin'))).status).toBe(200);
  made += 1;
  name = `Journey ${made}`;
  await put(`nodes/MessageNode/${NODE}`, { message: { en: 'before' } });
  expect((await put(`trees/${name}`, treeOf('before'))).status).toBe(201);
  expect((await setFourEyes(true)).status).toBe(200);
});

describe('what is proposed', () => {
  test('is refused with 409 from the 21st of one proposer on, which names the limit and the way out (SEC-93)', async () => {
    const ids: string[] = [];
    for (let at = 0; at < MAX_PROPOSALS_OF_PROPOSER; at += 1) ids.push(await propose(`change ${at}`));
    const tooMany = await put(`trees/${name}`, treeOf('one more'));
    expect(tooMany.status).toBe(409);
    expect(tooMany.body.message).toContain(
      'at most 20 of one proposer and 100 of a realm may. Reject some of your own',
    );
    expect(await waiting()).toHaveLength(MAX_PROPOSALS_OF_PROPOSER);
    await propose('of another designer', other);
    expect((await act('reject', ids[0] ?? '', designer)).status).toBe(200);
    await propose('one more');
  });

  test('is refused at once where it is wrong, and nothing waits', async () => {
    expect((await put(`trees/${name}`, { entryNodeId: 'nowhere', nodes: {} })).status).toBe(400);
    expect(await waiting()).toEqual([]);
  });

  test('changes nothing, is listed, and shows what was before and would be', async () => {
    const id = await propose();
    expect(await descriptionOf()).toBe('before');
    expect(await waiting()).toMatchObject([
      {
        _id: id,
        proposer: 'designer',
        isOwn: true,
        isOvertaken: false,
        changes: [{ kind: 'tree', id: name, outcome: 'update' }],
      },
    ]);
    const { body } = await get(`${PROPOSALS}/${id}`, other);
    expect(body).toMatchObject({
      isOwn: false,
      before: { trees: [{ _id: name, description: 'before' }] },
      after: { trees: [{ _id: name, description: 'proposed' }] },
    });
    expect(await events('designer')).toContainEqual({
      event: 'CONFIG_PROPOSED',
      detail: { kind: 'tree', id: name, proposal: id },
    });
  });

  test.each([
    ['a new journey', () => put(`trees/New ${made}`, treeOf('new'))],
    ['a node of a journey', () => put(`nodes/MessageNode/${NODE}`, { message: { en: 'after' } })],
    ['the end of a journey', () => rest('DELETE', `${TREES}/trees/${name}`, { token: designer })],
    [
      'a copy',
      () => rest('POST', `${TREES}/trees/${name}?_action=clone`, { token: designer, body: { newId: `Copy ${made}` } }),
    ],
    ['the end of four eyes', () => setFourEyes(false)],
  ])('may be %s', async (_what, call) => {
    expect(await call()).toMatchObject({ status: 202, body: { _proposal: { _id: expect.any(String) } } });
    const [proposal] = await waiting();
    expect((await act('approve', proposal?._id ?? '', await tokenOf('amadmin'))).status).toBe(200);
    expect(await waiting()).toEqual([]);
  });

  test('is no node that no journey has, and no script that is new', async () => {
    const id = '0f6a1c52-7f0e-4b0b-9f2d-00000000ffff';
    expect((await put(`nodes/MessageNode/${id}`, { message: { en: `alone ${made}` } })).status).toBeLessThan(202);
    const script = {
      name: `Script ${made}`,
      script: 'b3V0Y29tZSA9ICJ0cnVlIjs=',
      language: 'JAVASCRIPT',
      context: 'AUTHENTICATION_TREE_DECISION_NODE',
      evaluatorVersion: '2.0',
    };
    const path = `/scripts/01e1a3c0-038b-4c16-956a-0000000000${String(made).padStart(2, '0')}`;
    const write = (body: object) => rest('PUT', path, { token: designer, body });
    expect((await write(script)).status).toBe(201);
    const changed = await write({ ...script, script: 'b3V0Y29tZSA9ICJmYWxzZSI7' });
    const ended = await rest('DELETE', path, { token: designer });
    expect([changed.status, ended.status]).toEqual([202, 202]);
    expect((await act('approve', (changed.body._proposal as { readonly _id: string })._id)).status).toBe(200);
    expect((await act('approve', (ended.body._proposal as { readonly _id: string })._id)).status).toBe(409);
    expect((await get(path)).body.script).toBe('b3V0Y29tZSA9ICJmYWxzZSI7');
  });

  test('shows no secret to whoever decides', async () => {
    const id = '0f6a1c52-7f0e-4b0b-9f2d-0000000005ec';
    const settings = {
      hostName: 'smtp.example.com',
      hostPort: 25,
      sslOption: 'NON_SSL',
      fromEmailAddress: 'a@example.com',
      password: 'canary-secret',
    };
    await put(`nodes/OneTimePasswordSmtpSenderNode/${id}`, settings);
    const nodes = {
      [id]: { nodeType: 'OneTimePasswordSmtpSenderNode', displayName: 'x', connections: { outcome: SUCCESS } },
    };
    const { status, body } = await put(`trees/Mail ${made}`, { entryNodeId: id, nodes });
    expect([status, JSON.stringify(body)]).toEqual([202, expect.not.stringContaining('canary-secret')]);
    const { _id } = body._proposal as { readonly _id: string };
    expect(JSON.stringify((await get(`${PROPOSALS}/${_id}`, other)).body)).not.toContain('canary-secret');
  });
});

describe('approving', () => {
  test('is for another administrator, who has used a factor within five minutes', async () => {
    const id = await propose();
    expect(await act('approve', id, designer)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('You have proposed this yourself') },
    });
    expect(await act('approve', id, await tokenOf('other', { factorAgeMillis: 300_000 }))).toMatchObject({
      status: 403,
      body: { detail: { needs: 'recentFactor' } },
    });
    for (const user of ['desk', 'auditor']) expect((await act('approve', id, await tokenOf(user))).status).toBe(403);
    expect((await act('approve', id, 'nobody')).status).toBe(401);
    expect(await descriptionOf()).toBe('before');
    expect((await act('approve', id)).status).toBe(200);
    expect(await descriptionOf()).toBe('proposed');
  });

  test('is once, and tells of both in the trail', async () => {
    const id = await propose();
    const answers = await Promise.all(Array.from({ length: 10 }, () => act('approve', id)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await act('approve', id)).status).toBe(404);
    const told = { kind: 'tree', id: name, proposal: id };
    const approver = await events('other');
    expect(approver).toContainEqual({ event: 'CONFIG_APPROVED', detail: expect.objectContaining(told) });
    const changed = (await events('designer')).filter(({ event }) => event === 'CONFIG_CHANGE');
    expect(changed).toContainEqual({
      event: 'CONFIG_CHANGE',
      detail: expect.objectContaining({ ...told, approvedBy: expect.any(String) }),
    });
  });

  test('that cannot be stored leaves neither change nor row, and waits as before (SEC-80, F23)', async () => {
    const id = await propose();
    const before = await Promise.all([events('designer'), events('other')]);
    isFailing = true;
    const answers = await Promise.all([act('approve', id), act('reject', id)]);
    isFailing = false;
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    expect([await descriptionOf(), await Promise.all([events('designer'), events('other')])]).toEqual([
      'before',
      before,
    ]);
    expect((await act('approve', id)).status).toBe(200);
  });

  test('either is done or rejecting is, never both', async () => {
    const id = await propose();
    const both = await Promise.all([act('approve', id), act('reject', id, owner)]);
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await descriptionOf()).toBe(both[0]?.status === 200 ? 'proposed' : 'before');
  });

  test('of what was made on another journey is a conflict that loses nothing', async () => {
    const [first, second] = [await propose('first'), await propose('second')];
    expect((await act('approve', first)).status).toBe(200);
    expect(await act('approve', second)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('has changed since') },
    });
    expect(await descriptionOf()).toBe('first');
    expect(await waiting()).toMatchObject([{ _id: second, isOvertaken: true }]);
    expect((await act('reject', second, designer)).status).toBe(200);
    expect(await waiting()).toEqual([]);
  });

  test('ends with whoever proposed it, and with the time', async () => {
    const id = await propose();
    await server.setAttributes('/', 'designer', { assentRoles: [] });
    expect((await act('approve', id)).status).toBe(409);
    await server.setAttributes('/', 'designer', { assentRoles: ['designer'] });
    server.clock.advance(PROPOSAL_MILLIS);
    [designer, other, owner] = await Promise.all([tokenOf('designer'), tokenOf('other'), tokenOf('owner')]);
    expect((await act('approve', id)).status).toBe(404);
    expect(await descriptionOf()).toBe('before');
  });

  test('publishes nothing where the proposer loses the role right before the commit (SEC-91)', async () => {
    const id = await propose();
    beforeCommit = () => server.setAttributes('/', 'designer', { assentRoles: [] });
    const { status } = await act('approve', id);
    await server.setAttributes('/', 'designer', { assentRoles: ['designer'] });
    expect([status, await descriptionOf()]).toEqual([409, 'before']);
    expect(await waiting()).toMatchObject([{ _id: id }]);
  });

  test('is not for another realm', async () => {
    const id = await propose();
    expect((await rest('POST', `/alpha${PROPOSALS}/${id}?_action=approve`, { token: other, body: {} })).status).toBe(
      404,
    );
  });
});

test('rejecting keeps the reason, and changes nothing', async () => {
  const id = await propose();
  expect(await act('reject', id, other, { reason: 7 })).toMatchObject({ status: 400 });
  expect((await act('reject', id, other, { reason: 'not on a Friday' })).status).toBe(200);
  expect(await descriptionOf()).toBe('before');
  expect(await events('other')).toContainEqual({
    event: 'CONFIG_REJECTED',
    detail: expect.objectContaining({ proposal: id, reason: 'not on a Friday' }),
  });
});

test('four eyes are not taken away with the service that asks for them', async () => {
  expect((await rest('DELETE', '/realm-config/services/assent', { token: owner })).status).toBe(202);
  expect((await get('/realm-config/services/assent', owner)).body.fourEyes).toBe(true);
});
