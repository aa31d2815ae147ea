import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hiddenValue, outputOf, RestClient } from '../support/rest-client.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { broughtExport, FRODO_MAY_COME_IN, Frodo } from './frodo.ts';

// What exports of other servers bring (spec: node-census §2): survived, kept, or refused with a reason, and never a crash.

type Members = Readonly<Record<string, unknown>>;
interface SingleExport {
  readonly tree: Members & { readonly nodes: Readonly<Record<string, Members>> };
  readonly nodes: Readonly<Record<string, Members & { readonly _type: { readonly _id: string } }>>;
  readonly innerNodes: SingleExport['nodes'];
  readonly scripts: Readonly<Record<string, Members>>;
}

let server: ServerProcess;
let frodo: Frodo;
let rest: RestClient;

beforeAll(async () => {
  server = await startServerProcess({ env: { ...FRODO_MAY_COME_IN.env, ESV_PLAIN_MAIL_HOST: '127.0.0.1' } });
  frodo = new Frodo(server);
  rest = new RestClient(server.am);
  const { 'old-server': _, ...together } = JOURNEYS;
  frodo.write('old-server.json', broughtExport('old-server'));
  frodo.write('together.json', {
    trees: Object.fromEntries(Object.entries(together).map(([name, journey]) => [journey, broughtExport(name)])),
  });
  await Promise.all([
    frodo.do(['journey', 'import', '-f', 'old-server.json']),
    frodo.do(['journey', 'import', '-a', '-f', 'together.json']),
  ]);
  await frodo.do(['journey', 'export', '-a', '-f', 'back.json']);
});
afterAll(() => server?.close());

const broughtOne = (name: string) => broughtExport(name) as unknown as SingleExport;

/** The journeys that stay, by the file that brings them. */
const JOURNEYS = {
  'old-server': 'OldDoor',
  scripts: 'ScriptedDoor',
  'foreign-nodes': 'ForeignDoor',
  'secrets-and-placeholders': 'MailDoor',
  'ends-at-once': 'EndsAtOnce',
  pages: 'PagesDoor',
} as const;

/** What the server exports of them. */
const back = (name: keyof typeof JOURNEYS): SingleExport =>
  (frodo.read('back.json').trees as Readonly<Record<string, SingleExport>>)[JOURNEYS[name]] as SingleExport;

/** What a node was given, without what the server says of its type. */
const settingsOf = ({ _type, _outcomes, ...settings }: Members): Members => settings;

const byType = ({ nodes, innerNodes }: SingleExport, type: string): Members => {
  const node = Object.values({ ...innerNodes, ...nodes }).find(({ _type }) => _type._id === type);
  if (node === undefined) throw new RangeError(`there is no ${type}`);
  return node;
};

describe('a journey of an old server', () => {
  test('keeps its ids to the letter, and the nodes that nothing leads to', () => {
    const { tree, nodes } = broughtOne('old-server');
    expect(Object.keys(back('old-server').nodes).sort()).toEqual(Object.keys(nodes).sort());
    expect(Object.keys(back('old-server').tree.nodes).sort()).toEqual(Object.keys(tree.nodes).sort());
    expect(Object.keys(back('old-server').innerNodes).filter((id) => id === id.toUpperCase())).toHaveLength(2);
    expect(back('old-server').tree).toMatchObject({ entryNodeId: tree.entryNodeId, uiConfig: tree.uiConfig });
  });

  test("means AM's defaults by what it leaves out, and keeps what no node has here, but for a null that frodo does not send (B5)", () => {
    expect(byType(back('old-server'), 'PushAuthenticationSenderNode')).toMatchObject({
      mandatory: true,
      pushType: 'DEFAULT',
      contextInfo: false,
      customPayload: [],
      captureFailure: false,
    });
    expect(byType(back('old-server'), 'PageNode')).toMatchObject({
      stage: 'null',
      pageHeader: {},
      pageDescription: {},
    });
    expect(byType(back('old-server'), 'MessageNode')).toMatchObject({ message: { en: 'Hello', fr_CA: 'Allô' } });
    expect(settingsOf(byType(back('old-server'), 'RetryLimitDecisionNode'))).toEqual({
      _id: expect.any(String),
      retryLimit: 3,
      incrementUserAttributeOnFailure: true,
      nodeVersion: '1.0',
      objectType: 'alpha_user',
    });
  });

  test('runs, its loop too', async () => {
    const again = await rest.passPassword('demo', 'wrong', 'OldDoor');
    expect(again.callbacks.map(({ type }) => type)).toEqual(['NameCallback', 'PasswordCallback']);
    expect((await rest.submit(again, { 0: 'demo', 1: 'Ch4ng31t!' })).tokenId).toMatch(/.{32}/);
  });
});

describe('scripts', () => {
  test('are the same whether they came as text, as lines or in base64', () => {
    const text = (script: unknown): string => {
      if (Array.isArray(script)) return script.join('\n');
      return String(script).startsWith('"')
        ? JSON.parse(String(script))
        : Buffer.from(String(script), 'base64').toString();
    };
    const texts = (of: SingleExport) =>
      Object.fromEntries(Object.entries(of.scripts).map(([id, { name, script }]) => [id, [name, text(script)]]));
    expect(texts(back('scripts'))).toEqual(texts(broughtOne('scripts')));
    expect(
      Object.values(back('scripts').scripts)
        .map(({ evaluatorVersion }) => evaluatorVersion)
        .sort(),
    ).toEqual(['1.0', '2.0', '2.0']);
  });

  test('of both engines decide in one journey, by outcomes in words of their own', async () => {
    const told = await rest.passPassword('demo', 'Ch4ng31t!', 'ScriptedDoor');
    expect(outputOf(told.callbacks[0], 'message')).toBe('Nearly there – ✓');
    expect(hiddenValue(told, 'stage')).toBe('last');
    expect((await rest.submit(told)).tokenId).toMatch(/.{32}/);
  });
});

describe('pages of versions 1.0 and 2.0, whose outcomes are named in two ways', () => {
  test('come back as they came', () => {
    const [brought, returned] = [broughtOne('pages'), back('pages')];
    expect(returned.tree).toMatchObject(brought.tree);
    expect(returned.nodes).toMatchObject(brought.nodes);
    expect(returned.innerNodes).toMatchObject(brought.innerNodes);
  });

  test('are left where the node inside goes', async () => {
    const choice = await rest.passPassword('demo', 'Ch4ng31t!', 'PagesDoor');
    expect(choice.callbacks.map(({ type }) => type)).toEqual(['ChoiceCallback']);
    expect((await rest.submit(choice)).tokenId).toMatch(/.{32}/);
  });
});

describe('nodes that this server lacks', () => {
  test('come back as they came, with the wiring around them', () => {
    const brought = broughtOne('foreign-nodes');
    const isForeign = ([, { _type }]: [string, { readonly _type: { readonly _id: string } }]) =>
      /^(AcmeRiskNode|designer-.+|S\w+IdPNode|SocialProviderHandlerNode|product-Saml2Node)$/.test(_type._id);
    const foreign = (of: SingleExport) =>
      Object.fromEntries(Object.entries({ ...of.nodes, ...of.innerNodes }).filter(isForeign));
    expect(Object.keys(foreign(brought))).toHaveLength(5);
    expect(foreign(back('foreign-nodes'))).toEqual(foreign(brought));
    expect(back('foreign-nodes').tree).toMatchObject(brought.tree);
  });

  test.each([
    ['Acme', 'AcmeRiskNode'],
    ['Designed', 'designer-fbf5ecd3937dba9026338cf1172ddd72'],
    ['Social', 'SelectIdPNode'],
    ['Federation', 'product-Saml2Node'],
  ])('fail the journey when %s reaches them, and not before', async (choice, type) => {
    const choices = await rest.start('ForeignDoor');
    const at = (outputOf(choices.callbacks[0], 'choices') as string[]).indexOf(choice);
    const logged = server.output().length;
    expect(await rest.submit(choices, { 0: at })).toMatchObject({ status: 401, body: { message: 'Login failure' } });
    expect(server.output().slice(logged)).toContain(type);
  });

  test('are in nobody’s way elsewhere', async () => {
    const page = await rest.submit(await rest.start('ForeignDoor'), { 0: 0 });
    expect((await rest.submit(page, { 0: 'demo', 1: 'Ch4ng31t!' })).tokenId).toMatch(/.{32}/);
  });
});

test('secrets that are null, and settings that name a value elsewhere, come back as they came', async () => {
  const journey = back('secrets-and-placeholders');
  for (const [id, node] of Object.entries(broughtOne('secrets-and-placeholders').nodes)) {
    const given = Object.entries(settingsOf(node)).filter(([, value]) => value !== null);
    expect(journey.nodes[id]).toMatchObject(Object.fromEntries(given));
  }
  expect(byType(journey, 'PollingWaitNode')._outcomes).toEqual([
    { id: 'DONE', displayName: 'Done' },
    { id: 'EXITED', displayName: 'Exited' },
  ]);
  expect((await rest.start('MailDoor')).callbacks).toHaveLength(1);
});

test('an entry that is the good end already signs nobody in', async () => {
  expect(await rest.start('EndsAtOnce')).toMatchObject({ status: 401, body: { message: 'Login failure' } });
});
