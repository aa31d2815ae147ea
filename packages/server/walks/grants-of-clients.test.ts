import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSession } from '../src/testing/account-fixture.ts';
import { CALLBACK, type OAuthApplication, oauthApplication } from '../src/testing/oauth-application.ts';
import { type RestClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

const CLIENT = '/alpha/realm-config/agents/OAuth2Client/app';

let server: SteeredServer;
let app: OAuthApplication;
let rest: RestClient;
let token: string | undefined;
let session: string;

beforeAll(async () => {
  server = await steeredServer({ port: 18_997 });
  app = oauthApplication(server);
  rest = app.rest;
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await server.createRealm('/alpha');
  await server.createUser('/alpha', 'sam', 'correct horse');
});
afterAll(() => server?.assent.stop());
beforeEach(async () => {
  session = (await openSession(server, '/alpha', 'sam')).token;
});

const done = async (answer: ReturnType<RestClient>): Promise<void> => {
  expect([200, 201]).toContain((await answer).status);
};
const remove = () => done(rest('DELETE', CLIENT, { token }));

describe.each([
  ['opaque', false],
  ['JWT', true],
])('what a user granted to a client (%s)', (_, statelessTokensEnabled) => {
  const put = (core: object = {}, advanced: object = {}) =>
    done(
      rest('PUT', CLIENT, {
        token,
        body: {
          coreOAuth2ClientConfig: {
            clientType: 'Public',
            redirectionUris: [CALLBACK],
            scopes: ['openid', 'email', 'offline_access'],
            ...core,
          },
          advancedOAuth2ClientConfig: {
            grantTypes: ['authorization_code', 'refresh_token'],
            responseTypes: ['code'],
            isConsentImplied: true,
            ...advanced,
          },
          overrideOAuth2ClientConfig: {
            providerOverridesEnabled: true,
            statelessTokensEnabled,
            issueRefreshToken: true,
            clientsCanSkipConsent: true,
          },
        },
      }),
    );
  const verdicts = async ({ access, refresh, code }: { access: string; refresh: string; code: string }) => ({
    userinfo: (await app.userinfo(access)).status,
    tokeninfo: (await app.ask('tokeninfo', { headers: { authorization: `Bearer ${access}` } })).status,
    refresh: (await app.refresh(refresh)).status,
    code: (await app.redeem(code)).status,
  });
  const obtain = async () => {
    const tokens = await app.tokens(session, { scope: 'openid email offline_access' });
    return { ...tokens, code: await app.codeOf(session) };
  };
  const GOOD = { userinfo: 200, tokeninfo: 200, refresh: 200, code: 200 };
  const OVER = { userinfo: 401, tokeninfo: 401, refresh: 400, code: 400 };

  test.each<[string, () => Promise<void>, () => Promise<void>]>([
    ['deleted and created again', remove, () => put()],
    ['deactivated and activated', () => put({ status: 'Inactive' }), () => put({ status: 'Active' })],
    [
      'made to require a class for a while',
      () => put({}, { customProperties: ['assent.requiredAcr=push'] }),
      () => put({}, { customProperties: [] }),
    ],
  ])('ends for good when the client is %s (OIDC-11, OIDC-20)', async (_name, end, begin) => {
    await put();
    const before = await obtain();
    expect(await verdicts(await obtain())).toEqual(GOOD);
    await end();
    expect((await app.userinfo(before.access)).status).toBe(401);
    await begin();
    expect(await verdicts(before)).toEqual(OVER);
    expect(await verdicts(await obtain())).toEqual(GOOD);
  });

  test('stays valid through changes that end nothing', async () => {
    await put();
    const before = await obtain();
    await put({ clientName: ['Another name'] });
    expect(await verdicts(before)).toEqual(GOOD);
  });
});
