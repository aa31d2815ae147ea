import { describe, expect, test } from 'vitest';
import { bodyOf, type TestProvider, testProvider } from '../testing/index.ts';
import { tokenEndpoint } from '../token/token-endpoint.ts';
import { tokeninfoEndpoint } from './tokeninfo.ts';
import { userinfoEndpoint } from './userinfo.ts';

const FORGED = 'a1.AAECAwQFBgcICQoLDA0ODw.1.x.2s0.AAECAwQFBgcICQoLDA0ODxAREhMUFRYX';
const bearer = (token: string) => ({ method: 'GET' as const, headers: { authorization: `Bearer ${token}` } });
const ask = (provider: TestProvider, token: string, options = {}) =>
  provider.ask(userinfoEndpoint, {}, { ...bearer(token), ...options });
const REFUSED = {
  status: 401,
  body: { error: 'invalid_token' },
  headers: { 'www-authenticate': expect.stringMatching(/^Bearer realm="\/", error="invalid_token"/) },
};

/** An access token as the client gets it, by its refresh token. */
const issued = async (client = {}, grant = {}, settings = {}) => {
  const provider = testProvider({ clients: [client], settings });
  const { refresh } = provider.tokens(grant);
  const refreshed = await provider.ask(tokenEndpoint, {
    client_id: 'app',
    grant_type: 'refresh_token',
    refresh_token: refresh,
  });
  const body = bodyOf(refreshed);
  return {
    provider,
    access: String(body.access_token),
    idToken: String(body.id_token),
    refresh: String(body.refresh_token),
  };
};

describe.each([
  ['a handle', {}],
  ['a JWT', { jwtAccessTokens: true }],
])('an access token that is %s', (_, client) => {
  test('is good for what its scopes and its request ask for', async () => {
    const { provider, access } = await issued(client);
    expect(await ask(provider, access)).toMatchObject({
      status: 200,
      body: { sub: 'id-of-jane', email: 'jane@example.com' },
    });
    const asked = await issued(client, { scopes: ['openid'], claims: { userinfo: { email: null } } });
    expect(bodyOf(await ask(asked.provider, asked.access))).toEqual({ sub: 'id-of-jane', email: 'jane@example.com' });
    const plain = await issued(client, { scopes: ['openid'] });
    expect(bodyOf(await ask(plain.provider, plain.access))).toEqual({ sub: 'id-of-jane' });
  });

  test.each([
    ['its time is over', ({ clock }: TestProvider) => clock.advance(3_600_000)],
    [
      'its grant has ended',
      async ({ store }: TestProvider) => store.committer.commit([{ type: 'grant.end', id: store.onlyGrant().id }]),
    ],
    [
      'its session was ended',
      async ({ store }: TestProvider) =>
        store.committer.commit([{ type: 'session.end', userId: 'id-of-jane', sid: 'sid-of-jane' }]),
    ],
    [
      'its user has another password',
      ({ store, jane }: TestProvider) => store.addIdentity({ ...jane, credentialRev: 2 }),
    ],
    ['its user is not in use', ({ store, jane }: TestProvider) => store.addIdentity({ ...jane, active: false })],
    [
      'its client is not in use',
      ({ clients }: TestProvider) => clients.set('/ app', { ...clients.get('/ app'), isActive: false } as never),
    ],
    ['its client is gone', ({ clients }: TestProvider) => clients.delete('/ app')],
    [
      'it was revoked',
      async ({ store }: TestProvider) =>
        store.committer.commit([{ type: 'grant.dropAccess', id: store.onlyGrant().id, accessNo: 2 }]),
    ],
  ])('is good no more once %s (OIDC-20)', async (_why, happens) => {
    const { provider, access } = await issued(client);
    expect(await ask(provider, access)).toMatchObject({ status: 200 });
    await happens(provider);
    expect(await ask(provider, access)).toMatchObject(REFUSED);
    expect(await provider.ask(tokeninfoEndpoint, {}, bearer(access))).toMatchObject(REFUSED);
  });

  test('does nothing in another realm (OIDC-13)', async () => {
    const { provider, access } = await issued(client);
    expect(await ask(provider, access, { realm: '/alpha' })).toMatchObject({ status: 401 });
  });

  test('says nothing without openid', async () => {
    const { provider, access } = await issued(client, { scopes: ['email'] });
    expect(await ask(provider, access)).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope' },
      headers: { 'www-authenticate': expect.stringMatching(/^Bearer .*error="insufficient_scope"/) },
    });
  });

  test('writes nothing', async () => {
    const { provider, access } = await issued(client);
    const before = provider.store.commits.length;
    await ask(provider, access);
    expect(provider.store.commits).toHaveLength(before);
  });
});

test('a forged token costs no read (OIDC-05)', async () => {
  const { provider } = await issued();
  const before = provider.store.reads;
  expect(await ask(provider, FORGED)).toMatchObject(REFUSED);
  expect(provider.store.reads).toBe(before);
});

test('no other token passes for an access token (OIDC-05, OIDC-17)', async () => {
  const { provider, idToken, refresh } = await issued();
  for (const text of [idToken, refresh]) expect(await ask(provider, text)).toMatchObject(REFUSED);
});

test('a token of a client for itself has no user', async () => {
  const { provider } = await issued();
  const issuedAt = Math.floor(provider.clock.now() / 1_000);
  const own = { id: 'AAECAwQFBgcICQoLDA0ODw', clientId: 'app', scopes: ['openid'], issuedAt, lifetime: 60 };
  expect(await ask(provider, provider.handles.make('/', 'client', own))).toMatchObject({ status: 403 });
});

test('the token is taken from the header or a form, not from the address, and not from both (RFC 6750 §2)', async () => {
  const { provider, access } = await issued();
  const call = (parameters: object, options: object) => provider.ask(userinfoEndpoint, { ...parameters }, options);
  expect(await call({ access_token: access }, { method: 'POST' })).toMatchObject({ status: 200 });
  expect(await call({ access_token: access }, { method: 'GET' })).toMatchObject(REFUSED);
  expect(await call({ access_token: access }, { ...bearer(access), method: 'POST' })).toMatchObject({
    status: 400,
    body: { error: 'invalid_request' },
  });
  expect(await call({}, { method: 'GET', headers: { authorization: `Basic ${access}` } })).toMatchObject(REFUSED);
  expect(await call({}, { method: 'GET' })).toMatchObject(REFUSED);
});

test.each([
  ['username', 'jane'],
  ['am', '(usr!jane)'],
] as const)('the user is called by %s where the realm says so', async (subject, sub) => {
  const { provider, access } = await issued({}, {}, { subject });
  expect(bodyOf(await ask(provider, access)).sub).toBe(sub);
});

test('tokeninfo says what a token is good for, also by the address, as old callers ask', async () => {
  const { provider, access } = await issued();
  provider.clock.advance(60_000);
  expect(await provider.ask(tokeninfoEndpoint, { access_token: access }, { method: 'GET' })).toMatchObject({
    status: 200,
    body: { scope: ['openid', 'email'], client_id: 'app', realm: '/', token_type: 'Bearer', expires_in: 3_540 },
  });
});

test('a token is shown in one place, at tokeninfo too (RFC 6750 §2)', async () => {
  const { provider, access } = await issued();
  const ask = (parameters: Record<string, string>, headers = {}) =>
    provider.ask(tokeninfoEndpoint, parameters, { method: 'GET', headers });
  const header = { authorization: `Bearer ${access}` };
  expect(await ask({}, header)).toMatchObject({ status: 200 });
  expect(await ask({ access_token: access })).toMatchObject({ status: 200 });
  for (const other of [access, FORGED]) {
    expect(await ask({ access_token: other }, header)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  }
});
