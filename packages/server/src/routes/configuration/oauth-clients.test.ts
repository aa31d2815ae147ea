import { isConsentTo, isGrantedTo, type OAuthClient, type OAuthGrant } from '@assent/oidc';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { RealmClients } from '../../clients/realm-clients.ts';
import { inject } from '../../testing/inject.ts';
import { type Method, type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

const CLIENTS = '/alpha/realm-config/agents/OAuth2Client';
const PROVIDER = '/alpha/realm-config/services/oauth-oidc';
const APP = {
  coreOAuth2ClientConfig: {
    clientType: { inherited: false, value: 'Confidential' },
    redirectionUris: { inherited: false, value: ['https://app.example.com/cb'] },
    userpassword: 'top-secret-of-the-app',
  },
};

let server: SteeredServer;
let rest: RestClient;
let token: string | undefined;
let clients: RealmClients;
let count = 0;
let id = '';

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  clients = new RealmClients(server.assent.configuration, server.assent.publicUrl);
  await server.createRealm('/alpha');
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
beforeEach(() => {
  count += 1;
  id = `app-${count}`;
});
afterAll(() => server?.assent.stop());

const admin = (method: Method, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  rest(method, path, { token, body, headers });
const put = (body: unknown, headers?: Record<string, string>) => admin('PUT', `${CLIENTS}/${id}`, body, headers);
const stored = () => server.assent.configuration.client('/alpha', id);

/** What the audit trail has of the client, oldest first. */
const trail = async () => {
  const { identities, audit } = server.assent.store;
  const administrator = await identities.find('/', TEST_ADMINISTRATOR.name);
  const events = await audit.ofUser(administrator?.id ?? '', 100);
  return events
    .filter(({ outcome }) => outcome === id)
    .map(({ event, realm, detail }) => ({ event, realm, detail }))
    .reverse();
};

const granted = (clientId: string, at: number): OAuthGrant => ({
  id: `grant-${clientId}-${at}`,
  realm: '/alpha',
  clientId,
  userId: 'user',
  credentialRev: 1,
  scopes: ['openid', 'offline_access'],
  amr: [],
  authTime: 1,
  status: 'active',
  refreshNo: 1,
  rotatedAt: 0,
  accessNo: 1,
  dropped: [],
  createdAt: at,
  expiresAt: Number.MAX_SAFE_INTEGER,
});

describe('clients of a realm (spec: oidc §3.1)', () => {
  test.each([
    ['GET', CLIENTS],
    ['GET', `${CLIENTS}/app`],
    ['PUT', `${CLIENTS}/app`],
    ['DELETE', `${CLIENTS}/app`],
    ['POST', `${CLIENTS}?_action=template`],
    ['GET', PROVIDER],
    ['PUT', PROVIDER],
    ['DELETE', PROVIDER],
  ] as const)('%s %s is for those who administer', async (method, path) => {
    const body = method === 'PUT' || method === 'POST' ? {} : undefined;
    expect((await rest(method, path, { body })).status).toBe(401);
    await server.createUser('/alpha', `user-${count}`, 'correct horse 7');
    const user = await signIn(rest, '/alpha', `user-${count}`, 'correct horse 7');
    expect((await rest(method, path, { token: user, body })).status).toBe(403);
  });

  test('one that is not there is not found, and a realm that is not there is refused as invalid', async () => {
    expect((await admin('GET', `${CLIENTS}/nobody`)).status).toBe(404);
    expect((await admin('DELETE', `${CLIENTS}/nobody`)).status).toBe(404);
    expect((await admin('PUT', '/nowhere/realm-config/agents/OAuth2Client/app', APP)).status).toBe(400);
    expect((await admin('POST', `${CLIENTS}?_action=create`, {})).status).toBe(501);
  });

  test('an unknown name is refused with those that there are, and nothing is stored', async () => {
    const answer = await put({ coreOAuth2ClientConfig: { colour: 'red' } });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        message: 'Invalid attribute specified.',
        detail: { validAttributes: expect.arrayContaining(['scopes', 'jwkSet', 'providerOverridesEnabled']) },
      },
    });
    expect(stored()).toBeUndefined();
    expect((await admin('PUT', `${CLIENTS}/${encodeURIComponent('ä')}`, {})).status).toBe(400);
  });

  test('one is made once, read, replaced and deleted, each with its row of the trail', async () => {
    const made = await put(APP);
    expect(made).toMatchObject({
      status: 201,
      headers: { location: `/am/json${CLIENTS}/${id}`, etag: `"${made.body._rev}"` },
      body: { _id: id, _type: { _id: 'OAuth2Client' }, coreOAuth2ClientConfig: { userpassword: null } },
    });
    const read = await admin('GET', `${CLIENTS}/${id}`);
    expect([read.status, read.body, read.headers.etag]).toEqual([200, made.body, made.headers.etag]);
    const replaced = await put({ ...read.body, advancedOAuth2ClientConfig: { isConsentImplied: true } });
    const own = { inherited: false, value: true };
    expect(replaced).toMatchObject({ status: 200, body: { advancedOAuth2ClientConfig: { isConsentImplied: own } } });
    expect(replaced.body._rev).not.toBe(made.body._rev);
    const gone = await admin('DELETE', `${CLIENTS}/${id}`);
    expect([gone.status, gone.body]).toEqual([200, replaced.body]);
    expect(stored()).toBeUndefined();
    expect((await trail()).map(({ event, realm }) => `${event} ${realm}`)).toEqual([
      'CLIENT_CREATE /alpha',
      'CLIENT_UPDATE /alpha',
      'CLIENT_DELETE /alpha',
    ]);
  });

  test('the trail names what was changed, and tells of a secret without it', async () => {
    await put(APP);
    const { userpassword: _, ...core } = APP.coreOAuth2ClientConfig;
    await put({ coreOAuth2ClientConfig: { ...core, status: 'Inactive', userpassword: 'another-secret' } });
    await put({ coreOAuth2ClientConfig: { ...core, status: 'Inactive' } });
    const events = await trail();
    expect(events.map(({ detail }) => detail)).toEqual([
      { changed: 'coreOAuth2ClientConfig.clientType,coreOAuth2ClientConfig.redirectionUris', hasNewSecret: true },
      { changed: 'coreOAuth2ClientConfig.status', hasNewSecret: true },
      { changed: '', hasNewSecret: false },
    ]);
    expect(JSON.stringify([events, server.logged()])).not.toMatch(/top-secret-of-the-app|another-secret/);
  });

  test('a secret is kept as a digest, over replacements that bring none (OIDC-14)', async () => {
    await put(APP);
    const first = stored()?.secretDigest ?? '';
    expect(Buffer.from(first, 'base64url')).toHaveLength(32);
    expect(JSON.stringify(stored())).not.toContain('top-secret-of-the-app');
    await put((await admin('GET', `${CLIENTS}/${id}`)).body);
    expect(stored()?.secretDigest).toBe(first);
    await put({ coreOAuth2ClientConfig: { userpassword: { inherited: false, value: 'other' } } });
    expect(stored()?.secretDigest).not.toBe(first);
  });

  /** Whether grants, and consents, that were made under the one client are valid under the other. */
  const verdicts = (before: OAuthClient | undefined, after: OAuthClient | undefined) => {
    const row = granted(id, 1);
    const { grantGeneration: ofGrants, consentGeneration: ofConsents } = before ?? {};
    const grant = { ...row, ...(ofGrants !== undefined && { clientGeneration: ofGrants }) };
    const consent = { ...row, ...(ofConsents !== undefined && { clientGeneration: ofConsents }) };
    return after && { grant: isGrantedTo(after, grant), consent: isConsentTo(after, consent) };
  };
  const found = () => clients.find('/alpha', id);

  test('what was granted to a client that is deleted is valid for no later client of the id (OIDC-20)', async () => {
    await put(APP);
    const before = found();
    expect(verdicts(before, found())).toEqual({ grant: true, consent: true });
    await admin('DELETE', `${CLIENTS}/${id}`, undefined, { 'if-match': '"1"' });
    expect(verdicts(before, found())).toEqual({ grant: true, consent: true });
    expect((await admin('DELETE', `${CLIENTS}/${id}`)).status).toBe(200);
    expect(found()).toBeUndefined();
    await put(APP);
    expect(verdicts(before, found())).toEqual({ grant: false, consent: false });
    // Granted before there were generations.
    expect(verdicts(undefined, found())).toEqual({ grant: false, consent: false });
  });

  const acr = (...properties: readonly string[]) => ({ advancedOAuth2ClientConfig: { customProperties: properties } });
  const status = (value: string) => ({ coreOAuth2ClientConfig: { status: value } });
  test.each<[string, Record<string, unknown>, Record<string, unknown>, 'ends' | 'stays']>([
    ['is put out of use', {}, status('Inactive'), 'ends'],
    ['must sign people in by a class', {}, acr('assent.requiredAcr=push'), 'ends'],
    ['must do so by another', acr('assent.requiredAcr=password'), acr('assent.requiredAcr=push'), 'ends'],
    ['need not do so any more', acr('assent.requiredAcr=push'), acr('assent.requiredAcr='), 'stays'],
    ['must do so as before', acr('assent.requiredAcr=push'), acr('assent.requiredAcr=push', 'x=y'), 'stays'],
    ['comes back into use', status('Inactive'), status('Active'), 'stays'],
    ['is out of use as before', status('Inactive'), status('Inactive'), 'stays'],
  ])(
    'of a client that %s, what was granted before %4$s, with the change (OIDC-11)',
    async (_, before, after, outcome) => {
      await put(before);
      const client = found();
      expect((await put(after, { 'if-match': '"1"' })).status).toBe(412);
      expect(verdicts(client, found())).toEqual({ grant: true, consent: true });
      expect((await put(after)).status).toBe(200);
      // Nobody is asked again for what they have agreed to.
      expect(verdicts(client, found())).toEqual({ grant: outcome === 'stays', consent: true });
    },
  );

  test('conditions of a write are kept (spec: journeys-rest §6.1)', async () => {
    expect((await put(APP, { 'if-match': '*' })).status).toBe(412);
    const { body } = await put(APP, { 'if-none-match': '*' });
    expect((await put(APP, { 'if-none-match': '*' })).status).toBe(412);
    expect((await put(APP, { 'if-match': '"1"' })).status).toBe(412);
    expect((await admin('DELETE', `${CLIENTS}/${id}`, undefined, { 'if-match': '"1"' })).status).toBe(412);
    expect((await put({}, { 'if-match': String(body._rev) })).status).toBe(200);
    expect(await trail()).toHaveLength(2);
  });

  test('a query finds those of the realm alone, and a template can be written as it is', async () => {
    await put(APP);
    await admin('PUT', `/realm-config/agents/OAuth2Client/${id}-root`, APP);
    const { body } = await admin('GET', `${CLIENTS}?_queryFilter=true`);
    const ids = (body.result as readonly { readonly _id: string }[]).map((client) => client._id);
    expect(ids).toContain(id);
    expect(ids).not.toContain(`${id}-root`);
    expect(ids).toEqual([...ids].sort());
    // In a list values stand by themselves, as in AM's.
    expect(body.result).toContainEqual(
      expect.objectContaining({ _id: id, coreOAuth2ClientConfig: expect.objectContaining({ status: 'Active' }) }),
    );
    expect((await admin('GET', CLIENTS)).status).toBe(400);
    const template = (await admin('POST', `${CLIENTS}?_action=template`, {})).body;
    id = `${id}-template`;
    expect(await put(template)).toMatchObject({ status: 201, body: template });
    expect((await admin('POST', `${CLIENTS}?_action=schema`, {})).body).toMatchObject({
      properties: { coreOAuth2ClientConfig: { properties: { scopes: { type: 'array' } } } },
    });
  });

  test('what does not work of a client is kept, and named in the log', async () => {
    const uris = ['https://app.example.com/cb', 'http://app.example.com/cb'];
    await put({ coreOAuth2ClientConfig: { clientType: 'Public', redirectionUris: uris } });
    expect(server.logged()).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        client: id,
        realm: '/alpha',
        findings: [
          expect.stringMatching(/^coreOAuth2ClientConfig\.redirectionUris has http:\/\/app\.example\.com\/cb, .*\.$/),
        ],
      }),
    );
    expect(stored()?.document).toMatchObject({ coreOAuth2ClientConfig: { redirectionUris: uris } });
    expect(clients.find('/alpha', id)?.redirectUris).toEqual([uris[0]]);
  });
});

describe('the provider of a realm (spec: oidc §3.1, §3.3)', () => {
  test('it is always there, is changed in one realm, and goes back to what it was', async () => {
    const OF_ROOT = PROVIDER.replace('/alpha', '');
    const fresh = await admin('GET', PROVIDER);
    const ofRoot = (await admin('GET', OF_ROOT)).body;
    expect(fresh).toMatchObject({ status: 200, body: { _id: '', coreOAuth2Config: { codeLifetime: 120 } } });
    const body = { ...fresh.body, coreOAuth2Config: { codeLifetime: 60 } };
    const changed = await admin('PUT', PROVIDER, body, { 'if-match': String(fresh.body._rev) });
    expect(changed).toMatchObject({
      status: 200,
      body: { coreOAuth2Config: { codeLifetime: 60, accessTokenLifetime: 3_600 } },
    });
    expect((await admin('GET', PROVIDER)).body).toEqual(changed.body);
    expect((await admin('GET', OF_ROOT)).body).toEqual(ofRoot);
    expect((await admin('PUT', PROVIDER, body, { 'if-match': String(fresh.body._rev) })).status).toBe(412);
    expect((await admin('DELETE', PROVIDER)).status).toBe(200);
    expect((await admin('GET', PROVIDER)).body).toEqual(fresh.body);
  });

  test('an unknown name is refused, and a list of all services has it', async () => {
    expect(await admin('PUT', PROVIDER, { coreOAuth2Config: { colour: 1 } })).toMatchObject({
      status: 400,
      body: { detail: { validAttributes: expect.arrayContaining(['codeLifetime', 'loaMapping']) } },
    });
    const { body } = await admin('GET', '/alpha/realm-config/services?_queryFilter=true');
    expect(body.result).toContainEqual(
      expect.objectContaining({ _id: 'oauth-oidc', _type: expect.objectContaining({ name: 'OAuth2 Provider' }) }),
    );
    expect((await admin('POST', `${PROVIDER}?_action=create`, {})).status).toBe(409);
  });

  test('what clients count by follows it at once, and what does not work is named in the log', async () => {
    await put({ coreOAuth2ClientConfig: { clientType: 'Public' } });
    expect(clients.find('/alpha', id)?.lifetimes.code).toBe(120_000);
    await admin('PUT', PROVIDER, {
      coreOAuth2Config: { codeLifetime: 60 },
      advancedOAuth2Config: { tokenSigningAlgorithm: 'HS256' },
    });
    expect(clients.find('/alpha', id)?.lifetimes.code).toBe(60_000);
    expect(server.logged()).toContainEqual(
      expect.objectContaining({ service: 'oauth-oidc', findings: [expect.stringContaining('HS256')] }),
    );
    await admin('DELETE', PROVIDER);
  });

  test('what applications are told of a user is a setting of the realm', async () => {
    const path = '/alpha/realm-config/services/assent';
    const settings = () => {
      const realm = server.assent.configuration.realm('/alpha');
      return realm && clients.settings(realm);
    };
    expect(settings()).toMatchObject({ subject: 'id', accessTokenProfile: 'rfc9068' });
    expect((await admin('PUT', path, { oidcSubject: 'mail' })).status).toBe(400);
    await admin('PUT', path, { oidcSubject: 'am', accessTokenProfile: 'am' });
    expect(settings()).toMatchObject({ subject: 'am', accessTokenProfile: 'am' });
    await admin('DELETE', path);
  });
});

describe('long lists and origins (SEC-93)', () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `s${at}`);

  test('a client with 401 scopes is refused, and the answer names the list and the fix', async () => {
    const answer = await put({ coreOAuth2ClientConfig: { scopes: names(401) } });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      message: 'coreOAuth2ClientConfig.scopes has 401 names, and 400 are the most. Remove some of them.',
      detail: { attribute: 'coreOAuth2ClientConfig.scopes' },
    });
    expect(stored()).toBeUndefined();
  });

  test('a provider with 401 default scopes is refused, and what was stored stays', async () => {
    const before = server.assent.configuration.storedService('/alpha', 'oauth-oidc');
    const answer = await admin('PUT', PROVIDER, { advancedOAuth2Config: { defaultScopes: names(401) } });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('advancedOAuth2Config.defaultScopes has 401 entries');
    expect(server.assent.configuration.storedService('/alpha', 'oauth-oidc')).toBe(before);
  });

  test('both entries have read the origins of clients in turns before they look one up', async () => {
    const isReady: boolean[] = [];
    const lookUp = RealmClients.prototype.isOrigin;
    const spy = vi.spyOn(RealmClients.prototype, 'isOrigin').mockImplementation(function (
      this: RealmClients,
      realm,
      origin,
    ) {
      isReady.push(this.readOrigins(realm) === undefined);
      return lookUp.call(this, realm, origin);
    });
    try {
      for (const path of [
        'oauth2/realms/root/realms/alpha/access_token',
        'json/realms/root/realms/alpha/authenticate',
      ]) {
        // Each change brings another load of the configuration, so that origins are read again.
        const origin = `https://${id}-${isReady.length}.example.com`;
        await put({ ...APP, advancedOAuth2ClientConfig: { javascriptOrigins: [origin] } });
        const { host, pathname } = new URL(server.assent.publicUrl);
        const headers = { host, origin, 'access-control-request-method': 'POST' };
        const answer = await inject(server.assent, { method: 'OPTIONS', url: `${pathname}/${path}`, headers });
        expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin });
      }
    } finally {
      spy.mockRestore();
    }
    expect(isReady.length).toBeGreaterThanOrEqual(2);
    expect(isReady).not.toContain(false);
  });
});
