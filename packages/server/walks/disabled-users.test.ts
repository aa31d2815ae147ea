import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSession } from '../src/testing/account-fixture.ts';
import {
  CALLBACK,
  DEVICE_GRANT,
  landed,
  type OAuthApplication,
  oauthApplication,
  putClient,
} from '../src/testing/oauth-application.ts';
import { FAILURE, publishTree } from '../src/testing/publish-tree.ts';
import { signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { hiddenValue, WaitingPage, type WaitingStep } from '../src/testing/waiting-page.ts';

// SEC-90: whoever disables a user ends all that the user holds; none of it lives again once the user is enabled.

const PASSWORD = 'correct horse 7';
const REALM = '/alpha';
const PAST = {
  realm: REALM,
  description: '',
  default: false,
  language: 'JAVASCRIPT',
  createdBy: '',
  lastModifiedBy: '',
};
const TIMES = { creationDate: 1, lastModifiedDate: 1, context: 'AUTHENTICATION_TREE_DECISION_NODE' } as const;

let server: SteeredServer;
let app: OAuthApplication;
let administrator: string;

const script = (id: string, source: string) => ({
  ...PAST,
  ...TIMES,
  id,
  name: id,
  source: `${source} outcome = 'true';`,
  evaluatorVersion: '1.0' as const,
});
const SCRIPTS = {
  status: script(
    '01e1a3c0-038b-4c16-956a-6c9d89328c01',
    `idRepository.setAttribute(nodeState.get('username').asString(), 'inetUserStatus', ['Inactive']);`,
  ),
  patch: script(
    '01e1a3c0-038b-4c16-956a-6c9d89328c02',
    `nodeState.putShared('objectAttributes', { accountStatus: 'inactive' });`,
  ),
};
const scripted = (id: string) => ({ script: id, outcomes: ['true'], inputs: ['*'], outputs: ['*'] });

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  app = oauthApplication(server);
  await server.createRealm(REALM);
  await server.setPushService(REALM, { delegateFactory: 'relay' });
  await configuring(server.assent.store).change({ putScripts: Object.values(SCRIPTS) });
  const name = ['UsernameCollectorNode', { outcome: 'next' }] as const;
  const trees = {
    Lock: { name, next: ['AccountLockoutNode', { outcome: FAILURE }] },
    Unlock: { name, next: ['AccountLockoutNode', { outcome: FAILURE }, { lockAction: 'UNLOCK' }] },
    Script: { name, next: ['ScriptedDecisionNode', { true: FAILURE }, scripted(SCRIPTS.status.id)] },
    Patch: {
      name,
      next: ['ScriptedDecisionNode', { true: 'patch' }, scripted(SCRIPTS.patch.id)],
      patch: ['PatchObjectNode', { PATCHED: FAILURE, FAILURE }],
    },
  } as const;
  for (const [tree, nodes] of Object.entries(trees)) await publishTree(server, tree, nodes, REALM);
  administrator = (await signIn(app.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
  await putClient(app.rest, administrator, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
});
afterAll(() => server?.assent.stop());

const setStatus = async (username: string, status: 'Active' | 'Inactive'): Promise<void> => {
  const path = `${REALM}/users/${username}`;
  const answer = await app.rest('PUT', path, { token: administrator, body: { inetUserStatus: status } });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
};

/** Runs a journey that asks for a name. */
const run = async (tree: string, username: string) => {
  const path = `${REALM}/authenticate?authIndexType=service&authIndexValue=${tree}`;
  const headers = { 'accept-api-version': 'protocol=1.0,resource=2.1' };
  const { body } = await app.rest('POST', path, { body: {}, headers });
  const { authId, callbacks } = body as unknown as WaitingStep;
  const given = callbacks.map((it) => ({ ...it, input: it.input?.map((input) => ({ ...input, value: username })) }));
  const answer = await app.rest('POST', path, { body: { authId, callbacks: given }, headers });
  return { status: answer.status, body: answer.body };
};

const WRITERS: Readonly<Record<string, (username: string) => Promise<void>>> = {
  'an administrator over REST': (username) => setStatus(username, 'Inactive'),
  'the node Account Lockout': async (username) => void (await run('Lock', username)),
  'a script that sets the status': async (username) => void (await run('Script', username)),
  'the node Patch Object': async (username) => void (await run('Patch', username)),
};

/** Whether a journey comes to a session by itself: its user does what a page does that has nothing to type. */
const signsIn = async (page: WaitingPage, step: WaitingStep): Promise<boolean> => {
  let next = await page.submit(step);
  for (let steps = 0; next.status === 200 && steps < 5; steps += 1) {
    if ('tokenId' in next.body) return true;
    next = await page.submit(next.body);
  }
  return false;
};

/** Lets a user hold all that lets in; what is told is whether each of it still does. */
const holder = async (username: string) => {
  await server.createUser(REALM, username, PASSWORD);
  const page = new WaitingPage(() => server, { name: username, password: PASSWORD, realm: REALM });
  const waiting = await page.toWait();
  const underWay = await page.pastPassword();
  const { token } = await openSession(server, REALM, username, { factorAgeMillis: 0 });
  const { token: other } = await openSession(server, REALM, username);
  const ofSession = await app.tokens(token);
  const offline = await app.tokens(token, { scope: 'openid offline_access' });
  const code = await app.codeOf(token);
  const { body: device } = await app.ask('device/code', { form: { client_id: 'app', scope: 'openid' } });
  const isUsed = async (session: string) =>
    (await app.rest('POST', `${REALM}/users?_action=idFromSession`, { token: session, body: {} })).status === 200;
  return {
    page,
    underWay,
    before: async () => ({ sessions: [await isUsed(token), await isUsed(other)], requests: await page.listed() }),
    left: async (): Promise<readonly string[]> => {
      const found: Readonly<Record<string, boolean>> = {
        session: await isUsed(token),
        'another session': await isUsed(other),
        'silent sign-in': 'code' in landed(await app.authorize({ iplanetdirectorypro: token }, { prompt: 'none' })),
        'access token': (await app.userinfo(ofSession.access)).status === 200,
        'refresh token': (await app.refresh(ofSession.refresh)).status === 200,
        'offline refresh token': (await app.refresh(offline.refresh)).status === 200,
        code: (await app.redeem(code)).status === 200,
        'device code':
          (
            await app.ask('access_token', {
              form: { grant_type: DEVICE_GRANT, client_id: 'app', device_code: String(device.device_code) },
            })
          ).status === 200,
        'request on the phone': (await page.listed()).length > 0,
        'journey that waits': await signsIn(page, underWay),
        'journey whose request was superseded': await signsIn(page, waiting),
      };
      return Object.entries(found).flatMap(([what, isAlive]) => (isAlive ? [what] : []));
    },
  };
};

describe('a user who was disabled', () => {
  // What an earlier test has counted is over by then.
  beforeEach(() => server.clock.advance(3_600_000));
  beforeEach(async () => {
    administrator = (await signIn(app.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
  });

  test.each(Object.keys(WRITERS).map((writer, at) => [writer, `user${at}`] as const))(
    'by %s holds nothing that works, also once enabled again (SEC-90)',
    async (writer, username) => {
      const it = await holder(username);
      expect(await it.before()).toEqual({ sessions: [true, true], requests: [expect.anything()] });
      await WRITERS[writer]?.(username);
      const { active } = (await server.assent.store.identities.find(REALM, username)) ?? {};
      expect(active).toBe(false);
      // Enabled at once: what lives, lives by what the writer has left.
      await setStatus(username, 'Active');
      expect(await it.left()).toEqual([]);
      expect(await signIn(app.rest, REALM, username, PASSWORD)).toEqual(expect.any(String));
    },
  );

  test('cannot approve a request of before, also once enabled again (SEC-90)', async () => {
    const it = await holder('late');
    const [request] = await it.page.listed();
    await WRITERS['the node Account Lockout']?.('late');
    await setStatus('late', 'Active');
    const now = server.clock.now();
    const number = hiddenValue(it.underWay);
    const answer = it.page.phone.answer(request?.messageId ?? '', request?.message ?? '', { now, number });
    expect((await it.page.post('push/sns/message?_action=authenticate', answer, {})).status).toBe(400);
    expect((await it.page.submit(it.underWay)).status).not.toBe(200);
  });
});

describe('a user with roles', () => {
  const journeys = Object.keys(WRITERS).filter((writer) => writer !== 'an administrator over REST');
  test.each(journeys.map((writer, at) => [writer, `boss${at}`] as const))(
    'loses nothing by %s, which an anonymous caller may run (SEC-90)',
    async (writer, username) => {
      const it = await holder(username);
      await server.setAttributes(REALM, username, { assentRoles: ['owner'] });
      await WRITERS[writer]?.(username);
      expect((await server.assent.store.identities.find(REALM, username))?.active).toBe(true);
      expect(await it.before()).toEqual({ sessions: [true, true], requests: [expect.anything()] });
    },
  );

  test('is not enabled by the node Account Lockout, whose answer is that of any other account (SEC-90)', async () => {
    for (const username of ['plain', 'chief']) await server.createUser(REALM, username, PASSWORD);
    await server.setAttributes(REALM, 'chief', { assentRoles: ['helpdesk'] });
    const answers: unknown[] = [];
    for (const username of ['plain', 'chief']) answers.push(await run('Lock', username));
    expect(answers[1]).toEqual(answers[0]);
    const { id } = (await server.assent.store.identities.find(REALM, 'chief')) ?? { id: '' };
    await server.assent.store.committer.commit([{ type: 'identity.active', id, active: false }]);
    await run('Unlock', 'chief');
    expect((await server.assent.store.identities.find(REALM, 'chief'))?.active).toBe(false);
    const query = { events: ['LOCKOUT_REFUSED'], since: 0, limit: 9 };
    const { events: refused } = await server.assent.store.audit.page(id, query);
    expect(refused.map(({ outcome }) => outcome)).toEqual(['unlock', 'lock']);
  });
});
