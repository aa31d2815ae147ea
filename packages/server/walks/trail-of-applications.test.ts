import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CALLBACK,
  DEVICE_GRANT,
  type OAuthApplication,
  oauthApplication,
  putClient,
  REQUEST,
} from '../src/testing/oauth-application.ts';
import { signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// Whatever becomes of what an application holds stands in the trail, with the client and the request (OIDC-28).

const PASSWORD = 'correct horse 7';

let server: SteeredServer;
let app: OAuthApplication;
let user: string;

beforeAll(async () => {
  server = await steeredServer({ port: 18_475 });
  app = oauthApplication(server);
  await server.createRealm('/alpha');
  await server.createUser('/alpha', 'ada', PASSWORD);
  const admin = await signIn(app.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await putClient(app.rest, admin, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
  user = (await server.assent.store.identities.find('/alpha', 'ada'))?.id ?? '';
});
afterAll(() => server?.assent.stop());

const session = async () => (await signIn(app.rest, '/alpha', 'ada', PASSWORD)) ?? '';
const rowsOf = () => server.assent.store.audit.ofUser(user, 200);

const decide = async (decision: 'allow' | 'deny') => {
  const own = await session();
  const headers = { accept: 'text/html', cookie: `iPlanetDirectoryPro=${own}` };
  return app.ask('authorize', { form: { ...REQUEST, prompt: 'consent', decision, csrf: own }, headers });
};

/** The device is let in, or not, and asks for its tokens. */
const device = async (decision: 'allow' | 'deny') => {
  const { body } = await app.ask('device/code', { form: { client_id: 'app', scope: 'openid' } });
  const own = await session();
  const headers = { accept: 'text/html', cookie: `iPlanetDirectoryPro=${own}` };
  const form = { user_code: String(body.user_code), decision, csrf: own };
  await app.ask('device/user', { form, headers });
  await server.clock.advance(10_000);
  return app.ask('access_token', {
    form: { client_id: 'app', grant_type: DEVICE_GRANT, device_code: String(body.device_code) },
  });
};

test.each<[string, () => Promise<unknown>, readonly (readonly [event: string, outcome?: string])[]]>([
  ['a code', async () => app.codeOf(await session()), [['OAUTH_AUTHORIZE', 'code']]],
  [
    'a consent',
    () => decide('allow'),
    [
      ['OAUTH_CONSENT', 'allowed'],
      ['OAUTH_AUTHORIZE', 'code'],
    ],
  ],
  ['a consent that is denied', () => decide('deny'), [['OAUTH_CONSENT', 'denied']]],
  ['tokens', async () => app.tokens(await session()), [['OAUTH_AUTHORIZE', 'code'], ['TOKEN_ISSUE']]],
  [
    'a refresh',
    async () => app.refresh((await app.tokens(await session())).refresh),
    [['OAUTH_AUTHORIZE', 'code'], ['TOKEN_ISSUE'], ['TOKEN_REFRESH']],
  ],
  [
    'a code that is used again',
    async () => {
      const code = await app.codeOf(await session());
      await app.redeem(code);
      await server.clock.advance(60_000);
      return app.redeem(code);
    },
    [['OAUTH_AUTHORIZE', 'code'], ['TOKEN_ISSUE'], ['TOKEN_REUSE', 'ended']],
  ],
  [
    'a token that is taken back',
    async () =>
      app.ask('token/revoke', { form: { client_id: 'app', token: (await app.tokens(await session())).refresh } }),
    [['OAUTH_AUTHORIZE', 'code'], ['TOKEN_ISSUE'], ['TOKEN_REVOKE']],
  ],
  [
    'a logout',
    async () => app.ask(`connect/endSession?id_token_hint=${(await app.tokens(await session())).id}`),
    [['OAUTH_AUTHORIZE', 'code'], ['TOKEN_ISSUE'], ['OAUTH_LOGOUT']],
  ],
  ['a device', () => device('allow'), [['OAUTH_DEVICE', 'allowed'], ['TOKEN_ISSUE']]],
  ['a device that is not let in', () => device('deny'), [['OAUTH_DEVICE', 'denied']]],
])('%s', async (_what, doing, events) => {
  const before = new Set((await rowsOf()).map((row) => JSON.stringify(row)));
  await doing();
  const rows = (await rowsOf())
    .filter((row) => !before.has(JSON.stringify(row)) && /^(OAUTH|TOKEN)_/.test(row.event))
    .toReversed();
  expect(rows.map(({ event }) => event).sort()).toEqual(events.map(([event]) => event).sort());
  for (const [event, outcome] of events) {
    const row = rows.find((it) => it.event === event);
    expect(row, event).toMatchObject({ realm: '/alpha', userId: user, transactionId: expect.stringMatching(/./) });
    expect(row?.detail, event).toMatchObject({ client: 'app' });
    if (outcome !== undefined) expect(row?.outcome, event).toBe(outcome);
  }
});

test('a device that waits for somebody fills no log, and one that asks too often stands in it', async () => {
  const { body } = await app.ask('device/code', { form: { client_id: 'app', scope: 'openid' } });
  const form = { client_id: 'app', grant_type: DEVICE_GRANT, device_code: String(body.device_code) };
  const before = server.logged().length;
  expect((await app.ask('access_token', { form })).body.error).toBe('authorization_pending');
  expect(server.logged()).toHaveLength(before);
  expect((await app.ask('access_token', { form })).body.error).toBe('slow_down');
  expect(server.logged().slice(before)).toMatchObject([{ code: 'slow_down', client: 'app' }]);
});
