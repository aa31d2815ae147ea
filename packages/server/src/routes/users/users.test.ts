import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OWN_CHANGES_POLICY } from '../../authorization/caller-commits.ts';
import { addPhone, openSession } from '../../testing/account-fixture.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;
let root: string | undefined;
const PASSWORD = 'correct horse';

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  await server.createRealm('/alpha');
  root = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(() => server?.assent.stop());

let count = 0;
/** A new user with a session. */
const someone = async (attributes: Record<string, unknown> = {}) => {
  const name = `user${++count}`;
  const body = { username: name, userpassword: PASSWORD, ...attributes };
  const created = await rest('POST', '/alpha/users?_action=create', { token: root, body });
  expect(created.status).toBe(201);
  return { name, path: `/alpha/users/${name}`, token: await signIn(rest, '/alpha', name, PASSWORD), created };
};

describe('create', () => {
  test.each([
    [{}, 'username'],
    [{ username: 7 }, 'username'],
    [{ username: ' x' }, 'username'],
    [{ username: 'a/b' }, 'username'],
    [{ username: 'a\u200bb' }, 'username'],
    // What calls read as an id, a subject or a universal id (SEC-60).
    [{ username: '3F2504E0-4f89-41d3-9a0c-0305e82c3301' }, 'username'],
    [{ username: '(usr!ada)' }, 'username'],
    [{ username: '(age!app)' }, 'username'],
    [{ username: 'id=ada,ou=user,o=alpha,ou=services,ou=am-config' }, 'username'],
    [{ username: 'fine', userpassword: 'short' }, 'userpassword'],
    [{ username: 'fine', userpassword: 7 }, 'userpassword'],
    [{ username: 'fine', mail: 7 }, 'mail'],
    [{ username: 'fine', mail: [7] }, 'mail'],
    [{ username: 'fine', '1bad': 'x' }, '1bad'],
    [{ username: 'fine', sn: 'x'.repeat(5_000) }, 'sn'],
    [{ username: 'fine', inetUserStatus: 'Asleep' }, 'inetUserStatus'],
    [{ username: 'fine', pushDeviceProfiles: ['{}'] }, 'pushDeviceProfiles'],
    [{ username: 'fine', webauthnDeviceProfiles: ['{}'] }, 'webauthnDeviceProfiles'],
    [{ username: 'fine', boundDevices: ['{}'] }, 'boundDevices'],
    [{ username: 'fine', kbaInfo: ['{}'] }, 'kbaInfo'],
    [{ username: 'fine', 'a//b': 'x' }, 'a//b'],
  ])('refuses %j and names the field', async (body, field) => {
    const answer = await rest('POST', '/alpha/users?_action=create', { token: root, body });
    expect(answer).toMatchObject({ status: 400, body: { reason: 'Bad Request', detail: { field } } });
  });

  test('a name that only resembles an id is a name like any other (SEC-60)', async () => {
    for (const username of ['3f2504e0-4f89-41d3-9a0c', 'usr!ada', 'id=ada']) {
      const created = await rest('POST', '/alpha/users?_action=create', { token: root, body: { username } });
      expect(created).toMatchObject({ status: 201, body: { username } });
    }
  });

  test('answers as AM: names as texts, attributes as arrays, no password', async () => {
    const { name, created } = await someone({ mail: ['a@example.com'], sn: 'Doe' });
    expect(created.body).toEqual({
      _id: name,
      _rev: '1',
      username: name,
      realm: '/alpha',
      uid: [name],
      universalid: [`id=${name},ou=user,o=alpha,ou=services,ou=am-config`],
      inetUserStatus: ['Active'],
      createTimestamp: [expect.stringMatching(/^\d{14}Z$/)],
      mail: ['a@example.com'],
      sn: ['Doe'],
    });
    expect(created.headers).toMatchObject({ etag: '"1"', location: `/am/json/alpha/users/${name}` });
  });

  test('a name that exists, in any spelling, is 409 (SEC-60)', async () => {
    const { name } = await someone();
    const body = { username: name.toUpperCase(), userpassword: PASSWORD };
    expect((await rest('POST', '/alpha/users?_action=create', { token: root, body })).status).toBe(409);
  });

  test('a user that is created inactive cannot sign in', async () => {
    expect((await someone({ inetUserStatus: 'Inactive' })).token).toBeUndefined();
  });
});

describe('read and query', () => {
  test('the owner reads all of the own record, or the fields asked for', async () => {
    const { name, path, token } = await someone({ sn: 'Doe', mail: 'a@example.com' });
    expect((await rest('GET', path, { token })).body).toMatchObject({ username: name, mail: ['a@example.com'] });
    const picked = await rest('GET', `${path}?_fields=sn,sharedSecret,userpassword`, { token });
    expect(picked.body).toEqual({ _id: name, _rev: '1', sn: ['Doe'] });
  });

  test('devices are shown whole, without a secret, a token of a provider or a code (SEC-52)', async () => {
    const { name, path, token } = await someone();
    const { store } = server.assent;
    const identity = await store.identities.find('/alpha', name);
    const owner = { realm: '/alpha', userId: identity?.id ?? '', username: name };
    const secret = Buffer.alloc(32, 7);
    const times = { createdAt: 5, lastAccessAt: 6, rev: 1 };
    const { committed } = await store.committer.commit([
      {
        type: 'device.insert',
        maxDevices: 5,
        row: {
          ...owner,
          ...times,
          uuid: `push-${name}`,
          deviceName: 'Phone',
          issuer: 'Assent',
          secret,
          mechanismUid: 'mech',
          deviceId: 'provider-token',
          deviceType: 'android',
          communicationType: 'gcm',
          communicationId: 'provider-address',
          refreshHashes: [],
        },
      },
      {
        type: 'oath.insert',
        maxDevices: 5,
        row: {
          ...owner,
          ...times,
          uuid: `oath-${name}`,
          deviceName: 'OATH Device',
          issuer: 'Assent',
          secret,
          counter: 3,
          lastLoginSeconds: 0,
          clockDriftSeconds: 0,
          checksumDigit: false,
          truncationOffset: -1,
        },
      },
    ]);
    expect(committed).toBe(true);
    const { body } = await rest('GET', path, { token });
    const [push] = (body.pushDeviceProfiles as string[]).map((text) => JSON.parse(text));
    const [oath] = (body.oathDeviceProfiles as string[]).map((text) => JSON.parse(text));
    expect(push).toEqual({
      uuid: `push-${name}`,
      deviceName: 'Phone',
      sharedSecret: '********',
      issuer: 'Assent',
      deviceMechanismUID: 'mech',
      deviceId: '********',
      deviceType: 'android',
      communicationType: 'gcm',
      communicationId: '********',
      recoveryCodes: [],
      createdDate: 5,
      lastAccessDate: 6,
    });
    expect(oath).toMatchObject({ uuid: `oath-${name}`, sharedSecret: '********', counter: 3, recoveryCodes: [] });
    for (const hidden of [secret.toString('base64'), secret.toString('hex'), 'provider-']) {
      expect(JSON.stringify(body)).not.toContain(hidden);
    }
    // What was read can be written back; a profile that differs cannot (A128).
    expect((await rest('PUT', path, { token: root, body })).status).toBe(200);
    const forged = { ...body, pushDeviceProfiles: ['{"sharedSecret":"mine"}'] };
    expect((await rest('PUT', path, { token: root, body: forged })).status).toBe(400);
    const guess = `/alpha/users?_queryFilter=${encodeURIComponent('pushDeviceProfiles co "Phone"')}`;
    expect((await rest('GET', guess, { token: root })).body.resultCount).toBe(0);
  });

  test.each([
    ['_id eq "USER"', 1],
    ['username eq "USER"', 1],
    ['username eq "USER" and sn eq "other"', 0],
    ['/mail sw "USER@"', 1],
    ['!(mail pr) and username eq "USER"', 0],
    ['false or (mail co "USER@ex")', 1],
    ['userpassword pr', 0],
    ['false', 0],
  ])('finds by %s', async (filter, hits) => {
    const { name } = await someone({ sn: 'Doe' });
    const mail = `${name}@example.com`;
    await rest('PUT', `/alpha/users/${name}`, { token: root, body: { mail } });
    const query = encodeURIComponent(filter.replaceAll('USER', name));
    const { body } = await rest('GET', `/alpha/users?_queryFilter=${query}`, { token: root });
    expect(body).toMatchObject({ resultCount: hits, totalPagedResults: -1, pagedResultsCookie: null });
  });

  test.each([
    '_queryFilter=%28'.repeat(1),
    `_queryFilter=${'('.repeat(40)}true${')'.repeat(40)}`,
    `_queryFilter=${'a'.repeat(2_000)}`,
    '_queryFilter=sn+in+1',
    '_queryFilter=sn+eq+%22open',
    '_queryFilter=true+true',
    '_queryFilter=true&_pageSize=-1',
    '_queryFilter=true&_sortKeys=__proto__',
    '_queryFilter=true&_pagedResultsCookie=x',
    '',
  ])('refuses the query %s (A129)', async (query) => {
    expect((await rest('GET', `/alpha/users?${query}`, { token: root })).status).toBe(400);
  });

  test.each(['e30', 'WzAsMV0', 'Wy0xLG51bGxd', 'LTE', 'bnVsbA'])('refuses the cookie %s', async (cookie) => {
    const path = `/alpha/users?_queryFilter=true&_pageSize=2&_pagedResultsCookie=${cookie}`;
    expect((await rest('GET', path, { token: root })).status).toBe(400);
  });

  test('many users are counted and sorted as long as that takes no reading of all of them (OPS-24)', async () => {
    await server.createRealm('/crowd');
    const changes = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => ({
        type: 'identity.insert' as const,
        id: `crowd-${from + at}`,
        realm: '/crowd',
        username: `p${String(from + at).padStart(4, '0')}`,
        attributes: { sn: [`S${1_000 - from - at}`], note: ['x'] },
      }));
    const ask = (query: string) => rest('GET', `/crowd/users?${query}&_fields=username`, { token: root });
    await server.assent.store.committer.commit(changes(0, 1_000));
    const exact = '_queryFilter=true&_pageSize=2&_totalPagedResultsPolicy=EXACT&_sortKeys=sn';
    const first = await ask(exact);
    expect(first.body).toMatchObject({ totalPagedResults: 1_000, resultCount: 2, result: [{ username: 'p0999' }, {}] });
    const second = await ask(`${exact}&_pagedResultsCookie=${first.body.pagedResultsCookie}`);
    expect((second.body.result as readonly unknown[])[0]).toMatchObject({ username: 'p0900' });
    expect((await ask('_queryFilter=true&_pagedResultsOffset=998')).body).toMatchObject({ resultCount: 2 });
    expect((await ask('_queryFilter=note+eq+%22y%22')).body).toMatchObject({
      resultCount: 0,
      pagedResultsCookie: null,
    });

    await server.assent.store.committer.commit(changes(1_000, 1));
    const text = encodeURIComponent('note co "y"');
    const [refused, paged] = [await ask(`_queryFilter=${text}`), await ask(`_queryFilter=${text}&_pageSize=10`)];
    expect(refused).toMatchObject({ status: 400, body: { detail: { field: '_queryFilter' } } });
    expect(paged.body).toMatchObject({ resultCount: 0, pagedResultsCookie: expect.any(String) });
    expect((await ask(exact)).body).toMatchObject({ code: 400, detail: { field: '_sortKeys' } });
    expect((await ask('_queryFilter=true&_pagedResultsOffset=998')).status).toBe(400);
    const counted = await ask('_queryFilter=true&_pageSize=2&_totalPagedResultsPolicy=EXACT');
    expect(counted.body).toMatchObject({ resultCount: 2, totalPagedResults: -1, result: [{ username: 'p0000' }, {}] });
    expect((await ask('_queryFilter=true&_sortKeys=username')).body).toMatchObject({ resultCount: 1_000 });
  });

  test('pages lead from one to the next, and none is larger than asked for', async () => {
    await Promise.all([someone(), someone(), someone()]);
    const seen: unknown[] = [];
    let cookie: unknown = '';
    while (cookie !== null) {
      const path = `/alpha/users?_queryFilter=true&_pageSize=2&_pagedResultsCookie=${cookie}&_fields=username`;
      const { body } = await rest('GET', path, { token: root });
      const result = body.result as { readonly username: string }[];
      expect(result.length).toBeLessThanOrEqual(2);
      seen.push(...result.map(({ username }) => username));
      cookie = body.pagedResultsCookie;
    }
    expect(new Set(seen).size).toBe(seen.length);
    const { users } = await server.assent.store.identities.page('/alpha', { limit: 999 });
    expect(seen).toEqual(users.map(({ username }) => username));
  });
});

describe('change', () => {
  test('of two changes of one revision, one is refused', async () => {
    const { path } = await someone();
    const headers = { 'if-match': '"1"' };
    expect((await rest('PUT', path, { token: root, body: { sn: 'A' }, headers })).status).toBe(200);
    expect((await rest('PUT', path, { token: root, body: { sn: 'B' }, headers })).status).toBe(412);
    expect((await rest('GET', path, { token: root })).body).toMatchObject({ sn: ['A'], _rev: '2' });
  });

  test('attributes that are not named stay, and an empty one goes', async () => {
    const { path } = await someone({ sn: 'Doe', cn: 'Jane Doe' });
    const { body } = await rest('PUT', path, { token: root, body: { sn: [], mail: ['x@example.com'] } });
    expect(body).toMatchObject({ cn: ['Jane Doe'], mail: ['x@example.com'] });
    expect(body).not.toHaveProperty('sn');
  });

  test.each([
    [{ assentRoles: ['owner'] }],
    [{ push2faEnabled: ['1'] }],
    [{ inetUserStatus: ['Inactive'] }],
    [{ userpassword: 'another password' }],
    [{ mail: 'mine@evil.example' }],
    [{ anything: 'x' }],
  ])('the owner may not change %j', async (body) => {
    const { path, token } = await someone();
    expect((await rest('PUT', path, { token, body })).status).toBe(403);
    expect((await rest('GET', path, { token: root })).body._rev).toBe('1');
  });

  test('the owner changes the name, and the address with the current password', async () => {
    const { path, token } = await someone();
    expect((await rest('PUT', path, { token, body: { givenName: 'Jane' } })).body.givenName).toEqual(['Jane']);
    const body = { mail: 'jane@example.com' };
    const wrong = { token, body, headers: { currentpassword: 'wrong password' } };
    expect((await rest('PUT', path, wrong)).status).toBe(403);
    const right = { token, body, headers: { currentpassword: PASSWORD } };
    expect((await rest('PUT', path, right)).body.mail).toEqual(['jane@example.com']);
  });

  test('guesses of the current password lock as guesses at the door do (SEC-57)', async () => {
    const { name, path, token } = await someone();
    for (let guess = 0; guess < 6; guess += 1) {
      const body = { currentpassword: `wrong ${guess}`, userpassword: 'another password' };
      expect((await rest('POST', `${path}?_action=changePassword`, { token, body })).status).toBe(400);
    }
    const body = { currentpassword: PASSWORD, userpassword: 'another password' };
    expect((await rest('POST', `${path}?_action=changePassword`, { token, body })).status).toBe(400);
    expect(await signIn(rest, '/alpha', name, PASSWORD)).toBeUndefined();
  });

  test('a new password ends the other sessions of the user, and keeps the one that set it (SEC-61)', async () => {
    const { name, path, token } = await someone();
    const other = await signIn(rest, '/alpha', name, PASSWORD);
    const body = { currentpassword: PASSWORD, userpassword: 'another password' };
    expect((await rest('POST', `${path}?_action=changePassword`, { token, body })).status).toBe(200);
    expect((await rest('GET', path, { token })).status).toBe(200);
    expect((await rest('GET', path, { token: other })).status).toBe(401);
    expect(await signIn(rest, '/alpha', name, PASSWORD)).toBeUndefined();
    expect(await signIn(rest, '/alpha', name, 'another password')).toBeTypeOf('string');
  });

  test.each([[{ userpassword: 'another password' }], [{ inetUserStatus: 'Inactive' }]])(
    'an administrator who sets %j ends every session of the user (SEC-61)',
    async (body) => {
      const { path, token } = await someone();
      expect((await rest('PUT', path, { token: root, body })).status).toBe(200);
      expect((await rest('GET', path, { token })).status).toBe(401);
    },
  );

  describe('a new password that breaks a rule of the realm is refused by name, and nothing changes (SEC-55, A136)', () => {
    const refusals: readonly (readonly [string, string])[] = [
      ['seven77', 'MIN_LENGTH'],
      [`${'long enough '.repeat(86)}`, 'MAX_LENGTH'],
      ['Password123', 'DICTIONARY'],
      ['abcdabcdabcd', 'DICTIONARY'],
      ['zeppelinfields', 'CANNOT_CONTAIN_OTHERS'],
      ['alpha2026!', 'CANNOT_CONTAIN_OTHERS'],
      ['Assent-2026', 'CANNOT_CONTAIN_OTHERS'],
    ];

    test('by the owner, by an administrator, and for a user who is made', async () => {
      const { name, path, token } = await someone({ sn: 'Zeppelinfields' });
      for (const [userpassword, policyRequirement] of refusals) {
        const refused = {
          status: 400,
          body: {
            detail: {
              field: 'userpassword',
              failedPolicyRequirements: [
                { property: 'userpassword', policyRequirements: [expect.objectContaining({ policyRequirement })] },
              ],
            },
          },
        };
        const own = { currentpassword: PASSWORD, userpassword };
        expect(await rest('POST', `${path}?_action=changePassword`, { token, body: own }), userpassword).toMatchObject(
          refused,
        );
        expect(await rest('PUT', path, { token: root, body: { userpassword } }), userpassword).toMatchObject(refused);
        const body = { username: `${name}b`, sn: 'Zeppelinfields', userpassword };
        expect(await rest('POST', '/alpha/users?_action=create', { token: root, body }), userpassword).toMatchObject(
          refused,
        );
        const judged = await rest('POST', `${path}?_action=validatePassword`, { token, body: { userpassword } });
        expect(judged).toMatchObject({ status: 200, body: { result: false, minLength: 8, ...detailOf(refused) } });
      }
      expect(await signIn(rest, '/alpha', name, PASSWORD)).toBeTypeOf('string');
    });

    const detailOf = ({
      body,
    }: {
      readonly body: { readonly detail: { readonly failedPolicyRequirements: unknown } };
    }) => ({
      failedPolicyRequirements: body.detail.failedPolicyRequirements,
    });

    test('and one that keeps them is taken whole: past 72 bytes, in either spelling of a letter', async () => {
      const { name, path, token } = await someone();
      const long = `${'0123 four five six '.repeat(5)} caf\u00e9`;
      const body = { currentpassword: PASSWORD, userpassword: long };
      expect((await rest('POST', `${path}?_action=changePassword`, { token, body })).status).toBe(200);
      expect(await signIn(rest, '/alpha', name, `${long.slice(0, 90)}`)).toBeUndefined();
      expect(await signIn(rest, '/alpha', name, long.normalize('NFD'))).toBeTypeOf('string');
    });

    test('a realm asks for more, and no password that is there already is judged by it', async () => {
      await server.createRealm('/strict');
      const made = { username: 'ann', userpassword: 'fourteen chars' };
      expect((await rest('POST', '/strict/users?_action=create', { token: root, body: made })).status).toBe(201);
      const service = '/strict/realm-config/services/assent';
      const settings = { passwordMinLength: 15, passwordBlocklist: false, passwordForbiddenWords: ['Zeppelin'] };
      expect((await rest('PUT', service, { token: root, body: settings })).status).toBe(200);
      const token = await signIn(rest, '/strict', 'ann', 'fourteen chars');
      expect(token).toBeTypeOf('string');
      const judge = async (userpassword: string) =>
        (await rest('POST', '/strict/users/ann?_action=validatePassword', { token, body: { userpassword } })).body;
      expect(await judge('fourteen chars')).toMatchObject({ result: false, minLength: 15 });
      expect(await judge('zeppelin-zeppelin-1')).toMatchObject({ result: false });
      expect(await judge('fifteen charact')).toEqual({ result: true, minLength: 15, failedPolicyRequirements: [] });
    });

    test('is judged for its owner alone', async () => {
      const [one, other] = [await someone(), await someone()];
      const body = { userpassword: 'long enough' };
      for (const token of [other.token, root]) {
        expect((await rest('POST', `${one.path}?_action=validatePassword`, { token, body })).status).toBe(403);
      }
      for (const wrong of [{}, { userpassword: 7 }, { userpassword: ['x'] }, { userpassword: null }]) {
        const answer = await rest('POST', `${one.path}?_action=validatePassword`, { token: one.token, body: wrong });
        expect(answer).toMatchObject({ status: 400, body: { detail: { field: 'userpassword' } } });
      }
    });
  });

  test('an administrator does not lock itself out', async () => {
    for (const body of [{ inetUserStatus: 'Inactive' }, { assentRoles: [] }]) {
      expect((await rest('PUT', '/users/amadmin', { token: root, body })).status).toBe(400);
    }
    expect((await rest('DELETE', '/users/amadmin', { token: root })).status).toBe(400);
  });

  test('a deleted user is gone with the session, and the name is free again', async () => {
    const { name, path, token } = await someone();
    expect((await rest('DELETE', path, { token })).status).toBe(403);
    expect((await rest('DELETE', path, { token: root })).body).toMatchObject({ _id: name });
    expect((await rest('GET', path, { token })).status).toBe(401);
    expect((await rest('DELETE', path, { token: root })).status).toBe(404);
    const body = { username: name, userpassword: PASSWORD };
    expect((await rest('POST', '/alpha/users?_action=create', { token: root, body })).status).toBe(201);
  });
});

describe('device profiles', () => {
  const profile = (identifier: string) =>
    JSON.stringify({ identifier, alias: identifier, metadata: { a: 1 }, lastSelectedDate: 5, recoveryCodes: [] });

  test('are listed, renamed and removed by their owner, and shown with the user', async () => {
    const { name, path, token } = await someone({ sn: 'Doe' });
    await server.setAttributes('/alpha', name, { deviceProfiles: [profile('a'), profile('b')] });
    const { body } = await rest('GET', path, { token });
    expect(body.deviceProfiles).toHaveLength(2);
    expect(body.devicesProfile).toEqual(body.deviceProfiles);
    const list = await rest('GET', `${path}/devices/profile?_queryFilter=true`, { token });
    expect(list.body).toMatchObject({ resultCount: 2, result: [{ _id: 'a', alias: 'a', metadata: { a: 1 } }, {}] });

    const rename = { alias: 'My laptop', identifier: 'x', metadata: {} };
    const renamed = await rest('PUT', `${path}/devices/profile/a`, { token, body: rename });
    expect(renamed.body).toMatchObject({ identifier: 'a', alias: 'My laptop', metadata: { a: 1 } });
    expect((await rest('PUT', `${path}/devices/profile/a`, { token, body: { alias: '' } })).status).toBe(400);
    expect((await rest('DELETE', `${path}/devices/profile/b`, { token })).status).toBe(200);
    const again = await rest('DELETE', `${path}/devices/profile/b`, { token });
    expect(again).toMatchObject({ status: 404, body: { message: 'User device, b, not found.' } });
    expect((await rest('GET', path, { token })).body).toMatchObject({ sn: ['Doe'] });
    expect((await rest('GET', `${path}/devices/profile?_queryFilter=true`, { token })).body.resultCount).toBe(1);
  });
});

test('the record of a user says which factors are locked, and may be sent back as it was read (SEC-57)', async () => {
  const { store } = server.assent;
  await server.createUser('/', 'locked', 'correct horse 7');
  const { id = '' } = (await store.identities.find('/', 'locked')) ?? {};
  const until = server.clock.now() + 60_000;
  const row = { subject: `otp:${id}:browser`, hits: [server.clock.now()], lockedUntil: until, rev: 0 };
  await store.committer.commit([{ type: 'throttle.put', row }]);
  const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const { body } = await rest('GET', '/users/locked', { token });
  expect(body.assentLockouts).toEqual([`code app until ${new Date(until).toISOString()}`]);
  expect((await rest('PUT', '/users/locked', { token, body })).status).toBe(200);
  await server.clock.advance(60_000);
  expect((await rest('GET', '/users/locked', { token })).body).not.toHaveProperty('assentLockouts');
});

test('the record of a user names security answers at the limit of the realm, and requests to phones over theirs (SEC-25, SEC-57)', async () => {
  const { store } = server.assent;
  await server.createUser('/', 'tired', 'correct horse 7');
  const { id = '' } = (await store.identities.find('/', 'tired')) ?? {};
  const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const now = server.clock.now();
  const row = { hits: [now - 3, now - 2, now - 1], lockedUntil: 0, rev: 0 };
  await store.committer.commit([
    { type: 'throttle.put', row: { ...row, subject: `kba:${id}:from:192.0.2.1` } },
    { type: 'throttle.put', row: { ...row, subject: `push:${id}:browser-1` } },
  ]);
  const lockouts = async () => (await rest('GET', '/users/tired', { token })).body.assentLockouts as string[];
  const requests = `push until ${new Date(now - 3 + 60_000).toISOString()}`;
  expect(await lockouts()).toEqual([requests]);
  const service = '/realm-config/services/selfservice.kba';
  const body = { numberOfAttemptsAllowed: 1, kbaAttemptsPropertyName: 'kbaAttempts' };
  expect((await rest('PUT', service, { token, body })).status).toBeLessThan(300);
  const answers = `security question until ${new Date(now - 2 + 86_400_000).toISOString()}`;
  expect((await lockouts()).sort()).toEqual([requests, answers]);
  expect((await rest('DELETE', service, { token })).status).toBe(200);
});

describe('a path that means two users, one of them by name (SEC-60)', () => {
  const found = async (username: string) => {
    const identity = await server.assent.store.identities.find('/alpha', username);
    return identity ?? expect.fail(`no user ${username}`);
  };
  const PLACES: readonly [string, (of: { readonly id: string; readonly username: string }) => string][] = [
    ['its id', ({ id }) => id],
    ['its subject as AM has it', ({ username }) => `(usr!${username})`],
    ['its universal id', ({ username }) => `id=${username},ou=user,o=alpha,ou=services,ou=am-config`],
  ];

  test.each(PLACES)(
    'is 409 for each method and changes neither of them where %s is the name of another',
    async (_what, named) => {
      const { name } = await someone();
      const namesake = named(await found(name));
      // Rows as they were before such names were refused.
      await server.createUser('/alpha', namesake, PASSWORD);
      const path = `/alpha/users/${encodeURIComponent(namesake)}`;
      const before = [await found(name), await found(namesake)];
      const answers = [
        await rest('GET', path, { token: root }),
        await rest('PUT', path, { token: root, body: { inetUserStatus: 'Inactive' } }),
        await rest('DELETE', path, { token: root }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([409, 409, 409]);
      expect([await found(name), await found(namesake)]).toEqual(before);

      // By another name it is one user, and each of the two means itself by it.
      expect(await rest('GET', `/alpha/users/${name}`, { token: root })).toMatchObject({
        status: 200,
        body: { username: name },
      });
      const own = await signIn(rest, '/alpha', namesake, PASSWORD);
      expect(await rest('GET', path, { token: own })).toMatchObject({ status: 200, body: { username: namesake } });
    },
  );

  test('is that user by each of the three where there is no such name', async () => {
    const { name } = await someone();
    const { id } = await found(name);
    for (const [, named] of PLACES) {
      const path = `/alpha/users/${encodeURIComponent(named({ id, username: name }))}`;
      expect(await rest('GET', path, { token: root })).toMatchObject({ status: 200, body: { username: name } });
    }
  });
});

describe('what users change of themselves leaves room for what journeys keep of them', () => {
  const values = (count: number) => Array.from({ length: count }, () => 'x'.repeat(4_000));
  const refused = { status: 400, body: { message: expect.stringContaining('at most 16384 characters') } };

  test.each(['givenName', 'sn', 'cn', 'preferredLocale', 'preferredlanguage'])('in %s alone', async (name) => {
    const { path, token } = await someone();
    const answer = await rest('PUT', path, { token, body: { [name]: values(5) } });
    expect(answer).toMatchObject({ ...refused, body: { ...refused.body, detail: { field: name } } });
    expect((await rest('GET', path, { token: root })).body).not.toHaveProperty(name);
  });

  test('in several together, those with the current password counted', async () => {
    const { path, token } = await someone({ mail: values(2) });
    expect((await rest('PUT', path, { token, body: { sn: values(2) } })).status).toBe(200);
    expect(await rest('PUT', path, { token, body: { cn: values(1) } })).toMatchObject(refused);
    const headers = { currentpassword: PASSWORD };
    expect(await rest('PUT', path, { token, headers, body: { mail: values(3) } })).toMatchObject(refused);
    expect((await rest('PUT', path, { token, body: { sn: values(1), cn: values(1) } })).status).toBe(200);
  });

  test('up to the last character', async () => {
    const { path, token } = await someone();
    const left = 16_384 - JSON.stringify({ sn: [...values(4), ''] }).length;
    const most = [...values(4), 'x'.repeat(left)];
    expect(await rest('PUT', path, { token, body: { sn: [...values(4), 'x'.repeat(left + 1)] } })).toMatchObject(
      refused,
    );
    expect((await rest('PUT', path, { token, body: { sn: most } })).status).toBe(200);
  });

  test('an administrator gives more, which the owner may make less', async () => {
    const { path, token } = await someone();
    expect((await rest('PUT', path, { token: root, body: { sn: values(8), other: values(8) } })).status).toBe(200);
    expect(await rest('PUT', path, { token, body: { cn: 'x' } })).toMatchObject(refused);
    expect((await rest('PUT', path, { token, body: { sn: values(7) } })).status).toBe(200);
    expect((await rest('PUT', path, { token, body: { sn: 'Doe', cn: 'Jane Doe' } })).status).toBe(200);
  });
});

describe('changes of the own profile (SEC-93)', () => {
  const subjectOf = async (kind: 'profile' | 'profile-device', name: string) =>
    `${kind}:${(await server.assent.store.identities.find('/alpha', name))?.id}`;
  const counted = async (subject: string, count: number) => {
    const hits = Array.from({ length: count }, () => server.clock.now());
    const row = { subject, hits, lockedUntil: 0, rev: 0 };
    expect(await server.assent.store.committer.commit([{ type: 'throttle.put', row }])).toEqual({ committed: true });
  };
  const rowsOf = async (name: string) => {
    const id = (await server.assent.store.identities.find('/alpha', name))?.id ?? '';
    return (await server.assent.store.audit.ofUser(id, 100)).map(({ event }) => event);
  };

  test('are committed 60 times an hour, and one more writes nothing', async () => {
    const { name, path, token } = await someone();
    await counted(await subjectOf('profile', name), OWN_CHANGES_POLICY.free - 1);
    expect((await rest('PUT', path, { token, body: { sn: 'a' } })).status).toBe(200);
    const before = await rowsOf(name);
    expect((await rest('PUT', path, { token, body: { sn: 'b' } })).status).toBe(429);
    const skip = `${path}/devices/2fa/push?_action=skip`;
    expect((await rest('POST', skip, { token, body: { value: true } })).status).toBe(429);
    expect(await rowsOf(name)).toEqual(before);
    // A change that changes nothing is not one, and administrators are not counted.
    expect((await rest('PUT', path, { token, body: { sn: 'a' } })).status).toBe(200);
    expect((await rest('PUT', path, { token: root, body: { sn: 'b' } })).status).toBe(200);
  });

  test('of a session with the password alone use up nothing of the owner with a device (SEC-87)', async () => {
    const { name, path, token } = await someone();
    await counted(await subjectOf('profile', name), OWN_CHANGES_POLICY.free);
    await rest('PUT', path, { token, body: { sn: 'a' } });
    expect((await rest('PUT', path, { token, body: { sn: 'b' } })).status).toBe(429);
    const { token: owner } = await openSession(server, '/alpha', name, { factorAgeMillis: 0 });
    expect((await rest('PUT', path, { token: owner, body: { sn: 'c' } })).status).toBe(200);
  });

  test('count renames of devices, and keep no owner from removing one', async () => {
    const { name, path } = await someone();
    const { uuid } = await addPhone(server, '/alpha', name);
    const { token } = await openSession(server, '/alpha', name, { factorAgeMillis: 0 });
    await counted(await subjectOf('profile-device', name), OWN_CHANGES_POLICY.free - 1);
    const device = `${path}/devices/2fa/push/${uuid}`;
    expect((await rest('PUT', device, { token, body: { deviceName: 'One' } })).status).toBe(200);
    expect((await rest('PUT', device, { token, body: { deviceName: 'Two' } })).status).toBe(429);
    expect((await rest('DELETE', device, { token })).status).toBe(200);
  });
});

describe('a user who becomes larger than a user may be', () => {
  const body = (name: string) => ({ [name]: Array.from({ length: 14 }, () => 'x'.repeat(4_000)) });

  test('is refused with 413 that names the limit, and may become smaller', async () => {
    const { path } = await someone();
    const answers = [];
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      answers.push(await rest('PUT', path, { token: root, body: body(name) }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 413]);
    expect(answers[4]?.body.message).toContain('at most 262144 characters');
    expect((await rest('GET', path, { token: root })).body).not.toHaveProperty('e');
    expect((await rest('PUT', path, { token: root, body: { a: [], ...body('e') } })).status).toBe(200);
  });

  test('is not created', async () => {
    const whole = Object.assign({}, ...['a', 'b', 'c', 'd', 'e'].map(body));
    const path = '/alpha/users?_action=create';
    const created = await rest('POST', path, { token: root, body: { username: 'whale', ...whole } });
    expect(created).toMatchObject({ status: 413 });
    expect((await rest('GET', '/alpha/users/whale', { token: root })).status).toBe(404);
  });
});
