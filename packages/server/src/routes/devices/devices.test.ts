import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metadataEntry, newAuthority, newMetadataSigner, signedMetadata } from '@assent/factors/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { addBoundDevice, addGenerator, addPasskey, addPhone, openSession } from '../../testing/account-fixture.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { SmtpServer } from '../../testing/smtp-server.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

let server: SteeredServer;
let rest: RestClient;
let token: string | undefined;

const folder = mkdtempSync(join(tmpdir(), 'assent-mds-'));
const metadataFile = join(folder, 'blob.jwt');

beforeAll(async () => {
  server = await steeredServer({ port: 8080, insecure: true, authenticatorMetadataFiles: [metadataFile] });
  rest = restClient(server);
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(async () => {
  await server.assent.stop();
  rmSync(folder, { recursive: true });
});

describe.each([
  ['push', 'authenticatorPushService', 'authenticatorPushSkippableName', 'push2faEnabled'],
  ['oath', 'authenticatorOathService', 'authenticatorOATHSkippableName', 'oath2faEnabled'],
])('the skip setting of %s over REST', (type, service, setting, usual) => {
  const skip = (value: unknown) =>
    rest('POST', `/users/demo/devices/2fa/${type}?_action=skip`, { token, body: { value } });
  const check = () => rest('POST', `/users/demo/devices/2fa/${type}?_action=check`, { token, body: {} });
  const attribute = async (name: string) =>
    (await server.assent.store.identities.find('/', 'demo'))?.attributes[name] ?? [];

  test('is refused without a value that says what is meant', async () => {
    expect((await skip('yes')).status).toBe(400);
    expect((await check()).body).toEqual({ result: false });
  });

  test('is kept in the usual attribute, and read back by check', async () => {
    expect((await skip(true)).status).toBe(200);
    expect(await attribute(usual)).toEqual(['1']);
    expect((await check()).body).toEqual({ result: true });
    await skip(false);
    expect(await attribute(usual)).toEqual(['2']);
  });

  test('goes to the attribute that the service of the realm names', async () => {
    const path = `/realm-config/services/${service}`;
    expect((await rest('PUT', path, { token, body: { [setting]: 'mayPass' } })).status).toBe(201);
    await skip(true);
    expect(await attribute('mayPass')).toEqual(['1']);
    expect(await attribute(usual)).toEqual(['2']);
    expect((await check()).body).toEqual({ result: true });
    await rest('DELETE', path, { token });
  });
});

describe('devices of one’s own', () => {
  const REALM = '/alpha';
  const path = (rest = '', user = 'sam', type = 'push') => `${REALM}/users/${user}/devices/2fa/${type}${rest}`;
  const codeCount = async (as: string, type = 'push') =>
    (await rest('POST', path('?_action=countCodes', 'sam', type), { token: as, body: {} })).body.result;
  const events = async (name = 'sam') => {
    const { store } = server.assent;
    const identity = await store.identities.find(REALM, name);
    return (await store.audit.ofUser(identity?.id ?? '', 50)).map(({ event, outcome }) => [event, outcome]);
  };
  const opened = async (factorAgeMillis?: number, user = 'sam', factor?: string) =>
    (
      await openSession(server, REALM, user, {
        ...(factorAgeMillis !== undefined && { factorAgeMillis }),
        ...(factor !== undefined && { factor }),
      })
    ).token;

  beforeAll(async () => {
    await server.createRealm(REALM);
    await server.createUser(REALM, 'sam', 'correct horse');
    await server.createUser(REALM, 'eve', 'correct horse');
  });

  beforeEach(async () => {
    const as = await opened(0);
    for (const type of ['push', 'oath', 'webauthn', 'binding'])
      await rest('POST', path('?_action=reset', 'sam', type), { token: as, body: {} });
  });

  const NEEDS_FACTOR = { status: 403, body: { reason: 'Forbidden', detail: { needs: 'recentFactor' } } };
  const changes = (uuid: string) =>
    [
      ['PUT', `/${uuid}`, { deviceName: 'Mine' }],
      ['DELETE', `/${uuid}`, undefined],
      ['POST', '?_action=reset', {}],
      ['POST', '?_action=renewCodes', {}],
    ] as const;

  test.each([
    ['only a password was used', undefined, undefined],
    ['the phone was used five minutes ago', 300_000, undefined],
    ['something that is no device was used just now', 0, 'DataStore'],
  ])('are shown but not changed where %s (A127)', async (_what, age, factor) => {
    const { uuid } = await addPhone(server, REALM, 'sam');
    const as = await opened(age, 'sam', factor);
    expect((await rest('GET', path('?_queryFilter=true'), { token: as })).status).toBe(200);
    for (const [method, part, body] of changes(uuid)) {
      expect(await rest(method, path(part), { token: as, body })).toMatchObject(NEEDS_FACTOR);
    }
    expect((await server.assent.store.devices.get(uuid))?.deviceName).toBe('Pixel 8');
  });

  test('say to our page alone since when they cannot be rung (OPS-49, design.md §3.2)', async () => {
    const device = await addPhone(server, REALM, 'sam');
    const channelDeadAt = server.clock.now();
    await server.assent.store.committer.commit([{ type: 'device.update', row: { ...device, channelDeadAt } }]);
    const as = await opened();
    const listed = async (headers: Readonly<Record<string, string>> = {}) =>
      (await rest('GET', path('?_queryFilter=true'), { token: as, headers })).body.result;
    expect(await listed({ 'x-assent-page': '1' })).toMatchObject([
      { uuid: device.uuid, unreachableSince: channelDeadAt },
    ]);
    expect(await listed()).toMatchObject([{ uuid: device.uuid }]);
    expect(await listed()).not.toMatchObject([{ unreachableSince: channelDeadAt }]);
  });

  test('of another user, or through another realm, are out of reach whatever was used', async () => {
    const { uuid } = await addPhone(server, REALM, 'sam');
    const eve = await opened(0, 'eve');
    const sam = await opened(0);
    for (const [method, part, body] of changes(uuid)) {
      expect((await rest(method, path(part), { token: eve, body })).status).toBe(403);
      expect((await rest(method, path(part).replace(REALM, ''), { token: sam, body })).status).toBe(403);
      expect((await rest(method, path(part), { body })).status).toBe(401);
    }
    expect(await rest('DELETE', path(`/${uuid}`, 'eve'), { token: eve })).toMatchObject({ status: 404 });
    expect(await server.assent.store.devices.get(uuid)).toBeDefined();
  });

  test.each(['', '   ', '\u0007', 'x'.repeat(65), 7, undefined])('do not take the name %j', async (deviceName) => {
    const { uuid } = await addPhone(server, REALM, 'sam');
    const answer = await rest('PUT', path(`/${uuid}`), { token: await opened(0), body: { deviceName } });
    expect(answer).toMatchObject({ status: 400, body: { message: 'deviceName must have 1 to 64 characters.' } });
  });

  test('are renamed and removed within five minutes, each change for the record', async () => {
    const { uuid } = await addPhone(server, REALM, 'sam');
    const as = await opened(299_999);
    const renamed = await rest('PUT', path(`/${uuid}`), { token: as, body: { deviceName: ' Mine ' } });
    expect(renamed).toMatchObject({ status: 200, body: { uuid, deviceName: 'Mine' } });
    const removals = await Promise.all([1, 2].map(() => rest('DELETE', path(`/${uuid}`), { token: as })));
    expect(removals.map(({ status }) => status).sort()).toEqual([200, expect.toBeOneOf([404, 409])]);
    expect((await events()).slice(0, 2)).toEqual([
      ['DEVICE_REMOVE', uuid],
      ['DEVICE_RENAME', uuid],
    ]);
  });

  test('are changed, and the user gets a mail of it', async () => {
    const smtp = new SmtpServer();
    const config = { hostname: '127.0.0.1', port: await smtp.listen(), sslState: 'Non SSL', from: 'login@example.org' };
    const service = `${REALM}/realm-config/services/email`;
    expect((await rest('PUT', service, { token, body: config })).status).toBe(201);
    await server.setAttributes(REALM, 'sam', { mail: ['sam@example.org'] });
    const { uuid } = await addPhone(server, REALM, 'sam');
    await rest('PUT', path(`/${uuid}`), { token: await opened(0), body: { deviceName: 'Mine' } });
    const mail = await smtp.nextMail();
    expect(mail).toMatch(/^To: sam@example.org$/m);
    expect(mail).toContain('A device was renamed.');
    await rest('DELETE', service, { token });
    await smtp.close();
  });

  test('are left alone for an hour at their owner’s word, by whatever factor; of generators there is nothing to pause (SEC-26)', async () => {
    const [as, other] = [await opened(), await opened(undefined, 'eve')];
    const pause = (token: string, type = 'push') =>
      rest('POST', path('?_action=pause', 'sam', type), { token, body: {} });
    expect((await pause(other)).status).toBe(403);
    expect((await pause(as, 'oath')).status).toBe(400);
    expect(await pause(as)).toMatchObject({ status: 200, body: { result: true } });
    const { store } = server.assent;
    const { id = '' } = (await store.identities.find(REALM, 'sam')) ?? {};
    const [row] = await store.throttles.get([`push-paused:${id}`]);
    expect(row?.lockedUntil).toBe(server.clock.now() + 3_600_000);
    const paused = async () => (await events()).filter(([event]) => event === 'PUSH_PAUSED');
    expect(await paused()).toEqual([['PUSH_PAUSED', 'account']]);
    // Whoever says it again is told that it is so, and those who look after the realm get no second mail.
    const again = await Promise.all(Array.from({ length: 9 }, () => pause(as)));
    expect(again.map(({ status }) => status)).toEqual(again.map(() => 200));
    expect(await paused()).toHaveLength(1);
  });

  test('have no codes to renew where there is no device', async () => {
    const as = await opened(0, 'eve');
    const answer = await rest('POST', path('?_action=renewCodes', 'eve'), { token: as, body: {} });
    expect(answer).toMatchObject({ status: 409, body: { message: expect.stringMatching(/Add one first/) } });
  });

  test('get one new set of codes for all their kinds, and the old ones stop', async () => {
    await addPhone(server, REALM, 'sam');
    const as = await opened(0);
    expect(await codeCount(as)).toBe(0);
    const renew = async () => (await rest('POST', path('?_action=renewCodes'), { token: as, body: {} })).body;
    const first = (await renew()).recoveryCodes as readonly string[];
    expect(new Set(first).size).toBe(10);
    expect([await codeCount(as), await codeCount(as, 'oath')]).toEqual([10, 0]);

    await addGenerator(server, REALM, 'sam');
    const second = (await renew()).recoveryCodes as readonly string[];
    expect(second.filter((code) => first.includes(code))).toEqual([]);
    expect([await codeCount(as), await codeCount(as, 'oath')]).toEqual([10, 10]);
    expect((await events()).slice(0, 3)).toEqual([
      ['RECOVERY_CREATED', 'renewed'],
      ['RECOVERY_CREATED', 'renewed'],
      ['RECOVERY_CREATED', 'renewed'],
    ]);
    for (const code of [...first, ...second]) expect(JSON.stringify(server.logged())).not.toContain(code);
  });

  test('of renewals at once, one is answered with codes', async () => {
    await addPhone(server, REALM, 'sam');
    const as = await opened(0);
    const { devices } = server.assent.store;
    const read = devices.ofUser.bind(devices);
    // Each reads before any of them writes.
    let reads = 0;
    let letGo = () => {};
    const allHaveRead = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const spy = vi.spyOn(devices, 'ofUser').mockImplementation(async (userId) => {
      const found = await read(userId);
      reads += 1;
      if (reads === 3) letGo();
      await allHaveRead;
      return found;
    });
    const send = () => rest('POST', path('?_action=renewCodes'), { token: as, body: {} });
    const statuses = (await Promise.all([send(), send(), send()])).map(({ status }) => status).sort();
    spy.mockRestore();
    expect(statuses).toEqual([200, 409, 409]);
    expect(await codeCount(as)).toBe(10);
  });

  describe('that sign with a key', () => {
    const of = (type: 'webauthn' | 'binding', rest = '', user = 'sam') => path(rest, user, type);
    const universalId = (name: string) => `id=${name},ou=user,o=alpha,ou=services,ou=am-config`;
    const listed = async (as: string, address: string, headers: Readonly<Record<string, string>> = {}) =>
      (await rest('GET', `${address}?_queryFilter=true`, { token: as, headers })).body.result;

    test('are listed as AM lists them, and to our page with what it says of a passkey (WA-23)', async () => {
      const model = { aaguid: 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4', backupEligible: true, backedUp: true };
      const key = await addPasskey(server, REALM, 'sam', { ...model, attachment: 'platform', counterMismatchAt: 7 });
      const bound = await addBoundDevice(server, REALM, 'sam');
      const as = await opened();
      const usual = {
        _rev: '1',
        createdDate: key.createdAt,
        lastAccessDate: key.createdAt,
        deviceManagementStatus: true,
      };
      const item = {
        ...usual,
        _id: key.uuid,
        uuid: key.uuid,
        deviceName: 'Security key',
        credentialId: key.credentialId,
      };
      expect(await listed(as, of('webauthn'))).toEqual([item]);
      expect(await listed(as, of('binding'))).toEqual([
        {
          ...usual,
          _id: bound.uuid,
          uuid: bound.uuid,
          deviceName: 'Banking app',
          deviceId: 'installation-1',
          key: bound.key,
        },
      ]);
      const assent = {
        synced: true,
        deviceBound: false,
        attachment: 'platform',
        attested: false,
        model: 'Google Password Manager',
        rpId: 'localhost',
        counterMismatchAt: 7,
      };
      expect(await listed(as, of('webauthn'), { 'x-assent-page': '1' })).toEqual([{ ...item, assent }]);
    });

    interface Shown {
      readonly assent: { readonly model?: string };
    }

    test('are called as the metadata of the realm calls their model, once it was read, which no page waits for (WA-23)', async () => {
      const aaguid = 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4';
      await addPasskey(server, REALM, 'sam', { aaguid });
      const as = await opened();
      const model = async () => {
        const items = (await listed(as, of('webauthn'), { 'x-assent-page': '1' })) as readonly Shown[];
        return items[0]?.assent.model;
      };
      const service = `${REALM}/realm-config/services/webAuthnMetadataService`;
      try {
        const root = newAuthority('Root');
        const entries = [metadataEntry(aaguid, { roots: [root.certificate], description: 'Example Passwords' })];
        writeFileSync(metadataFile, signedMetadata(newMetadataSigner(root), { no: 7, entries }));
        expect((await rest('PUT', service, { token, body: { metadataRoots: root.pem } })).status).toBe(201);
        expect(await model()).toBe('Google Password Manager');
        await vi.waitFor(async () => expect(await model()).toBe('Example Passwords'), { timeout: 60_000 });
        expect(await server.assent.store.authenticatorMetadata.ofRealm(REALM)).toMatchObject([{ place: 0, no: 7 }]);
      } finally {
        await rest('DELETE', service, { token });
      }
      expect(await model()).toBe('Google Password Manager');
    });

    test.each(['webauthn', 'binding'] as const)(
      'are changed after a factor alone, and by their owner: %s',
      async (type) => {
        const { uuid } = await (type === 'webauthn' ? addPasskey : addBoundDevice)(server, REALM, 'sam');
        const password = await opened();
        const eve = await opened(0, 'eve');
        const calls = changes(uuid).slice(0, 3);
        for (const [method, part, body] of calls) {
          expect(await rest(method, of(type, part), { token: password, body })).toMatchObject(NEEDS_FACTOR);
          const refused = await rest(method, of(type, part), { token: eve, body });
          expect(refused).toMatchObject({ status: 403, body: { message: 'User is not authorized' } });
          expect((await rest(method, of(type, part, 'nobody-here'), { token: eve, body })).body).toEqual(refused.body);
          expect((await rest(method, of(type, part), { body })).status).toBe(401);
        }
        const as = await opened(0);
        // AM's client sends back all that it has read, and with a removal too (spec: webauthn §8.3).
        const body = {
          deviceName: ' Mine ',
          uuid: 'other',
          userId: 'eve',
          credentialId: 'other',
          signCount: 0,
          key: {},
        };
        const renamed = await rest('PUT', of(type, `/${uuid}`), { token: as, body });
        expect(renamed).toMatchObject({ status: 200, body: { _id: uuid, uuid, _rev: '2', deviceName: 'Mine' } });
        expect((await rest('GET', of(type, `/${uuid}`), { token: as })).body).toEqual(renamed.body);
        const nameless = await rest('PUT', of(type, `/${uuid}`), { token: as, body: { deviceName: '' } });
        expect(nameless.body.message).toBe('deviceName must have 1 to 64 characters.');
        const removals = await Promise.all([1, 2].map(() => rest('DELETE', of(type, `/${uuid}`), { token: as, body })));
        expect(removals.map(({ status }) => status).sort()).toEqual([200, expect.toBeOneOf([404, 409])]);
        expect(await rest('GET', of(type, `/${uuid}`), { token: as })).toMatchObject({
          status: 404,
          body: { message: `User device, ${uuid}, not found.` },
        });
        expect((await events()).slice(0, 2)).toEqual([
          ['DEVICE_REMOVE', uuid],
          ['DEVICE_RENAME', uuid],
        ]);
      },
    );

    test('are dead at once when they are removed, however far a use had come (WA-32)', async () => {
      const { uuid } = await addPasskey(server, REALM, 'sam');
      expect((await rest('DELETE', of('webauthn', `/${uuid}`), { token: await opened(0) })).status).toBe(200);
      const use = { uuid, signCount: 9, mismatch: false, userVerified: true, backedUp: false, at: server.clock.now() };
      const committed = await server.assent.store.committer.commit([{ type: 'passkey.used', ...use }]);
      expect(committed).toMatchObject({ committed: false, refused: 'passkey.used' });
    });

    test('are found and removed as Android does it: by user handle and credential id', async () => {
      const token = 'dG9rZW4tb2YtMTQ0LWJpdHM';
      const userHandle = Buffer.from(token).toString('base64url');
      const key = await addPasskey(server, REALM, 'sam', { userHandle });
      const eve = await opened(0, 'eve');
      const sam = await opened(0);
      const found = await rest('GET', of('webauthn', `/${key.credentialId}`, token), { token: sam });
      expect(found).toMatchObject({ status: 200, body: { uuid: key.uuid } });
      for (const handle of [token, userHandle]) {
        expect((await rest('GET', of('webauthn', `/${key.credentialId}`, handle), { token: eve })).status).toBe(403);
        expect(await listed(sam, of('webauthn', '', handle))).toMatchObject([{ uuid: key.uuid }]);
      }
      // A realm where the handle is nobody's, and a change, which a credential id does not name.
      expect((await rest('GET', of('webauthn', '', token).replace(REALM, ''), { token: sam })).status).toBe(403);
      expect((await rest('DELETE', of('webauthn', `/${key.credentialId}`), { token: sam })).status).toBe(404);
      expect((await rest('DELETE', of('webauthn', `/${key.uuid}`, token), { token: sam })).status).toBe(200);
    });

    test('are an administrator’s by handle in the realm of the administrator alone', async () => {
      const handle = Buffer.from('handle-of-amadmin').toString('base64url');
      await addPasskey(server, '/', TEST_ADMINISTRATOR.name, { userHandle: handle });
      const at = (realm: string) => `${realm}/users/handle-of-amadmin/devices/2fa/webauthn`;
      expect(await listed(token ?? '', at(''))).toHaveLength(1);
      expect((await rest('GET', at(REALM), { token })).status).toBe(404);
    });

    test('are reached by the paths and names that AM’s device client writes', async () => {
      const bound = await addBoundDevice(server, REALM, 'sam');
      const as = await opened(0);
      const tail = 'devices/2fa/binding';
      for (const address of [
        `/realms/root/realms/alpha/users/sam/${tail}`,
        `/realms/alpha/users/sam/${tail}`,
        of('binding', '', encodeURIComponent(universalId('sam'))),
      ]) {
        expect(await listed(as, address)).toMatchObject([{ uuid: bound.uuid }]);
      }
      const eve = await opened(0, 'eve');
      for (const user of [universalId('sam'), universalId('sam').replace('alpha', 'beta'), universalId('nobody')]) {
        const address = of('binding', `/${bound.uuid}`, encodeURIComponent(user));
        expect((await rest('DELETE', address, { token: eve, body: {} })).body.message).toBe('User is not authorized');
      }
      const own = of('binding', `/${bound.uuid}`, encodeURIComponent(universalId('sam')));
      expect((await rest('DELETE', own, { token: as, body: { uuid: bound.uuid } })).status).toBe(200);
      const root = `/realms/root/realms/root/users/${TEST_ADMINISTRATOR.name}/${tail}`;
      expect(await listed(token ?? '', root)).toEqual([]);
    });

    test('are reached by the subject of a token, which the device client of an SDK takes for the name of the user', async () => {
      const bound = await addBoundDevice(server, REALM, 'sam');
      const [as, eve] = [await opened(0), await opened(0, 'eve')];
      const tail = 'devices/2fa/binding?_queryFilter=true';
      for (const subject of [bound.userId, '(usr!sam)', 'SAM']) {
        const address = of('binding', '', encodeURIComponent(subject));
        expect(await listed(as, address)).toContainEqual(expect.objectContaining({ uuid: bound.uuid }));
        expect(await listed(token ?? '', address)).toContainEqual(expect.objectContaining({ uuid: bound.uuid }));
        expect((await rest('GET', address, { token: eve })).body.message).toBe('User is not authorized');
        const elsewhere = `/realms/root/users/${encodeURIComponent(subject)}/${tail}`;
        expect((await rest('GET', elsewhere, { token })).status).toBe(404);
      }
    });

    test('are named by an id only where that is no name of another user, but for that user (SEC-60)', async () => {
      const bound = await addBoundDevice(server, REALM, 'sam');
      await server.createUser(REALM, bound.userId, 'a long password 7');
      const address = of('binding', '', bound.userId);
      expect(await rest('GET', address, { token })).toMatchObject({ status: 409 });
      expect(await listed(await opened(0), address)).toContainEqual(expect.objectContaining({ uuid: bound.uuid }));
    });

    test('show and log no handle, key of a passkey or code hash (WA-24)', async () => {
      const key = await addPasskey(server, REALM, 'sam', { userHandle: 'handle-that-nobody-sees' });
      const bound = await addBoundDevice(server, REALM, 'sam');
      const as = await opened(0);
      await rest('POST', of('webauthn', '?_action=renewCodes'), { token: as, body: {} });
      const { store } = server.assent;
      const codes = await store.devices.codesOfUser(key.userId);
      expect(codes).toHaveLength(10);
      const headers = { 'x-assent-page': '1' };
      const calls: readonly (readonly ['GET' | 'PUT' | 'DELETE', string])[] = [
        ['GET', of('webauthn', '?_queryFilter=true')],
        ['GET', of('webauthn', `/${key.credentialId}`)],
        ['PUT', of('webauthn', `/${key.uuid}`)],
        ['DELETE', of('webauthn', `/${key.uuid}`)],
        ['GET', of('binding', '?_queryFilter=true')],
        ['PUT', of('binding', `/${bound.uuid}`)],
        ['DELETE', of('binding', `/${bound.uuid}`)],
      ];
      const body = { deviceName: 'Mine' };
      const answers: unknown[] = [];
      for (const [method, address] of calls) {
        const answer = await rest(method, address, { token: as, headers, ...(method !== 'GET' && { body }) });
        expect(answer.status).toBe(200);
        answers.push(answer.body);
      }
      const told = JSON.stringify([answers, server.logged(), await store.audit.ofUser(key.userId, 50)]);
      const secrets = [key.userHandle, `x-of-${key.uuid}`, ...codes.flatMap(({ hash, selector }) => [hash, selector])];
      expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
    });

    test('have codes and a skip setting as phones have, where they are passkeys', async () => {
      const act = (type: 'webauthn' | 'binding', action: string, as: string, body: unknown = {}) =>
        rest('POST', of(type, `?_action=${action}`), { token: as, body });
      const as = await opened(0);
      expect((await act('webauthn', 'renewCodes', as)).status).toBe(409);
      await addPasskey(server, REALM, 'sam');
      await addBoundDevice(server, REALM, 'sam');
      expect((await act('webauthn', 'renewCodes', await opened())).status).toBe(403);
      expect((await act('webauthn', 'renewCodes', as)).body.recoveryCodes).toHaveLength(10);
      expect(await Promise.all(['webauthn', 'push'].map((type) => codeCount(as, type)))).toEqual([10, 0]);
      for (const action of ['countCodes', 'renewCodes']) {
        const refused = await act('binding', action, as);
        expect(refused).toMatchObject({ status: 400, body: { message: expect.stringMatching(/No recovery codes/) } });
      }
      for (const type of ['webauthn', 'binding'] as const) {
        expect((await act(type, 'check', as)).body).toEqual({ result: false });
        const skipped = await act(type, 'skip', as, { value: true });
        expect([type, skipped.status]).toEqual([type, type === 'webauthn' ? 403 : 400]);
        expect((await act(type, 'reset', as)).body).toEqual({ result: true });
        expect(await listed(await opened(), of(type))).toEqual([]);
        expect((await events())[0]).toEqual(['MFA_RESET', type]);
      }
      const alone = await opened();
      expect(await codeCount(alone, 'webauthn')).toBe(0);
      expect((await act('webauthn', 'skip', alone, { value: true })).status).toBe(200);
      expect((await act('webauthn', 'check', alone)).body).toEqual({ result: true });
      expect(await act('binding', 'skip', alone, { value: true })).toMatchObject({
        status: 400,
        body: { message: expect.stringMatching(/cannot be skipped/) },
      });
    });
  });

  test('show their codes to no administrator', async () => {
    await addPhone(server, REALM, 'sam');
    const answer = await rest('POST', path('?_action=renewCodes'), { token, body: {} });
    expect(answer).toMatchObject({ status: 403, body: { message: 'User is not authorized' } });
  });

  test('give an administrator no codes for a password alone, and a fresh factor does', async () => {
    await addPhone(server, '/', TEST_ADMINISTRATOR.name);
    const own = `/users/${TEST_ADMINISTRATOR.name}/devices/2fa/push?_action=renewCodes`;
    expect(await rest('POST', own, { token, body: {} })).toMatchObject({
      status: 403,
      body: { detail: { needs: 'recentFactor' } },
    });
    const proven = await openSession(server, '/', TEST_ADMINISTRATOR.name, { factorAgeMillis: 1_000 });
    expect((await rest('POST', own, { token: proven.token, body: {} })).status).toBe(200);
  });
});
