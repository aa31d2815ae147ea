import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { OAuthGrant } from '../model/grants.ts';
import { basic, bodyOf, JANES_SESSION, testProvider, WITH_SECRET } from '../testing/index.ts';
import { tokenEndpoint } from './token-endpoint.ts';

const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const URI = 'https://app.example/cb';
const INVALID = {
  status: 400,
  body: {
    error: 'invalid_grant',
    error_description: 'The provided access grant is invalid, expired, or revoked.',
  },
};

const world = (over: Partial<OAuthGrant> = {}, ...clients: Parameters<typeof testProvider>) => {
  const provider = testProvider(...clients);
  const grant = provider.grant({ code: { redirectUri: URI, challenge: CHALLENGE, nonce: 'nonce-1' }, ...over });
  const code = provider.handles.make(grant.realm, 'code', { grantId: grant.id });
  const good = {
    client_id: 'app',
    grant_type: 'authorization_code',
    code,
    redirect_uri: URI,
    code_verifier: VERIFIER,
  };
  const exchange = (changed: Record<string, string | undefined> = {}, options = {}) =>
    provider.ask(tokenEndpoint, { ...good, ...changed }, options);
  return { provider, grant, code, exchange };
};

describe('a code that is not good', () => {
  test.each([
    ['no code of ours', { code: 'c1.AAECAwQFBgcICQoLDA0ODw.AAECAwQFBgcICQoLDA0ODxAREhMUFRYX' }],
    ['another verifier', { code_verifier: 'w'.repeat(43) }],
    ['no verifier', { code_verifier: undefined }],
    ['the challenge in place of the verifier', { code_verifier: CHALLENGE }],
    ['a verifier that is too short', { code_verifier: 'v'.repeat(42) }],
    ['another redirect URI', { redirect_uri: 'https://app.example/cb/' }],
    ['no redirect URI', { redirect_uri: undefined }],
  ])('%s: one answer, nothing is redeemed (OIDC-03, OIDC-04)', async (_, changed) => {
    const { provider, grant, exchange } = world();
    expect(await exchange(changed)).toMatchObject(INVALID);
    expect(provider.store.grant(grant.id)).toEqual(grant);
    // Whoever has asked for it still gets it.
    expect(await exchange()).toMatchObject({ status: 200 });
  });

  test('a verifier where the request had no challenge (RFC 9700 §4.8)', async () => {
    const { exchange } = world({ code: { redirectUri: URI } });
    expect(await exchange()).toMatchObject(INVALID);
    expect(await exchange({ code_verifier: undefined })).toMatchObject({ status: 200 });
  });

  test('after 120 seconds', async () => {
    const { provider, exchange } = world();
    provider.clock.advance(120_000);
    expect(await exchange()).toMatchObject(INVALID);
    expect(provider.store.onlyGrant().status).toBe('code');
  });

  test('of another client, whose grant it leaves as it is', async () => {
    const { provider, grant, exchange } = world({}, { clients: [{}, { id: 'other' }] });
    expect(await exchange({ client_id: 'other' })).toMatchObject(INVALID);
    await exchange();
    expect(await exchange({ client_id: 'other' })).toMatchObject(INVALID);
    expect(provider.store.grant(grant.id)).toMatchObject({ status: 'active' });
  });

  test('of another realm, of a client of the same name (OIDC-13)', async () => {
    const { exchange } = world({}, { clients: [{}, { realm: '/alpha' }] });
    expect(await exchange({}, { realm: '/alpha' })).toMatchObject(INVALID);
  });

  test('a token of another kind', async () => {
    const { provider, grant, exchange } = world();
    const refresh = provider.handles.make('/', 'refresh', { grantId: grant.id, no: 0 });
    expect(await exchange({ code: refresh })).toMatchObject(INVALID);
  });

  test.each([
    ['has another password', { credentialRev: 2 }],
    ['is not in use', { active: false }],
    ['is of another realm', { realm: '/alpha' }],
  ])('of a user who meanwhile %s (OIDC-20)', async (_, changed) => {
    const { provider, exchange } = world();
    provider.store.addIdentity({ ...provider.jane, ...changed });
    expect(await exchange()).toMatchObject(INVALID);
  });

  test('of a user whose password changes while the tokens are made', async () => {
    const { provider, exchange } = world();
    provider.store.beforeCommit = () => {
      provider.store.addIdentity({ ...provider.jane, credentialRev: 2 });
    };
    expect(await exchange()).toMatchObject(INVALID);
    expect(provider.store.onlyGrant().status).toBe('code');
  });

  test('without a code, or without a type of grant: the request says what it lacks', async () => {
    const { exchange } = world();
    expect(await exchange({ code: undefined })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await exchange({ grant_type: undefined })).toMatchObject({ body: { error: 'invalid_request' } });
    expect(await exchange({ grant_type: 'password' })).toMatchObject({ body: { error: 'unsupported_grant_type' } });
    expect(await exchange({ grant_type: 'client_credentials' })).toMatchObject({
      body: { error: 'unauthorized_client' },
    });
  });
});

describe('a code that comes twice', () => {
  test('within ten seconds, by whoever has the verifier: the tokens stay (a page that is mounted twice)', async () => {
    const { provider, exchange } = world();
    await exchange();
    provider.clock.advance(9_999);
    expect(await exchange()).toMatchObject(INVALID);
    expect(provider.store.onlyGrant().status).toBe('active');
    expect(provider.events()).toEqual(['TOKEN_ISSUE']);
  });

  test('within ten seconds, by somebody without the verifier: the tokens end', async () => {
    const { provider, grant, exchange } = world();
    await exchange();
    expect(await exchange({ code_verifier: 'w'.repeat(43) })).toMatchObject(INVALID);
    expect(provider.store.grant(grant.id)).toBeUndefined();
    expect(provider.events()).toEqual(['TOKEN_ISSUE', 'TOKEN_REUSE']);
  });

  test('later: the tokens end, whoever it is (RFC 6749 §4.1.2)', async () => {
    const { provider, grant, exchange } = world();
    await exchange();
    provider.clock.advance(10_000);
    expect(await exchange()).toMatchObject(INVALID);
    expect(provider.store.grant(grant.id)).toBeUndefined();
    expect(await exchange()).toMatchObject(INVALID);
  });

  test('fifty times at once: one set of tokens, which stays (OIDC-04)', async () => {
    const { provider, exchange } = world();
    const answers = await Promise.all(Array.from({ length: 50 }, () => exchange()));
    expect(answers.filter((it) => it.kind === 'json' && it.status === 200)).toHaveLength(1);
    expect(answers.filter((it) => it.kind === 'json' && it.status === 400)).toHaveLength(49);
    expect(provider.store.onlyGrant()).toMatchObject({ status: 'active', accessNo: 1, refreshNo: 1 });
    expect(provider.events()).toEqual(['TOKEN_ISSUE']);
  });
});

describe('a code that is good', () => {
  test('becomes all tokens, in one commit with its row of the trail', async () => {
    const { provider, grant, exchange } = world();
    const before = provider.store.commits.length;
    const body = bodyOf(await exchange());
    expect(body).toEqual({
      access_token: expect.stringMatching(/^a1\./),
      token_type: 'Bearer',
      expires_in: 3_600,
      scope: 'openid email',
      refresh_token: expect.stringMatching(/^r1\./),
      id_token: expect.any(String),
    });
    const now = Math.floor(provider.clock.now() / 1_000);
    expect(provider.handles.open('/', String(body.access_token), 'access')).toEqual({
      grantId: grant.id,
      no: 1,
      issuedAt: now,
      lifetime: 3_600,
    });
    expect(decodeJwt(String(body.id_token))).toMatchObject({
      sub: 'id-of-jane',
      aud: 'app',
      nonce: 'nonce-1',
      sid: JANES_SESSION.sid,
      auth_time: now - 60,
      amr: ['pwd'],
    });
    // The keys of the realm are made at their first use; the tokens are one commit.
    const tokens = provider.store.commits.slice(before).filter((it) => it.some(({ type }) => type === 'grant.redeem'));
    expect(tokens.map((it) => it.map(({ type }) => type))).toEqual([
      ['identity.usable', 'grant.redeem', 'audit.append'],
    ]);
  });

  test('leaves neither code nor token in the trail (OIDC-18)', async () => {
    const { provider, code, exchange } = world();
    const body = bodyOf(await exchange());
    const trail = JSON.stringify(provider.store.audit);
    for (const secret of [code, body.access_token, body.refresh_token, body.id_token, VERIFIER, 'nonce-1']) {
      expect(trail).not.toContain(secret);
    }
    expect(provider.store.audit.at(-1)).toEqual({
      at: provider.clock.now(),
      event: 'TOKEN_ISSUE',
      realm: '/',
      transactionId: 'transaction-1',
      userId: 'id-of-jane',
      outcome: 'success',
      detail: { client: 'app', grant: 'authorization_code', scope: 'openid email' },
    });
  });

  test('needs no redirect URI where the client has one alone and named none', async () => {
    const { exchange } = world({ code: { challenge: CHALLENGE } });
    expect(await exchange({ redirect_uri: 'https://other.example/' })).toMatchObject(INVALID);
    expect(await exchange({ redirect_uri: undefined })).toMatchObject({ status: 200 });
    const again = world({ code: { challenge: CHALLENGE } });
    expect(await again.exchange()).toMatchObject({ status: 200 });
  });

  test('gives no ID token without openid, and no refresh token to a client that has none', async () => {
    const { exchange } = world({ scopes: ['email'] }, { clients: [{ issuesRefreshTokens: false }] });
    const body = bodyOf(await exchange());
    expect(Object.keys(body).sort()).toEqual(['access_token', 'expires_in', 'scope', 'token_type']);
  });

  test('lasts as long as what follows from it can be used', async () => {
    const { provider, exchange } = world();
    await exchange();
    expect(provider.store.onlyGrant().expiresAt).toBe(provider.clock.now() + 7 * 24 * 3_600_000);
    const without = world({}, { clients: [{ grantTypes: ['authorization_code'] }] });
    await without.exchange();
    expect(without.provider.store.onlyGrant().expiresAt).toBe(without.provider.clock.now() + 3_600_000);
  });

  test('of a client with a secret wants that secret', async () => {
    const { exchange } = world({}, { clients: [WITH_SECRET] });
    expect(await exchange()).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    const headers = { authorization: basic('app', 'secret') };
    expect(await exchange({ client_id: undefined }, { headers })).toMatchObject({ status: 200 });
  });

  test('makes a JWT of the access token where the client wants one, and claims where the request wants them', async () => {
    const claims = { id_token: { email: null } };
    const { exchange, grant } = world({ claims }, { clients: [{ jwtAccessTokens: true }] });
    const body = bodyOf(await exchange());
    expect(decodeJwt(String(body.access_token))).toMatchObject({ jti: `${grant.id}.1`, scope: 'openid email' });
    expect(decodeJwt(String(body.id_token))).toMatchObject({ email: 'jane@example.com' });
  });
});
