import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimsOf, type OAuthApplication, oauthApplication } from '../src/testing/oauth-application.ts';
import { type RestClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

const CLIENT = '/alpha/realm-config/agents/OAuth2Client/svc';
const REALM = `/global-config/realms/${Buffer.from('/alpha').toString('base64url')}`;
const FIRST = 'the-first-secret-of-the-service';
const SECOND = 'the-second-secret-of-the-service';

let server: SteeredServer;
let app: OAuthApplication;
let rest: RestClient;
let token: string | undefined;

beforeAll(async () => {
  server = await steeredServer({ port: 18_996 });
  app = oauthApplication(server);
  rest = app.rest;
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(() => server?.assent.stop());
beforeEach(async () => {
  await rest('DELETE', REALM, { token });
  await server.createRealm('/alpha');
});

const done = async (answer: ReturnType<RestClient>): Promise<void> => {
  expect([200, 201]).toContain((await answer).status);
};
const remove = () => done(rest('DELETE', CLIENT, { token }));
const inRealmAgain = async () => {
  await done(rest('DELETE', REALM, { token }));
  await server.createRealm('/alpha');
};

describe.each([
  ['opaque', false],
  ['JWT', true],
])('an access token of a client for itself (%s)', (_, statelessTokensEnabled) => {
  const documentOf = (core: Readonly<Record<string, unknown>>) => ({
    coreOAuth2ClientConfig: { scopes: ['read', 'am-introspect-all-tokens'], clientType: 'Confidential', ...core },
    advancedOAuth2ClientConfig: { grantTypes: ['client_credentials'] },
    overrideOAuth2ClientConfig: { providerOverridesEnabled: true, statelessTokensEnabled },
  });
  const put = (core: Readonly<Record<string, unknown>>) => done(rest('PUT', CLIENT, { token, body: documentOf(core) }));
  const issue = async (client_secret: string) => {
    const form = { grant_type: 'client_credentials', client_id: 'svc', client_secret, scope: 'read' };
    return String((await app.ask('access_token', { form })).body.access_token);
  };
  /** What the three endpoints that take a token say of it. The secret is that of the client now; absent where there is no client to ask. */
  const verdicts = async (access: string, secret?: string) => {
    const headers = { authorization: `Bearer ${access}` };
    const form = { token: access, client_id: 'svc', client_secret: secret ?? '' };
    return {
      tokeninfo: (await app.ask('tokeninfo', { headers })).status,
      // Good tokens of a client are refused for their scope.
      userinfo: (await app.ask('userinfo', { headers })).body.error,
      active: secret === undefined ? undefined : (await app.ask('introspect', { form })).body.active,
    };
  };
  const ENDED = { tokeninfo: 401, userinfo: 'invalid_token' };
  const GOOD = { tokeninfo: 200, userinfo: 'insufficient_scope', active: true };

  test.each<[string, () => Promise<void>, () => Promise<void>, string]>([
    ['deactivated and activated', () => put({ status: 'Inactive' }), () => put({ status: 'Active' }), FIRST],
    ['deleted and created with another secret', remove, () => put({ userpassword: SECOND }), SECOND],
    ['deleted and created with the same secret', remove, () => put({ userpassword: FIRST }), FIRST],
    ['created again in a realm that was deleted', inRealmAgain, () => put({ userpassword: SECOND }), SECOND],
  ])('ends for good when the client is %s (SEC-90)', async (_, end, begin, secret) => {
    await put({ userpassword: FIRST });
    const access = await issue(FIRST);
    expect(await verdicts(access, FIRST)).toEqual(GOOD);
    await end();
    expect(await verdicts(access)).toEqual({ ...ENDED, active: undefined });
    await begin();
    expect(await verdicts(access, secret)).toEqual({ ...ENDED, active: false });
    expect(await verdicts(await issue(secret), secret)).toEqual(GOOD);
  });

  test('stays valid through changes that do not deactivate the client', async () => {
    await put({ userpassword: FIRST });
    const access = await issue(FIRST);
    await put({ userpassword: SECOND });
    await put({ scopes: ['read', 'write', 'am-introspect-all-tokens'] });
    expect(await verdicts(access, SECOND)).toEqual(GOOD);
  });

  test('names a generation that the client shows over REST in no form, and that no caller can set', async () => {
    await put({ userpassword: FIRST });
    const access = await issue(FIRST);
    const generation = statelessTokensEnabled ? String(claimsOf(access).jti).split('.')[2] : access.split('.')[6];
    expect(generation).toMatch(/^[\w-]{22}$/);
    const shown = await rest('GET', CLIENT, { token });
    const listed = await rest('GET', '/alpha/realm-config/agents/OAuth2Client?_queryFilter=true', { token });
    expect(JSON.stringify([shown.body, listed.body])).not.toContain(generation);
    for (const name of ['generation', '#generation']) {
      const body = { ...documentOf({}), [name]: generation };
      expect((await rest('PUT', CLIENT, { token, body })).status).toBe(400);
    }
  });
});
