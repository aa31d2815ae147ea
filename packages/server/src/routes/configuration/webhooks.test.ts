import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Method, type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

const WEBHOOKS = '/realms/root/realms/alpha/realm-config/webhooks';
const place = (name: string): string => `\${${name}}`;
const APP = {
  url: `https://app.example.com/end?e=${place('WebhookEventType')}`,
  body: `u=${place('UserId')}`,
  headers: { accept: '*/*' },
};

let server: SteeredServer;
let rest: RestClient;
let token: string | undefined;
beforeAll(async () => {
  server = await steeredServer({ port: 18449 });
  rest = restClient(server);
  await server.createRealm('/alpha');
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(() => server?.assent.stop());

const admin = (method: Method, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  rest(method, `${WEBHOOKS}${path}`, { token, body, headers });

test.each([
  ['GET', ''],
  ['GET', '/app'],
  ['PUT', '/app'],
  ['DELETE', '/app'],
] as const)('%s %s is for administrators', async (method, path) => {
  const user = await signIn(rest, '/', 'demo', 'Ch4ng31t!');
  const body = method === 'PUT' ? APP : undefined;
  expect(await rest(method, `${WEBHOOKS}${path}`, { body })).toMatchObject({ status: 401 });
  expect(await rest(method, `${WEBHOOKS}${path}`, { token: user, body })).toMatchObject({ status: 403 });
});

test.each([
  ['url', { url: undefined }],
  ['url', { url: 'app.example.com' }],
  ['url', { url: `https://${place('host')}/` }],
  ['url', { url: `https://app.${place('host')}/` }],
  ['url', { url: 'https://name:password@app.example.com/' }],
  ['url', { url: 'https://app.example.com\\@10.0.0.1/' }],
  ['url', { url: 'ftp://app.example.com/' }],
  ['body', { body: 'x'.repeat(8_193) }],
  ['headers/host', { headers: { host: 'other' } }],
  ['headers/Webhook-Id', { headers: { 'Webhook-Id': 'x' } }],
  ['headers/x-a', { headers: { 'x-a': 'a\r\nb: c' } }],
  ['headers/a b', { headers: { 'a b': 'x' } }],
])('a webhook with a wrong %s is refused, by name: %j', async (attribute, given) => {
  expect(await admin('PUT', '/wrong', { ...APP, ...given })).toMatchObject({
    status: 400,
    body: { detail: { attribute } },
  });
  expect(await admin('GET', '/wrong')).toMatchObject({ status: 404 });
});

test.each([
  [{ body: 'x' }, 'url: It is not set.'],
  [{ url: null }, 'url: It is not set.'],
  [{ ...APP, method: 'PUT' }, 'method: It is not known here.'],
  [{ ...APP, url: 7 }, 'url: Invalid input: expected string, received number'],
])('the answer to %j names what is wrong as it was written', async (body, fault) => {
  expect(await admin('PUT', '/wrong', body)).toMatchObject({
    status: 400,
    body: { message: `Data validation failed for the attribute, ${fault}`, detail: { attribute: fault.split(':')[0] } },
  });
});

test('a webhook is made, read, listed, changed and deleted as in AM', async () => {
  const made = await admin('PUT', '/app', { _id: 'app', ...APP });
  expect(made).toMatchObject({ status: 201, body: { _id: 'app', ...APP, _type: { _id: 'webhooks' } } });
  expect(await admin('GET', '/app')).toMatchObject({ status: 200, body: made.body });
  expect(await admin('GET', '?_queryFilter=true')).toMatchObject({ body: { result: [made.body] } });
  expect(await admin('PUT', '/app', { ...APP, body: '' }, { 'if-match': '"stale"' })).toMatchObject({ status: 412 });
  expect(await admin('PUT', '/app', { ...made.body, body: '' })).toMatchObject({ status: 200, body: { body: '' } });
  expect(await admin('DELETE', '/app')).toMatchObject({ status: 200 });
  expect(await admin('DELETE', '/app')).toMatchObject({ status: 404 });
});

describe('the value of a header is a secret (SEC-72)', () => {
  const SECRET = { ...APP, headers: { Accept: 'text/plain', 'Content-Type': 'text/plain', Authorization: 'canary-1' } };
  const READ = { Accept: 'text/plain', 'Content-Type': 'text/plain', Authorization: null };
  const stored = () => server.assent.configuration.service('/alpha', 'webhook/told')?.config as typeof SECRET;
  beforeEach(async () => {
    expect(await admin('PUT', '/told', SECRET)).toMatchObject({ body: { headers: READ } });
  });
  afterEach(async () => {
    expect(JSON.stringify((await admin('DELETE', '/told')).body)).not.toContain('canary');
  });

  test('and read by nobody, neither those who may read settings nor those who may write them', async () => {
    await server.createUser('/alpha', 'auditor', 'Ch4ng31t!');
    await server.setAttributes('/alpha', 'auditor', { assentRoles: ['auditor'] });
    const auditor = await signIn(rest, '/alpha', 'auditor', 'Ch4ng31t!');
    for (const by of [token, auditor]) {
      for (const path of ['/told', '?_queryFilter=true']) {
        const answer = await rest('GET', `${WEBHOOKS}${path}`, { token: by });
        expect(answer.status).toBe(200);
        expect(JSON.stringify(answer.body)).not.toContain('canary');
      }
    }
  });

  test('kept where what was read is written back, however the name is written, and gone where it is left out', async () => {
    const { body: read } = await admin('GET', '/told');
    expect(await admin('PUT', '/told', { ...read, body: 'other' })).toMatchObject({ status: 200 });
    expect(stored()).toEqual({ ...SECRET, body: 'other' });
    const lower = await admin('PUT', '/told', { ...APP, headers: { authorization: null, accept: 'a/b' } });
    expect(lower).toMatchObject({ status: 200, body: { headers: { authorization: null, accept: 'a/b' } } });
    expect(stored().headers).toEqual({ authorization: 'canary-1', accept: 'a/b' });
    await admin('PUT', '/told', { ...APP, headers: {} });
    expect(stored().headers).toEqual({});
    expect(await admin('PUT', '/told', { ...APP, headers: { authorization: null } })).toMatchObject({
      status: 400,
      body: { message: 'Data validation failed for the attribute, headers/authorization: It is not set.' },
    });
  });

  test('told to no other address than the one that it was given for', async () => {
    const { body: read } = await admin('GET', '/told');
    for (const url of ['https://attacker.example/', `${APP.url}&more`]) {
      expect(await admin('PUT', '/told', { ...read, url })).toMatchObject({
        status: 400,
        body: { detail: { attribute: 'headers/Authorization' }, message: expect.stringContaining('the same url') },
      });
    }
    expect(stored()).toEqual(SECRET);
    const headers = { ...READ, Authorization: 'canary-2' };
    expect(await admin('PUT', '/told', { ...read, url: 'https://other.example/', headers })).toMatchObject({
      status: 200,
    });
    expect(stored()).toMatchObject({ url: 'https://other.example/', headers });
  });

  test('not to be tried by the revision, which is the same for every value', async () => {
    const { body: read } = await admin('GET', '/told');
    await admin('PUT', '/told', { ...SECRET, headers: { ...SECRET.headers, Authorization: 'canary-3' } });
    expect((await admin('GET', '/told')).body).toEqual(read);
  });
});
