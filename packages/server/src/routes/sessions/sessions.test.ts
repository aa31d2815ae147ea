import { isSystemSessionProperty } from '@assent/engine';
import { configuring } from '@assent/store/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toPublishedTree } from '../../journeys/shipped-journey.ts';
import { openSession } from '../../testing/account-fixture.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

const REALM = '/alpha';
const USER = 'sam';
const PASSWORD = 'correct horse';

let server: SteeredServer;
let rest: RestClient;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  await server.createRealm(REALM);
  await server.createUser(REALM, USER, PASSWORD);
});
afterAll(() => server?.assent.stop());

/** Makes `Login` a password login that ends with those options of the session. */
const publishLogin = async (config: Readonly<Record<string, unknown>>): Promise<void> => {
  const journey = {
    name: 'Login',
    description: '',
    entry: 'page',
    nodes: {
      page: {
        type: 'PageNode',
        displayName: 'Sign in',
        inside: [
          { type: 'UsernameCollectorNode', displayName: 'Name' },
          { type: 'PasswordCollectorNode', displayName: 'Password' },
        ],
        to: { outcome: 'check' },
      },
      check: { type: 'DataStoreDecisionNode', displayName: 'Check', to: { true: 'set', false: 'Failure' } },
      set: { type: 'SetSessionPropertiesNode', displayName: 'Set', config, to: { outcome: 'Success' } },
    },
  };
  await configuring(server.assent.store).publishTree(toPublishedTree(REALM, journey));
  await server.assent.configuration.refresh();
};

const name = fc
  .oneof(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), fc.constantFrom('constructor', 'colour', 'a.b'))
  .filter((it) => !isSystemSessionProperty(it) && it !== '__proto__');
const minutes = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined });

test('what Set Session Properties wants is what getSessionInfo tells, to the letter and to the second', async () => {
  const options = fc.record({
    properties: fc.dictionary(name, fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }), { maxKeys: 6 }),
    maxSessionTime: minutes,
    maxIdleTime: minutes,
  });
  await fc.assert(
    fc.asyncProperty(options, async ({ properties, maxSessionTime, maxIdleTime }) => {
      await publishLogin({
        properties,
        ...(maxSessionTime !== undefined && { maxSessionTime }),
        ...(maxIdleTime !== undefined && { maxIdleTime }),
      });
      const token = await signIn(rest, REALM, USER, PASSWORD);
      expect(token).toBeTypeOf('string');
      const { status, body } = await rest('POST', `${REALM}/sessions?_action=getSessionInfo`, {
        body: { tokenId: token },
        headers: { 'accept-api-version': 'resource=4.0' },
      });
      expect(status).toBe(200);
      const told = Object.entries(body.properties as Record<string, string>);
      // The rest are the server's own, and none of them may have come from the author.
      expect(Object.fromEntries(told.filter(([it]) => !isSystemSessionProperty(it)))).toEqual({ ...properties });

      const [lasts, idle] = [maxSessionTime ?? 120, Math.min(maxIdleTime ?? 30, maxSessionTime ?? 120)];
      const after = (millis: number) => `${new Date(server.clock.now() + millis).toISOString().slice(0, 19)}Z`;
      expect(body).toMatchObject({
        username: USER,
        realm: REALM,
        maxSessionExpirationTime: after(lasts * 60_000),
        maxIdleExpirationTime: after(idle * 60_000),
      });
    }),
    { numRuns: 40 },
  );
});

describe('a session by its token', () => {
  const act = (action: string, token: string, realm = REALM, headers: Readonly<Record<string, string>> = {}) =>
    rest('POST', `${realm}/sessions?_action=${action}`, { token, headers });
  const valid = async (token: string, realm = REALM) => (await act('validate', token, realm)).body.valid;

  test('is shown without being used, and is used by getSessionInfoAndResetIdleTime (B7)', async () => {
    const { token } = await openSession(server, REALM, USER);
    const idlesOutAt = async (action: string) => (await act(action, token)).body.maxIdleExpirationTime as string;
    const first = await idlesOutAt('getSessionInfo');
    server.clock.advance(10 * 60_000);
    expect(await idlesOutAt('getSessionInfo')).toBe(first);
    const second = await idlesOutAt('getSessionInfoAndResetIdleTime');
    expect(Date.parse(second) - Date.parse(first)).toBe(10 * 60_000);
    expect(await idlesOutAt('getSessionInfo')).toBe(second);
    for (const action of ['getSessionInfo', 'getSessionInfoAndResetIdleTime']) {
      expect(await act(action, 'nobody')).toMatchObject({ status: 401, body: { message: 'Access Denied' } });
    }
  });

  test('is over when the answer to a logout says so, by whichever realm’s address it came (B7)', async () => {
    const { token } = await openSession(server, REALM, USER);
    expect(await valid(token, '/')).toBe(false);
    expect((await act('logout', token, '/')).body).toEqual({ result: 'Successfully logged out' });
    expect(await valid(token)).toBe(false);
    expect((await act('logout', token, '/')).body).toEqual({ result: 'Token has expired' });
  });

  test('is not ended by a page that another realm lists', async () => {
    const root = server.assent.configuration.realm('/');
    if (root === undefined) throw new Error('There is no root realm.');
    await configuring(server.assent.store).saveRealm({ ...root, corsOrigins: ['https://other.example'] });
    await server.assent.configuration.refresh();
    const { token } = await openSession(server, REALM, USER);
    await act('logout', token, '/', { origin: 'https://other.example' });
    expect(await valid(token)).toBe(true);
  });
});

describe('where a user is signed in', () => {
  const listed = (token: string | undefined, filter: string, realm = REALM) =>
    rest('GET', `${realm}/sessions?_queryFilter=${encodeURIComponent(filter)}`, { token });
  const byName = (name: string, realm = REALM) => `username eq "${name}" and realm eq "${realm}"`;
  const end = (token: string | undefined, sessionHandles: unknown) =>
    rest('POST', `${REALM}/sessions?_action=logoutByHandle`, { token, body: { sessionHandles } });

  test.each([
    '',
    'true',
    'username pr',
    'username eq "sam" or true',
    'username eq "sam" and username eq "eve"',
    'username eq "sam" and sessionHandle sw "a"',
    'username eq "sam" and realm eq "/"',
    'realm eq "/alpha"',
  ])('is not told for the filter %j', async (filter) => {
    const { token } = await openSession(server, REALM, USER);
    const answer = await listed(token, filter);
    expect(answer).toMatchObject({ status: 400, body: { detail: { field: '_queryFilter' } } });
  });

  test('is listed for the user, newest first, with what it is recognised by and nothing that opens it', async () => {
    await server.createUser(REALM, 'ada', PASSWORD);
    const { token, session } = await openSession(server, REALM, 'ada', {
      address: '192.0.2.1',
      userAgent: 'Firefox',
      createdAgoMillis: 60_000,
    });
    const other = await openSession(server, REALM, 'ada');
    const { status, body } = await listed(token, byName('ada'));
    expect(status).toBe(200);
    expect(body.result).toMatchObject([
      { sessionHandle: other.session.handle, isCurrent: false },
      { sessionHandle: session.handle, isCurrent: true, address: '192.0.2.1', userAgent: 'Firefox', username: 'ada' },
    ]);
    for (const secret of [token, other.token, session.tokenHash, other.session.tokenHash]) {
      expect(JSON.stringify(body)).not.toContain(secret);
    }
  });

  test('is no business of other users, and of administrators only', async () => {
    await server.createUser(REALM, 'eve', PASSWORD);
    const { token: eve } = await openSession(server, REALM, 'eve');
    for (const name of ['ada', 'nobody']) expect((await listed(eve, byName(name))).status).toBe(403);
    expect((await listed(undefined, byName('ada'))).status).toBe(401);
    const admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    expect((await listed(admin, byName('ada'))).body.resultCount).toBe(2);
    expect((await listed(admin, byName('nobody'))).body.result).toEqual([]);
  });

  test.each([undefined, 'a', [], [1], Array.from({ length: 101 }, String)])(
    'is not ended by the handles %#',
    async (handles) => {
      const { token } = await openSession(server, REALM, USER);
      const answer = await end(token, handles);
      expect(answer).toMatchObject({ status: 400, body: { detail: { field: 'sessionHandles' } } });
    },
  );

  test('ends by handle, at once, for the record, and for nobody else', async () => {
    await server.createUser(REALM, 'bo', PASSWORD);
    const mine = await openSession(server, REALM, 'bo');
    const lost = await openSession(server, REALM, 'bo');
    const eve = await openSession(server, REALM, 'eve');
    const isLive = async ({ token }: { readonly token: string }) =>
      (await rest('POST', `${REALM}/sessions?_action=validate`, { body: { tokenId: token } })).body.valid;

    expect((await end(undefined, [lost.session.handle])).status).toBe(401);
    expect((await end(eve.token, [lost.session.handle])).body).toEqual({ result: { [lost.session.handle]: false } });
    expect(await isLive(lost)).toBe(true);

    const both = [lost.session.handle, eve.session.handle, lost.session.handle];
    expect((await end(mine.token, both)).body).toEqual({
      result: { [lost.session.handle]: true, [eve.session.handle]: false },
    });
    expect([await isLive(lost), await isLive(mine), await isLive(eve)]).toEqual([false, true, true]);
    expect((await end(mine.token, [lost.session.handle])).body).toEqual({ result: { [lost.session.handle]: false } });
    const trail = await server.assent.store.audit.ofUser(mine.session.userId, 9);
    expect(trail.filter(({ event }) => event === 'SESSION_END')).toMatchObject([{ outcome: 'logout', realm: REALM }]);
  });
});
