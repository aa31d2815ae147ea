import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

const PUBLIC_URL = 'https://login.example.com/am';
const LISTED = 'https://app.example.net';
const TREES = 'realm-config/authentication/authenticationtrees';

let server: SteeredServer;
let rest: RestClient;
let cookie = '';

beforeAll(async () => {
  server = await steeredServer({ port: 8080, publicUrl: PUBLIC_URL });
  rest = restClient(server);
  await server.createRealm('/alpha');
  await server.createUser('/alpha', 'victim', 'correct horse');
  const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  cookie = `iPlanetDirectoryPro=${token}`;
  const corsOrigins = [LISTED];
  for (const realm of ['', '/alpha'])
    await rest('PUT', `${realm}/realm-config/services/assent`, { token, body: { corsOrigins } });
});
afterAll(() => server?.assent.stop());

type Headers = Readonly<Record<string, string>>;

const call = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS',
  path: string,
  headers: Headers,
  payload?: string,
) =>
  inject(server.assent, {
    method,
    url: `/am/json${path}`,
    headers: { host: 'login.example.com', ...headers },
    ...(payload !== undefined && { payload }),
  });

const JSON_TYPE = { 'content-type': 'application/json' };
const FRODO = { 'accept-api-version': 'protocol=2.1,resource=1.0', 'user-agent': '@rockcarver/frodo-lib/3.3.3' };
const MARKED = { ...JSON_TYPE, 'x-requested-with': 'XMLHttpRequest', 'accept-api-version': 'resource=1.0' };

/** Writes that would give an attacker something, each of which an administrator may do. */
const WRITES = [
  ['PUT', '/realm-config/services/assent', { hideTokenInBody: true }],
  ['PUT', '/alpha/realm-config/services/validation', { validGotoDestinations: ['https://evil.example/*'] }],
  ['PUT', '/alpha/realm-config/authentication', { core: { orgConfig: 'Login' } }],
  ['POST', '/alpha/scripts?_action=create', { name: 'forged', script: 'b3V0Y29tZSA9ICJ0cnVlIjs=' }],
  ['PUT', `/alpha/${TREES}/trees/Forged`, { entryNodeId: '70e691a5-1e33-4ac3-a356-e7b6d60d92e0', nodes: {} }],
  ['PUT', `/alpha/${TREES}/nodes/PageNode/0f6a1c52-7f0e-4b0b-9f2d-00000000abcd`, {}],
  ['PUT', '/alpha/users/victim', { assentRoles: ['owner'] }],
  [
    'POST',
    '/alpha/users?_action=create',
    { username: 'mallory', userpassword: 'correct horse', assentRoles: ['owner'] },
  ],
  ['DELETE', '/alpha/users/victim', undefined],
  ['POST', '/alpha/users/victim/devices/2fa/push?_action=reset', {}],
  ['POST', '/global-config/realms?_action=create', { name: 'forged', parentPath: '/' }],
] as const;

const fingerprint = async (): Promise<string> => {
  const { configuration, identities } = server.assent.store;
  const pages = await Promise.all(['/', '/alpha'].map((realm) => identities.page(realm, { limit: 999 })));
  const users = pages.flatMap((page) => page.users).map(({ rev, username }) => [username, rev]);
  return JSON.stringify([await configuration.version(), users]);
};

describe.each(WRITES)('%s %s with the cookie of an administrator', (method, path, body) => {
  const payload = body === undefined ? undefined : JSON.stringify(body);

  test.each([
    [
      'a form of another site',
      { 'content-type': 'text/plain', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    ],
    ['a form that hides where it is', { 'content-type': 'text/plain', origin: 'null', 'sec-fetch-site': 'cross-site' }],
    [
      'a form of a neighbour',
      {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'https://blog.example.com',
        'sec-fetch-site': 'same-site',
      },
    ],
    ['a script of another site', { ...MARKED, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a script of a name that only begins like ours', { ...MARKED, origin: 'https://login.example.com.evil.example' }],
    ['a script of our host without TLS', { ...MARKED, origin: 'http://login.example.com' }],
    ['a script of a listed origin', { ...MARKED, origin: LISTED, 'sec-fetch-site': 'cross-site' }],
    ['an old browser without a word of where it is', { ...JSON_TYPE }],
    ['a browser that says only that it is elsewhere', { ...MARKED, 'sec-fetch-site': 'cross-site' }],
  ] as const)('%s changes nothing', async (_who, headers) => {
    const before = await fingerprint();
    const answer = await call(method, path, { cookie, ...(headers as Headers) }, payload);
    expect([403, 415]).toContain(answer.statusCode);
    expect(answer.json()).not.toHaveProperty('_id');
    expect(await fingerprint()).toBe(before);
  });
});

describe('who may', () => {
  const body = JSON.stringify({ hideTokenInBody: false });
  test.each([
    ['frodo, which has a cookie and neither an origin nor X-Requested-With', { ...JSON_TYPE, ...FRODO }],
    ['our own pages', { ...MARKED, origin: 'https://login.example.com', 'sec-fetch-site': 'same-origin' }],
  ])('%s', async (_who, headers) => {
    const path = '/alpha/realm-config/services/assent';
    const before = await fingerprint();
    const answer = await call('PUT', path, { cookie, ...headers }, body);
    expect(answer.statusCode).toBe(200);
    expect(await fingerprint()).not.toBe(before);
    await call('PUT', path, { cookie, ...headers }, JSON.stringify({ corsOrigins: [LISTED] }));
  });

  test('a token in a header, which no browser sends by itself', async () => {
    const headers = { ...JSON_TYPE, iplanetdirectorypro: cookie.slice('iPlanetDirectoryPro='.length) };
    expect(
      (await call('PUT', '/alpha/realm-config/services/assent', headers, JSON.stringify({ corsOrigins: [LISTED] })))
        .statusCode,
    ).toBe(200);
  });
});

describe('a listed origin', () => {
  const from = { origin: LISTED, 'sec-fetch-site': 'cross-site' };

  test('learns nothing of what is administered, and gets no leave to ask', async () => {
    for (const path of [
      '/alpha/realm-config/services',
      '/alpha/scripts?_queryFilter=true',
      `/alpha/${TREES}/trees?_queryFilter=true`,
    ]) {
      const asked = await call('OPTIONS', path, { ...from, 'access-control-request-method': 'PUT' });
      expect(asked.headers).not.toHaveProperty('access-control-allow-origin');
      const read = await call('GET', path, { ...from, cookie, 'accept-api-version': 'resource=1.0' });
      expect(read.headers).not.toHaveProperty('access-control-allow-origin');
    }
    for (const path of ['/alpha/users?_queryFilter=true', '/alpha/users/victim']) {
      expect((await call('GET', path, { ...from, cookie, 'accept-api-version': 'resource=1.0' })).statusCode).toBe(403);
    }
  });

  test('acts for a user, whose cookie then goes along with calls from that site', async () => {
    const login = '/alpha/authenticate?authIndexType=service&authIndexValue=Login';
    const headers = { ...MARKED, ...from, 'accept-api-version': 'protocol=1.0,resource=2.1' };
    const step = (await call('POST', login, headers, '{}')).json<{ callbacks: { input: { value: unknown }[] }[] }>();
    for (const [at, value] of ['victim', 'correct horse'].entries()) {
      const input = step.callbacks[at]?.input[0];
      if (input !== undefined) input.value = value;
    }
    const done = await call('POST', login, headers, JSON.stringify(step));
    expect(done.statusCode).toBe(200);
    const [session = ''] = [done.headers['set-cookie']].flat();
    expect(session).toMatch(/HttpOnly; Secure; SameSite=None$/);
    const [own = ''] = session.split(';');
    const changed = await call(
      'PUT',
      '/alpha/users/victim',
      { ...MARKED, ...from, cookie: own },
      JSON.stringify({ givenName: 'V' }),
    );
    expect([changed.statusCode, changed.headers['access-control-allow-origin']]).toEqual([200, LISTED]);
  });
});

test('what is written to the configuration is in the audit trail: who, in which realm, what, and by which call', async () => {
  const headers = { cookie, ...JSON_TYPE, ...FRODO };
  const { identities, audit } = server.assent.store;
  const { id = '' } = (await identities.find('/', TEST_ADMINISTRATOR.name)) ?? {};
  const script = '0f6a1c52-7f0e-4b0b-9f2d-00000000dcba';
  const node = '0f6a1c52-7f0e-4b0b-9f2d-00000000beef';
  const tree = { entryNodeId: node, nodes: { [node]: { nodeType: 'UsernameCollectorNode', connections: {} } } };
  const writes = [
    ['PUT', '/alpha/realm-config/services/validation', { validGotoDestinations: [] }, '/alpha', 'validation'],
    ['DELETE', '/alpha/realm-config/services/validation', undefined, '/alpha', 'validation'],
    ['PUT', '/alpha/realm-config/authentication', { core: { orgConfig: 'PushLogin' } }, '/alpha', 'authentication'],
    ['PUT', `/alpha/scripts/${script}`, { name: 'Audited', script: 'b3V0Y29tZSA9ICJ0cnVlIjs=' }, '/alpha', script],
    ['DELETE', `/alpha/scripts/${script}`, undefined, '/alpha', script],
    ['PUT', `/alpha/${TREES}/nodes/UsernameCollectorNode/${node}`, {}, '/alpha', node],
    ['PUT', `/alpha/${TREES}/trees/Audited`, tree, '/alpha', 'Audited'],
    ['DELETE', `/alpha/${TREES}/trees/Audited`, undefined, '/alpha', 'Audited'],
    ['DELETE', `/alpha/${TREES}/nodes/UsernameCollectorNode/${node}`, undefined, '/alpha', node],
    ['POST', '/global-config/realms?_action=create', { name: 'audited', parentPath: '/' }, '/audited', '/audited'],
    [
      'DELETE',
      `/global-config/realms/${Buffer.from('/audited').toString('base64url')}`,
      undefined,
      '/audited',
      '/audited',
    ],
  ] as const;
  for (const [at, [method, path, body, realm, target]] of writes.entries()) {
    const transactionId = `tx-${at}`;
    const answer = await call(
      method,
      path,
      { ...headers, 'x-forgerock-transactionid': transactionId },
      body && JSON.stringify(body),
    );
    expect([path, [200, 201].includes(answer.statusCode) ? 'done' : answer.body]).toEqual([path, 'done']);
    const events = (await audit.ofUser(id, 100)).filter((event) => event.transactionId === transactionId);
    expect(events.map((event) => [event.realm, event.userId])).toEqual([[realm, id]]);
    expect(JSON.stringify(events)).toContain(target);
  }
});
