import { TEST_START } from '@assent/engine/testing';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import type { OAuthGrant } from '../model/grants.ts';
import { bodyOf, testProvider, WITH_SECRET } from '../testing/index.ts';
import { tokenEndpoint } from './token-endpoint.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const INVALID = {
  status: 400,
  body: {
    error: 'invalid_grant',
    error_description: 'The provided access grant is invalid, expired, or revoked.',
  },
};

const world = (over: Partial<OAuthGrant> = {}, ...options: Parameters<typeof testProvider>) => {
  const provider = testProvider(...options);
  const now = provider.clock.now();
  const grant = provider.grant({
    status: 'active',
    refreshNo: 1,
    accessNo: 1,
    rotatedAt: now,
    redeemedAt: now,
    expiresAt: now + 7 * DAY,
    ...over,
  });
  const token = (no: number) => provider.handles.make(grant.realm, 'refresh', { grantId: grant.id, no });
  const refresh = (text: unknown, changed: Record<string, string | undefined> = {}, call = {}) =>
    provider.ask(
      tokenEndpoint,
      { client_id: 'app', grant_type: 'refresh_token', refresh_token: text as string, ...changed },
      call,
    );
  return { provider, grant, token, refresh };
};

describe('a refresh token that is not good', () => {
  test('none of ours, an access token, of another client or realm: one answer, and nothing ends', async () => {
    const { provider, grant, token, refresh } = world({}, { clients: [{}, { id: 'other' }, { realm: '/alpha' }] });
    const access = provider.handles.make('/', 'access', { grantId: grant.id, no: 1, issuedAt: 0, lifetime: 1 });
    expect(await refresh('r1.AAECAwQFBgcICQoLDA0ODw.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYX')).toMatchObject(INVALID);
    expect(await refresh(access)).toMatchObject(INVALID);
    expect(await refresh(token(1), { client_id: 'other' })).toMatchObject(INVALID);
    expect(await refresh(token(1), {}, { realm: '/alpha' })).toMatchObject(INVALID);
    expect(provider.store.grant(grant.id)).toEqual(grant);
  });

  test('a forged one costs no read (OIDC-05)', async () => {
    const { provider, refresh } = world();
    const before = provider.store.reads;
    await refresh('r1.AAECAwQFBgcICQoLDA0ODw.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYX');
    expect(provider.store.reads).toBe(before);
  });

  test('after seven days that nobody used it, and after a year in all', async () => {
    const { provider, token, refresh } = world();
    provider.clock.advance(7 * DAY);
    expect(await refresh(token(1))).toMatchObject(INVALID);

    const used = world();
    let text: unknown = used.token(1);
    for (let day = 0; day < 360; day += 6) {
      text = bodyOf(await used.refresh(text)).refresh_token;
      used.provider.clock.advance(6 * DAY);
    }
    expect(await used.refresh(text)).toMatchObject({ status: 200 });
    used.provider.clock.advance(6 * DAY);
    expect(await used.refresh(text)).toMatchObject(INVALID);
  });

  test.each(
    [HOUR, 30 * DAY].flatMap((access) =>
      [DAY, 365 * DAY].flatMap((refresh) =>
        [true, false].flatMap((rotates) => [true, false].map((jwt) => [access, refresh, rotates, jwt] as const)),
      ),
    ),
  )(
    'ends a year after the user agreed, with lifetimes of %d and %d, where it rotates (%s), with JWTs (%s)',
    async (access, refresh, rotatesRefreshTokens, jwtAccessTokens) => {
      const client = { ...WITH_SECRET, rotatesRefreshTokens, jwtAccessTokens };
      const lifetimes = { code: HOUR, access: jwtAccessTokens ? HOUR : access, refresh, idToken: HOUR };
      const end = TEST_START + 2 * DAY;
      const it = world({ createdAt: end - 365 * DAY }, { clients: [{ ...client, lifetimes }] });
      let last = bodyOf(await it.refresh(it.token(1), { client_secret: 'secret' }));
      for (let left = end - it.provider.clock.now(); left > 1_000; left = end - it.provider.clock.now()) {
        it.provider.clock.advance(Math.min(DAY / 2, left > HOUR ? left - HOUR / 2 : left - 1_000));
        const answer = await it.refresh(last.refresh_token, { client_secret: 'secret' });
        expect(answer).toMatchObject({ status: 200 });
        last = bodyOf(answer);
        expect(it.provider.clock.now() + Number(last.expires_in) * 1_000).toBeLessThanOrEqual(end);
        expect(it.provider.store.onlyGrant().expiresAt).toBeLessThanOrEqual(end);
        if (jwtAccessTokens) expect(decodeJwt(String(last.access_token)).exp).toBeLessThanOrEqual(end / 1_000);
      }
      it.provider.clock.advance(1_000);
      expect(await it.refresh(last.refresh_token, { client_secret: 'secret' })).toMatchObject(INVALID);
    },
  );

  test.each([
    ['has another password', { credentialRev: 2 }],
    ['is not in use', { active: false }],
  ])('of a user who meanwhile %s (OIDC-20)', async (_, changed) => {
    const { provider, token, refresh } = world();
    provider.store.addIdentity({ ...provider.jane, ...changed });
    expect(await refresh(token(1))).toMatchObject(INVALID);
  });

  test('of a client that may not refresh any more', async () => {
    const { token, refresh } = world({}, { clients: [{ issuesRefreshTokens: false }] });
    expect(await refresh(token(1))).toMatchObject(INVALID);
    const without = world({}, { clients: [{ grantTypes: ['authorization_code'] }] });
    expect(await without.refresh(without.token(1))).toMatchObject({ body: { error: 'unauthorized_client' } });
  });

  test('for more than was granted', async () => {
    const { provider, grant, token, refresh } = world();
    expect(await refresh(token(1), { scope: 'openid profile' })).toMatchObject({ body: { error: 'invalid_scope' } });
    expect(provider.store.grant(grant.id)).toEqual(grant);
  });

  test('that is newer than the grant, which was set back: nobody has stolen it, and nothing ends', async () => {
    const { provider, grant, token, refresh } = world();
    expect(await refresh(token(3))).toMatchObject(INVALID);
    expect(provider.store.grant(grant.id)).toEqual(grant);
  });
});

describe('a refresh token that was replaced (OIDC-06)', () => {
  test('a lost answer: the same one again, and nothing is written', async () => {
    const { provider, token, refresh } = world();
    const first = bodyOf(await refresh(token(1)));
    const commits = provider.store.commits.length;
    provider.clock.advance(29_999);
    const again = bodyOf(await refresh(token(1)));
    expect(again.refresh_token).toBe(first.refresh_token);
    expect(again.access_token).toBe(first.access_token);
    expect(again.expires_in).toBe(3_600 - 29);
    expect(decodeJwt(String(again.id_token))).toEqual(decodeJwt(String(first.id_token)));
    expect(provider.store.commits).toHaveLength(commits);
  });

  test('two tabs at once, and fifty: one successor for all', async () => {
    const { provider, token, refresh } = world();
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(token(1))));
    expect(new Set(answers.map((it) => bodyOf(it).refresh_token)).size).toBe(1);
    expect(new Set(answers.map((it) => bodyOf(it).access_token)).size).toBe(1);
    expect(provider.store.onlyGrant()).toMatchObject({ refreshNo: 2, accessNo: 2 });
    expect(provider.events()).toEqual(['TOKEN_REFRESH']);
  });

  test('a stolen one, after the grace: the family ends, and the trail says so', async () => {
    const { provider, grant, token, refresh } = world();
    const successor = bodyOf(await refresh(token(1))).refresh_token;
    provider.clock.advance(30_000);
    expect(await refresh(token(1))).toMatchObject(INVALID);
    expect(provider.store.grant(grant.id)).toBeUndefined();
    expect(await refresh(successor)).toMatchObject(INVALID);
    expect(provider.events()).toEqual(['TOKEN_REFRESH', 'TOKEN_REUSE']);
    expect(provider.store.audit.at(-1)).toMatchObject({ userId: 'id-of-jane', detail: { client: 'app' } });
  });

  test('one of two generations ago has no grace', async () => {
    const { provider, grant, token, refresh } = world();
    await refresh(bodyOf(await refresh(token(1))).refresh_token);
    expect(await refresh(token(1))).toMatchObject(INVALID);
    expect(provider.store.grant(grant.id)).toBeUndefined();
  });

  test('in a provider without grace, the first repetition is a theft', async () => {
    const { provider, grant, token, refresh } = world({}, { clients: [{ refreshGrace: 0 }] });
    await refresh(token(1));
    expect(await refresh(token(1))).toMatchObject(INVALID);
    expect(provider.store.grant(grant.id)).toBeUndefined();
  });

  test('in the grace, too, the account must be in use', async () => {
    const { provider, token, refresh } = world();
    await refresh(token(1));
    provider.store.addIdentity({ ...provider.jane, active: false });
    expect(await refresh(token(1))).toMatchObject(INVALID);
  });
});

describe('a refresh token that is good', () => {
  test('becomes new tokens in one commit; the ID token tells the same sign-in, and no nonce', async () => {
    const { provider, token, refresh } = world();
    await provider.keys.active('/', 'ES256');
    const before = provider.store.commits.length;
    // Some mobile clients send this along (spec: oidc §4.1).
    const body = bodyOf(await refresh(token(1), { response_type: 'code' }));
    expect(body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3_600,
      scope: 'openid email',
      refresh_token: token(2),
    });
    const idToken = decodeJwt(String(body.id_token));
    expect(idToken).toMatchObject({ sid: 'sid-of-jane', auth_time: provider.store.onlyGrant().authTime });
    expect(idToken).not.toHaveProperty('nonce');
    expect(provider.store.commits.slice(before).map((it) => it.map(({ type }) => type))).toEqual([
      ['identity.usable', 'grant.refresh', 'audit.append'],
    ]);
  });

  test('may be asked for less, and keeps the rest for the next time', async () => {
    const { provider, token, refresh } = world({ scopes: ['openid', 'email', 'profile'] });
    const body = bodyOf(await refresh(token(1), { scope: 'profile email' }));
    expect(body).toMatchObject({ scope: 'email profile' });
    expect(body).not.toHaveProperty('id_token');
    expect(provider.handles.open('/', String(body.access_token), 'access')).toMatchObject({ scopes: [1, 2] });
    expect(bodyOf(await refresh(body.refresh_token))).toMatchObject({ scope: 'openid email profile' });
  });

  test('of a client with a secret may stay the same, where it says so; of a public one never (RFC 9700)', async () => {
    const keeps = { rotatesRefreshTokens: false };
    const open = world({}, { clients: [keeps] });
    expect(bodyOf(await open.refresh(open.token(1))).refresh_token).toBe(open.token(2));
    const secret = world({}, { clients: [{ ...keeps, ...WITH_SECRET }] });
    const first = bodyOf(await secret.refresh(secret.token(1), { client_secret: 'secret' }));
    expect(first.refresh_token).toBe(secret.token(1));
    secret.provider.clock.advance(DAY);
    const second = bodyOf(await secret.refresh(secret.token(1), { client_secret: 'secret' }));
    expect(second.access_token).not.toBe(first.access_token);
    expect(secret.provider.store.onlyGrant().expiresAt).toBe(secret.provider.clock.now() + 7 * DAY);
  });
});
