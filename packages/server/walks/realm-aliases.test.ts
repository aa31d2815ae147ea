import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isUsableAlias } from '../src/realms/realm-names.ts';
import { inject } from '../src/testing/inject.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

const REALMS = '/global-config/realms';
const VERSION = { 'accept-api-version': 'resource=2.1, protocol=1.0' };
const PASSWORD = 'correct horse';

let server: SteeredServer;
let rest: RestClient;
let administrator: string | undefined;

beforeAll(async () => {
  server = await steeredServer({ port: 18_490 });
  rest = restClient(server);
  administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const alpha = await make('alpha', ['staff', 'Alpha.Example.com']);
  expect(alpha).toMatchObject({ status: 201, body: { aliases: ['staff', 'Alpha.Example.com'] } });
  expect((await make('beta', [])).status).toBe(201);
  await server.createUser('/alpha', 'ann', PASSWORD);
});
afterAll(() => server?.assent.stop());

const make = (name: string, aliases: unknown) =>
  rest('POST', `${REALMS}?_action=create`, { token: administrator, body: { name, parentPath: '/', aliases } });
const idOf = (path: string) => Buffer.from(path).toString('base64url');
const set = (path: string, body: unknown) => rest('PUT', `${REALMS}/${idOf(path)}`, { token: administrator, body });

/** The realm that a call by that address and host signs in to; `nobody` of that name is in any other. */
const realmOf = async (path: string, host = 'localhost:18490') => {
  const [before, query = ''] = path.split('?');
  const { body } = await rest('POST', `${before}?authIndexType=service&authIndexValue=ldapService&${query}`, {
    body: {},
    headers: { ...VERSION, host, 'x-openam-username': 'ann', 'x-openam-password': PASSWORD },
  });
  return body.realm ?? body.message;
};

describe('aliases of a realm (B7)', () => {
  test.each([
    ['an alias of another realm', ['staff'], { alias: 'staff', realm: '/alpha' }],
    ['one in another case', ['STAFF'], { alias: 'STAFF', realm: '/alpha' }],
    ['a host name of another realm', ['alpha.example.com'], { alias: 'alpha.example.com', realm: '/alpha' }],
    ['the name of another realm', ['fine', 'alpha'], { alias: 'alpha', realm: '/alpha' }],
  ])('are refused for %s, by name', async (_what, aliases, detail) => {
    expect(await set('/beta', { aliases })).toMatchObject({ status: 409, body: { detail } });
    expect(await make('gamma', aliases)).toMatchObject({ status: 409, body: { detail } });
    expect((await rest('GET', `${REALMS}/${idOf('/beta')}`, { token: administrator })).body.aliases).toEqual([]);
  });

  test('leave no realm to be made of their name', async () => {
    expect(await make('staff', [])).toMatchObject({ status: 409, body: { detail: { realm: '/alpha' } } });
  });

  test.each(['users', 'authenticate', 'root', 'realms', 'a b', 'a/b', '../a', '', '-a', '.', 'https://a', 'a;b', 'ä'])(
    'are no %j, which an address could not hold',
    (alias) => {
      expect(isUsableAlias(alias)).toBe(false);
    },
  );

  test.each(['localhost', '127.0.0.1'])(
    'of other realms than the root are not %s, the name of the server',
    async (alias) => {
      expect(await set('/beta', { aliases: [alias] })).toMatchObject({ status: 400 });
      expect(await set('/', { aliases: [alias] })).toMatchObject({ status: 200, body: { aliases: [alias] } });
      await set('/', { aliases: [] });
    },
  );

  test.each([
    '/authenticate?realm=staff',
    '/authenticate?realm=/staff',
    '/authenticate?realm=STAFF',
    '/staff/authenticate',
    '/realms/root/realms/staff/authenticate',
    '/authenticate?realm=alpha.example.com',
    '/realms/root/realms/beta/authenticate?realm=staff',
  ])('stand for it in %s', async (path) => {
    expect(await realmOf(path)).toBe('/alpha');
  });

  test.each(['alpha.example.com', 'ALPHA.example.com:8080'])('are hosts, too: %s alone names it', async (host) => {
    expect(await realmOf('/authenticate', host)).toBe('/alpha');
    // Whoever names a realm gets that one.
    expect(await realmOf('/realms/root/authenticate', host)).toBe('Login failure');
    expect(await realmOf('/beta/authenticate', host)).toBe('Login failure');
    expect(await realmOf('/authenticate?realm=/', host)).toBe('Login failure');
  });

  test('let no other host in', async () => {
    expect(await realmOf('/authenticate', 'beta.example.com')).toBe('This server is not reached by that host name.');
    expect(await realmOf('/authenticate', 'evil.alpha.example.com')).toBe(
      'This server is not reached by that host name.',
    );
  });

  test('that are hosts lead to the login page of the realm, at the public name', async () => {
    const look = async (url: string) =>
      (await inject(server.assent, { method: 'GET', url, headers: { host: 'alpha.example.com' } })).headers.location;
    expect(await look('/am/login?goto=%2Fin')).toBe('http://localhost:18490/am/login?goto=%2Fin&realm=%2Falpha');
    expect(await look('/am/login?realm=%2Fbeta')).toBe('http://localhost:18490/am/login?realm=%2Fbeta');
  });

  test('name the realm in discovery, which says its own name', async () => {
    const url = '/am/oauth2/realms/root/realms/staff/.well-known/openid-configuration';
    const { body } = await inject(server.assent, { method: 'GET', url, headers: { host: 'localhost:18490' } });
    expect(JSON.parse(body)).toMatchObject({ issuer: 'http://localhost:18490/am/oauth2/realms/root/realms/alpha' });
  });

  test('stay where a change leaves them out, and go when it says so', async () => {
    const before = (await rest('GET', `${REALMS}/${idOf('/alpha')}`, { token: administrator })).body;
    expect((await set('/alpha', { active: true })).body).toEqual(before);
    const after = (await set('/alpha', { aliases: ['Team', 'team', 'staff'] })).body;
    expect(after.aliases).toEqual(['Team', 'staff']);
    expect(after._rev).not.toBe(before._rev);
    expect(await realmOf('/authenticate?realm=team')).toBe('/alpha');
    expect(await realmOf('/authenticate', 'alpha.example.com')).toBe('This server is not reached by that host name.');
    await set('/alpha', { aliases: [] });
    expect(await realmOf('/authenticate?realm=team')).toBe('Invalid realm, /team');
    // The name is free again.
    expect((await set('/beta', { aliases: ['staff'] })).status).toBe(200);
    expect(await realmOf('/authenticate?realm=staff')).toBe('Login failure');
  });
});

describe('files for browsers and apps, at the host that passkeys are made for', () => {
  const FILES = ['webauthn', 'passkey-endpoints', 'assetlinks.json', 'apple-app-site-association'];
  const HOST = 'localhost:18490';
  const DIGEST = Array.from({ length: 32 }, (_, at) => (at + 160).toString(16)).join(':');
  const file = async (name: string, host = HOST, method: 'GET' | 'HEAD' | 'POST' = 'GET') => {
    const { statusCode, headers, body } = await inject(server.assent, {
      method,
      url: `/.well-known/${name}`,
      headers: { host },
    });
    return { status: statusCode, type: headers['content-type'], body: body === '' ? {} : JSON.parse(body) };
  };
  const setRealm = (realm: string, settings: object) =>
    rest('PUT', `${realm}/realm-config/services/assent`, { token: administrator, body: settings });

  beforeAll(() => set('/alpha', { aliases: ['Alpha.Example.com'] }));

  test('are not there where no realm has anything to say, but for the account page', async () => {
    const statuses = await Promise.all(FILES.map(async (name) => (await file(name)).status));
    expect(statuses).toEqual([404, 200, 404, 404]);
    const account = 'http://localhost:18490/am/account';
    expect((await file('passkey-endpoints')).body).toEqual({ enroll: account, manage: account });
    expect((await file('passkey-endpoints', HOST, 'HEAD')).status).toBe(200);
    expect((await file('passkey-endpoints', HOST, 'POST')).status).toBe(404);
    expect((await file('passkey-endpoints', 'evil.example')).status).toBe(400);
  });

  test('are those of the realms whose passkeys are made for that host', async () => {
    const ofApps = {
      relyingPartyId: 'alpha.example.com',
      corsOrigins: ['https://shop.example.org', 'https://app.alpha.example.com'],
      androidApps: [{ packageName: 'org.example.app', certificateDigests: [DIGEST] }],
      appleApps: ['ABCDE12345.org.example.app'],
    };
    expect((await setRealm('/alpha', ofApps)).status).toBe(200);
    const answers = await Promise.all(FILES.map((name) => file(name, 'Alpha.Example.com:443')));
    for (const { status, type } of answers) expect([status, type]).toEqual([200, 'application/json; charset=utf-8']);
    const account = 'http://localhost:18490/am/account?realm=%2Falpha';
    expect(answers.map(({ body }) => body)).toEqual([
      // What is below the host needs no word of it.
      { origins: ['https://shop.example.org'] },
      { enroll: account, manage: account },
      [
        {
          relation: ['delegate_permission/common.get_login_creds'],
          target: {
            namespace: 'android_app',
            package_name: 'org.example.app',
            sha256_cert_fingerprints: [DIGEST.toUpperCase()],
          },
        },
      ],
      { webcredentials: { apps: ['ABCDE12345.org.example.app'] } },
    ]);
    // Of a realm whose passkeys are made for another host, nothing is said here.
    expect((await file('webauthn')).status).toBe(404);
    await setRealm('/alpha', { ...ofApps, relyingPartyId: 'elsewhere.example' });
    expect((await file('apple-app-site-association', 'alpha.example.com')).status).toBe(404);
    expect((await file('passkey-endpoints', 'alpha.example.com')).status).toBe(404);
  });

  test('name related origins of five names at most, each by https', async () => {
    const more = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `https://www.${name}.example`);
    await setRealm('/', { corsOrigins: ['http://plain.example', ...more, 'https://shop.a.example'] });
    const { body } = await file('webauthn');
    expect(body).toEqual({ origins: [...more.slice(0, 5), 'https://shop.a.example'] });
    await setRealm('/', {});
  });

  test.each([
    [{ androidApps: [{ packageName: 'app', certificateDigests: [DIGEST] }] }, 'name of a package'],
    [{ androidApps: [{ packageName: 'org.example.app', certificateDigests: ['AB:CD'] }] }, 'SHA-256'],
    [{ androidApps: [{ packageName: 'org.example.app', certificateDigests: [] }] }, 'certificateDigests'],
    [{ androidApps: [{ packageName: 'org.example.app', certificateDigests: [DIGEST], key: 'x' }] }, 'key'],
    [{ appleApps: ['org.example.app'] }, 'team and bundle'],
    [{ appleApps: ['ABCDE12345.org.example/app'] }, 'team and bundle'],
  ])('are made of no settings such as %j', async (settings, why) => {
    const answer = await setRealm('/beta', settings);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([400, expect.stringContaining(why)]);
  });
});
