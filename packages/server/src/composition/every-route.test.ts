import { afterAll, beforeAll, expect, test } from 'vitest';
import { JSON_RESOURCES, OAUTH2_RESOURCES } from '../realms/realm-path.ts';
import { inject } from '../testing/inject.ts';
import { type SteeredServer, steeredServer } from '../testing/steered-server.ts';

// What every route has in common, whoever added it: the list comes from the tables that requests are routed by.

const HOST = 'localhost:18473';
let server: SteeredServer;
beforeAll(async () => {
  server = await steeredServer({ port: 18_473 });
  await server.createRealm('/alpha');
});
afterAll(() => server?.assent.stop());

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const send = (method: string, path: string, headers: Readonly<Record<string, string>> = {}, payload?: string) =>
  inject(server.assent, {
    method: method as Method,
    url: `/am${path}`,
    headers: { host: HOST, 'sec-fetch-site': 'same-origin', 'x-requested-with': 'test', ...headers },
    ...(payload !== undefined && { payload }),
  });

/** A path that the pattern matches, in a realm where it is in one. */
const pathOf = (pattern: string, realm = 'realms/root/'): string =>
  pattern.replace(/:(\w+)/g, 'some-$1').replace(/^\/(json|oauth2)\//, `/$1/${realm}`);

const routes = () =>
  server.assent.routes.map((key) => {
    const [method = '', pattern = ''] = key.split(' ');
    return { key, method, pattern, isForm: (pattern === '/login' || pattern === '/XUI/') && method === 'POST' };
  });

test('the list of routes has the API, OAuth, pages and health in it', () => {
  expect(server.assent.routes).toEqual(
    expect.arrayContaining([
      'POST /json/authenticate',
      'GET /json/users/:user',
      'POST /json/push/sns/message',
      'POST /oauth2/access_token',
      'GET /login',
      'POST /login',
      'GET /health/live',
      'GET /XUI/',
      'POST /XUI/',
    ]),
  );
  expect(new Set(server.assent.routes).size).toBe(server.assent.routes.length);
});

test('every resource by which a path is distinguished from the realm before it has a route', () => {
  const firstsOf = (tree: string) =>
    new Set(routes().flatMap(({ pattern }) => (pattern.startsWith(tree) ? (pattern.split('/')[2] ?? []) : [])));
  expect(firstsOf('/json/')).toEqual(JSON_RESOURCES);
  expect(firstsOf('/oauth2/')).toEqual(OAUTH2_RESOURCES);
});

/** Routes of the API that a caller without a session gets past 401 and 403 at. Each says here who is meant to reach it. */
const OPEN = [
  // Everybody: what watches the server, and whoever wants to sign in.
  'GET /json/health/live',
  'HEAD /json/health/live',
  'GET /json/health/ready',
  'HEAD /json/health/ready',
  'GET /json/serverinfo/*',
  'GET /json/serverinfo/page',
  'GET /json/serverinfo/cookieDomains',
  'GET /json/serverinfo/version',
  'POST /json/authenticate',
  // Whoever has the authId of a journey.
  'GET /json/authenticate/wait',
  'POST /json/authenticate/renotify',
  // Phones, which prove themselves by their keys.
  'POST /json/push/sns/message',
  'POST /json/push/relay',
  // What may be done depends on the action, and without one nothing is.
  'POST /json/sessions',
  'POST /json/users',
];

test('a caller without a session is refused by every route of the API that is not meant for one (SEC-52)', async () => {
  const open: string[] = [];
  for (const { key, method, pattern } of routes()) {
    if (!pattern.startsWith('/json/')) continue;
    const { statusCode } = await send(method, pathOf(pattern.replace('2fa/:type', '2fa/push')));
    if (statusCode !== 401 && statusCode !== 403) open.push(key);
  }
  expect(open.toSorted()).toEqual(OPEN.toSorted());
});

test.each([
  'goto',
  'realm',
  '_action',
  'mechanismUid',
  'authIndexValue',
  '_fields',
  '_queryFilter',
  '_sortKeys',
  'own',
])('every route refuses the parameter %s given twice, by name (A1, A7)', async (name) => {
  const answers: string[] = [];
  for (const { key, method, pattern, isForm } of routes()) {
    const headers = isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    const answer = await send(method, `${pathOf(pattern)}?${name}=/a&x=1&${name}=/b`, headers, isForm ? '' : undefined);
    const says = `The parameter ${name} is there twice; send it once.`;
    const expected = pattern.startsWith('/oauth2/')
      ? { error: 'invalid_request', error_description: says }
      : { code: 400, reason: 'Bad Request', message: says };
    answers.push(`${key}: ${answer.statusCode} ${answer.body}`);
    expect(answers.at(-1)).toBe(`${key}: 400 ${JSON.stringify(expected)}`);
  }
  expect(answers.length).toBeGreaterThan(80);
});

test('a form of the login page may hold no field twice either (A1, A7)', async () => {
  const post = (payload: string) =>
    send('POST', '/login', { 'content-type': 'application/x-www-form-urlencoded' }, payload);
  const answer = await post('press=answer&step=%7B%7D&press=over');
  expect([answer.statusCode, answer.json()]).toEqual([
    400,
    { code: 400, reason: 'Bad Request', message: 'The field press is there twice; send it once.' },
  ]);
  for (const nested of ['step[first]=1&step[step]=2', 'step=%5B%5D', 'step=null', 'step=%7B%22step%22:%7B%7D%7D']) {
    expect([200, 400]).toContain((await post(nested)).statusCode);
  }
});

test('a path of a realm without root answers as the one with root does (B3)', async () => {
  let inRealms = 0;
  for (const { key, method, pattern } of routes()) {
    if (!/^\/(json|oauth2)\//.test(pattern)) continue;
    const answers = [];
    for (const realm of [
      'realms/root/realms/alpha/',
      'realms/alpha/',
      'realms/nowhere/',
      'realms/root/realms/nowhere/',
    ]) {
      const { statusCode, body } = await send(method, pathOf(pattern, realm));
      answers.push(`${key}: ${statusCode} ${body.replace(/"(authId|tokenId)":"[^"]*"/g, '')}`);
    }
    expect(answers[1]).toBe(answers[0]);
    expect(answers[2]).toBe(answers[3]);
    inRealms += 1;
  }
  expect(inRealms).toBeGreaterThan(60);
});
