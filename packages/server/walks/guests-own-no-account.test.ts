import { readClientGenerations } from '@assent/oidc';
import type { StoreChange } from '@assent/store';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addPhone, openSession } from '../src/testing/account-fixture.ts';
import { publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type Method, type RestAnswer, type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// SEC-52: all guests of a realm are one user, so the session of a guest owns no account. A guest reads and ends its own session, and nothing that belongs
// to other guests.

const REALM = '/shop';
const PASSWORD = 'correct horse 7';
const SHARED = 'anonymous';
const BROWSER_OF_OTHERS = 'Browser of another guest';

let server: SteeredServer;
let rest: RestClient;
let root: string;

const guest = async (userAgent: string, tree = 'Guest'): Promise<string> => {
  const path = `${REALM}/authenticate?authIndexType=service&authIndexValue=${tree}`;
  const { body } = await rest('POST', path, { body: {}, headers: { 'user-agent': userAgent } });
  return String(body.tokenId);
};
const post = (token: string, path: string, body: object = {}) => rest('POST', `${REALM}/${path}`, { token, body });
const isValid = async (token: string) => (await post(token, 'sessions?_action=validate')).body.valid;
const handleOf = async (token: string) => String((await post(token, 'sessions?_action=validate')).body.sessionUid);
const listOf = (username: string) =>
  `sessions?_queryFilter=${encodeURIComponent(`username eq "${username}" and realm eq "${REALM}"`)}`;

beforeAll(async () => {
  server = await steeredServer({ port: 18_795, environment: { ESV_PLAIN_VISITOR: 'visitor' } });
  rest = restClient(server);
  await server.createRealm(REALM);
  for (const name of [SHARED, 'jane', 'visitor', 'desk', 'boss']) await server.createUser(REALM, name, PASSWORD);
  await server.setAttributes(REALM, 'desk', { assentRoles: ['helpdesk'] });
  await server.setAttributes(REALM, 'boss', { assentRoles: ['owner'] });
  await publishTree(server, 'Guest', { guest: ['AnonymousUserNode', { outcome: SUCCESS }] }, REALM);
  const config = { anonymousUserName: '&{esv.visitor}' };
  await publishTree(server, 'Kiosk', { guest: ['AnonymousUserNode', { outcome: SUCCESS }, config] }, REALM);
  root = (await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
  const client = await rest('PUT', `${REALM}/realm-config/agents/OAuth2Client/planner`, {
    token: root,
    body: { coreOAuth2ClientConfig: { clientType: 'Public', status: 'Active', scopes: ['openid'] } },
  });
  expect(client.status).toBe(201);
});
afterAll(() => server?.assent.stop());

/** What a user has agreed to, behind the back of the server. */
const saveConsent = async (username: string): Promise<void> => {
  const userId = (await server.assent.store.identities.find(REALM, username))?.id ?? '';
  const { consentGeneration } = readClientGenerations(server.assent.configuration.client(REALM, 'planner')?.generation);
  const change: StoreChange = {
    type: 'consent.save',
    row: {
      realm: REALM,
      userId,
      clientId: 'planner',
      scopes: ['openid'],
      ...(consentGeneration !== undefined && { clientGeneration: consentGeneration }),
    },
  };
  expect(await server.assent.store.committer.commit([change])).toEqual({ committed: true });
};

interface Asked {
  readonly path: string;
  readonly body?: object;
}

/** Actions of routes that take one, with bodies that nothing is wrong with; a route of an account that is not here is called without an action. */
const actionsOf = (
  username: string,
  handles: readonly string[],
): Readonly<Record<string, Readonly<Record<string, object>>>> => ({
  'POST sessions': {
    logoutByHandle: { sessionHandles: handles },
    logoutByUser: { username },
  },
  'POST users/:user': {
    validatePassword: { userpassword: 'another horse 8' },
    export: {},
    erase: { reason: 'x', dryRun: true },
    changePassword: { currentpassword: 'wrong', userpassword: 'another horse 8' },
  },
  'POST users/:user/oauth2/applications': { revoke: { clientId: 'planner' } },
  'POST users/:user/devices/2fa/:type': {
    check: {},
    skip: { value: false },
    countCodes: {},
    renewCodes: {},
    pause: {},
    reset: {},
  },
});

/** Actions about the session whose token the caller has, and nothing else. */
const OF_OWN_SESSION = [
  'sessions?_action=getSessionInfo',
  'sessions?_action=getSessionInfoAndResetIdleTime',
  'sessions?_action=getSessionProperties',
  'sessions?_action=validate',
  'sessions?_action=refresh',
  'sessions?_action=updateSessionProperties',
  'users?_action=idFromSession',
  'users?_action=validateGoto',
];

const keyOf = (route: string): string => route.replace(' /json/', ' ');

/** Every way in which a route of the table is called for the account of that name. */
const callsOf = (route: string, username: string, phone: string, handles: readonly string[]): readonly Asked[] => {
  const key = keyOf(route);
  const [method = '', pattern = ''] = key.split(' ');
  const path = pattern
    .replace(':user', username)
    .replace('2fa/:type', '2fa/push')
    .replace(':client', 'planner')
    .replace(':id', phone)
    .replace(/:\w+/g, 'none');
  if (key === 'GET sessions') return [{ path: listOf(username) }];
  const actions = actionsOf(username, handles)[key];
  if (actions !== undefined)
    return Object.entries(actions).map(([name, body]) => ({ path: `${path}?_action=${name}`, body }));
  if (method === 'PUT') {
    const body = path.includes('/devices/') ? { deviceName: 'Pwned', alias: 'Pwned' } : { givenName: ['Pwned'] };
    return [{ path, body }];
  }
  return [{ path: method === 'GET' ? `${path}?_queryFilter=true` : path, ...(method === 'POST' && { body: {} }) }];
};

/** Routes of the table that name an account, in the path or in what is sent, and those that name none. */
const routes = () => {
  const all = server.assent.routes.filter((route) => / \/json\//.test(route) && !route.startsWith('HEAD '));
  const isOfAccount = (route: string) => route.includes('/users/:user') || route.endsWith(' /json/sessions');
  return { ofAccount: all.filter(isOfAccount), others: all.filter((route) => !isOfAccount(route)) };
};

const callAll = async (
  token: string,
  among: readonly string[],
  { username = SHARED, phone = 'none', handles = ['none'] as readonly string[] } = {},
): Promise<readonly { readonly call: string; readonly answer: RestAnswer }[]> => {
  const answers = [];
  for (const route of among) {
    const method = route.split(' ')[0] as Method;
    for (const { path, body } of callsOf(route, username, phone, handles)) {
      const answer = await rest(method, `${REALM}/${path}`, { token, ...(body && { body }) });
      answers.push({ call: `${method} ${path}`, answer });
    }
  }
  return answers;
};

describe('every route of the table', () => {
  test('refuses a guest the account that all guests share, and says why (SEC-52)', async () => {
    const phone = (await addPhone(server, REALM, SHARED)).uuid;
    await saveConsent(SHARED);
    const other = await guest(BROWSER_OF_OTHERS);
    const token = await guest('Browser of the caller');
    const handles = [await handleOf(other)];
    const before = await server.attributes(REALM, SHARED);
    const { ofAccount } = routes();
    expect(ofAccount.length).toBeGreaterThanOrEqual(18);

    for (const username of [SHARED, 'Anonymous', `id=${SHARED},ou=user,o=shop,ou=services,ou=am-config`]) {
      const told = await callAll(token, ofAccount, { username, phone, handles });
      expect(told.length).toBeGreaterThan(25);
      for (const { call, answer } of told) {
        expect([answer.status, answer.body.detail], call).toEqual([403, { needs: 'account' }]);
        expect(JSON.stringify(answer.body), call).not.toContain(BROWSER_OF_OTHERS);
      }
    }

    expect([await isValid(other), await isValid(token)]).toEqual([true, true]);
    expect(await server.attributes(REALM, SHARED)).toEqual(before);
    const seen = async (path: string) => (await rest('GET', `${REALM}/users/${SHARED}/${path}`, { token: root })).body;
    expect((await seen('devices/2fa/push?_queryFilter=true')).result).toHaveLength(1);
    expect((await seen('oauth2/applications?_queryFilter=true')).result).toHaveLength(1);
  });

  test('answers a user about the own account by the same calls', async () => {
    const phone = (await addPhone(server, REALM, 'jane')).uuid;
    await saveConsent('jane');
    const { token } = await openSession(server, REALM, 'jane', { factorAgeMillis: 0 });
    const { session: other } = await openSession(server, REALM, 'jane');
    const { ofAccount } = routes();
    // What ends the session comes last.
    const order = [...ofAccount].sort((a, b) => Number(a.includes('/sessions')) - Number(b.includes('/sessions')));
    const told = await callAll(token, order, { username: 'jane', phone, handles: [other.handle] });
    const refused = told.filter(({ answer }) => [401, 403].includes(answer.status)).map(({ call }) => call);
    expect(refused).toEqual(['DELETE users/jane', 'POST users/jane?_action=erase']);
    const succeeded = told.filter(({ answer }) => answer.status === 200).map(({ call }) => call);
    expect(succeeded.length).toBeGreaterThanOrEqual(18);
    expect(succeeded).toEqual(
      expect.arrayContaining([
        `GET ${listOf('jane')}`,
        'GET users/jane/activity?_queryFilter=true',
        'PUT users/jane',
        'POST users/jane?_action=export',
        'POST users/jane/oauth2/applications?_action=revoke',
        'POST sessions?_action=logoutByHandle',
        'POST sessions?_action=logoutByUser',
      ]),
    );
  });

  // A new route that answers any session has to say in this list why a guest may reach it.
  test('answers a guest as it answers a caller without a session, but for actions about the own session', async () => {
    const token = await guest('Browser of the caller');
    const open: string[] = [];
    for (const { call, answer } of await callAll(token, routes().others)) {
      if (answer.status !== 401 && answer.status !== 403) open.push(call.replace(/\?.*/, ''));
    }
    expect(open.toSorted()).toEqual(
      [
        'GET health/live',
        'GET health/ready',
        'GET serverinfo/*',
        'GET serverinfo/page',
        'GET serverinfo/cookieDomains',
        'GET serverinfo/version',
        'POST authenticate',
        'GET authenticate/wait',
        'POST authenticate/renotify',
        'POST push/sns/message',
        'POST push/relay',
        'POST users',
      ].toSorted(),
    );
    for (const path of OF_OWN_SESSION) {
      const { status, body } = await post(token, path);
      expect(status, path).toBe(200);
      expect(JSON.stringify(body), path).not.toContain(BROWSER_OF_OTHERS);
    }
    expect((await post(token, 'users?_action=create', { username: 'x' })).status).toBe(403);
  });
});

describe('two guests', () => {
  let first: string;
  let second: string;
  beforeEach(async () => {
    first = await guest('Browser of the first');
    second = await guest('Browser of the second');
  });

  test('each know their own session and end it alone, also at the same time as they try to end the other', async () => {
    const handles = await Promise.all([first, second].map(handleOf));
    expect(new Set(handles).size).toBe(2);
    const byHandle = () => post(first, 'sessions?_action=logoutByHandle', { sessionHandles: handles });
    const byUser = () => post(first, 'sessions?_action=logoutByUser', { username: SHARED });
    expect([(await byHandle()).status, (await byUser()).status]).toEqual([403, 403]);
    expect([await isValid(first), await isValid(second)]).toEqual([true, true]);
    const answers = await Promise.all([
      byHandle(),
      byUser(),
      post(first, 'sessions?_action=logout'),
      byHandle(),
      byUser(),
    ]);
    expect(answers[2]).toMatchObject({ status: 200, body: { result: 'Successfully logged out' } });
    for (const { status } of [answers[0], answers[1], answers[3], answers[4]].flatMap((it) => it ?? []))
      expect([401, 403]).toContain(status);
    expect([await isValid(first), await isValid(second)]).toEqual([false, true]);
  });

  test('a guest cannot end even the own session by its handle, because no list of handles is of a guest', async () => {
    const answer = await post(first, 'sessions?_action=logoutByHandle', { sessionHandles: [await handleOf(first)] });
    expect(answer).toMatchObject({ status: 403, body: { detail: { needs: 'account' } } });
    expect(await isValid(first)).toBe(true);
  });

  test('are listed and ended by those who have a role for it', async () => {
    const { token: desk } = await openSession(server, REALM, 'desk', { factorAgeMillis: 0 });
    const { token: boss } = await openSession(server, REALM, 'boss', { factorAgeMillis: 0 });
    const listed = (await rest('GET', `${REALM}/${listOf(SHARED)}`, { token: desk })).body.result as readonly object[];
    expect(listed.length).toBeGreaterThanOrEqual(2);
    expect((await rest('GET', `${REALM}/users/${SHARED}/activity`, { token: desk })).status).toBe(200);
    expect((await post(boss, 'sessions?_action=logoutByUser', { username: SHARED })).status).toBe(200);
    expect([await isValid(first), await isValid(second)]).toEqual([false, false]);
  });
});

describe('a session that does not say that its visitor was mapped', () => {
  const ownRecord = async (username: string, token: string) =>
    (await rest('GET', `${REALM}/users/${username}`, { token })).status;

  test('owns no account either while a tree maps visitors to its user, by name or by placeholder', async () => {
    for (const username of [SHARED, 'visitor']) {
      const { token } = await openSession(server, REALM, username, { factorAgeMillis: 0 });
      expect(await ownRecord(username, token)).toBe(403);
      expect(await ownRecord(username, (await signIn(rest, REALM, username, PASSWORD)) ?? '')).toBe(403);
    }
  });

  test('owns its account once no tree maps visitors to its user, where one that does say so still owns none', async () => {
    const mapped = await guest('Browser of a visitor', 'Kiosk');
    const { token } = await openSession(server, REALM, 'visitor');
    await publishTree(server, 'Kiosk', { name: ['UsernameCollectorNode', { outcome: SUCCESS }] }, REALM);
    expect([await ownRecord('visitor', mapped), await ownRecord('visitor', token)]).toEqual([403, 200]);
  });
});

test('a role of the shared user is none of its guests, and is that of others who sign in as administrators (SEC-72)', async () => {
  await server.createUser(REALM, 'lobby', PASSWORD);
  await server.setAttributes(REALM, 'lobby', { assentRoles: ['owner'] });
  const config = { anonymousUserName: 'lobby' };
  await publishTree(server, 'Lobby', { guest: ['AnonymousUserNode', { outcome: SUCCESS }, config] }, REALM);
  const token = await guest('Browser of a visitor', 'Lobby');
  const read = async (by: string | undefined) =>
    (await rest('GET', `${REALM}/users?_queryFilter=true`, { token: by })).status;
  expect(await read(token)).toBe(403);
  expect(await read(await signIn(rest, REALM, 'lobby', PASSWORD))).toBe(200);
});
