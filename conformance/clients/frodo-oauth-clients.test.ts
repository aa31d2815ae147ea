import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Administered, asAdministrator } from '../support/administrator.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { ADMINISTRATOR, FRODO_MAY_COME_IN, Frodo, textOf } from './frodo.ts';

// Clients of OAuth and the provider, as frodo exports, imports, lists and deletes them (spec: oidc §3.1).

const CLIENTS = '/json/realms/root/realm-config/agents/OAuth2Client';
const PROVIDER = '/json/realms/root/realm-config/services/oauth-oidc';

const own = (value: unknown) => ({ inherited: false, value });

/** In the shape that PingAM exports: both forms of values, what it has encrypted for itself, and names of another version. */
const EXPORT = {
  script: {},
  application: {
    portal: {
      _id: 'portal',
      _type: { _id: 'OAuth2Client', name: 'OAuth2 Clients', collection: true },
      _provider: null,
      coreOAuth2ClientConfig: {
        'userpassword-encrypted': null,
        userpassword: null,
        agentgroup: null,
        status: own('Active'),
        clientType: own('Public'),
        clientName: own(['Portal']),
        redirectionUris: own(['https://app.example.com/cb']),
        scopes: own(['openid', 'profile|de|Dein Profil']),
        colourOfAnotherVersion: own('red'),
      },
      advancedOAuth2ClientConfig: {
        grantTypes: own(['authorization_code', 'implicit']),
        responseTypes: own(['code', 'token', 'id_token']),
        sectorIdentifierUri: { inherited: false },
      },
      signEncOAuth2ClientConfig: { idTokenSignedResponseAlg: own('HS256') },
      overrideOAuth2ClientConfig: { providerOverridesEnabled: true, statelessTokensEnabled: true },
    },
  },
};

let server: ServerProcess;
let owned: Administered;
let frodo: Frodo;

beforeAll(async () => {
  server = await startServerProcess(FRODO_MAY_COME_IN);
  owned = { am: server.am, administrator: ADMINISTRATOR };
  frodo = new Frodo(server);
});
afterAll(() => server?.close());

interface Exported {
  readonly application: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

describe('frodo and the clients of a realm', () => {
  test('an export of PingAM comes in, but for what no server of this version has', async () => {
    frodo.write('portal.oauth2.app.json', EXPORT);
    await frodo.do(['oauth', 'client', 'import', '-i', 'portal', '-f', 'portal.oauth2.app.json']);
    const { status, body } = await asAdministrator(owned, 'GET', `${CLIENTS}/portal`);
    const {
      colourOfAnotherVersion: _,
      'userpassword-encrypted': __,
      ...core
    } = EXPORT.application.portal.coreOAuth2ClientConfig;
    const { advancedOAuth2ClientConfig, overrideOAuth2ClientConfig, signEncOAuth2ClientConfig } =
      EXPORT.application.portal;
    expect([status, body]).toMatchObject([
      200,
      {
        coreOAuth2ClientConfig: core,
        advancedOAuth2ClientConfig,
        overrideOAuth2ClientConfig,
        signEncOAuth2ClientConfig,
      },
    ]);
  });

  test('it is listed beside that of the demo', async () => {
    const listed = await frodo.do(['oauth', 'client', 'list', '-l']);
    expect(listed).toMatch(/portal.*Active.*Public.*Authz Code/);
    expect(listed).toMatch(/demo-app/);
  });

  test('it is exported with the provider, and what was exported comes back as the same', async () => {
    await frodo.do(['oauth', 'client', 'export', '-i', 'portal', '-f', 'first.json']);
    const first = frodo.read('first.json') as unknown as Exported;
    expect(first.application.portal?._provider).toMatchObject({ coreOAuth2Config: { codeLifetime: 120 } });
    await frodo.do(['oauth', 'client', 'delete', '-i', 'portal']);
    expect((await asAdministrator(owned, 'GET', `${CLIENTS}/portal`)).status).toBe(404);
    await frodo.do(['oauth', 'client', 'import', '-i', 'portal', '-f', 'first.json']);
    await frodo.do(['oauth', 'client', 'export', '-i', 'portal', '-f', 'second.json']);
    const second = frodo.read('second.json') as unknown as Exported;
    expect(textOf(second.application)).toBe(textOf(first.application));
  });

  test('all of a realm are exported to one file', async () => {
    await frodo.do(['oauth', 'client', 'export', '-a', '-f', 'all.json']);
    const { application } = frodo.read('all.json') as unknown as Exported;
    expect(Object.keys(application).sort()).toEqual(['demo-app', 'portal']);
  });
});

test('the provider goes around as a service', async () => {
  const { body } = await asAdministrator(owned, 'GET', PROVIDER);
  const changed = { ...(body as object), coreOAuth2Config: { codeLifetime: 60, statelessTokensEnabled: true } };
  expect((await asAdministrator(owned, 'PUT', PROVIDER, changed)).status).toBe(200);
  await frodo.do(['service', 'export', '-i', 'oauth-oidc', '-f', 'provider.json']);
  await asAdministrator(owned, 'DELETE', PROVIDER);
  expect(await frodo.do(['service', 'import', '-i', 'oauth-oidc', '-f', 'provider.json'])).not.toMatch(
    /error|undefined/i,
  );
  expect((await asAdministrator(owned, 'GET', PROVIDER)).body).toMatchObject({
    coreOAuth2Config: { codeLifetime: 60, statelessTokensEnabled: true, accessTokenLifetime: 3_600 },
    advancedOIDCConfig: { loaMapping: { push: 'PushStepUp', password: 'Login' } },
  });
});
