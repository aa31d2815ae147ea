import { describe, expect, test } from 'vitest';
import type { OAuthClient } from '../model/clients.ts';
import { JANES_SESSION, testClient, testProvider } from '../testing/index.ts';
import { idToken } from '../tokens/id-token.ts';
import { endSessionEndpoint } from './end-session.ts';

const BYE = 'https://app.example/bye';
const world = async (settings = {}, client: Partial<OAuthClient> = {}) => {
  const provider = testProvider({
    clients: [client, { id: 'other', postLogoutRedirectUris: ['https://other.example/'] }],
    settings,
  });
  const { grant } = provider.tokens();
  const hintOf = (over = {}, realm = '/') =>
    idToken(provider.keys, {
      provider: provider.settingsOf(realm),
      client: testClient({ realm }),
      subject: settings && 'subject' in settings ? 'jane' : 'id-of-jane',
      signIn: { authTime: 1, amr: [], sid: JANES_SESSION.sid },
      issuedAt: 1,
      ...over,
    });
  const ask = (parameters = {}, options = {}) =>
    provider.ask(endSessionEndpoint, parameters, { method: 'GET', ...options });
  const lives = () => provider.store.sessionsOf(JANES_SESSION.sid).length > 0;
  return { provider, grant, hint: await hintOf(), hintOf, ask, lives };
};

describe('without a hint that holds (OIDC-19)', () => {
  test('a forged, foreign or unsigned one ends nothing', async () => {
    const { provider, hint, hintOf, ask, lives } = await world();
    provider.signInJane();
    const [head, payload] = hint.split('.');
    const bad = ['', 'x', `${head}.${payload}.`, `${hint.slice(0, -4)}AAAA`, await hintOf({}, '/alpha')];
    for (const id_token_hint of bad) {
      const answer = await ask({ id_token_hint, post_logout_redirect_uri: BYE });
      expect(answer).toMatchObject({ kind: 'json', status: 400, body: { error: 'invalid_request' } });
    }
    expect(lives()).toBe(true);
  });

  test('a client_id that is not the hint’s ends nothing', async () => {
    const { hint, ask, lives } = await world();
    expect(await ask({ id_token_hint: hint, client_id: 'other' })).toMatchObject({ status: 400 });
    expect(lives()).toBe(true);
  });

  test('a program, or a browser that nobody is signed in with, is told what is missing', async () => {
    const { provider, ask } = await world();
    const refused = {
      error: 'bad_request',
      error_description: 'The endSession endpoint requires an id_token_hint parameter',
    };
    expect(await ask()).toMatchObject({ status: 400, body: refused });
    provider.signInJane();
    expect(await ask()).toMatchObject({ status: 400, body: refused });
  });

  test('a browser’s user is asked, signed out if they agree, and led nowhere', async () => {
    const { provider, ask, lives, grant } = await world();
    provider.signInJane();
    const page = await ask({ post_logout_redirect_uri: BYE }, { isNavigation: true });
    if (page.kind !== 'page' || page.page.kind !== 'signOut') throw new Error(JSON.stringify(page));
    expect(lives()).toBe(true);
    const post = { method: 'POST', isNavigation: true };
    expect(await ask({ csrf: 'forged' }, post)).toMatchObject({ status: 400 });
    expect(await ask(page.page.fields, { ...post, method: 'GET' })).toMatchObject({ page: { kind: 'signOut' } });
    expect(lives()).toBe(true);
    expect(await ask({ ...page.page.fields, post_logout_redirect_uri: BYE }, post)).toEqual({
      kind: 'page',
      status: 200,
      page: { kind: 'signedOut' },
      endsSession: true,
    });
    expect(lives()).toBe(false);
    expect(provider.store.grant(grant.id)).toBeUndefined();
  });

  test('the form of one session signs no other one out', async () => {
    const { provider, ask, lives } = await world();
    const csrf = provider.marks.form('hash-of-another-token', '', []);
    provider.signInJane();
    expect(await ask({ csrf }, { method: 'POST', isNavigation: true })).toMatchObject({ status: 400 });
    expect(lives()).toBe(true);
  });
});

describe('with a hint of ours, whatever its age', () => {
  test('the session ends with what was granted in it, cookie or not, in one commit (OIDC-20)', async () => {
    const { provider, grant, hint, ask, lives } = await world();
    const offline = provider.tokens({ scopes: ['openid', 'offline_access'] });
    const commits = provider.store.commits.length;
    expect(await ask({ id_token_hint: hint })).toEqual({ kind: 'empty', endsSession: false });
    expect(lives()).toBe(false);
    expect(provider.store.grant(grant.id)).toBeUndefined();
    expect(provider.store.grant(offline.grant.id)).toBeDefined();
    expect(provider.store.commits).toHaveLength(commits + 1);
    expect(provider.store.audit.at(-1)).toMatchObject({
      event: 'OAUTH_LOGOUT',
      userId: 'id-of-jane',
      detail: { client: 'app' },
    });
  });

  test('a browser loses its cookie only if it is of that session', async () => {
    const { provider, hint, hintOf, ask } = await world();
    provider.signInJane();
    expect(await ask({ id_token_hint: hint })).toMatchObject({ endsSession: true });
    const other = await hintOf({ signIn: { authTime: 1, amr: [], sid: 'another' } });
    expect(await ask({ id_token_hint: other })).toMatchObject({ endsSession: false });
  });

  test('a person gets a page, a program nothing', async () => {
    const { hint, ask } = await world();
    expect(await ask({ id_token_hint: hint }, { isNavigation: true })).toMatchObject({
      status: 200,
      page: { kind: 'signedOut' },
    });
    expect(await ask({ id_token_hint: hint }, { method: 'POST' })).toMatchObject({ kind: 'empty' });
  });

  test.each([
    [undefined, BYE],
    ['a b&c', `${BYE}?state=a+b%26c`],
  ])('it leads to the registered address, with the state %s', async (state, location) => {
    const { hint, ask } = await world();
    const answer = await ask({ id_token_hint: hint, client_id: 'app', post_logout_redirect_uri: BYE, state });
    expect(answer).toEqual({ kind: 'redirect', location, endsSession: false });
  });

  test.each([
    ['http://localhost:5173/bye', true, 'redirect'],
    ['http://localhost:5173/bye', false, 'json'],
    ['http://localhost:5173/other', true, 'json'],
    ['http://127.0.0.1:5173/bye', true, 'json'],
  ])('to %s, of a client whose loopback ports are open (%s): %s', async (uri, anyLoopbackPort, kind) => {
    const { hint, ask } = await world({}, { postLogoutRedirectUris: ['http://localhost/bye'], anyLoopbackPort });
    expect(await ask({ id_token_hint: hint, post_logout_redirect_uri: uri })).toMatchObject({ kind });
  });

  test.each([`${BYE}/`, 'https://other.example/', 'https://evil.example', 'javascript:alert(1)', ''])(
    'it does not lead to %j, though the session ends',
    async (uri) => {
      const { hint, ask, lives } = await world();
      const answer = await ask({ id_token_hint: hint, post_logout_redirect_uri: uri });
      expect(answer).toMatchObject({ kind: 'json', status: 400, body: { error: 'redirect_uri_mismatch' } });
      expect(lives()).toBe(false);
    },
  );

  test('of a client that is out of use, to its own address: the session ends, and leads nowhere', async () => {
    const { provider, hint, ask, lives } = await world();
    const client = provider.clients.get('/ app');
    if (client === undefined) throw new Error('no client');
    provider.clients.set('/ app', { ...client, isActive: false });
    const answer = await ask({ id_token_hint: hint, post_logout_redirect_uri: BYE });
    expect(answer).toMatchObject({ kind: 'json', status: 400, body: { error: 'redirect_uri_mismatch' } });
    expect(lives()).toBe(false);
  });

  test.each([[{}], [{ subject: 'username' }]])(
    'of a session that has run out: what was granted in it ends (%j)',
    async (settings) => {
      const { provider, grant, hint, ask } = await world(settings);
      for (const tokenHash of provider.store.sessionsOf(JANES_SESSION.sid)) provider.store.removeSession(tokenHash);
      expect(await ask({ id_token_hint: hint })).toMatchObject({ kind: 'empty' });
      expect(provider.store.grant(grant.id)).toBeUndefined();
    },
  );

  test('shown twice, it says the same', async () => {
    const { hint, ask } = await world();
    await ask({ id_token_hint: hint });
    expect(await ask({ id_token_hint: hint })).toEqual({ kind: 'empty', endsSession: false });
  });

  test('shown again and again, it fills no trail, though what is on its way ends (OIDC-20, OIDC-22)', async () => {
    const { provider, hint, ask } = await world();
    provider.tokens({ scopes: ['openid', 'offline_access'] });
    await ask({ id_token_hint: hint });
    const rows = provider.store.audit.length;
    const code = provider.grant();
    for (let at = 0; at < 3; at += 1) await ask({ id_token_hint: hint });
    expect(provider.store.audit).toHaveLength(rows);
    expect(provider.store.grant(code.id)).toBeUndefined();
  });

  test('of a user who is gone, it leads on all the same', async () => {
    const { hintOf, ask } = await world();
    const id_token_hint = await hintOf({ subject: 'nobody' });
    expect(await ask({ id_token_hint, post_logout_redirect_uri: BYE })).toMatchObject({
      kind: 'redirect',
      location: BYE,
    });
  });
});
