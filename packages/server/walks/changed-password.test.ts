import { FAILURE, SUCCESS, treeDocument } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../src/testing/account-fixture.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;
let administrator: string | undefined;
const PASSWORD = 'correct horse';
const NEXT = 'battery staple';

/** Signs in by the cookie, or by the password and one more step, and hands out the cookie. */
const nodes = {
  cookie: { nodeType: 'PersistentCookieDecisionNode', connections: { true: SUCCESS, false: 'page' } },
  page: { nodeType: 'PageNode', connections: { outcome: 'check' } },
  check: { nodeType: 'DataStoreDecisionNode', connections: { true: 'keep', false: FAILURE } },
  keep: { nodeType: 'SetPersistentCookieNode', connections: { outcome: 'ask' } },
  ask: { nodeType: 'MessageNode', connections: { true: SUCCESS, false: FAILURE } },
};
const settings: Record<string, Record<string, unknown>> = {
  page: {
    nodes: [
      { _id: 'name', nodeType: 'UsernameCollectorNode' },
      { _id: 'password', nodeType: 'PasswordCollectorNode' },
    ],
  },
  ask: { message: { en: 'Ready?' }, messageYes: { en: 'Yes' }, messageNo: { en: 'No' } },
};
const inPage = { name: 'UsernameCollectorNode', password: 'PasswordCollectorNode' };

beforeAll(async () => {
  server = await steeredServer({ port: 18_478 });
  rest = restClient(server);
  administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const types = { ...Object.fromEntries(Object.entries(nodes).map(([id, it]) => [id, it.nodeType])), ...inPage };
  await configuring(server.assent.store).publishTree({
    realm: '/',
    name: 'Remember',
    tree: treeDocument.parse({ entryNodeId: 'cookie', nodes }),
    nodes: Object.fromEntries(
      Object.entries(types).map(([id, type]) => [id, { id, type, config: settings[id] ?? {} }]),
    ),
  });
  await server.assent.configuration.refresh();
});
afterAll(() => server.assent.stop());

interface Step {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks?: readonly { type: string; input?: readonly { name: string; value: unknown }[] }[];
}
const REMEMBER = '/authenticate?authIndexType=service&authIndexValue=Remember';
const post = (body: unknown = {}, cookie?: string) =>
  rest('POST', REMEMBER, { body, ...(cookie !== undefined && { headers: { cookie } }) });
const submit = (step: Step, values: Readonly<Record<string, unknown>>) =>
  post({
    ...step,
    callbacks: step.callbacks?.map((callback) => ({
      ...callback,
      input: callback.input?.map((input) => ({ ...input, value: values[callback.type] ?? input.value })),
    })),
  });

let count = 0;
/** A new user with a session of long ago. */
const someone = async () => {
  const name = `holder${++count}`;
  await server.createUser('/', name, PASSWORD);
  return name;
};
/** A journey that has verified the password, and waits. */
const underWay = async (name: string, password = PASSWORD): Promise<Step> =>
  (await submit((await post()).body, { NameCallback: name, PasswordCallback: password })).body;
const goOn = (step: Step) => submit(step, { ConfirmationCallback: 0 });
/** The cookie by which the browser signs in by itself. */
const remembered = async (name: string): Promise<string> => {
  const { headers } = await goOn(await underWay(name));
  const cookies = [headers['set-cookie'] ?? []].flat().map(String);
  return cookies.find((it) => it.startsWith('session-jwt='))?.split(';')[0] ?? '';
};

const as = (token: string | undefined, method: 'PUT' | 'POST', path: string, body: unknown) =>
  rest(method, path, { token, body });
const byOwner = async (name: string) => {
  const { token } = await openSession(server, '/', name);
  const body = { currentpassword: PASSWORD, userpassword: NEXT };
  expect((await as(token, 'POST', `/users/${name}?_action=changePassword`, body)).status).toBe(200);
};
const byAdministrator = async (name: string) => {
  expect((await as(administrator, 'PUT', `/users/${name}`, { userpassword: NEXT })).status).toBe(200);
};
const lockedAndUnlocked = async (name: string) => {
  for (const inetUserStatus of ['Inactive', 'Active'])
    expect((await as(administrator, 'PUT', `/users/${name}`, { inetUserStatus })).status).toBe(200);
};
const factorsReset = async (name: string) => {
  const answer = await as(administrator, 'POST', `/users/${name}/devices/2fa/push?_action=reset`, {
    reason: 'request 4711',
  });
  expect(answer.status).toBe(200);
};

describe.each([
  ['its owner changes the password', byOwner],
  ['an administrator sets a password', byAdministrator],
  ['the account is disabled and enabled again', lockedAndUnlocked],
  ['the second factors are reset', factorsReset],
])('once %s (SEC-61)', (_what, change) => {
  test('a journey that was under way signs nobody in', async () => {
    const name = await someone();
    const step = await underWay(name);
    await change(name);
    expect(await goOn(step)).toMatchObject({
      status: 401,
      body: { message: 'Session has timed out', detail: { errorCode: '110' } },
    });
  });

  test('a persistent cookie signs nobody in, and the journey asks for the password', async () => {
    const name = await someone();
    const cookie = await remembered(name);
    expect((await post({}, cookie)).body).toHaveProperty('tokenId');
    await change(name);
    const { body } = await post({}, cookie);
    expect(body).not.toHaveProperty('tokenId');
    expect((body as Step).callbacks?.map(({ type }) => type)).toEqual(['NameCallback', 'PasswordCallback']);
  });
});

test('after a change of password the new one signs in, and is remembered', async () => {
  const name = await someone();
  await byOwner(name);
  expect((await goOn(await underWay(name, NEXT))).body).toHaveProperty('tokenId');
});

test('a hash that is made anew for the same password ends nothing', async () => {
  const name = await someone();
  const cookie = await remembered(name);
  const { identities, committer } = server.assent.store;
  const { id = '' } = (await identities.find('/', name)) ?? {};
  const seenHash = (await identities.passwordHash(id)) ?? '';
  const rehash = { type: 'identity.rehash', id, hash: `${seenHash} better`, seenHash };
  expect(await committer.commit([rehash])).toEqual({ committed: true });
  expect((await post({}, cookie)).body).toHaveProperty('tokenId');
});
