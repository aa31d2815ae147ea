import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSession } from '../../testing/account-fixture.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

const REALM = '/alpha';
let server: SteeredServer;
let rest: RestClient;
let administrator: string;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  await server.createRealm(REALM);
  for (const name of ['sam', 'eve', 'boss', 'helper']) await server.createUser(REALM, name, 'correct horse');
  await server.setAttributes(REALM, 'boss', { assentRoles: ['owner'] });
  await server.setAttributes(REALM, 'helper', { assentRoles: ['helpdesk'] });
  administrator = (await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
});
afterAll(() => server?.assent.stop());

const SERVICE = `${REALM}/realm-config/services/amSessionPropertyWhitelist`;
const allow = (sessionPropertyWhitelist: readonly string[]) =>
  rest('PUT', SERVICE, { token: administrator, body: { sessionPropertyWhitelist } });
const act = (action: string, token: string, body: unknown) =>
  rest('POST', `${REALM}/sessions?_action=${action}`, { token, body });
const propertiesOf = async (token: string) => (await act('getSessionProperties', token, {})).body;

describe('sessions?_action=updateSessionProperties (B7)', () => {
  beforeEach(() => allow(['colour', 'size']));

  test('changes nothing for a token that opens nothing', async () => {
    expect(await act('updateSessionProperties', 'nobody', { colour: 'red' })).toMatchObject({ status: 401 });
  });

  test('changes nothing that the realm does not list, and names it', async () => {
    const { token } = await openSession(server, REALM, 'sam');
    const answer = await act('updateSessionProperties', token, { colour: 'red', role: 'admin' });
    expect(answer).toMatchObject({ status: 403, body: { detail: { property: 'role' } } });
    expect(await propertiesOf(token)).toEqual({});
  });

  test.each([1, null, true, ['red'], { a: 1 }, 'x'.repeat(1_025)])('takes no value %j', async (colour) => {
    const { token } = await openSession(server, REALM, 'sam');
    const answer = await act('updateSessionProperties', token, { colour });
    expect(answer).toMatchObject({ status: 400, body: { detail: { field: 'colour' } } });
  });

  test.each([[[]], ['text'], [7]])('takes no body %j', async (body) => {
    const { token } = await openSession(server, REALM, 'sam');
    expect((await act('updateSessionProperties', token, body)).status).toBe(400);
  });

  // A user who could write it could manage devices without having used one.
  test('never touches what the server knows of a session, whatever the realm lists', async () => {
    const proofs = ['AuthFactors', 'Journeys', 'NodeType', 'FactorInstant'];
    const names = [...proofs, 'AuthLevel', 'Service', 'Host', 'UserAgent', 'UserId', 'AMCtxId'];
    const listed = [...names, ...names.map((name) => name.toLowerCase()), 'persistentCookie_x', 'am.protected.x'];
    await allow([...listed, 'colour']);
    const { token } = await openSession(server, REALM, 'sam', { factorAgeMillis: 60_000, address: '192.0.2.1' });
    const before = await propertiesOf(token);
    for (const property of listed) {
      const refusal = await act('updateSessionProperties', token, { [property]: 'AuthenticatorPush' });
      expect(refusal).toMatchObject({ status: 403, body: { message: expect.stringContaining("the server's own") } });
    }
    expect(await propertiesOf(token)).toEqual(before);
    expect((await act('updateSessionProperties', token, {})).body).toEqual({ colour: '' });
  });

  test('sets what the realm lists, takes away by an empty text, and answers with what is listed', async () => {
    const { token } = await openSession(server, REALM, 'sam', { address: '192.0.2.1' });
    const first = await act('updateSessionProperties', token, { colour: 'red' });
    expect(first).toMatchObject({ status: 200, body: { colour: 'red', size: '' } });
    expect(await propertiesOf(token)).toEqual({ colour: 'red', Host: '192.0.2.1' });
    const second = await act('updateSessionProperties', token, { colour: '', size: 'XL' });
    expect(second.body).toEqual({ colour: '', size: 'XL' });
    expect(await propertiesOf(token)).toEqual({ size: 'XL', Host: '192.0.2.1' });
  });

  test('knows no property by what an object inherits', async () => {
    await allow(['constructor', 'toString']);
    const { token } = await openSession(server, REALM, 'sam');
    expect(await propertiesOf(token)).toEqual({});
    const answer = await act('updateSessionProperties', token, { toString: 'red' });
    expect(answer).toMatchObject({ status: 200, body: { constructor: '', toString: 'red' } });
    expect(Object.entries(await propertiesOf(token))).toEqual([['toString', 'red']]);
  });

  test('refuses properties beyond what a session may have, names the limit, and still takes some away (SEC-93)', async () => {
    const { token } = await openSession(server, REALM, 'sam');
    const names = Array.from({ length: 100 }, (_, at) => `p${at}`);
    await allow(names);
    const set = (some: readonly string[], value: string) =>
      act('updateSessionProperties', token, Object.fromEntries(some.map((name) => [name, value])));
    expect((await set(names.slice(0, 15), 'x'.repeat(512))).status).toBe(200);
    expect(await set(names.slice(60, 70), 'x'.repeat(512))).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('8192 bytes at most') },
    });
    expect(Object.keys(await propertiesOf(token))).toHaveLength(15);
    expect((await set(names.slice(0, 14), '')).status).toBe(200);
    expect((await set(names.slice(60, 70), 'x')).status).toBe(200);
    expect(Object.keys(await propertiesOf(token))).toHaveLength(11);
  });

  test('names 20 of the properties in the audit log, and how many more were changed (SEC-93)', async () => {
    const names = Array.from({ length: 90 }, (_none, at) => `name${String(at).padStart(3, '0')}${'x'.repeat(40)}`);
    await allow(names);
    const { token, session } = await openSession(server, REALM, 'sam');
    const removals = Object.fromEntries(names.map((name) => [name, '']));
    expect((await act('updateSessionProperties', token, removals)).status).toBe(200);
    const rows = await server.assent.store.audit.ofUser(session.userId, 9);
    const told = rows.find(({ event }) => event === 'SESSION_PROPERTIES')?.outcome;
    expect(told).toBe([...names.slice(0, 20), 'and 70 more'].join(','));
  });

  test('of two at once both are kept', async () => {
    const { token } = await openSession(server, REALM, 'sam');
    await Promise.all([
      act('updateSessionProperties', token, { colour: 'red' }),
      act('updateSessionProperties', token, { size: 'XL' }),
    ]);
    expect(await propertiesOf(token)).toEqual({ colour: 'red', size: 'XL' });
  });
});

describe('sessions?_action=logoutByUser (B7)', () => {
  const isLive = async (token: string): Promise<unknown> => (await act('validate', token, {})).body.valid;

  test.each([undefined, {}, { username: '' }, { username: 7 }, []])('refuses the body %j', async (body) => {
    expect(await act('logoutByUser', administrator, body)).toMatchObject({
      status: 400,
      body: { detail: { field: 'username' } },
    });
  });

  test.each(['sam', 'helper'])('is not for %s to do to others, who are there as little as nobody is', async (name) => {
    const { token } = await openSession(server, REALM, name);
    const victim = await openSession(server, REALM, 'eve');
    const refusal = await act('logoutByUser', token, { username: 'eve' });
    expect(refusal.status).toBe(403);
    expect(await act('logoutByUser', token, { username: 'nobody' })).toMatchObject({ status: 403, body: refusal.body });
    expect(await isLive(victim.token)).toBe(true);
  });

  test('ends all sessions of the user, as AM answers, and is in the audit trail', async () => {
    const tokens = [await openSession(server, REALM, 'eve'), await openSession(server, REALM, 'eve')];
    const other = await openSession(server, REALM, 'sam');
    expect(await act('logoutByUser', administrator, { username: 'EVE' })).toMatchObject({
      status: 200,
      body: { result: true },
    });
    expect(await Promise.all(tokens.map(({ token }) => isLive(token)))).toEqual([false, false]);
    expect(await isLive(other.token)).toBe(true);
    const { body } = await rest('GET', `${REALM}/users/eve/activity`, { token: administrator });
    expect(JSON.stringify(body)).toContain('SESSION_END');
  });

  test('is for everybody to do to themselves', async () => {
    const { token } = await openSession(server, REALM, 'eve');
    expect((await act('logoutByUser', token, { username: 'eve' })).body).toEqual({ result: true });
    expect(await isLive(token)).toBe(false);
  });

  test('finds nobody of an unknown name', async () => {
    expect((await act('logoutByUser', administrator, { username: 'nobody' })).status).toBe(404);
  });
});

describe('a page of another site that a realm lists (SEC-72)', () => {
  const LISTED = 'https://shop.example.com';
  const from = { origin: LISTED, 'sec-fetch-site': 'same-site', 'x-requested-with': 'XMLHttpRequest' };
  const asPage = (path: string, token: string, body: unknown) =>
    rest('POST', `${REALM}${path}`, { body, headers: { ...from, cookie: `iPlanetDirectoryPro=${token}` } });

  test('learns and changes nothing of a session of another realm, which does not list it', async () => {
    await rest('PUT', `${REALM}/realm-config/services/assent`, {
      token: administrator,
      body: { corsOrigins: [LISTED] },
    });
    const service = '/realm-config/services/amSessionPropertyWhitelist';
    await rest('PUT', service, { token: administrator, body: { sessionPropertyWhitelist: ['colour'] } });
    const calls = [
      ['/users?_action=idFromSession', {}],
      ['/users?_action=validateGoto', { goto: '/am/account' }],
      ['/sessions?_action=updateSessionProperties', { colour: 'red' }],
    ] as const;
    await allow(['colour']);
    const { token } = await openSession(server, REALM, 'sam');
    for (const [path, body] of calls) {
      expect(await asPage(path, administrator, body), path).toMatchObject({ status: 401, body: { code: 401 } });
      expect((await asPage(path, token, body)).status, path).toBe(200);
    }
    const { body } = await rest('POST', '/sessions?_action=getSessionProperties', { token: administrator, body: {} });
    expect(body).not.toHaveProperty('colour');
  });
});
