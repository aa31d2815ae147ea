import type { AuditEvent } from '@assent/engine/host';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSession } from '../../testing/account-fixture.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';
import { MAX_ROWS_READ } from './activity.ts';

const REALM = '/alpha';
const DAY = 24 * 3_600_000;
const PASSWORD = 'correct horse';

let server: SteeredServer;
let rest: RestClient;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  await server.createRealm(REALM);
  for (const name of ['sam', 'eve', 'ada']) await server.createUser(REALM, name, PASSWORD);
});
afterAll(() => server?.assent.stop());

const activity = (token: string | undefined, query = '', user = 'sam', realm = REALM) =>
  rest('GET', `${realm}/users/${user}/activity${query}`, { token });

const idOf = async (name: string): Promise<string> =>
  (await server.assent.store.identities.find(REALM, name))?.id ?? '';

const append = async (userId: string, events: readonly Partial<AuditEvent>[]): Promise<void> => {
  const changes = events.map((event) => ({
    type: 'audit.append',
    event: { at: server.clock.now(), event: 'DEVICE_ADD', realm: REALM, transactionId: 't', userId, ...event },
  }));
  expect(await server.assent.store.committer.commit(changes)).toEqual({ committed: true });
};

test('is shown to the user, and to others only with a role for that', async () => {
  const { token: eve } = await openSession(server, REALM, 'eve');
  for (const user of ['sam', 'nobody']) expect((await activity(eve, '', user)).status).toBe(403);
  expect((await activity(undefined)).status).toBe(401);
  const { token: sam } = await openSession(server, REALM, 'sam');
  expect((await activity(sam, '', 'sam', '')).status).toBe(403);
  expect((await activity(sam)).status).toBe(200);
  const admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  expect((await activity(admin)).status).toBe(200);
  expect((await activity(admin, '', 'nobody')).status).toBe(404);
});

test.each([
  ['_pageSize=0', '_pageSize'],
  ['_pageSize=101', '_pageSize'],
  ['_pageSize=ten', '_pageSize'],
  ['_pageSize=-1', '_pageSize'],
  ['_pagedResultsCookie=', '_pagedResultsCookie'],
  ['_pagedResultsCookie=1%27', '_pagedResultsCookie'],
])('is not told for %s', async (query, field) => {
  const { token } = await openSession(server, REALM, 'sam');
  expect(await activity(token, `?${query}`)).toMatchObject({ status: 400, body: { detail: { field } } });
});

test('tells a sign-in with its journey, address and browser', async () => {
  const headers = { 'accept-api-version': 'protocol=1.0,resource=2.1', 'user-agent': `Firefox ${'x'.repeat(300)}` };
  const path = `${REALM}/authenticate?authIndexType=service&authIndexValue=Login`;
  const callbacks = (name: string) => [
    { type: 'NameCallback', output: [], input: [{ name: 'IDToken1', value: name }] },
    { type: 'PasswordCallback', output: [], input: [{ name: 'IDToken2', value: PASSWORD }] },
  ];
  const { authId } = (await rest('POST', path, { body: {}, headers })).body;
  const end = await rest('POST', path, { body: { authId, callbacks: callbacks('ada') }, headers });
  expect(end.status).toBe(200);
  const { body } = await activity(String(end.body.tokenId), '', 'ada');
  expect(body.result).toEqual([
    {
      _id: expect.stringMatching(/^\d+$/),
      time: new Date(server.clock.now()).toISOString(),
      event: 'JOURNEY_END',
      outcome: 'success',
      journey: 'Login',
      address: '127.0.0.1',
      userAgent: `Firefox ${'x'.repeat(248)}`,
      byAdministrator: false,
    },
  ]);
});

test('comes in pages that new events do not shift, and goes back thirty days', async () => {
  const { token, session } = await openSession(server, REALM, 'sam');
  const now = server.clock.now();
  await append(session.userId, [
    { at: now - 30 * DAY - 1, outcome: 'too old' },
    ...[1, 2, 3, 4, 5].map((n) => ({ at: now - 30 * DAY, outcome: String(n) })),
    { event: 'JOURNEY_STEP', outcome: 'a detail' },
  ]);
  await append(await idOf('eve'), [{ outcome: 'of eve' }]);
  const seen: unknown[] = [];
  let cookie: unknown = null;
  do {
    const query: string = cookie === null ? '?_pageSize=2' : `?_pageSize=2&_pagedResultsCookie=${cookie}`;
    const { body } = await activity(token, query);
    seen.push((body.result as readonly { readonly outcome?: string }[]).map(({ outcome }) => outcome));
    cookie = body.pagedResultsCookie;
    await append(session.userId, [{ outcome: 'new' }]);
  } while (cookie !== null);
  expect(seen).toEqual([['5', '4'], ['3', '2'], ['1']]);
});

test('reads a bounded number of rows for a page, and its cookie leads on behind rows that are not shown (SEC-93)', async () => {
  await server.createUser(REALM, 'busy', PASSWORD);
  const { token, session } = await openSession(server, REALM, 'busy');
  await append(session.userId, [{ outcome: 'shown' }]);
  for (let at = 0; at < MAX_ROWS_READ; at += 500)
    await append(
      session.userId,
      Array.from({ length: 500 }, () => ({ event: 'USER_UPDATE' })),
    );
  const first = await activity(token, '', 'busy');
  expect(first.body.resultCount).toBe(0);
  expect(first.body).toMatchObject({ result: [], pagedResultsCookie: expect.any(String) });
  const second = await activity(token, `?_pagedResultsCookie=${first.body.pagedResultsCookie}`, 'busy');
  expect(second.body).toMatchObject({ result: [{ outcome: 'shown' }], pagedResultsCookie: null });
});

test('says that an administrator did it, and not which', async () => {
  const { token, session } = await openSession(server, REALM, 'sam');
  await append(session.userId, [
    { event: 'MFA_RESET', detail: { by: session.userId } },
    { event: 'MFA_RESET', detail: { by: 'somebody-else', type: 'push' } },
  ]);
  const { body } = await activity(token, '?_pageSize=2');
  expect(body.result).toMatchObject([{ byAdministrator: true }, { byAdministrator: false }]);
  expect(JSON.stringify(body)).not.toContain('somebody-else');
});
