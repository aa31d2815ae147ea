import { describe, expect, test } from 'vitest';
import type { OAuthClient } from '../model/clients.ts';
import { basic, bodyOf, JANES_SESSION, testProvider, WITH_SECRET } from '../testing/index.ts';
import { tokenEndpoint } from '../token/token-endpoint.ts';
import { introspectEndpoint } from './introspect.ts';
import { tokeninfoEndpoint } from './tokeninfo.ts';
import { userinfoEndpoint } from './userinfo.ts';

const without = (...gone: readonly string[]) =>
  ['openid', 'profile', 'email', 'offline_access'].filter((it) => !gone.includes(it)).map((name) => ({ name }));

/** A client that gets stricter once it holds a code, an access token and a refresh token of Jane. */
const world = (stricter: Partial<OAuthClient>, client: Partial<OAuthClient> = {}) => {
  const provider = testProvider({
    clients: [{ ...WITH_SECRET, grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'], ...client }],
    settings: { claimsInIdToken: true },
  });
  const over = {
    scopes: ['openid', 'profile', 'email'],
    claims: { userinfo: { email: null, name: null }, id_token: { email: null, name: null } },
  };
  const { access, refresh } = provider.tokens(over);
  const code = provider.handles.make('/', 'code', { grantId: provider.grant(over).id });
  const before = provider.clients.get('/ app');
  if (before === undefined) throw new Error('no client');
  const headers = { authorization: basic('app', 'secret') };
  const own = provider.ask(tokenEndpoint, { grant_type: 'client_credentials' }, { headers });
  const become = async () => {
    const token = bodyOf(await own).access_token as string;
    provider.clients.set('/ app', { ...before, ...stricter });
    return token;
  };
  const ofToken = async (parameters: Readonly<Record<string, string>>) =>
    bodyOf(await provider.ask(tokenEndpoint, parameters, { headers }));
  return {
    become,
    redeem: () => ofToken({ grant_type: 'authorization_code', code, redirect_uri: 'https://app.example/cb' }),
    refresh: (more = {}) => ofToken({ grant_type: 'refresh_token', refresh_token: refresh, ...more }),
    userinfo: async (token = access) =>
      bodyOf(await provider.ask(userinfoEndpoint, {}, { headers: { authorization: `Bearer ${token}` } })),
    introspect: async (token = access) => bodyOf(await provider.ask(introspectEndpoint, { token }, { headers })),
    refreshToken: refresh,
  };
};

const idTokenOf = ({ id_token: token }: Readonly<Record<string, unknown>>) =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString());

describe.each([[false], [true]])('a client that may have a scope no longer (JWT: %s)', (jwtAccessTokens) => {
  test('gets it by nothing that was granted before, nor a claim of it that was asked for by name', async () => {
    const it = world({ scopes: without('email') }, { jwtAccessTokens });
    const { access_token: issued } = await it.refresh();
    await it.become();
    expect(await it.userinfo()).not.toHaveProperty('email');
    expect(await it.userinfo(String(issued))).not.toHaveProperty('email');
    expect(await it.userinfo()).toHaveProperty('name');
    for (const token of [undefined, String(issued), it.refreshToken]) {
      expect(await it.introspect(token)).not.toMatchObject({ scope: expect.stringContaining('email') });
    }
    for (const answer of [await it.redeem(), await it.refresh()]) {
      expect(answer.scope).toBe('openid profile');
      expect(await it.introspect(String(answer.access_token))).toMatchObject({ scope: 'openid profile' });
      expect(idTokenOf(answer)).toMatchObject({ name: 'Jane Doe' });
      expect(idTokenOf(answer)).not.toHaveProperty('email');
    }
    expect((await it.refresh({ scope: 'openid email' })).error).toBe('invalid_scope');
  });

  test('is told nothing of the user any more, where that was openid', async () => {
    const it = world({ scopes: without('openid') }, { jwtAccessTokens });
    await it.become();
    expect((await it.userinfo()).error).toBe('insufficient_scope');
    expect(await it.refresh()).not.toHaveProperty('id_token');
  });

  test('has lost it from the tokens of its own, too', async () => {
    const it = world({ scopes: without('email') }, { jwtAccessTokens, defaultScopes: ['openid', 'profile', 'email'] });
    const own = await it.become();
    expect(await it.introspect(own)).toMatchObject({ active: true, scope: 'profile' });
  });
});

test.each<[string, Partial<OAuthClient>, 'stays' | 'ends', 'stays' | 'ends']>([
  ['that is out of use', { isActive: false }, 'ends', 'ends'],
  ['that must bind its tokens to a key', { requiresDpop: true }, 'ends', 'ends'],
  ['that may not refresh', { grantTypes: ['authorization_code'] }, 'stays', 'ends'],
  ['that gets no refresh tokens', { issuesRefreshTokens: false }, 'stays', 'ends'],
])('of a client %s, an access token %3$s and a refresh token ends', async (_, stricter, ofAccess) => {
  const it = world(stricter);
  const own = await it.become();
  const { error } = await it.userinfo();
  expect(error).toBe(ofAccess === 'ends' ? 'invalid_token' : undefined);
  expect(await it.refresh()).toHaveProperty('error');
  if (stricter.isActive === false) return;
  for (const token of [undefined, own]) {
    expect(await it.introspect(token)).toMatchObject({ active: ofAccess === 'stays' });
  }
  expect(await it.introspect(it.refreshToken)).toEqual({ active: false });
});

describe.each([[false], [true]])('a client that may have offline_access no longer (JWT: %s)', (jwtAccessTokens) => {
  type Session = 'goes on' | 'is ended' | 'runs out' | 'is unknown';
  const world = async (session: Session, gone: readonly string[], scopes: readonly string[]) => {
    const provider = testProvider({ clients: [{ ...WITH_SECRET, jwtAccessTokens }] });
    const headers = { authorization: basic('app', 'secret') };
    const ask = async (parameters: Readonly<Record<string, string>>) =>
      bodyOf(await provider.ask(tokenEndpoint, parameters, { headers }));
    const { grant, refresh } = provider.tokens({ scopes });
    const { sid: _, ...withoutSession } = grant;
    const held = session === 'is unknown' ? provider.tokens({ ...withoutSession, id: 'A'.repeat(22) }) : undefined;
    const first = await ask({ grant_type: 'refresh_token', refresh_token: held?.refresh ?? refresh });
    const code = provider.handles.make('/', 'code', { grantId: provider.grant({ scopes }).id });
    if (session === 'is ended') {
      await provider.store.committer.commit([
        { type: 'session.end', userId: provider.jane.id, sid: JANES_SESSION.sid },
      ]);
    }
    if (session === 'runs out') provider.store.removeSession(JANES_SESSION.tokenHash);
    const before = provider.clients.get('/ app');
    if (before === undefined) throw new Error('no client');
    provider.clients.set('/ app', { ...before, scopes: without(...gone) });
    const [access, newest] = [String(first.access_token), String(first.refresh_token)];
    const bearer = { headers: { authorization: `Bearer ${access}` } };
    const redeem = { grant_type: 'authorization_code', code, redirect_uri: 'https://app.example/cb' };
    return {
      userinfo: 'sub' in bodyOf(await provider.ask(userinfoEndpoint, {}, bearer)),
      tokeninfo: 'scope' in bodyOf(await provider.ask(tokeninfoEndpoint, {}, bearer)),
      access: bodyOf(await provider.ask(introspectEndpoint, { token: access }, { headers })).active,
      refresh: bodyOf(await provider.ask(introspectEndpoint, { token: newest }, { headers })).active,
      code: 'access_token' in (await ask(redeem)),
      refreshed: 'access_token' in (await ask({ grant_type: 'refresh_token', refresh_token: newest })),
    };
  };
  const all = (isGood: boolean) => ({
    ...{ userinfo: isGood, tokeninfo: isGood, access: isGood, refresh: isGood },
    ...{ code: isGood, refreshed: isGood },
  });
  const OFFLINE = ['openid', 'offline_access'];

  test.each<[Session]>([['is ended'], ['runs out']])('keeps nothing of a session that %s', async (session) => {
    expect(await world(session, ['offline_access'], OFFLINE)).toEqual(all(false));
  });

  test.each<[Session]>([['goes on'], ['is unknown']])('keeps what it has of a session that %s', async (session) => {
    expect(await world(session, ['offline_access'], OFFLINE)).toEqual(all(true));
  });

  test('keeps what was granted without that scope in a session that runs out', async () => {
    expect(await world('runs out', ['offline_access'], ['openid'])).toEqual(all(true));
  });

  test.each<[Session]>([['is ended'], ['runs out']])(
    'differs from a client that has it, whose tokens outlive a session that %s',
    async (session) => {
      expect(await world(session, ['email'], OFFLINE)).toEqual({ ...all(true), code: session !== 'is ended' });
    },
  );
});
