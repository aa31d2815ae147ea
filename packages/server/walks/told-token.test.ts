import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

// Whether the body of success carries the token (design.md §3.3 "`tokenId` in the body").

const PASSWORD = 'correct horse';

let server: SteeredServer;
beforeAll(async () => {
  server = await steeredServer({ port: 18_474 });
  await server.createUser('/', 'ada', PASSWORD);
});
afterAll(() => server?.assent.stop());

type Headers = Readonly<Record<string, string>>;
interface Body {
  readonly authId?: string;
  readonly tokenId?: string;
  readonly callbacks?: readonly {
    readonly type: string;
    readonly input: readonly { name: string; value: unknown }[];
  }[];
}

const post = async (query: string, body: unknown, headers: Headers, realm = '') => {
  const answer = await restClient(server)('POST', `${realm}/authenticate?${query}`, {
    body,
    headers: { 'accept-api-version': 'protocol=1.0,resource=2.1', ...headers },
  });
  return { ...answer, body: answer.body as Body };
};

const filled = ({ authId, callbacks }: Body) => ({
  authId,
  callbacks: callbacks?.map((callback) => ({
    ...callback,
    input: callback.input.map((input) => ({ ...input, value: callback.type === 'NameCallback' ? 'ada' : PASSWORD })),
  })),
});

const LOGIN = 'authIndexType=service&authIndexValue=Login';

const login = async (headers: Headers = {}, query = LOGIN, realm = '') => {
  const first = await post(query, {}, headers, realm);
  // That of the browser to which the journey is bound.
  const [binding] = String(first.headers['set-cookie'] ?? '').split(';', 1);
  const cookie = [headers.cookie, binding].filter(Boolean).join('; ');
  return post('', filled(first.body), { ...headers, ...(cookie !== '' && { cookie }) }, realm);
};

const BROWSERS: readonly [string, Headers][] = [
  ['a browser that says its site', { 'sec-fetch-site': 'same-origin' }],
  ['a browser that says its origin', { origin: 'http://localhost:18474' }],
];
const FORCED = `${LOGIN}&ForceAuth=true`;

let held: string;
beforeEach(async () => {
  const { body } = await login();
  held = body.tokenId ?? '';
  expect(held).not.toBe('');
});

describe.each([
  ['the session cookie', () => ({ cookie: `iPlanetDirectoryPro=${held}` })],
  ['the session header', () => ({ iplanetdirectorypro: held })],
])('who holds a session by %s', (_by, session) => {
  test('and is no browser, gets the one that it has (B2)', async () => {
    const { status, body } = await post('', {}, session());
    expect([status, body.tokenId]).toEqual([200, held]);
  });

  test('and is no browser, gets the new one that a journey ends in (B2)', async () => {
    const { status, body } = await login(session(), FORCED);
    expect(status).toBe(200);
    expect(body.tokenId).toMatch(/^[\w.*-]{32,}$/);
    expect(body.tokenId).not.toBe(held);
  });

  test.each(BROWSERS)('and is %s, gets none (B2)', async (_which, browser) => {
    expect((await post('', {}, { ...session(), ...browser })).body.tokenId).toBe('');
    const { body, headers } = await login({ ...session(), ...browser }, FORCED);
    expect(body.tokenId).toBe('');
    expect(String(headers['set-cookie'])).toContain('iPlanetDirectoryPro=');
  });
});

test.each(BROWSERS)(
  '%s without a session, or with one that is over, is told the token (B2)',
  async (_which, browser) => {
    expect((await login(browser)).body.tokenId).toMatch(/^[\w.*-]{32,}$/);
    expect((await login({ ...browser, cookie: 'iPlanetDirectoryPro=over' })).body.tokenId).toMatch(/^[\w.*-]{32,}$/);
  },
);

test('a page of ours gets none, with a session and without (B2)', async () => {
  const page = { 'x-assent-page': '1' };
  expect((await login(page)).body.tokenId).toBe('');
  expect((await post('', {}, { ...page, iplanetdirectorypro: held })).body.tokenId).toBe('');
});

test('in a realm that hides it nobody gets one (B2)', async () => {
  await server.createRealm('/hiding');
  await server.createUser('/hiding', 'ada', PASSWORD);
  const realm = server.assent.configuration.realm('/hiding');
  if (realm === undefined) throw new Error('no realm');
  await configuring(server.assent.store).saveRealm({ ...realm, hideTokenInBody: true });
  await server.assent.configuration.refresh();
  const end = await login({}, LOGIN, '/hiding');
  expect([end.status, end.body.tokenId]).toEqual([200, '']);
  const [cookie = ''] = String(end.headers['set-cookie']).split(';', 1);
  const again = await post('', {}, { cookie }, '/hiding');
  expect([again.status, again.body.tokenId]).toEqual([200, '']);
});

test('nobody gets one where there is no session at the end, whichever request wanted none (B2, B4)', async () => {
  const { body: step } = await post(LOGIN, {}, {});
  const { status, body, headers } = await post('noSession=true', filled(step), {});
  expect([status, Object.keys(body).sort()]).toEqual([200, ['realm', 'successUrl']]);
  expect(headers['set-cookie']).toBeUndefined();
});
