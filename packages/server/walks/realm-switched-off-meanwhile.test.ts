import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSession } from '../src/testing/account-fixture.ts';
import { Interleaving } from '../src/testing/interleaving.ts';
import { CALLBACK, type OAuthApplication, oauthApplication, putClient } from '../src/testing/oauth-application.ts';
import { restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { WaitingPage } from '../src/testing/waiting-page.ts';

// SEC-89: a realm that is switched off while requests are under way is not outrun by them.

const PASSWORD = 'correct horse 7';
const REALM = '/alpha';
const OF_REALM = `/global-config/realms/${Buffer.from(REALM).toString('base64url')}`;
const INVALID_REALM = [400, { code: 400, reason: 'Bad Request', message: 'Invalid realm, /alpha' }];
const NO_SUCH_REALM = [404, { error: 'invalid_request', error_description: 'There is no such realm.' }];

const interleaving = new Interleaving();
let directory: string;
let server: SteeredServer;
/** The instance at which the realm is switched off. */
let other: SteeredServer;
let app: OAuthApplication;
let page: WaitingPage;
let root: string;
let made = 0;

const switchRealm = async (active: boolean): Promise<void> => {
  const answer = await restClient(other)('PUT', OF_REALM, { token: root, body: { active } });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
};
const switchBackOn = async (): Promise<void> => {
  await switchRealm(true);
  await server.assent.configuration.refresh();
};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'assent-meanwhile-'));
  server = await steeredServer({ port: 8080, dataDir: directory, between: interleaving.between });
  other = await steeredServer({ port: 8080, dataDir: directory, clock: server.clock });
  app = oauthApplication(server);
  await server.createRealm(REALM);
  await server.setPushService(REALM, { delegateFactory: 'relay' });
  for (const name of ['ada', 'ann', 'pat', 'owner']) await server.createUser(REALM, name, PASSWORD);
  await server.setAttributes(REALM, 'owner', { assentRoles: ['owner'] });
  root = (await signIn(app.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
  await putClient(app.rest, root, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
  await putClient(app.rest, root, 'api', { clientType: 'Confidential', userpassword: 'secret-of-the-api' });
  await other.assent.configuration.refresh();
  page = new WaitingPage(() => server, { name: 'ada', password: PASSWORD, realm: REALM });
  await page.toWait();
});
beforeEach(async () => {
  // What an earlier test has counted of this address is over by then.
  await server.clock.advance(3_600_000);
  root = (await signIn(app.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
});
afterAll(async () => {
  await Promise.all([server, other].map(({ assent }) => assent.stop()));
  rmSync(directory, { recursive: true, force: true });
});

type Answered = { readonly status: number; readonly body: unknown };
/** Brings about what the request needs, and returns the request. */
type Prepared = () => Promise<() => Promise<Answered>>;

const tokenOf = async (name: string): Promise<string> =>
  (await openSession(server, REALM, name, { factorAgeMillis: 0 })).token;
const newUser = (token: string) => {
  made += 1;
  const body = { username: `made-${made}`, userpassword: PASSWORD };
  return app.rest('POST', `${REALM}/users?_action=create`, { token, body });
};
const askTokens = (form: Readonly<Record<string, string>>) => app.ask('access_token', { form });

const OVER_REST: Readonly<Record<string, Prepared>> = {
  'an owner who creates a user': async () => {
    const owner = await tokenOf('owner');
    return () => newUser(owner);
  },
  'an administrator of root who creates a user': async () => () => newUser(root),
  'an administrator of root who writes a client': async () => () => {
    made += 1;
    const body = { coreOAuth2ClientConfig: { clientType: 'Public', redirectionUris: [CALLBACK] } };
    return app.rest('PUT', `${REALM}/realm-config/agents/OAuth2Client/made-${made}`, { token: root, body });
  },
  'a user who changes the password': async () => {
    const token = await tokenOf('pat');
    const body = { currentpassword: PASSWORD, userpassword: 'another horse 8' };
    return () => app.rest('POST', `${REALM}/users/pat?_action=changePassword`, { token, body });
  },
  'a journey that signs in': async () => {
    const headers = { 'accept-api-version': 'protocol=1.0,resource=2.1' };
    const path = `${REALM}/authenticate?authIndexType=service&authIndexValue=Login`;
    const { body } = await app.rest('POST', path, { body: {}, headers });
    const values: Readonly<Record<string, string>> = { NameCallback: 'ann', PasswordCallback: PASSWORD };
    const callbacks = (body.callbacks as readonly { readonly type: string; readonly input: readonly object[] }[]).map(
      (it) => ({ ...it, input: it.input.map((entry) => ({ ...entry, value: values[it.type] })) }),
    );
    return () => app.rest('POST', path, { body: { authId: body.authId, callbacks }, headers });
  },
  'a journey that asks the phone': async () => {
    const first = (await page.start()).body;
    const next = (await page.submit(first, { NameCallback: 'ada', PasswordCallback: PASSWORD })).body;
    return () => page.submit(next, { DeviceProfileCallback: '{"identifier":"x"}' });
  },
  'a phone that approves': async () => {
    await page.pastPassword();
    const [request] = await page.listed();
    if (request === undefined) throw new Error('no request waits');
    const answer = page.phone.answer(request.messageId, request.message, { now: server.clock.now() });
    return () => page.post('push/sns/message?_action=authenticate', answer, {});
  },
};

const OVER_OAUTH: Readonly<Record<string, Prepared>> = {
  'a client that asks for a code': async () => {
    const ann = await tokenOf('ann');
    return () => app.authorize({ iplanetdirectorypro: ann });
  },
  'a code that is redeemed': async () => {
    const code = await app.codeOf(await tokenOf('ann'));
    return () => app.redeem(code);
  },
  'a refresh token': async () => {
    const { refresh } = await app.tokens(await tokenOf('ann'), { scope: 'openid offline_access' });
    return () => app.refresh(refresh);
  },
  'a device that asks for a code': async () => () =>
    app.ask('device/code', { form: { client_id: 'app', scope: 'openid' } }),
  'a client that asks for itself': async () => () =>
    askTokens({ grant_type: 'client_credentials', client_id: 'api', client_secret: 'secret-of-the-api' }),
};

describe.each([
  ['REST', OVER_REST, INVALID_REALM],
  ['OAuth', OVER_OAUTH, NO_SUCH_REALM],
] as const)('over %s', (_protocol, requests, refusal) => {
  test.each(Object.entries(requests))(
    'is refused as by an unknown realm, whichever of its commits the switch comes before: %s (SEC-89)',
    async (_name, prepare) => {
      let commits = 0;
      for (;;) {
        const request = await prepare();
        let answer: Answered | undefined;
        const isNested = await interleaving.nest(
          async () => {
            answer = await request();
          },
          () => switchRealm(false),
          commits,
          (point) => typeof point !== 'string',
        );
        if (!isNested) {
          expect(answer?.status).toBeLessThan(400);
          break;
        }
        await switchBackOn();
        expect([answer?.status, answer?.body]).toEqual(refusal);
        commits += 1;
      }
      expect(commits).toBeGreaterThan(0);
    },
  );
});

test('creates no user after the answer of who switched it off, however many are under way (SEC-89)', async () => {
  const owner = await tokenOf('owner');
  const before = made;
  const names = Array.from({ length: 34 }, (_, at) => `made-${before + at + 1}`);
  const found = async () => {
    const users = await Promise.all(names.map((name) => other.assent.store.identities.find(REALM, name)));
    return users.flatMap((user) => (user === undefined ? [] : [user.username]));
  };
  const underWay = names.map(() => newUser(owner));
  await switchRealm(false);
  const then = await found();
  const answers = await Promise.all(underWay);
  expect(await found()).toEqual(then);
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(then.length);
  for (const { status, body } of answers.filter((it) => it.status !== 201))
    expect([status, body]).toEqual(INVALID_REALM);
  expect(then.length).toBeLessThan(names.length);
  await switchBackOn();
});
