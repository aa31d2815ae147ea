import { FAILURE, SUCCESS } from '@assent/engine/host';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSession } from '../../testing/account-fixture.ts';
import { type Method, type RestAnswer, type RestClient, restClient } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../../testing/steered-server.ts';

// A realm that takes findings as errors refuses every change of journeys that leaves new ones (SEC-36).

const idOf = (last: string) => `0f6a1c52-7f0e-4b0b-9f2d-00000000${last}`;
const [SCRIPT, RUNS, INSIDE, ASKS, CHOICE, LOOSE] = ['0001', '0002', '0003', '0004', '0005', '0006'].map(idOf) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const TREES = '/realm-config/authentication/authenticationtrees';
const REASON = { 'x-assent-findings-accepted': 'Mended tomorrow.' };

let server: SteeredServer;
let rest: RestClient;
let owner: string;
let other: string;
let made = 0;
let realm: string;

type Headers = Readonly<Record<string, string>>;
const call = (method: Method, path: string, body?: object, headers: Headers = {}, token = owner) =>
  rest(method, `${realm}${path}`, { token, headers, ...(body && { body }) });
const put = (path: string, body: object, headers?: Headers) => call('PUT', path, body, headers);
const wired = (nodeType: string, connections: Readonly<Record<string, string>>) => ({
  nodeType,
  displayName: nodeType,
  connections,
});
const treeOf = (id: string, type: string, connections: Readonly<Record<string, string>>, more: object = {}) => ({
  entryNodeId: id,
  nodes: { [id]: wired(type, connections) },
  ...more,
});
const INNER = treeOf(RUNS, 'ScriptedDecisionNode', { true: SUCCESS });
const OUTER = treeOf(INSIDE, 'InnerTreeEvaluatorNode', { true: SUCCESS, false: FAILURE });
const ASKER = treeOf(ASKS, 'BackChannelInitNode', { true: SUCCESS, false: FAILURE });
const CHOOSER = treeOf(CHOICE, 'ChoiceCollectorNode', { a: FAILURE });
const scriptOf = (name: string, language = 'JAVASCRIPT') => ({
  name,
  script: Buffer.from('outcome = "true";').toString('base64'),
  language,
  context: 'AUTHENTICATION_TREE_DECISION_NODE',
  evaluatorVersion: '2.0',
});
const choices = (...names: string[]) => ({ choices: names });
const setFindings = async (treeFindings: 'warn' | 'error', more: object = {}) =>
  expect((await put('/realm-config/services/assent', { treeFindings, ...more })).status).toBe(200);
const codesIn = ({ body }: RestAnswer) =>
  ((body.detail as { readonly findings?: readonly { code: string; tree: string }[] })?.findings ?? []).map(
    ({ code, tree }) => `${code} ${tree}`,
  );
const lastEvent = async () => {
  const { id = '' } = (await server.assent.store.identities.find('/', 'owner')) ?? {};
  return (await server.assent.store.audit.ofUser(id, 1))[0];
};
const version = () => server.assent.configuration.version;

beforeAll(async () => {
  server = await steeredServer({ port: 18447, adminSecondFactor: true });
  rest = restClient(server);
  const tokenOf = async (user: string) => {
    await server.createUser('/', user, 'correct horse');
    await server.setAttributes('/', user, { assentRoles: ['owner'] });
    return (await openSession(server, '/', user, { factorAgeMillis: 0 })).token;
  };
  [owner, other] = [await tokenOf('owner'), await tokenOf('other')];
});
afterAll(() => server?.assent.stop());
beforeEach(async () => {
  made += 1;
  realm = `/realm${made}`;
  await server.createRealm(realm);
  const created = [
    await put(`/scripts/${SCRIPT}`, scriptOf('script')),
    await put(`${TREES}/nodes/ScriptedDecisionNode/${RUNS}`, { script: SCRIPT, outcomes: ['true'] }),
    await put(`${TREES}/trees/Inner`, INNER),
    await put(`${TREES}/nodes/InnerTreeEvaluatorNode/${INSIDE}`, { tree: 'Inner' }),
    await put(`${TREES}/trees/Outer`, OUTER),
    await put(`${TREES}/nodes/BackChannelInitNode/${ASKS}`, { tree: 'Inner', idType: 'NONE' }),
    await put(`${TREES}/trees/Asker`, ASKER),
    await put(`${TREES}/nodes/ChoiceCollectorNode/${CHOICE}`, choices('a')),
    await put(`${TREES}/trees/Chooser`, CHOOSER),
  ];
  expect(created.map(({ status }) => status)).toEqual(created.map(() => 201));
  await setFindings('error');
});

const remove = (path: string, headers?: Headers) => call('DELETE', path, undefined, headers);
const [INNER_TREE, CHOOSER_TREE] = [`${TREES}/trees/Inner`, `${TREES}/trees/Chooser`];

const WORSE: readonly (readonly [string, (headers?: Headers) => Promise<RestAnswer>, readonly string[]])[] = [
  [
    'a saved tree with an outcome that is not connected',
    (headers) => put(CHOOSER_TREE, treeOf(CHOICE, 'ChoiceCollectorNode', {}), headers),
    ['J01 Chooser'],
  ],
  [
    'a saved node with an outcome that its tree does not connect',
    (headers) => put(`${TREES}/nodes/ChoiceCollectorNode/${CHOICE}`, choices('a', 'b'), headers),
    ['J01 Chooser'],
  ],
  [
    'a saved node with other outcomes than its tree connects',
    (headers) => put(`${TREES}/nodes/ChoiceCollectorNode/${CHOICE}`, choices('c'), headers),
    ['J01 Chooser', 'J17 Chooser'],
  ],
  [
    'a disabled tree that others run and ask for',
    (headers) => put(INNER_TREE, { ...INNER, enabled: false }, headers),
    ['J13 Asker', 'J13 Outer'],
  ],
  ['a deleted tree that others run and ask for', (headers) => remove(INNER_TREE, headers), ['J13 Asker', 'J13 Outer']],
  ['a deleted script that a tree runs', (headers) => remove(`/scripts/${SCRIPT}`, headers), ['J13 Inner']],
  [
    'a saved script that this server cannot run',
    (headers) => put(`/scripts/${SCRIPT}`, scriptOf('script', 'GROOVY'), headers),
    ['J13 Inner'],
  ],
];

describe.each(WORSE)('%s', (_what, change, codes) => {
  test('is refused with what was found, and nothing is written (SEC-36)', async () => {
    const before = version();
    const refused = await change();
    expect([refused.status, [...new Set(codesIn(refused))].sort()]).toEqual([400, codes]);
    expect(refused.body.message).toMatch(/ J\d\d .*x-assent-findings-accepted/);
    expect(version()).toBe(before);
  });

  test('is saved with a reason, which is audited with the codes', async () => {
    expect((await change(REASON)).status).toBe(200);
    expect(await lastEvent()).toMatchObject({
      event: 'CONFIG_CHANGE',
      detail: {
        accepted: 'Mended tomorrow.',
        findings: [...new Set(codes.map((it) => it.split(' ')[0]))].join(','),
      },
    });
  });

  test('is saved where the realm only warns', async () => {
    await setFindings('warn');
    expect((await change()).status).toBe(200);
  });
});

test('a copy of a tree with findings is refused, and saved with a reason', async () => {
  expect((await put(CHOOSER_TREE, treeOf(CHOICE, 'ChoiceCollectorNode', {}), REASON)).status).toBe(200);
  const copy = (newId: string, headers?: Headers) => call('POST', `${CHOOSER_TREE}?_action=clone`, { newId }, headers);
  expect(codesIn(await copy('Copy'))).toEqual(['J01 Copy']);
  expect((await copy('Copy', REASON)).status).toBe(200);
});

describe('what leaves no new finding is saved', () => {
  beforeEach(async () => {
    expect((await put(CHOOSER_TREE, treeOf(CHOICE, 'ChoiceCollectorNode', {}), REASON)).status).toBe(200);
  });

  test.each<readonly [string, () => Promise<RestAnswer>]>([
    ['a node that no tree runs', () => put(`${TREES}/nodes/ChoiceCollectorNode/${LOOSE}`, choices('a', 'b'))],
    ['a script that no tree runs', () => put(`/scripts/${LOOSE}`, scriptOf('loose', 'GROOVY'))],
    ['a script that a tree runs', () => put(`/scripts/${SCRIPT}`, scriptOf('renamed'))],
    [
      'a node of a tree with an old finding',
      () => put(`${TREES}/nodes/ChoiceCollectorNode/${CHOICE}`, { ...choices('a'), prompt: 'Which?' }),
    ],
    ['a tree that mends what was found', () => put(CHOOSER_TREE, CHOOSER)],
    ['a tree that others run', () => put(INNER_TREE, { ...INNER, description: 'x' })],
    ['the end of a tree with findings', () => remove(CHOOSER_TREE)],
  ])('%s', async (_what, change) => {
    expect([200, 201]).toContain((await change()).status);
  });
});

test('an import saves scripts and nodes before their tree, which is checked alone', async () => {
  const imported = [
    await put(`/scripts/${LOOSE}`, scriptOf('imported')),
    await put(`${TREES}/nodes/ScriptedDecisionNode/${LOOSE}`, { script: LOOSE, outcomes: ['true', 'false'] }),
    await put(`${TREES}/trees/Imported`, treeOf(LOOSE, 'ScriptedDecisionNode', { true: SUCCESS })),
    await put(`${TREES}/trees/Imported`, treeOf(LOOSE, 'ScriptedDecisionNode', { true: SUCCESS, false: FAILURE })),
  ];
  expect(imported.map(({ status }) => status)).toEqual([201, 201, 400, 201]);
});

test('an approval is refused where two proposals together leave a finding that neither leaves alone', async () => {
  await setFindings('error', { fourEyes: true });
  const proposalOf = ({ status, body }: RestAnswer) => {
    expect(status).toBe(202);
    return (body._proposal as { readonly _id: string })._id;
  };
  const second = `${TREES}/trees/Second`;
  await put(`${TREES}/nodes/InnerTreeEvaluatorNode/${LOOSE}`, { tree: 'Chooser' });
  const runs = proposalOf(
    await put(second, treeOf(LOOSE, 'InnerTreeEvaluatorNode', { true: SUCCESS, false: FAILURE })),
  );
  const disables = proposalOf(await put(CHOOSER_TREE, { ...CHOOSER, enabled: false }));
  const approve = (id: string, headers?: Headers) =>
    call('POST', `/realm-config/proposals/${id}?_action=approve`, {}, headers, other);
  expect((await approve(runs)).status).toBe(200);
  const refused = await approve(disables);
  expect([refused.status, codesIn(refused)]).toEqual([400, ['J13 Second']]);
  expect((await approve(disables, REASON)).status).toBe(200);
});
