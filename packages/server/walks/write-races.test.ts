import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addGenerator, addPasskey, addPhone, openSession } from '../src/testing/account-fixture.ts';
import { Interleaving } from '../src/testing/interleaving.ts';
import { type Method, type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

const PASSWORD = 'correct horse';
const interleaving = new Interleaving();
let server: SteeredServer;
let rest: RestClient;
let administrator: string | undefined;
let count = 0;

beforeAll(async () => {
  server = await steeredServer({ port: 18_492, between: interleaving.between });
  rest = restClient(server);
  administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(() => server.assent.stop());

const someone = async (roles: readonly string[] = []) => {
  const name = `writer${++count}`;
  await server.createUser('/', name, PASSWORD);
  if (roles.length > 0) await server.setAttributes('/', name, { assentRoles: roles });
  const phone = await addPhone(server, '/', name);
  const generator = await addGenerator(server, '/', name);
  const passkey = await addPasskey(server, '/', name);
  const { token } = await openSession(server, '/', name, { factorAgeMillis: 1_000 });
  return { name, token, phone, generator, passkey };
};
type Someone = Awaited<ReturnType<typeof someone>>;
const call = (token: string | undefined, method: Method, path: string, body?: object, headers = {}) =>
  rest(method, path, { token, headers, ...(body && { body }) });

/** Every time somebody new, with `inner` at one more point of `outer`. */
const atEachPoint = async (
  outer: (user: Someone) => Promise<{ readonly status: number }>,
  inner: (user: Someone) => Promise<{ readonly status: number }>,
  holds: (user: Someone, statuses: { readonly outer: number; readonly inner: number }) => Promise<void>,
): Promise<void> => {
  for (let at = 0, isNested = true; isNested; at += 1) {
    const user = await someone();
    let innerStatus = 0;
    let outerStatus = 0;
    isNested = await interleaving.nest(
      async () => {
        outerStatus = (await outer(user)).status;
      },
      async () => {
        innerStatus = (await inner(user)).status;
      },
      at,
    );
    if (isNested) await holds(user, { outer: outerStatus, inner: innerStatus });
    else expect(at).toBeGreaterThan(0);
  }
};

describe.each<[string, (user: Someone) => Promise<{ readonly status: number }>]>([
  ['is signed out', ({ token }) => call(token, 'POST', '/sessions?_action=logout', {})],
  [
    'gets another password',
    ({ name }) => call(administrator, 'PUT', `/users/${name}`, { userpassword: 'by the desk' }),
  ],
  ['is disabled', ({ name }) => call(administrator, 'PUT', `/users/${name}`, { inetUserStatus: 'Inactive' })],
])('a user who meanwhile %s', (_what, happens) => {
  const mine = ({ name }: Someone) => `/users/${name}/devices/2fa`;
  test.each<[string, (user: Someone) => Promise<{ readonly status: number }>]>([
    ['renames no phone', (it) => call(it.token, 'PUT', `${mine(it)}/push/${it.phone.uuid}`, { deviceName: 'Mine' })],
    [
      'renames no generator',
      (it) => call(it.token, 'PUT', `${mine(it)}/oath/${it.generator.uuid}`, { deviceName: 'M' }),
    ],
    ['removes no phone', (it) => call(it.token, 'DELETE', `${mine(it)}/push/${it.phone.uuid}`)],
    ['removes no generator', (it) => call(it.token, 'DELETE', `${mine(it)}/oath/${it.generator.uuid}`)],
    ['removes no passkey', (it) => call(it.token, 'DELETE', `${mine(it)}/webauthn/${it.passkey.uuid}`)],
    ['resets nothing', (it) => call(it.token, 'POST', `${mine(it)}/push?_action=reset`, {})],
    ['gets no new codes', (it) => call(it.token, 'POST', `${mine(it)}/push?_action=renewCodes`, {})],
    ['changes no skip setting', (it) => call(it.token, 'POST', `${mine(it)}/push?_action=skip`, { value: false })],
    ['changes no name', (it) => call(it.token, 'PUT', `/users/${it.name}`, { givenName: 'Mine' })],
    [
      'changes no address',
      (it) => call(it.token, 'PUT', `/users/${it.name}`, { mail: 'x@example.org' }, { currentpassword: PASSWORD }),
    ],
  ])('%s (A3, SEC-61, SEC-62)', async (_title, write) => {
    const about = async ({ name }: Someone) => {
      const { identities, devices, oathDevices } = server.assent.store;
      const user = await identities.find('/', name);
      const id = user?.id ?? '';
      return {
        devices: [...(await devices.ofUser(id)), ...(await oathDevices.ofUser(id))].map((it) => it.deviceName),
        codes: await devices.countCodes(id, 'push'),
        attributes: user?.attributes,
      };
    };
    await atEachPoint(write, happens, async (user, statuses) => {
      expect(statuses.inner).toBe(200);
      expect([400, 401, 403, 409, 412]).toContain(statuses.outer);
      expect(await about(user)).toEqual({ devices: ['Pixel 8', 'OATH Device'], codes: 0, attributes: {} });
    });
  });
});

test('of two owners who take the role from each other at once, one remains (A3, SEC-72)', async () => {
  for (let at = 0, isNested = true; isNested; at += 1) {
    const [one, other] = [await someone(['owner']), await someone(['owner'])];
    const statuses: number[] = [];
    const demotes = (by: Someone, whom: Someone) => async () => {
      statuses.push((await call(by.token, 'PUT', `/users/${whom.name}`, { assentRoles: [] })).status);
    };
    isNested = await interleaving.nest(demotes(one, other), demotes(other, one), at);
    if (isNested) expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  }
});

test('an administrator who meanwhile loses the role makes nobody (A3, SEC-72)', async () => {
  for (let at = 0, isNested = true; isNested; at += 1) {
    const owner = await someone(['owner']);
    const username = `made-${owner.name}`;
    let status = 0;
    isNested = await interleaving.nest(
      async () => {
        status = (await call(owner.token, 'POST', '/users?_action=create', { username })).status;
      },
      () => call(administrator, 'PUT', `/users/${owner.name}`, { assentRoles: [] }),
      at,
    );
    if (!isNested) continue;
    expect(status).toBe(412);
    expect(await server.assent.store.identities.find('/', username)).toBeUndefined();
  }
});

test('a user who changed after being looked at is not deleted (A3)', async () => {
  await atEachPoint(
    async ({ name }) => call(administrator, 'DELETE', `/users/${name}`, undefined, { 'if-match': '*' }),
    async ({ name }) => call(administrator, 'PUT', `/users/${name}`, { assentRoles: ['owner'] }),
    async ({ name }, statuses) => {
      expect(statuses).toEqual({ outer: 412, inner: 200 });
      expect(await server.assent.store.identities.find('/', name)).toBeDefined();
    },
  );
});
