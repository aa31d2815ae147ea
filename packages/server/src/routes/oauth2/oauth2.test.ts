import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inject } from '../../testing/inject.ts';
import { type SteeredServer, steeredServer } from '../../testing/steered-server.ts';

const APP = 'https://app.example.com';
const AM = 'http://localhost:8080/am';
const DISCOVERY = '.well-known/openid-configuration';

let server: SteeredServer;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  await server.createRealm('/alpha');
  await server.createRealm('/alpha/beta');
  const alpha = server.assent.configuration.realm('/alpha');
  if (alpha === undefined) throw new Error('no realm');
  await configuring(server.assent.store).saveRealm({ ...alpha, corsOrigins: [APP] });
  await server.assent.configuration.refresh();
});
afterAll(() => server?.assent.stop());

const call = async (
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'OPTIONS',
  path: string,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly payload?: string } = {},
) => {
  const { statusCode, headers, body } = await inject(server.assent, {
    method,
    url: `/am/oauth2/${path}`,
    headers: { host: 'localhost:8080', ...options.headers },
    ...(options.payload !== undefined && { payload: options.payload }),
  });
  return { status: statusCode, headers, body: body === '' ? undefined : (JSON.parse(body) as Record<string, unknown>) };
};
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('what is not there', () => {
  test.each([
    ['GET', 'realms/root/realms/nowhere/.well-known/openid-configuration', 404, 'There is no such realm.'],
    ['GET', 'realms/root/.well-known/something-else', 404, 'There is nothing at this address.'],
    ['GET', 'realms/other/.well-known/openid-configuration', 404, 'There is no such realm.'],
    ['GET', 'realms/root/x%2fy/authorize', 404, 'There is nothing at this address.'],
    ['POST', `realms/root/${DISCOVERY}`, 405, 'This address answers to GET, HEAD only.'],
    ['GET', 'realms/root/access_token', 405, 'This address answers to POST only.'],
  ] as const)('%s %s', async (method, path, status, description) => {
    const answer = await call(method, path);
    expect(answer).toMatchObject({ status, body: { error: 'invalid_request', error_description: description } });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  test('what is too large is refused in the shape of OAuth too', async () => {
    const payload = 'x'.repeat(100 * 1024);
    const { status, body } = await call('POST', 'access_token', { headers: FORM, payload });
    expect({ status, error: body?.error }).toEqual({ status: 413, error: 'invalid_request' });
  });
});

describe('what cannot be read (RFC 6749 §3.1, OIDC-08)', () => {
  const POSTS = ['authorize', 'par', 'access_token', 'userinfo', 'introspect', 'token/revoke', 'device/code'];
  const EVERY_POST = [...POSTS, 'device/user', 'connect/endSession'];
  const EVERY_GET = ['authorize', 'userinfo', 'tokeninfo', 'device/user', 'connect/endSession'];

  const JSON_TYPE = { 'content-type': 'application/json' };
  test.each<[string, Readonly<Record<string, string>>, string, number]>([
    ['a JSON body', JSON_TYPE, '{"client_id":"x"}', 400],
    ['a text', { 'content-type': 'text/plain' }, 'client_id=x', 400],
    ['a body of a type that is none', { 'content-type': 'a/b/c' }, 'client_id=x', 400],
    ['a body of no type', {}, 'client_id=x', 400],
    ['a multipart body', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--', 400],
    ['a parameter twice', FORM, 'client_id=x&client_id=y', 400],
    ['a list', FORM, 'client_id[]=x&client_id[]=y', 400],
    ['a NUL', FORM, 'client_id=x%00', 400],
    ['bytes that are no text', FORM, 'state=%ff', 400],
    ['percent signs that mean nothing', FORM, 'state=%zz', 400],
    ['64 KiB', FORM, `state=${'x'.repeat(65_536)}`, 413],
    ['more fields than there are', FORM, Array.from({ length: 300 }, (_, at) => `p${at}=`).join('&'), 400],
  ])('%s, at every address that takes a form', async (_, headers, payload, status) => {
    for (const path of EVERY_POST) {
      const answer = await call('POST', `alpha/${path}`, { headers, payload });
      expect(answer.headers, path).not.toHaveProperty('location');
      expect(answer.headers['content-type'] ?? '', path).toMatch(/^application\/json/);
      expect({ path, status: answer.status, error: answer.body?.error }).toEqual({
        path,
        status,
        error: 'invalid_request',
      });
      expect(answer.body, path).toHaveProperty('error_description');
    }
  });

  test.each([
    ['a parameter twice', 'client_id=x&client_id=y'],
    ['a NUL', 'state=%00'],
    ['bytes that are no text', 'state=%ff'],
    ['half of a letter', 'state=%e2%82'],
    ['percent signs that mean nothing', 'state=%zz'],
    ['bytes that are no text, after a second question mark', 'redirect_uri=https://app.example.com/cb?a&state=%ff'],
    ['a length without end, after a second question mark', `redirect_uri=a?${'x'.repeat(8_192)}`],
  ])('%s in an address', async (_, query) => {
    for (const path of EVERY_GET) {
      const answer = await call('GET', `alpha/${path}?${query}`);
      expect(answer.headers, path).not.toHaveProperty('location');
      expect({ path, status: answer.status, error: answer.body?.error }).toEqual({
        path,
        status: 400,
        error: 'invalid_request',
      });
    }
  });

  test('HEAD, where an answer is for one caller alone', async () => {
    for (const path of ['authorize', 'userinfo', 'tokeninfo', 'connect/endSession', 'access_token', 'device/user']) {
      const { status, headers } = await call('HEAD', `alpha/${path}`);
      expect({ path, status }).toEqual({ path, status: 405 });
      expect(headers.allow, path).not.toContain('HEAD');
    }
  });

  test.each(['PUT', 'PATCH', 'DELETE'] as const)('%s, anywhere', async (method) => {
    for (const path of ['authorize', 'access_token', 'connect/jwk_uri']) {
      const { statusCode, body, headers } = await inject(server.assent, {
        method,
        url: `/am/oauth2/alpha/${path}`,
        headers: { host: 'localhost:8080' },
      });
      expect(statusCode).toBe(405);
      expect(headers).toHaveProperty('allow');
      expect(JSON.parse(body)).toMatchObject({ error: 'invalid_request' });
    }
  });
});

describe('a fault of ours (RFC 6749 §5.2)', () => {
  /** Lets a reader of the store fail, as nobody expects it to. */
  const failing = async <T>(reader: object, work: () => Promise<T>): Promise<T> => {
    const before = { ...reader };
    const fails = () => Promise.reject(new Error('the heap is on fire'));
    Object.assign(reader, Object.fromEntries(Object.keys(before).map((name) => [name, fails])));
    try {
      return await work();
    } finally {
      Object.assign(reader, before);
    }
  };
  const faults = () => server.logged().filter(({ cause }) => String(cause ?? '').includes('the heap is on fire'));

  test('is server_error to a program, and told in the log alone', async () => {
    const form = { headers: FORM, payload: 'client_id=nobody&client_secret=x&grant_type=client_credentials' };
    const count = faults().length;
    const answer = await failing(server.assent.store.throttles, () => call('POST', 'alpha/access_token', form));
    expect(answer).toMatchObject({ status: 500, body: { error: 'server_error' } });
    expect(answer.headers['cache-control']).toContain('no-store');
    expect(JSON.stringify(answer)).not.toContain('the heap is on fire');
    expect(faults()).toHaveLength(count + 1);
    expect(await call('POST', 'alpha/access_token', form)).toMatchObject({ status: 401 });
  });
});

describe('who is nobody yet', () => {
  // Failed tries of the test before would count: a client that is locked gets 429.
  beforeEach(() => server.clock.advance(25 * 3_600_000));

  test.each([
    ['GET', 'authorize?response_type=code&client_id=nobody', 400, 'invalid_client'],
    ['GET', 'authorize?response_type=code&client_id=', 400, 'invalid_request'],
    ['POST', 'authorize', 400, 'invalid_client'],
    ['POST', 'access_token', 401, 'invalid_client'],
    ['POST', 'par', 401, 'invalid_client'],
    ['POST', 'introspect', 401, 'invalid_client'],
    ['POST', 'token/revoke', 401, 'invalid_client'],
    ['GET', 'userinfo', 401, 'invalid_token'],
    ['GET', 'tokeninfo?access_token=forged', 401, 'invalid_token'],
    ['GET', 'connect/endSession?id_token_hint=x', 400, 'invalid_request'],
  ] as const)('%s %s is told what is wrong, and sent nowhere', async (method, path, status, error) => {
    const form = {
      headers: FORM,
      payload: 'client_id=nobody&grant_type=authorization_code&token=x&response_type=code',
    };
    for (const realm of ['', 'realms/root/', 'alpha/', 'realms/alpha/']) {
      const answer = await call(method, `${realm}${path}`, method === 'POST' ? form : {});
      expect({ status: answer.status, error: answer.body?.error }).toEqual({ status, error });
      expect(answer.headers['cache-control']).toContain('no-store');
      // RFC 6749 §4.1.2.1: nothing is sent on to an address that nobody registered.
      expect(answer.headers).not.toHaveProperty('location');
    }
  });

  test('a bearer learns by which scheme it failed (RFC 6750 §3)', async () => {
    const { headers } = await call('GET', 'alpha/userinfo', { headers: { authorization: 'Bearer forged' } });
    expect(headers['www-authenticate']).toMatch(/^Bearer realm="\/alpha", error="invalid_token"/);
  });

  test.each([
    ['application/json', '{"grant_type":"client_credentials"}'],
    ['text/plain', 'grant_type=client_credentials'],
  ])('a body of the type %s is no form', async (type, payload) => {
    const { status, body } = await call('POST', 'access_token', { headers: { 'content-type': type }, payload });
    expect({ status, error: body?.error }).toEqual({ status: 400, error: 'invalid_request' });
    expect(body?.error_description).toContain('application/x-www-form-urlencoded');
  });

  test('what stands in the address of a POST is not read', async () => {
    const { body } = await call('POST', 'access_token?client_id=nobody&grant_type=x', { headers: FORM, payload: '' });
    expect(body?.error).toBe('invalid_client');
  });

  test('a query that is too long is refused', async () => {
    const { status, body } = await call('GET', `authorize?client_id=${'x'.repeat(8_192)}`);
    expect({ status, error: body?.error }).toEqual({ status: 400, error: 'invalid_request' });
  });
});

describe('whoever mends an application reads in the log', () => {
  const basic = (id: string) => ({ authorization: `Basic ${Buffer.from(`${id}:sEcr3t-guess`).toString('base64')}` });
  const told = () => {
    const { path, client, code, description, detail } = server.logged().at(-1) ?? {};
    return { path, client, code, description, detail };
  };

  test.each([
    [
      'GET',
      'authorize?client_id=demo-app&response_type=code&redirect_uri=https%3A%2F%2Fu%3AsEcr3t%40x.test%2Fcb%3Fsession%3DsEcr3t',
      {},
      '',
      'demo-app',
      'redirect_uri_mismatch',
      'not registered: https://x.test/cb',
    ],
    [
      'GET',
      'authorize?client_id=demo-app&response_type=code&redirect_uri=com.example%3Au%3AsEc%2Fr3t%40x.test%2Fcb',
      {},
      '',
      'demo-app',
      'redirect_uri_mismatch',
      'not registered: com.example:x.test/cb',
    ],
    [
      'POST',
      'access_token',
      basic('demo-app'),
      'grant_type=x',
      'demo-app',
      'invalid_client',
      'unknown, or a wrong proof',
    ],
    [
      'POST',
      'access_token',
      {},
      'client_id=demo-app&grant_type=sEcr3t',
      'demo-app',
      'unsupported_grant_type',
      undefined,
    ],
    ['POST', 'access_token', basic('sEcr3t'), '', undefined, 'invalid_client', 'unknown, or a wrong proof'],
    [
      'POST',
      'access_token',
      { authorization: 'Basic sEcr3t!' },
      '',
      undefined,
      'invalid_client',
      'the header is no client proof',
    ],
    ['GET', 'authorize?client_id=sEcr3t', {}, '', undefined, 'invalid_client', 'unknown'],
  ] as const)(
    '%s %s: where, which, and what is wrong, and no more',
    async (method, url, headers, payload, client, code, detail) => {
      const before = server.logged().length;
      const { body } = await call(method, `realms/root/${url}`, {
        headers: { ...FORM, ...headers },
        ...(method === 'POST' && { payload }),
      });
      const [path] = url.split('?', 1);
      expect(told()).toEqual({
        path: `/am/oauth2/realms/root/${path}`,
        client,
        code,
        detail,
        description: body?.error_description,
      });
      expect(JSON.stringify(server.logged().slice(before))).not.toContain('sEcr3t');
    },
  );
});

test('what happens every hour fills no log: a token that has run out, or that nobody made', async () => {
  const before = server.logged().length;
  const { status } = await call('GET', 'realms/root/userinfo', { headers: { authorization: 'Bearer a1.forged' } });
  expect(status).toBe(401);
  expect(server.logged()).toHaveLength(before);
});

describe('discovery (spec: journeys-rest §1.1, §2.5)', () => {
  test.each([
    ['/', '', 'realms/root'],
    ['/', 'realms/root/', 'realms/root'],
    ['/alpha', 'alpha/', 'realms/root/realms/alpha'],
    ['/alpha', 'realms/root/realms/alpha/', 'realms/root/realms/alpha'],
    ['/alpha/beta', 'alpha/beta/', 'realms/root/realms/alpha/realms/beta'],
    ['/alpha/beta', 'realms/root/realms/alpha/realms/beta/', 'realms/root/realms/alpha/realms/beta'],
  ])('the realm %s at oauth2/%s has one issuer, however it is asked', async (_realm, path, issuerPath) => {
    const { status, headers, body } = await call('GET', `${path}${DISCOVERY}`);
    const issuer = `${AM}/oauth2/${issuerPath}`;
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(body).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/access_token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      end_session_endpoint: `${issuer}/connect/endSession`,
      revocation_endpoint: `${issuer}/token/revoke`,
      jwks_uri: `${issuer}/connect/jwk_uri`,
    });
    // What a client reads it finds: each address that is named is one that answers.
    const named = Object.entries(body ?? {}).filter(([name]) => /_(endpoint|uri)$/.test(name));
    for (const [, url] of named) {
      const path = String(url).slice(`${AM}/oauth2/`.length);
      expect((await call('OPTIONS', path)).status).toBe(204);
      const found = [await call('GET', path), await call('POST', path, { headers: FORM, payload: '' })];
      expect(found.map((it) => it.status).filter((it) => it !== 404 && it !== 405)).not.toEqual([]);
    }
  });

  test('stands at the root of the origin too, where a client of OAuth alone looks for it (RFC 8414 §3)', async () => {
    const read = async (url: string) =>
      JSON.parse((await inject(server.assent, { method: 'GET', url, headers: { host: 'localhost:8080' } })).body);
    for (const path of ['realms/root', 'realms/root/realms/alpha', 'realms/alpha', 'alpha']) {
      const { issuer } = await read(`/am/oauth2/${path}/.well-known/oauth-authorization-server`);
      expect(await read(`/.well-known/oauth-authorization-server/am/oauth2/${path}`)).toMatchObject({ issuer });
    }
    expect(await read('/.well-known/oauth-authorization-server/am/oauth2/realms/nowhere')).toEqual({
      error: 'invalid_request',
      error_description: 'There is no such realm.',
    });
  });

  test('the query parameter for the realm goes before the path, as under json', async () => {
    const { body } = await call('GET', `${DISCOVERY}?realm=/alpha`);
    expect(body?.issuer).toBe(`${AM}/oauth2/realms/root/realms/alpha`);
  });

  test('where the issuer says oauth2, the journeys are at json', async () => {
    const { body } = await call('GET', `alpha/${DISCOVERY}`);
    const { pathname } = new URL(String(body?.issuer));
    const { statusCode } = await inject(server.assent, {
      method: 'POST',
      url: `${pathname.replace('/oauth2', '/json')}/authenticate`,
      headers: { host: 'localhost:8080' },
    });
    expect(statusCode).toBe(200);
  });
});

describe('documents for everybody (spec: oidc §2)', () => {
  test.each([
    [DISCOVERY, 300],
    ['.well-known/oauth-authorization-server', 300],
    ['connect/jwk_uri', 3_600],
  ])('%s may be kept by whoever reads it, and is looked for by HEAD', async (path, seconds) => {
    const read = await call('GET', `alpha/${path}`);
    expect(read.headers['cache-control']).toBe(`public, max-age=${seconds}`);
    for (const name of ['pragma', 'expires']) expect(read.headers).not.toHaveProperty(name);
    const { status, headers } = await call('HEAD', `alpha/${path}`);
    expect(status).toBe(200);
    for (const name of ['cache-control', 'content-type', 'content-length'] as const) {
      expect(headers[name]).toBe(read.headers[name]);
    }
  });
});

describe('pages of other origins', () => {
  test.each(['https://evil.example', 'null', 'https://app.example.com:444'])(
    '%s may not read it (A145)',
    async (origin) => {
      const { headers } = await call('GET', `alpha/${DISCOVERY}`, { headers: { origin } });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers.vary).toBe('Origin');
    },
  );

  test('a listed origin may, in the realm that lists it alone', async () => {
    const headers = { origin: APP };
    const inAlpha = await call('GET', `alpha/${DISCOVERY}`, { headers });
    expect(inAlpha.headers).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-credentials': 'true',
    });
    const inRoot = await call('GET', DISCOVERY, { headers });
    expect(inRoot.headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('a preflight lets the listed origin send a bearer token, and the proof of a key', async () => {
    const headers = { origin: APP, 'access-control-request-method': 'GET' };
    const { status, headers: answered, body } = await call('OPTIONS', 'alpha/userinfo', { headers });
    expect({ status, body }).toEqual({ status: 204, body: undefined });
    expect(answered['access-control-allow-origin']).toBe(APP);
    const allowed = String(answered['access-control-allow-headers']).split(', ');
    expect(allowed).toEqual(expect.arrayContaining(['authorization', 'dpop']));
    // Why it failed stands in there (RFC 6750 §3, RFC 9449 §7.1).
    expect(String(answered['access-control-expose-headers']).split(', ')).toContain('www-authenticate');
  });
});
