import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { publishTree, SUCCESS } from '../testing/publish-tree.ts';
import { type RestAnswer, type RestClient, restClient, signIn } from '../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';

// From the node of a journey to the receiver, by whatever ends a session in the whole server; each part has its own test beside it.

const KEY = Buffer.alloc(32, 3);
const PASSWORD = 'correct horse';
const HOUR = 3_600_000;
const place = (name: string): string => `\${${name}}`;

interface Heard {
  readonly id: string;
  readonly event: string;
  readonly user: string;
}

/** What a receiver believes: that which is signed with the key over id, time and body. */
const heard: Heard[] = [];
let answer: { readonly status: number; readonly headers?: Record<string, string> };
const receiver = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature } = request.headers;
  const expected = createHmac('sha256', KEY).update(`${id}.${seconds}.${body}`).digest('base64');
  const isNow = Number(seconds) === Math.floor(server.clock.now() / 1_000);
  if (signature === `v1,${expected}` && isNow) heard.push({ id: String(id), ...JSON.parse(body) });
  response.writeHead(answer.status, answer.headers).end();
});

let server: SteeredServer;
let rest: RestClient;

const asAdministrator = async (): Promise<string> =>
  (await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  server = await steeredServer({ port: 18_461, insecure: true });
  rest = restClient(server);
  await publishTree(server, 'Told', {
    name: ['UsernameCollectorNode', { outcome: 'password' }],
    password: ['PasswordCollectorNode', { outcome: 'check' }],
    check: ['DataStoreDecisionNode', { true: 'webhook', false: 'failure' }],
    webhook: ['RegisterLogoutWebhookNode', { outcome: SUCCESS }, { webhookName: 'app' }],
    failure: ['MessageNode', { true: SUCCESS, false: SUCCESS }],
  });
  const token = await asAdministrator();
  const put = (path: string, body: object) => rest('PUT', `/realms/root/realm-config/${path}`, { token, body });
  const { port } = receiver.address() as AddressInfo;
  const made = await put('webhooks/app', {
    url: `http://127.0.0.1:${port}/ended`,
    body: `{"event": "${place('WebhookEventType')}", "user": "${place('UserId')}"}`,
    headers: { 'Content-Type': 'application/json' },
  });
  expect(made.status).toBe(201);
  expect((await put('services/webhooks', { signingKey: `whsec_${KEY.toString('base64')}` })).status).toBe(201);
});
afterAll(async () => {
  await server?.assent.stop();
  receiver.close();
});

let count = 0;
let user: string;
beforeEach(async () => {
  count += 1;
  user = `user-${count}`;
  answer = { status: 204 };
  heard.length = 0;
  await server.createUser('/', user, PASSWORD);
});

const asUser = async (): Promise<string> => {
  const path = '/authenticate?authIndexType=service&authIndexValue=Told';
  const headers = { 'accept-api-version': 'protocol=1.0,resource=2.1' };
  let step: RestAnswer['body'] = (await rest('POST', path, { body: {}, headers })).body;
  for (const value of [user, PASSWORD]) {
    const callbacks = [
      { type: value === user ? 'NameCallback' : 'PasswordCallback', output: [], input: [{ name: 'IDToken1', value }] },
    ];
    step = (await rest('POST', path, { body: { authId: step.authId, callbacks }, headers })).body;
  }
  expect(step.tokenId).toBeTypeOf('string');
  return String(step.tokenId);
};
/** Lets the worker do what is due, as the clock of the server does. */
const sent = async (): Promise<readonly Heard[]> => {
  await server.assent.outbox.wake();
  await server.assent.outbox.idle();
  return heard.splice(0);
};
const logout = (token: string) => rest('POST', '/sessions?_action=logout', { token, body: {} });
const dead = () => server.assent.store.outbox.list({ isDead: true }, 10);

test.each<[string, string, number, (token: string, other: string) => Promise<RestAnswer | undefined>]>([
  ['LOGOUT', 'the user signs out', 1, logout],
  [
    'DESTROY',
    'the user changes the password elsewhere',
    1,
    (_, other) =>
      rest('POST', `/users/${user}?_action=changePassword`, {
        token: other,
        body: { currentpassword: PASSWORD, userpassword: 'another long one' },
      }),
  ],
  [
    'DESTROY',
    'an administrator deletes the user',
    2,
    async () => rest('DELETE', `/users/${user}`, { token: await asAdministrator() }),
  ],
  [
    'IDLE_TIMEOUT',
    'nobody uses the session',
    2,
    async () => {
      server.clock.advance(HOUR);
      await server.assent.store.sweep(server.clock.now(), 1_000);
      return undefined;
    },
  ],
])('a receiver hears of %s where %s, once for each session (OPS-43, OPS-46)', async (event, _, ended, end) => {
  const [token, other] = [await asUser(), await asUser()];
  const answered = await end(token, other);
  expect(answered?.status ?? 200, JSON.stringify(answered?.body)).toBe(200);
  const told = await sent();
  expect(told).toEqual(Array.from({ length: ended }, () => ({ id: expect.stringMatching(/^msg_/), event, user })));
  for (const it of [token, other]) await logout(it);
  const later = await sent();
  server.clock.advance(HOUR);
  expect(await sent()).toEqual([]);
  expect(new Set([...told, ...later].map(({ id }) => id)).size).toBe(2);
  expect(told.length + later.length).toBe(2);
});

test('a receiver that is gone for two days hears of it by one id, and when it has said (OPS-44)', async () => {
  answer = { status: 503, headers: { 'retry-after': '7200' } };
  await logout(await asUser());
  const ids = new Set((await sent()).map(({ id }) => id));
  server.clock.advance(2 * HOUR - 1_000);
  expect(await sent()).toEqual([]);
  answer = { status: 500 };
  const begin = server.clock.now();
  server.clock.advance(1_000);
  for (; server.clock.now() < begin + 48 * HOUR; server.clock.advance(HOUR)) {
    const tries = await sent();
    expect(tries).toHaveLength(1);
    ids.add(tries[0]?.id ?? '');
  }
  answer = { status: 200 };
  expect(await sent()).toMatchObject([{ event: 'LOGOUT', user }]);
  expect(ids.size).toBe(1);
  expect(await sent()).toEqual([]);
});

test('a webhook that nobody takes for three days is dead, with its cause, and can be tried again (OPS-44)', async () => {
  answer = { status: 500 };
  await logout(await asUser());
  const begin = server.clock.now();
  while (server.clock.now() < begin + 73 * HOUR) {
    if (server.clock.now() < begin + 71 * HOUR) expect(await dead()).toEqual([]);
    await sent();
    server.clock.advance(HOUR);
  }
  const [entry] = await dead();
  expect(entry).toMatchObject({ kind: 'webhook', realm: '/', recipient: 'app', cause: 'status 500' });
  answer = { status: 200 };
  expect(await sent()).toEqual([]);
  await server.assent.store.committer.commit([{ type: 'outbox.revive', id: entry?.id ?? '' }]);
  expect(await sent()).toMatchObject([{ event: 'LOGOUT', user }]);
  expect(await dead()).toEqual([]);
});
