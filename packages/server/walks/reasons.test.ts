import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addPhone, openSession } from '../src/testing/account-fixture.ts';
import { type Method, type RestClient, restClient } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';

// Why somebody's account was changed is kept with what was changed (SEC-54).

const REASON = 'request 4711';
let server: SteeredServer;
let rest: RestClient;
let owner: string;
let made = 0;
let name: string;

beforeAll(async () => {
  server = await steeredServer({ port: 8080, adminSecondFactor: true });
  rest = restClient(server);
  await server.createUser('/', 'owner', 'correct horse');
  await server.setAttributes('/', 'owner', { assentRoles: ['owner'] });
  owner = (await openSession(server, '/', 'owner', { factorAgeMillis: 0 })).token;
});
afterAll(() => server?.assent.stop());
beforeEach(async () => {
  made += 1;
  name = `user-${made}`;
  await server.createUser('/', name, 'correct horse');
});

const rows = async () => {
  const identity = await server.assent.store.identities.find('/', name);
  return server.assent.store.audit.ofUser(identity?.id ?? '', 50);
};
const asRealmSays = async (reasonsRequired: boolean) => {
  const answer = await rest('PUT', '/realm-config/services/assent', { token: owner, body: { reasonsRequired } });
  expect(answer.status).toBe(200);
};

type Changed = readonly [event: string, method: Method, path: (name: string, device: string) => string, body?: object];

const REMOVALS: readonly Changed[] = [
  ['MFA_RESET', 'POST', (user) => `/users/${user}/devices/2fa/push?_action=reset`, {}],
  ['DEVICE_REMOVE', 'DELETE', (user, device) => `/users/${user}/devices/2fa/push/${device}`],
];
const AS_THE_REALM_SAYS: readonly Changed[] = [
  ['DEVICE_RENAME', 'PUT', (user, device) => `/users/${user}/devices/2fa/push/${device}`, { deviceName: 'Lost' }],
  ['PUSH_PAUSED', 'POST', (user) => `/users/${user}/devices/2fa/push?_action=pause`, {}],
  ['OPTOUT_SET', 'POST', (user) => `/users/${user}/devices/2fa/push?_action=skip`, { value: false }],
  ['SESSION_END', 'POST', (user) => `/sessions?_action=logoutByUser&of=${user}`, {}],
  ['USER_UPDATE', 'PUT', (user) => `/users/${user}`, { userpassword: 'zephyr over the moor' }],
  ['USER_DELETE', 'DELETE', (user) => `/users/${user}`],
];

/** With a reason where such a call has it: an action in its body, anything else in a header. */
const call = async ([, method, path, body]: Changed, reason?: unknown) => {
  const { uuid } = await addPhone(server, '/', name);
  const isAction = method === 'POST';
  const given = reason === undefined || !isAction ? {} : { reason };
  const at = path(name, uuid).replace(/&of=.*/, '');
  return rest(method, at, {
    token: owner,
    ...(body !== undefined && { body: { ...body, ...given, ...(at.startsWith('/sessions') && { username: name }) } }),
    ...(reason !== undefined && !isAction && { headers: { 'x-assent-reason': String(reason) } }),
  });
};

describe.each(REMOVALS.map((changed) => [changed[0], changed] as const))('%s', (event, changed) => {
  test('of another user without a reason is refused where the realm asks for one, and changes nothing (SEC-54)', async () => {
    await asRealmSays(true);
    for (const none of [undefined, '']) {
      expect(await call(changed, none)).toMatchObject({ status: 400, body: { detail: { field: 'reason' } } });
    }
    await asRealmSays(false);
    expect((await rows()).map((row) => row.event)).not.toContain(event);
    const { id = '' } = (await server.assent.store.identities.find('/', name)) ?? {};
    expect(await server.assent.store.devices.ofUser(id)).toHaveLength(2);
  });

  test('of another user without a reason succeeds as a client of AM expects, and says that none was given (SEC-54)', async () => {
    for (const none of [undefined, '']) expect((await call(changed, none)).status).toBe(200);
    const said = (await rows()).filter((row) => row.event === event);
    expect(said.map(({ detail }) => detail?.reason)).toEqual(['no reason given', 'no reason given']);
  });

  test('keeps its reason in the row of the trail, beside who did it', async () => {
    expect((await call(changed, REASON)).status).toBe(200);
    expect(await rows()).toContainEqual(
      expect.objectContaining({ event, detail: expect.objectContaining({ reason: REASON, by: expect.any(String) }) }),
    );
  });
});

test.each([[7], [null], [['x']], [{}], ['   '], ['x'.repeat(201)], ['a\nb'], ['a\u202eb'], ['x'.repeat(65_000)]])(
  'is no reason: %j',
  async (reason) => {
    const [reset] = REMOVALS;
    if (reset === undefined) throw new Error('there is nothing to reset');
    const { status } = await call(reset, reason);
    expect([400, 413]).toContain(status);
    expect((await rows()).map(({ event }) => event)).not.toContain('MFA_RESET');
  },
);

const word = (charset: string, bytes: Buffer) => `=?${charset}?B?${bytes.toString('base64')}?=`;

test.each([
  ['an encoded word', word('UTF-8', Buffer.from('Gerät verloren'))],
  ['an encoded word of Latin 1', word('ISO-8859-1', Buffer.from('Gerät verloren', 'latin1'))],
  ['UTF-8, as a shell sends it', Buffer.from('Gerät verloren').toString('latin1')],
  ['Latin 1', 'Gerät verloren'],
])('a header has what is not ASCII as %s', async (_, reason) => {
  const { uuid } = await addPhone(server, '/', name);
  const headers = { 'x-assent-reason': reason };
  expect((await rest('DELETE', `/users/${name}/devices/2fa/push/${uuid}`, { token: owner, headers })).status).toBe(200);
  expect((await rows()).map(({ detail }) => detail?.reason)).toContain('Gerät verloren');
});

describe('an action, whose body the clients of AM decide', () => {
  const reset = (body: object | undefined, header: string) =>
    rest('POST', `/users/${name}/devices/2fa/push?_action=reset`, {
      token: owner,
      ...(body && { body }),
      headers: { 'x-assent-reason': header },
    });

  test.each([[{}], [{ reason: '' }], [{ reason: REASON }]])(
    'takes its reason from the header beside the body %j',
    async (body) => {
      await addPhone(server, '/', name);
      expect((await reset(body, REASON)).status).toBe(200);
      expect((await rows()).map(({ detail }) => detail?.reason)).toContain(REASON);
    },
  );

  test.each([[{ reason: 'another' }], [{ reason: 7 }], [{ reason: null }], [{ reason: [REASON] }]])(
    'is refused where the body %j says otherwise than the header',
    async (body) => {
      expect(await reset(body, REASON)).toMatchObject({ status: 400, body: { detail: { field: 'reason' } } });
      expect((await rows()).map(({ event }) => event)).not.toContain('MFA_RESET');
    },
  );

  test('hears where a reason may stand', async () => {
    await asRealmSays(true);
    const { body } = await reset({}, '');
    await asRealmSays(false);
    expect(body.message).toBe('The call needs a reason, as "reason" in the body or in the header X-Assent-Reason.');
  });
});

test('users take their own factors away without telling anybody why', async () => {
  await addPhone(server, '/', name);
  const { token } = await openSession(server, '/', name, { factorAgeMillis: 0 });
  const answer = await rest('POST', `/users/${name}/devices/2fa/push?_action=reset`, { token, body: {} });
  expect(answer.status).toBe(200);
});

test('who may not do it learns nothing of reasons', async () => {
  const { token } = await openSession(server, '/', name, { factorAgeMillis: 0 });
  const answer = await rest('POST', '/users/owner/devices/2fa/push?_action=reset', { token, body: {} });
  expect(answer).toMatchObject({ status: 403, body: { message: 'User is not authorized' } });
});

describe.each(AS_THE_REALM_SAYS.map((changed) => [changed[0], changed] as const))('%s', (event, changed) => {
  test('of somebody else keeps a reason, needs none, and is refused without one where the realm asks for it', async () => {
    await asRealmSays(true);
    expect(await call(changed)).toMatchObject({ status: 400, body: { detail: { field: 'reason' } } });
    expect((await rows()).map((row) => row.event)).not.toContain(event);
    await asRealmSays(false);
    const before = await rows();
    expect((await call(changed, REASON)).status).toBe(200);
    const { id: userId } = (await server.assent.store.identities.find('/', name)) ?? {};
    const after = userId === undefined ? [] : await server.assent.store.audit.ofUser(userId, 50);
    if (event !== 'USER_DELETE') {
      expect(after.slice(0, after.length - before.length)).toContainEqual(
        expect.objectContaining({ event, detail: expect.objectContaining({ reason: REASON }) }),
      );
      expect((await call(changed)).status).toBe(200);
    }
  });
});

test('an erasure leaves no reason of before (security-reliability §7)', async () => {
  const [reset] = REMOVALS;
  if (reset === undefined) throw new Error('there is nothing to reset');
  expect((await call(reset, REASON)).status).toBe(200);
  const { id = '' } = (await server.assent.store.identities.find('/', name)) ?? {};
  const body = { reason: 'request 4712' };
  expect((await rest('POST', `/users/${name}?_action=erase`, { token: owner, body })).status).toBe(200);
  expect(JSON.stringify(await server.assent.store.audit.ofUser(id, 50))).not.toContain(REASON);
});
