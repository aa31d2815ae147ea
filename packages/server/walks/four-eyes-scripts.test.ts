import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSession } from '../src/testing/account-fixture.ts';
import { type RestAnswer, type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

// Where a realm asks for four eyes, no sequence of calls of one administrator changes what a published journey runs (ADR 118).

const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
const idOf = (last: string) => `0f6a1c52-7f0e-4b0b-9f2d-00000000${last}`;
const NODE = idOf('0001');
const SCRIPT = idOf('0002');
const LIBRARY = idOf('0003');
const INNER = idOf('0004');
const OTHER = idOf('0005');

let server: SteeredServer;
let rest: RestClient;
let designer: string;
let other: string;
let owner: string;
let made = 0;
let realm: string;

const call = (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object, token = designer) =>
  rest(method, `${realm}${path}`, { token, ...(body && { body }) });
const TREES = '/realm-config/authentication/authenticationtrees';

const scriptOf = (name: string, source: string, context = 'AUTHENTICATION_TREE_DECISION_NODE') => ({
  name,
  script: Buffer.from(source).toString('base64'),
  language: 'JAVASCRIPT',
  context,
  evaluatorVersion: '2.0',
});
const putScript = (id: string, name: string, source: string, context?: string) =>
  call('PUT', `/scripts/${id}`, scriptOf(name, source, context));
const putLibrary = (id: string, name: string, source: string) => putScript(id, name, source, 'LIBRARY');
const putNode = (id: string, script: string) =>
  call('PUT', `${TREES}/nodes/ScriptedDecisionNode/${id}`, { script, outcomes: ['true'] });
const putTree = (name: string, description = 'x', node = NODE) =>
  call('PUT', `${TREES}/trees/${name}`, {
    entryNodeId: node,
    description,
    nodes: { [node]: { nodeType: 'ScriptedDecisionNode', displayName: 'x', connections: { true: SUCCESS } } },
  });
const setFourEyes = (fourEyes: boolean) => call('PUT', '/realm-config/services/assent', { fourEyes }, owner);

const proposalOf = ({ status, body }: RestAnswer): string => {
  expect(status).toBe(202);
  return (body._proposal as { readonly _id: string })._id;
};
const approve = (proposal: string) => call('POST', `/realm-config/proposals/${proposal}?_action=approve`, {}, other);
/** Has a call done that waits for a second administrator. */
const approved = async (answer: RestAnswer | Promise<RestAnswer>): Promise<void> => {
  expect((await approve(proposalOf(await answer))).status).toBe(200);
};
const idOfRealm = () => Buffer.from(realm).toString('base64url');
const realms = (method: 'PUT' | 'DELETE', body?: object) =>
  rest(method, `/global-config/realms/${idOfRealm()}`, { token: owner, ...(body && { body }) });

beforeAll(async () => {
  server = await steeredServer({
    port: 8080,
    adminSecondFactor: true,
  });
  rest = restClient(server);
  for (const [user, role] of Object.entries({ designer: 'designer', other: 'owner', owner: 'owner' })) {
    await server.createUser('/', user, 'correct horse');
    await server.setAttributes('/', user, { assentRoles: [role] });
  }
  const tokenOf = async (user: string) => (await openSession(server, '/', user, { factorAgeMillis: 0 })).token;
  [designer, other, owner] = await Promise.all([tokenOf('designer'), tokenOf('other'), tokenOf('owner')]);
});
afterAll(() => server?.assent.stop());
beforeEach(async () => {
  made += 1;
  realm = `/realm${made}`;
  await server.createRealm(realm);
  const created = [
    await putLibrary(INNER, 'inner', 'exports.inner = 1;'),
    await putLibrary(LIBRARY, 'library', 'exports.outer = require("inner");'),
    await putScript(SCRIPT, 'script', 'require("library"); outcome = "true";'),
    await putNode(NODE, SCRIPT),
    await putTree('Scripted'),
  ];
  expect(created.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
  expect((await setFourEyes(true)).status).toBe(200);
});

const EVIL = 'outcome = "true"; // evil';

describe('what a published journey runs waits for a second administrator', () => {
  const remove = (path: string) => call('DELETE', path);
  const removed = (path: string) => approved(remove(path));
  test.each<readonly [string, () => Promise<RestAnswer>]>([
    ['a tree that is updated', () => putTree('Scripted', 'evil')],
    ['a tree that is deleted', () => remove(`${TREES}/trees/Scripted`)],
    ['a tree under another name', () => putTree('Other')],
    ['a tree that is copied', () => call('POST', `${TREES}/trees/Scripted?_action=clone`, { newId: 'Copy' })],
    ['a node that is updated', () => putNode(NODE, LIBRARY)],
    ['a script that is updated', () => putScript(SCRIPT, 'script', EVIL)],
    ['a script that is renamed', () => putScript(SCRIPT, 'renamed', EVIL)],
    ['a script that is deleted', () => remove(`/scripts/${SCRIPT}`)],
    ['a library that is updated', () => putLibrary(LIBRARY, 'library', EVIL)],
    ['a library that a library requires and that is updated', () => putLibrary(INNER, 'inner', EVIL)],
    ['a library that is renamed', () => putLibrary(LIBRARY, 'renamed', EVIL)],
    ['a library that is deleted', () => remove(`/scripts/${LIBRARY}`)],
    ['a script that becomes a library', () => putLibrary(SCRIPT, 'script', EVIL)],
  ])('%s', async (_what, change) => {
    expect((await change()).status).toBe(202);
  });

  test.each<readonly [string, string, () => Promise<RestAnswer>]>([
    ['a tree', `${TREES}/trees/Scripted`, () => putTree('Scripted', 'evil')],
    ['a script', `/scripts/${SCRIPT}`, () => putScript(SCRIPT, 'script', EVIL)],
    ['a script under another name', `/scripts/${SCRIPT}`, () => putScript(SCRIPT, 'another', EVIL)],
    ['a script as a library', `/scripts/${SCRIPT}`, () => putLibrary(SCRIPT, 'script', EVIL)],
    ['a library', `/scripts/${LIBRARY}`, () => putLibrary(LIBRARY, 'library', EVIL)],
    ['a library under another id', `/scripts/${LIBRARY}`, () => putLibrary(OTHER, 'library', EVIL)],
    ['a library that a library requires', `/scripts/${INNER}`, () => putLibrary(INNER, 'inner', EVIL)],
    ['a library of a library under another id', `/scripts/${INNER}`, () => putLibrary(OTHER, 'inner', EVIL)],
  ])('%s that is deleted with approval and then created again', async (_what, path, create) => {
    await removed(path);
    const again = await create();
    expect(again.status).toBe(202);
    await approved(again);
  });

  test('a script whose name is free after another one was renamed', async () => {
    await approved(putLibrary(LIBRARY, 'renamed', 'exports.outer = 1;'));
    expect((await putLibrary(OTHER, 'library', EVIL)).status).toBe(202);
  });

  test('a script of any id, where a script chooses which one is run', async () => {
    const id = idOf('0006');
    const config = { nodeType: 'DeviceMatchNode', script: SCRIPT };
    expect((await call('PUT', `${TREES}/nodes/ConfigProviderNode/${id}`, config)).status).toBe(201);
    expect((await putScript(OTHER, 'other', EVIL)).status).toBe(201);
    await approved(
      call('PUT', `${TREES}/trees/Chosen`, {
        entryNodeId: id,
        nodes: { [id]: { nodeType: 'ConfigProviderNode', displayName: 'x', connections: {} } },
      }),
    );
    expect((await putScript(idOf('0007'), 'any', EVIL)).status).toBe(202);
  });
});

describe('an import of a journey', () => {
  test('saves its new scripts and nodes at once, and its tree waits', async () => {
    const ids = [idOf('0010'), idOf('0011'), idOf('0012')];
    const imported = [
      await putLibrary(ids[0] ?? '', 'new library', 'exports.outer = 1;'),
      await putScript(ids[1] ?? '', 'new script', 'require("new library"); outcome = "true";'),
      await putNode(ids[2] ?? '', ids[1] ?? ''),
      await putTree('New', 'x', ids[2]),
    ];
    expect(imported.map(({ status }) => status)).toEqual([201, 201, 201, 202]);
    await approved(imported[3] as RestAnswer);
    expect((await call('GET', `${TREES}/trees/New`)).status).toBe(200);
  });

  test('is approved whatever order several journeys are imported in', async () => {
    const proposals: RestAnswer[] = [];
    for (const at of ['2', '3', '4']) {
      await putLibrary(idOf(`${at}000`), `library ${at}`, 'exports.outer = 1;');
      await putScript(idOf(`${at}001`), `script ${at}`, `require("library ${at}"); outcome = "true";`);
      await putNode(idOf(`${at}002`), idOf(`${at}001`));
      proposals.push(await putTree(`New ${at}`, 'x', idOf(`${at}002`)));
    }
    for (const proposal of proposals) await approved(proposal);
  });
});

describe('a proposal is overtaken', () => {
  const NEW = idOf('0020');
  const NEW_NODE = idOf('0021');
  const overtaken = async (proposal: string) => {
    const shown = await call('GET', `/realm-config/proposals/${proposal}`, undefined, other);
    expect(shown.body.isOvertaken).toBe(true);
    expect((await approve(proposal)).status).toBe(409);
  };
  const propose = async (source: string): Promise<string> => {
    expect((await putScript(NEW, 'new script', source)).status).toBe(201);
    expect((await putNode(NEW_NODE, NEW)).status).toBe(201);
    return proposalOf(await putTree('New', 'x', NEW_NODE));
  };

  test('by another content of a script that its tree runs', async () => {
    const proposal = await propose('outcome = "true";');
    await approved(call('DELETE', `/scripts/${NEW}`));
    expect((await putScript(NEW, 'new script', EVIL)).status).toBe(201);
    await overtaken(proposal);
  });

  test('by a library that its script requires, and that is created after it', async () => {
    const proposal = await propose('require("absent"); outcome = "true";');
    expect((await putLibrary(OTHER, 'absent', EVIL)).status).toBe(201);
    await overtaken(proposal);
  });

  test('by a library that a changed script would require, and that is created after it', async () => {
    const proposal = proposalOf(await putScript(SCRIPT, 'script', 'require("absent"); outcome = "true";'));
    expect((await putLibrary(OTHER, 'absent', EVIL)).status).toBe(201);
    await overtaken(proposal);
  });

  test('by no script that it does not run', async () => {
    const proposal = await propose('outcome = "true";');
    expect((await putLibrary(OTHER, 'unrelated', EVIL)).status).toBe(201);
    expect((await approve(proposal)).status).toBe(200);
  });
});

describe('a realm with four eyes', () => {
  test('is not deleted by one administrator, and is deleted once they were switched off', async () => {
    expect((await realms('DELETE')).status).toBe(409);
    await approved(setFourEyes(false));
    expect((await realms('DELETE')).status).toBe(200);
  });

  test('keeps them when it is switched off and on, and when its settings are written', async () => {
    expect((await realms('PUT', { fourEyes: false })).status).toBe(400);
    expect((await realms('PUT', { active: false })).status).toBe(200);
    expect((await putTree('Scripted', 'evil')).status).toBe(400);
    expect((await realms('PUT', { active: true, aliases: ['four-eyes.example.com'] })).status).toBe(200);
    expect((await call('GET', '/realm-config/services/assent', undefined, owner)).body.fourEyes).toBe(true);
    expect((await putTree('Scripted', 'evil')).status).toBe(202);
  });
});
