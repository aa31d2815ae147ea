import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSession } from '../src/testing/account-fixture.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { type Answer, filledIn } from './every-way.ts';

// A thief has a session, and holds a journey that takes its user from the session and waits at a later step. The session is ended: the journey signs
// in no one and writes nothing (docs/adr/0149).

const PASSWORD = 'correct horse 7';
const ofSessions = { 'accept-api-version': 'resource=5.1' };
const ofJourneys = { 'accept-api-version': 'resource=2.1, protocol=1.0' };
const ofUsers = { 'accept-api-version': 'resource=4.0' };

let server: SteeredServer;
let rest: RestClient;
let administrator: string | undefined;
let users = 0;

beforeAll(async () => {
  server = await steeredServer({ port: 18_482, hashCost: 'cheap-for-tests' });
  rest = restClient(server);
  administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await publishTree(server, 'Renewed', {
    read: ['SessionDataNode', { outcome: 'terms' }, { sessionDataKey: 'UserToken', sharedStateKey: 'username' }],
    terms: [
      'ChoiceCollectorNode',
      { go: SUCCESS, stop: FAILURE },
      { choices: ['go', 'stop'], defaultChoice: 'go', prompt: 'Terms' },
    ],
  });
});
afterAll(() => server?.assent.stop());

interface Thief {
  readonly name: string;
  readonly stolen: string;
}

/** A journey that has read the stolen session, at the step behind it. */
const held = async (): Promise<Thief & { submit(token?: string): ReturnType<RestClient> }> => {
  users += 1;
  const name = `victim${users}`;
  await server.createUser('/', name, PASSWORD);
  const { token: stolen } = await openSession(server, '/', name);
  const path = '/authenticate?authIndexType=service&authIndexValue=Renewed&ForceAuth=true';
  const { authId, callbacks = [] }: Answer = (
    await rest('POST', path, { body: {}, headers: ofJourneys, token: stolen })
  ).body;
  expect(callbacks).toHaveLength(1);
  return {
    name,
    stolen,
    submit: (token) =>
      rest('POST', path, {
        body: { authId, callbacks: filledIn(callbacks, {}) },
        headers: ofJourneys,
        ...(token !== undefined && { token }),
      }),
  };
};

const sessionsOf = async (name: string): Promise<number> => {
  const { id } = (await server.assent.store.identities.find('/', name)) ?? { id: '' };
  return server.assent.store.sessions.countOfUser(id, server.clock.now());
};

const setActive = (name: string, inetUserStatus: 'Active' | 'Inactive') =>
  rest('PUT', `/users/${name}`, { token: administrator, body: { inetUserStatus }, headers: ofUsers });

const ENDINGS: readonly [string, (of: Thief) => Promise<unknown>][] = [
  [
    'that session was signed out',
    ({ stolen }) => rest('POST', '/sessions?_action=logout', { token: stolen, body: {}, headers: ofSessions }),
  ],
  [
    'an administrator has signed the user out',
    ({ name }) =>
      rest('POST', '/sessions?_action=logoutByUser', {
        token: administrator,
        body: { username: name },
        headers: ofSessions,
      }),
  ],
  [
    'an administrator has set another password',
    ({ name }) =>
      rest('PUT', `/users/${name}`, {
        token: administrator,
        body: { userpassword: 'another horse 8' },
        headers: ofUsers,
      }),
  ],
  [
    'the user was disabled and enabled',
    async ({ name }) => {
      await setActive(name, 'Inactive');
      await setActive(name, 'Active');
    },
  ],
];

test.each(ENDINGS)('the journey is over where %s, with the session and without it', async (_how, end) => {
  for (const withSession of [false, true]) {
    const thief = await held();
    await end(thief);
    expect(await sessionsOf(thief.name)).toBe(0);
    const { status, body } = await thief.submit(withSession ? thief.stolen : undefined);
    expect({ status, body }).toMatchObject({ status: 401, body: { detail: { errorCode: '110' } } });
    expect(await sessionsOf(thief.name)).toBe(0);
  }
});

test('the journey goes on while the session lives', async () => {
  const { name, submit } = await held();
  const { status, body } = await submit();
  expect({ status, body }).toMatchObject({ status: 200, body: { tokenId: expect.any(String) } });
  expect(await sessionsOf(name)).toBe(2);
});
