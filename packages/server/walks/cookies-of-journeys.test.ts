import { FAILURE, SUCCESS, treeDocument } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_USER } from '../src/composition/seed.ts';
import { restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

let server: SteeredServer;

beforeAll(async () => {
  server = await steeredServer({ port: 18_472 });
  const nodes = {
    cookie: { nodeType: 'PersistentCookieDecisionNode', connections: { true: SUCCESS, false: 'page' } },
    page: { nodeType: 'PageNode', connections: { outcome: 'check' } },
    check: { nodeType: 'DataStoreDecisionNode', connections: { true: 'keep', false: 'sorry' } },
    sorry: { nodeType: 'SetFailureDetailsNode', connections: { outcome: FAILURE } },
    keep: { nodeType: 'SetPersistentCookieNode', connections: { outcome: 'theme' } },
    theme: { nodeType: 'SetCustomCookieNode', connections: { outcome: 'details' } },
    details: { nodeType: 'SetSuccessDetailsNode', connections: { outcome: 'meter' } },
    meter: { nodeType: 'MeterNode', connections: { outcome: SUCCESS } },
  };
  const config: Record<string, [string, Record<string, unknown>]> = {
    cookie: ['PersistentCookieDecisionNode', {}],
    page: [
      'PageNode',
      {
        nodes: [
          { _id: 'name', nodeType: 'UsernameCollectorNode' },
          { _id: 'password', nodeType: 'PasswordCollectorNode' },
        ],
      },
    ],
    name: ['UsernameCollectorNode', {}],
    password: ['PasswordCollectorNode', {}],
    check: ['DataStoreDecisionNode', {}],
    sorry: ['SetFailureDetailsNode', { failureMessage: { en: 'Not today.' }, failureDetails: { tries: '3' } }],
    keep: ['SetPersistentCookieNode', {}],
    theme: ['SetCustomCookieNode', { name: 'theme', value: 'a=b', path: '/app', maxAge: 60 }],
    details: ['SetSuccessDetailsNode', { successDetails: { greeting: 'hello' } }],
    meter: ['MeterNode', { metricKey: 'logins' }],
  };
  await configuring(server.assent.store).publishTree({
    realm: '/',
    name: 'Remember',
    tree: treeDocument.parse({ entryNodeId: 'cookie', nodes }),
    nodes: Object.fromEntries(Object.entries(config).map(([id, [type, given]]) => [id, { id, type, config: given }])),
  });
  await server.assent.configuration.refresh();
});
afterAll(() => server.assent.stop());

const REMEMBER = '/authenticate?authIndexType=service&authIndexValue=Remember';
interface Step {
  readonly authId?: string;
  readonly callbacks?: { type: string; input: { name: string; value: unknown }[] }[];
}
const post = (path: string, body: unknown = {}, cookie?: string, token?: string) =>
  restClient(server)('POST', path, { body, token, ...(cookie && { headers: { cookie } }) });

const typed = (step: Step, password: string = DEMO_USER.password): Step => ({
  ...step,
  callbacks: (step.callbacks ?? []).map((callback) => ({
    ...callback,
    input: callback.input.map((input) => ({
      ...input,
      value: callback.type === 'NameCallback' ? DEMO_USER.name : password,
    })),
  })),
});
const setCookies = ({ headers }: { headers: Readonly<Record<string, unknown>> }): string[] =>
  [headers['set-cookie'] ?? []].flat() as string[];
const named = (cookies: readonly string[], name: string) => cookies.find((it) => it.startsWith(`${name}=`));
const valueIn = (cookie: string | undefined): string => /=([^;]*)/.exec(cookie ?? '')?.[1] ?? '';

const login = async () => post(REMEMBER, typed((await post(REMEMBER)).body as Step));

describe('a login that sets cookies', () => {
  test('answers with the session, the persistent cookie and the author’s own, as they were wished for', async () => {
    const answer = await login();
    expect(answer.body).toMatchObject({ tokenId: expect.any(String), greeting: 'hello', realm: '/' });
    const cookies = setCookies(answer);
    expect(cookies.map((cookie) => cookie.slice(0, cookie.indexOf('=')))).toEqual([
      'iPlanetDirectoryPro',
      'theme',
      'session-jwt',
    ]);
    expect(named(cookies, 'theme')).toBe('theme=a=b; Max-Age=60; Path=/app; SameSite=Lax');
    // This server is reached by http, where a browser would drop a cookie that is marked secure.
    expect(named(cookies, 'session-jwt')).toMatch(/; Max-Age=18000; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  test('lets the browser in without a question the next time, and renews its cookie', async () => {
    const jwt = valueIn(named(setCookies(await login()), 'session-jwt'));
    server.clock.advance(4 * 3_600_000);
    const again = await post(REMEMBER, {}, `session-jwt=${jwt}`);
    expect(again.body).toMatchObject({ tokenId: expect.any(String) });
    expect(valueIn(named(setCookies(again), 'session-jwt'))).not.toBe(jwt);
    server.clock.advance(3_600_000);
    expect((await post(REMEMBER, {}, `session-jwt=${jwt}`)).body).toHaveProperty('authId');
  });

  test.each([
    ['changed', (jwt: string) => `${jwt.slice(0, -2)}AA`],
    ['sent twice', (jwt: string) => `x; session-jwt=${jwt}`],
  ])('asks a browser whose cookie was %s', async (_what, change) => {
    const jwt = valueIn(named(setCookies(await login()), 'session-jwt'));
    expect((await post(REMEMBER, {}, `session-jwt=${change(jwt)}`)).body).toHaveProperty('authId');
  });

  test('takes the cookie along when the user signs out', async () => {
    const { body } = await login();
    const out = await post('/sessions?_action=logout', {}, undefined, String(body.tokenId));
    expect(out.body).toEqual({ result: 'Successfully logged out' });
    expect(named(setCookies(out), 'session-jwt')).toBe('session-jwt=; Max-Age=0; Path=/; HttpOnly');
  });
});

test('a login that fails says what the author wants it to say', async () => {
  const step = (await post(REMEMBER)).body as Step;
  const { status, body } = await post(REMEMBER, typed(step, 'wrong'));
  expect(status).toBe(401);
  expect(body).toEqual({
    code: 401,
    reason: 'Unauthorized',
    message: 'Not today.',
    detail: { tries: 3, failureUrl: '' },
  });
});

test('administrators of a realm read what the meters of journeys have counted; nobody else does', async () => {
  const rest = restClient(server);
  const read = async () => (await rest('GET', '/metrics/api?_queryFilter=true', { token })).body.result;
  const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const [before] = (await read()) as { count: number }[];
  await login();
  expect(await read()).toEqual([{ _id: 'logins', _type: 'summary', count: (before?.count ?? 0) + 1 }]);
  await server.createRealm('/alpha');
  expect((await rest('GET', '/alpha/metrics/api', { token })).body.result).toEqual([]);
  expect((await rest('GET', '/metrics/api')).status).toBe(401);
  const user = String((await login()).body.tokenId);
  expect((await rest('GET', '/metrics/api', { token: user })).status).toBe(403);
});
