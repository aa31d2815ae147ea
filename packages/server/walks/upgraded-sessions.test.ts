import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSession } from '../src/testing/account-fixture.ts';
import { Interleaving } from '../src/testing/interleaving.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { type Answer, filledIn } from './every-way.ts';

// A thief has a session with a second factor, and the password. The session is ended while the password is checked that is to renew it: the new
// session has the password alone (SEC-61, SEC-85).

const PASSWORD = 'correct horse 7';
const LOGIN = '/authenticate?authIndexType=service&authIndexValue=Login&ForceAuth=true';
const ofSessions = { 'accept-api-version': 'resource=5.1' };

let server: SteeredServer;
let rest: RestClient;
let administrator: string | undefined;
let users = 0;
const interleaving = new Interleaving();

beforeAll(async () => {
  server = await steeredServer({ port: 18_478, hashCost: 'cheap-for-tests', between: interleaving.between });
  rest = restClient(server);
  administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(() => server?.assent.stop());

interface Thief {
  readonly name: string;
  readonly stolen: string;
}
const newThief = async (): Promise<Thief> => {
  users += 1;
  const name = `victim${users}`;
  await server.createUser('/', name, PASSWORD);
  const { token } = await openSession(server, '/', name, { factorAgeMillis: 1_000, factor: 'AuthenticatorOATH' });
  return { name, stolen: token };
};

/** Signs in by the password with the stolen session, which `meanwhile` ends. */
const renewed = async ({ name, stolen: token }: Thief, meanwhile?: () => Promise<unknown>) => {
  const headers = { 'accept-api-version': 'resource=2.1, protocol=1.0' };
  const asked: Answer = (await rest('POST', LOGIN, { body: {}, headers, token })).body;
  const callbacks = filledIn(asked.callbacks ?? [], { NameCallback: name, PasswordCallback: PASSWORD });
  let answer: Answer | undefined;
  const submit = async () => {
    answer = (await rest('POST', LOGIN, { body: { authId: asked.authId, callbacks }, headers, token })).body;
  };
  if (meanwhile === undefined) await submit();
  else
    expect(
      await interleaving.nest(
        submit,
        async () => void (await meanwhile()),
        0,
        (point) => point === 'verify',
      ),
    ).toBe(true);
  expect(answer?.tokenId).toEqual(expect.any(String));
  const { id } = (await server.assent.store.identities.find('/', name)) ?? { id: '' };
  const sessions = await server.assent.store.sessions.ofUser(id, server.clock.now());
  return { token: answer?.tokenId, factors: sessions.map(({ properties }) => properties.NodeType) };
};

test.each<[string, (of: Thief) => Promise<unknown>]>([
  [
    'that session is signed out',
    ({ stolen }) => rest('POST', '/sessions?_action=logout', { token: stolen, body: {}, headers: ofSessions }),
  ],
  [
    'an administrator signs the user out',
    ({ name }) =>
      rest('POST', '/sessions?_action=logoutByUser', {
        token: administrator,
        body: { username: name },
        headers: ofSessions,
      }),
  ],
])('nothing goes over to the next session where %s meanwhile', async (_how, end) => {
  const thief = await newThief();
  const { token, factors } = await renewed(thief, () => end(thief));
  expect(factors).toEqual([undefined]);
  const reset = `/users/${thief.name}/devices/2fa/oath?_action=reset`;
  expect(
    (await rest('POST', reset, { token, body: {}, headers: { 'accept-api-version': 'resource=1.0' } })).status,
  ).toBe(403);
});

test('the second factor goes over to the next session of one that is still there', async () => {
  const { factors } = await renewed(await newThief());
  expect(factors).toEqual(['AuthenticatorOATH|']);
});
