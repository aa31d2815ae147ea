import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSession } from '../src/testing/account-fixture.ts';
import { inject } from '../src/testing/inject.ts';
import {
  CALLBACK,
  DEVICE_GRANT,
  type OAuthApplication,
  oauthApplication,
  putClient,
} from '../src/testing/oauth-application.ts';
import { signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { PAGE, WaitingPage, type WaitingStep } from '../src/testing/waiting-page.ts';

// SEC-89: a realm that is switched off answers nothing, at every instance, whatever its users, clients and phones still hold.

const PASSWORD = 'correct horse 7';
const REALM = '/alpha';
const OF_REALM = `/global-config/realms/${Buffer.from(REALM).toString('base64url')}`;
const HOST = 'localhost:8080';
type Headers = Readonly<Record<string, string>>;

let directory: string;
let one: SteeredServer;
let other: SteeredServer;
let app: OAuthApplication;
let page: WaitingPage;
let root: string;
let hasPhone = false;
let held: {
  readonly user: string;
  readonly owner: string;
  readonly code: string;
  readonly access: string;
  readonly refresh: string;
  readonly device: string;
  readonly waiting: WaitingStep;
};

const switchRealm = async (active: boolean): Promise<void> => {
  const answer = await app.rest('PUT', OF_REALM, { token: root, body: { active } });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  for (const { assent } of [one, other]) await assent.configuration.refresh();
};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'assent-inactive-'));
  one = await steeredServer({ port: 8080, dataDir: directory });
  other = await steeredServer({ port: 8080, dataDir: directory, clock: one.clock });
  app = oauthApplication(one);
  await one.createRealm(REALM);
  await one.createRealm('/alpha/beta');
  await one.createRealm('/other');
  await one.setPushService(REALM, { delegateFactory: 'relay' });
  for (const name of ['ada', 'ann', 'owner']) await one.createUser(REALM, name, PASSWORD);
  await one.setAttributes(REALM, 'owner', { assentRoles: ['owner'] });
  root = (await signIn(app.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
  await putClient(app.rest, root, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
  await putClient(app.rest, root, 'api', { clientType: 'Confidential', userpassword: 'secret-of-the-api' });
  await other.assent.configuration.refresh();
  page = new WaitingPage(() => one, { name: 'ada', password: PASSWORD, realm: REALM });
});
beforeEach(async () => {
  await switchRealm(true);
  // What an earlier test has counted of this address is over by then.
  await one.clock.advance(3_600_000);
  root = (await signIn(app.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
  const fresh = { factorAgeMillis: 0 };
  const { token: user } = await openSession(one, REALM, 'ann', fresh);
  const { token: owner } = await openSession(one, REALM, 'owner', fresh);
  const waiting = hasPhone ? await page.pastPassword() : await page.toWait();
  hasPhone = true;
  const { access, refresh } = await app.tokens(user, { scope: 'openid offline_access' });
  const { body } = await app.ask('device/code', { form: { client_id: 'app', scope: 'openid' } });
  held = { user, owner, access, refresh, code: await app.codeOf(user), device: String(body.device_code), waiting };
});
afterAll(async () => {
  await Promise.all([one, other].map(({ assent }) => assent.stop()));
  rmSync(directory, { recursive: true, force: true });
});

const bearerOfPhone = (realm: string): string =>
  page.phone.relayToken(`${one.assent.publicUrl}/json${realm}/push/relay`, one.clock.now());

/** Every way in which callers of the realm prove themselves, and root's administrator. */
const credentials = (realm: string): readonly Headers[] => [
  {},
  { iplanetdirectorypro: held.user },
  { iplanetdirectorypro: held.owner },
  { iplanetdirectorypro: root },
  { authorization: `Bearer ${held.access}` },
  { authorization: `Basic ${Buffer.from('api:secret-of-the-api').toString('base64')}` },
  { authorization: `Bearer ${bearerOfPhone(realm)}` },
  { ...PAGE, 'x-assent-authid': held.waiting.authId },
];

const bodies = (isOAuth: boolean): readonly (string | undefined)[] =>
  isOAuth
    ? [
        new URLSearchParams({ grant_type: 'refresh_token', client_id: 'app', refresh_token: held.refresh }),
        new URLSearchParams({ grant_type: 'authorization_code', client_id: 'app', code: held.code }),
        new URLSearchParams({ grant_type: DEVICE_GRANT, client_id: 'app', device_code: held.device }),
        new URLSearchParams({ token: held.access, client_id: 'api', client_secret: 'secret-of-the-api' }),
      ].map(String)
    : [undefined, JSON.stringify(held.waiting), JSON.stringify({ authId: held.waiting.authId })];

const answerOf = async (server: SteeredServer, method: string, url: string, headers: Headers, payload?: string) => {
  const type = url.startsWith('/oauth2/') ? 'application/x-www-form-urlencoded' : 'application/json';
  const answer = await inject(server.assent, {
    method: method as 'GET',
    url: `/am${url}`,
    headers: { host: HOST, ...(payload !== undefined && { 'content-type': type }), ...headers },
    ...(payload !== undefined && { payload }),
  });
  return { status: answer.statusCode, body: answer.body };
};

const pathOf = (pattern: string, realm: string): string =>
  pattern
    .replace(':user', 'ann')
    .replace(':type', 'push')
    .replace(/:(\w+)/g, 'some-$1')
    .replace(/^\/(json|oauth2)\//, `/$1/${realm}/`);

const routesInRealms = () =>
  one.assent.routes.flatMap((key) => {
    const [method = '', pattern = ''] = key.split(' ');
    const isOfServer = pattern.startsWith('/json/health/');
    return /^\/(json|oauth2)\//.test(pattern) && !isOfServer ? [{ key, method, pattern }] : [];
  });

test('no route answers in an inactive realm, to nobody, by no credential, as if the realm were unknown (SEC-89)', async () => {
  await switchRealm(false);
  const ways = ['realms/root/realms/alpha', 'alpha'];
  let calls = 0;
  for (const { key, method, pattern } of routesInRealms()) {
    const isOAuth = pattern.startsWith('/oauth2/');
    const expected = isOAuth
      ? { error: 'invalid_request', error_description: 'There is no such realm.' }
      : { code: 400, reason: 'Bad Request', message: 'Invalid realm, /alpha' };
    for (const realm of ways) {
      for (const headers of credentials(REALM)) {
        for (const body of method === 'POST' ? bodies(isOAuth) : [undefined]) {
          const server = calls % 2 === 0 ? one : other;
          const answer = await answerOf(server, method, pathOf(pattern, realm), headers, body);
          expect(`${key} ${answer.status} ${answer.body}`).toBe(
            `${key} ${isOAuth ? 404 : 400} ${JSON.stringify(expected)}`,
          );
          calls += 1;
        }
      }
    }
  }
  expect(calls).toBeGreaterThan(2_000);
});

test('the login page of an inactive realm is that of an unknown one, with nothing of its own (SEC-89)', async () => {
  await switchRealm(false);
  for (const path of ['/login', '/login/logo']) {
    const [off, unknown] = await Promise.all(
      ['/alpha', '/nowhere'].map((realm) => answerOf(one, 'GET', `${path}?realm=${realm}`, {})),
    );
    const plain = (text: string) => text.replace(/nonce="[^"]*"|nonce-[\w+/=]*/g, '').replaceAll('nowhere', 'alpha');
    expect([off?.status, plain(off?.body ?? '')]).toEqual([404, plain(unknown?.body ?? '')]);
  }
});

test('a session of an inactive realm counts nowhere, also not at root or in another realm (SEC-89)', async () => {
  const statusAt = async (realm: string) =>
    (await app.rest('POST', `${realm}/users?_action=idFromSession`, { token: held.user, body: {} })).status;
  expect(await statusAt('')).toBe(200);
  await switchRealm(false);
  for (const realm of ['', '/other', '/alpha/beta']) {
    expect(await statusAt(realm)).toBe(401);
    for (const path of ['/users/ann', '/users/owner'])
      expect((await app.rest('GET', `${realm}${path}`, { token: held.owner })).status).toBe(401);
  }
});

test('a realm below an inactive one has a switch of its own (SEC-89)', async () => {
  await switchRealm(false);
  const begun = await app.rest('POST', '/alpha/beta/authenticate', { body: {} });
  expect([begun.status, typeof begun.body.authId]).toEqual([200, 'string']);
});

test('an alias of an inactive realm, as a name or as a host, means no other realm (SEC-89)', async () => {
  const aliases = ['alef', 'alpha.example.com'];
  await app.rest('PUT', OF_REALM, { token: root, body: { aliases } });
  await switchRealm(false);
  const named = await app.rest('POST', '/authenticate?realm=alef', { body: {} });
  const hosted = await app.rest('POST', '/authenticate', { body: {}, headers: { host: 'alpha.example.com:8080' } });
  for (const { status, body } of [named, hosted])
    expect([status, body.message]).toEqual([400, 'Invalid realm, /alpha']);
});

test('the administrators of root see an inactive realm, and switch it on again: what has not run out lives on (SEC-89)', async () => {
  await switchRealm(false);
  expect((await app.rest('GET', OF_REALM, { token: root })).body).toMatchObject({ name: 'alpha', active: false });
  const list = await app.rest('GET', '/global-config/realms?_queryFilter=true', { token: root });
  expect(list.body.result).toContainEqual(expect.objectContaining({ name: 'alpha', active: false }));
  const again = { name: 'alpha', parentPath: '/', active: true };
  expect((await app.rest('POST', '/global-config/realms', { token: root, body: again })).status).toBe(409);
  await switchRealm(true);
  expect((await app.rest('GET', '/alpha/users/ann', { token: held.user })).status).toBe(200);
  expect((await app.refresh(held.refresh)).status).toBe(200);
});

test('what is to be sent for an inactive realm waits until the realm is on again (SEC-89)', async () => {
  const { store, outbox } = one.assent;
  await switchRealm(false);
  const entry = { id: 'of-alpha', kind: 'webhook', realm: REALM, recipient: 'gone', payload: '{}' };
  await store.committer.commit([{ type: 'outbox.put', entry }]);
  await outbox.wake();
  await outbox.idle();
  const waiting = () => store.outbox.find('of-alpha');
  expect(await waiting()).toMatchObject({ tries: 1, cause: 'The realm is switched off.' });
  await switchRealm(true);
  await one.clock.advance(60_000);
  await outbox.wake();
  await outbox.idle();
  expect((await waiting())?.cause).toBe('The realm has no webhook "gone".');
});

describe('open streams', () => {
  const stream = async (server: SteeredServer, path: string, headers: Headers) => {
    const answer = await inject(server.assent, {
      url: `/am/json${path}`,
      headers: { host: HOST, ...headers },
      payloadAsStream: true,
    });
    const readable: Readable = answer.stream();
    const closing = { isOver: false };
    readable.resume().on('end', () => {
      closing.isOver = true;
    });
    return { status: answer.statusCode, closing };
  };

  test.each(['relay', 'wait'] as const)(
    'of kind %s end at every instance when the realm is switched off',
    async (kind) => {
      const opened: Awaited<ReturnType<typeof stream>>[] = [];
      for (const server of [one, other]) {
        opened.push(
          await (kind === 'wait'
            ? stream(server, '/alpha/authenticate/wait', { ...PAGE, 'x-assent-authid': held.waiting.authId })
            : stream(server, `/alpha/push/relay?mechanismUid=${page.phone.mechanismUid}`, {
                accept: 'text/event-stream',
                authorization: `Bearer ${bearerOfPhone(REALM)}`,
              })),
        );
      }
      expect(opened.map(({ status, closing }) => [status, closing.isOver])).toEqual([
        [200, false],
        [200, false],
      ]);
      await switchRealm(false);
      await expect.poll(() => opened.map(({ closing }) => closing.isOver), { interval: 1 }).toEqual([true, true]);
    },
  );
});
