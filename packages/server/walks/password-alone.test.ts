import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addBoundDevice, addGenerator, addPasskey, addPhone, openSession } from '../src/testing/account-fixture.ts';
import { type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

// SEC-51: the password alone takes no account from an owner who has a second factor.

const REALM = '/alpha';
const PASSWORD = 'correct horse 7';

let server: SteeredServer;
let rest: RestClient;
let users = 0;

beforeAll(async () => {
  server = await steeredServer({ port: 18_711 });
  rest = restClient(server);
  await server.createRealm(REALM);
});
afterAll(() => server?.assent.stop());

const someone = async (): Promise<string> => {
  users += 1;
  const name = `jane${users}`;
  await server.createUser(REALM, name, PASSWORD);
  await server.setAttributes(REALM, name, { mail: ['jane@example.org'] });
  return name;
};
const attributesOf = async (name: string) => (await server.assent.store.identities.find(REALM, name))?.attributes ?? {};

const putOwn = (name: string, token: string, body: object) =>
  rest('PUT', `${REALM}/users/${name}`, { token, body, headers: { currentpassword: PASSWORD } });

describe('a session by the password alone, of a user with', () => {
  const devices = {
    'a phone': addPhone,
    'a code app': addGenerator,
    'a passkey': addPasskey,
    'a bound device': addBoundDevice,
  };
  const users = (name: string) => `${REALM}/users/${name}`;
  const acts = {
    mail: (name: string, token: string) => putOwn(name, token, { mail: ['other@example.org'] }),
    telephoneNumber: (name: string, token: string) => putOwn(name, token, { telephoneNumber: ['+4915100000000'] }),
    changePassword: (name: string, token: string) =>
      rest('POST', `${users(name)}?_action=changePassword`, {
        token,
        body: { currentpassword: PASSWORD, userpassword: 'attackers horse 99' },
      }),
    pause: (name: string, token: string) =>
      rest('POST', `${users(name)}/devices/2fa/push?_action=pause`, { token, body: {} }),
    logoutByHandle: async (name: string, token: string) => {
      const other = await openSession(server, REALM, name);
      const body = { sessionHandles: [other.session.handle] };
      return rest('POST', `${REALM}/sessions?_action=logoutByHandle`, { token, body });
    },
    logoutByUser: (name: string, token: string) =>
      rest('POST', `${REALM}/sessions?_action=logoutByUser`, { token, body: { username: name } }),
  } as const;
  const takesRecent = new Set(['mail', 'telephoneNumber', 'changePassword']);

  test.each(Object.keys(devices).flatMap((device) => Object.keys(acts).map((act) => [device, act] as const)))(
    '%s is asked for the second factor before %s (SEC-51)',
    async (device, act) => {
      const name = await someone();
      await devices[device as keyof typeof devices](server, REALM, name);
      const run = async (factorAgeMillis?: number) => {
        const facts = factorAgeMillis === undefined ? {} : { factorAgeMillis };
        const { token } = await openSession(server, REALM, name, facts);
        const before = (await attributesOf(name)).mail;
        const { status, body } = await acts[act as keyof typeof acts](name, token);
        if (status !== 200) {
          expect(body).toMatchObject({ code: 403, detail: { needs: 'recentFactor' } });
          expect((await attributesOf(name)).mail).toEqual(before);
        }
        return status;
      };
      expect(await run()).toBe(403);
      expect(await run(6 * 60_000)).toBe(takesRecent.has(act) ? 403 : 200);
      expect(await run(0)).toBe(200);
    },
  );

  test.each(Object.keys(acts))('nothing more may do %s as in AM', async (act) => {
    const name = await someone();
    const { token } = await openSession(server, REALM, name);
    expect((await acts[act as keyof typeof acts](name, token)).status).toBe(200);
  });

  test('a phone ends itself, and is told so (SEC-51)', async () => {
    const name = await someone();
    await addPhone(server, REALM, name);
    const { token, session } = await openSession(server, REALM, name);
    const body = { sessionHandles: [session.handle] };
    const answer = await rest('POST', `${REALM}/sessions?_action=logoutByHandle`, { token, body });
    expect(answer).toMatchObject({ status: 200, body: { result: { [session.handle]: true } } });
  });
});
