import { MAX_STATE_SIZE, SESSION_PROPERTY_LIMITS } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestAnswer, type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

// SEC-93: a designer's script has a journey keep much outside its state, and any caller can send the requests that run it.

const REALM = '/alpha';
const ROUNDS = 150;
/** Each has its own script and two journeys: many rounds in one request, and one round in each request. */
const SCRIPTS = {
  properties: `for (var i = 0; i < 58; i++) a = a.putSessionProperty('k' + n + 'x' + i, text(4096));`,
  fewProperties: `for (var i = 0; i < 10; i++) a = a.putSessionProperty('k' + n + 'x' + i, text(512));`,
  removals: `for (var i = 0; i < 30; i++) a = a.removeSessionProperty('k' + n + 'x' + i);`,
  message: `a = a.withErrorMessage(text(4096));`,
  lockout: `a = a.withLockoutMessage(text(4096));`,
} as const;
const sourceOf = (writes: string) => `
  var fr = JavaImporter(org.forgerock.openam.auth.node.api.Action);
  var text = function (length) { return new Array(length + 1).join('x'); };
  var before = nodeState.get('n');
  var n = before === null ? 1 : Number(before.asString()) + 1;
  nodeState.putShared('n', '' + n);
  var a = fr.Action.goTo('on');
  ${writes}
  action = a.build();`;

let server: SteeredServer;
let rest: RestClient;

beforeAll(async () => {
  server = await steeredServer({ port: 18_731 });
  rest = restClient(server);
  await server.createRealm(REALM);
  const document = {
    realm: REALM,
    description: '',
    default: false,
    language: 'JAVASCRIPT',
    context: 'AUTHENTICATION_TREE_DECISION_NODE',
    createdBy: '',
    lastModifiedBy: '',
    creationDate: 1,
    lastModifiedDate: 1,
    evaluatorVersion: '1.0',
  } as const;
  const putScripts = Object.entries(SCRIPTS).map(([name, writes]) => ({
    ...document,
    id: name,
    name,
    source: sourceOf(writes),
  }));
  await configuring(server.assent.store).change({ putScripts });
  const script = (name: string, on: string) =>
    ['ScriptedDecisionNode', { on }, { script: name, outcomes: ['on'], inputs: ['*'], outputs: ['*'] }] as const;
  for (const name of Object.keys(SCRIPTS)) {
    const rounds = Array.from({ length: ROUNDS }, (_, at) => [
      `s${at}`,
      script(name, at + 1 < ROUNDS ? `s${at + 1}` : 'ask'),
    ]);
    const ask = ['UsernameCollectorNode', { outcome: SUCCESS }];
    await publishTree(server, `${name}-at-once`, Object.fromEntries([...rounds, ['ask', ask]]), REALM);
    await publishTree(
      server,
      `${name}-again`,
      { ask: ['UsernameCollectorNode', { outcome: 'script' }], script: script(name, 'ask') },
      REALM,
    );
  }
});
afterAll(() => server?.assent.stop());

const post = (tree: string, body: object): Promise<RestAnswer> =>
  rest('POST', `${REALM}/authenticate?authIndexType=service&authIndexValue=${tree}`, { body });
/** What the log says of nodes since it was asked last. */
const failures = () =>
  server.takeLogged().filter(({ msg, nodeType }) => String(msg).includes('at most') && nodeType !== undefined);

const PROPERTIES = /of a session may have 8192 bytes at most/;
const STATE = new RegExp(`${MAX_STATE_SIZE} characters at most`);
const COUNT = /200 properties at most/;

test.each<[keyof typeof SCRIPTS, number, RegExp]>([
  ['properties', 0, PROPERTIES],
  ['fewProperties', Math.floor(SESSION_PROPERTY_LIMITS.bytes / (10 * 512)), PROPERTIES],
  ['removals', Math.floor(SESSION_PROPERTY_LIMITS.properties / 30), COUNT],
  ['message', MAX_STATE_SIZE / 4_096, STATE],
  ['lockout', MAX_STATE_SIZE / 4_096, STATE],
])(
  '%s in many rounds of one request end the journey after %i rounds or few less (SEC-93)',
  async (name, most, reason) => {
    failures();
    expect(await post(`${name}-at-once`, {})).toMatchObject({ status: 401 });
    const told = failures();
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ msg: expect.stringMatching(reason) });
    const round = Number(String(told[0]?.nodeId).replace(`${name}-at-once-s`, ''));
    expect(round).toBeLessThanOrEqual(most);
    expect(round).toBeGreaterThanOrEqual(Math.floor(most * 0.95));
  },
);

test.each<[keyof typeof SCRIPTS, number, RegExp]>([
  ['properties', 0, PROPERTIES],
  ['fewProperties', Math.floor(SESSION_PROPERTY_LIMITS.bytes / (10 * 512)), PROPERTIES],
  ['removals', Math.floor(SESSION_PROPERTY_LIMITS.properties / 30), COUNT],
])('%s in one round of each request end the journey after %i requests (SEC-93)', async (name, most, reason) => {
  failures();
  let answer = await post(`${name}-again`, {});
  let accepted = 0;
  for (; accepted <= most; accepted += 1) {
    const [callback] = answer.body.callbacks as { input: { value: string }[] }[];
    if (callback?.input[0] !== undefined) callback.input[0].value = 'x';
    answer = await post(`${name}-again`, answer.body);
    if (answer.status !== 200) break;
  }
  expect([accepted, answer.status]).toEqual([most, 401]);
  expect(failures()).toMatchObject([{ msg: expect.stringMatching(reason), nodeId: `${name}-again-script` }]);
});

test('what is written over and over stays, where it does not grow', async () => {
  let answer = await post('message-again', {});
  for (let at = 0; at < 12; at += 1) answer = await post('message-again', answer.body);
  expect(answer).toMatchObject({ status: 200, body: { callbacks: [expect.anything()] } });
});
