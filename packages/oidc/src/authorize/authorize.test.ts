import { createHash } from 'node:crypto';
import { Unavailable } from '@assent/engine';
import { TEST_START } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import type { OAuthRequest, Parameters } from '../protocol/request.ts';
import { CB, errorOf, ISSUER, landed, authorizeHarness as setUp, usualRequest as usual } from '../testing/index.ts';

describe('before client and redirect URI are proven, nothing is sent on (OIDC-02)', () => {
  test.each<[string, Parameters, string]>([
    ['no client', { ...usual, client_id: undefined }, 'invalid_request'],
    ['an unknown client', { ...usual, client_id: 'other' }, 'invalid_client'],
    ['a foreign redirect URI', { ...usual, redirect_uri: 'https://evil.example/' }, 'redirect_uri_mismatch'],
  ])('%s', async (_, parameters, code) => {
    await expect(setUp().ask(parameters)).rejects.toMatchObject({ code, status: 400 });
  });

  test('a client that is out of use', async () => {
    await expect(setUp({ client: { isActive: false } }).ask()).rejects.toMatchObject({ code: 'invalid_client' });
  });
});

test('what is wrong after that is told to the client, with its state and the issuer (OIDC-07, OIDC-08)', async () => {
  const answer = await setUp().ask({ ...usual, scope: 'openid admin' });
  expect(landed(answer)).toMatchObject({ to: CB, error: 'invalid_scope', state: 'st', iss: ISSUER });
});

test.each<[Parameters, string]>([
  [{ response_type: 'token' }, 'fragment'],
  [{ response_type: 'code id_token' }, 'fragment'],
  [{ response_type: 'lemon' }, 'query'],
  [{ response_type: 'lemon', response_mode: 'fragment' }, 'fragment'],
  [{ response_type: 'token', request: 'e30.e30.' }, 'fragment'],
  [{ response_type: 'code', registration: '{}', response_mode: 'fragment' }, 'fragment'],
])('the error of %j stands in the %s, where the answer would have stood', async (change, part) => {
  const answer = await setUp().ask({ ...usual, ...change });
  expect(answer).toMatchObject({ location: expect.stringContaining(`${CB}${part === 'query' ? '?' : '#'}error=`) });
});

describe('a request_uri that is none of ours', () => {
  const request_uri = 'urn:ietf:params:oauth:request_uri:unknown';
  test.each<[string, Parameters]>([
    ['is told at the address that the request itself names', { ...usual, request_uri }],
    ['is told at the one address of its client', { client_id: 'app', state: 'st', request_uri }],
    ['of another server, too', { ...usual, request_uri: 'https://app.example/request.jwt' }],
  ])('%s', async (_, parameters) => {
    const answer = landed(await setUp().ask(parameters));
    expect(answer).toMatchObject({ to: CB, error: 'request_uri_not_supported', state: 'st', iss: ISSUER });
  });

  test.each<[string, Parameters]>([
    ['foreign', { client_id: 'app', request_uri, redirect_uri: 'https://evil.example/' }],
    ['one of several', { client_id: 'app', request_uri }],
  ])('stays here where the address is %s (OIDC-02)', async (_, parameters) => {
    const client = { redirectUris: [CB, 'https://app.example/other'] };
    await expect(setUp({ client }).ask(parameters)).rejects.toMatchObject({ status: 400 });
  });
});

test('a client that must push its requests is told so where its answers go', async () => {
  const answer = await setUp({ client: { requiresPar: true } }).ask();
  expect(landed(answer)).toMatchObject({ to: CB, error: 'invalid_request', state: 'st' });
});

test('a code is bound to the key that the request names (RFC 9449 §10)', async () => {
  const { ask, store } = setUp();
  await ask({ ...usual, dpop_jkt: 'k'.repeat(43) });
  expect(store.onlyGrant()).toMatchObject({ status: 'code', jkt: 'k'.repeat(43) });
});

test('no error says code= in front of error=, since an official client would take it for one', async () => {
  const answer = await setUp().ask({ ...usual, scope: 'admin' });
  expect(answer).toMatchObject({ location: expect.not.stringContaining('code=') });
});

describe('without a session', () => {
  test('a browser is sent to sign in, and nothing is written (OIDC-22)', async () => {
    const { ask, store, sentTo, back } = setUp({ isSignedIn: false });
    expect(await ask({ ...usual, login_hint: 'demo', ui_locales: 'de', display: 'popup' })).toEqual({
      kind: 'redirect',
      location: 'https://id.example/am/login',
    });
    expect(sentTo).toMatchObject([{ realm: '/', isForced: false, isPopup: true, locale: 'de', loginHint: 'demo' }]);
    expect(sentTo[0]).not.toHaveProperty('tree');
    expect(back()).toMatchObject({ ...usual, x_since: expect.any(String) });
    expect(store.commits).toEqual([]);
  });

  test.each<[string, Parameters, Partial<OAuthRequest>]>([
    ['prompt=none', { ...usual, prompt: 'none' }, {}],
    ['the session in a header', usual, { hasSessionHeader: true }],
  ])('with %s the client hears that it takes a person', async (_, parameters, http) => {
    const answer = await setUp({ isSignedIn: false }).ask(parameters, http);
    expect(landed(answer)).toMatchObject({
      error: 'interaction_required',
      error_description: 'The request requires some interaction that is not allowed.',
    });
  });

  test('a request that is too long for the way back waits as one that was pushed', async () => {
    const { ask, store, back, signIn, clock } = setUp({ isSignedIn: false });
    await ask({ ...usual, state: 'x'.repeat(1_600) });
    const { client_id: id, request_uri: uri, x_since: since, ...rest } = back();
    expect({ id, rest }).toEqual({ id: 'app', rest: {} });
    expect(store.commits).toHaveLength(1);
    clock.advance(1_000);
    signIn('Login');
    expect(landed(await ask({ client_id: id, request_uri: uri, x_since: since })).state).toBe('x'.repeat(1_600));
    expect(await errorOf(ask({ client_id: id, request_uri: uri, x_since: since })).catch((error) => error.code)).toBe(
      'request_uri_not_supported',
    );
  });
});

describe('a fault of ours, once the redirect URI is proven', () => {
  test.each([
    ['server_error', new Error('the heap is on fire')],
    ['temporarily_unavailable', new Unavailable('the disk is gone')],
  ])('is %s to the client, and told to whoever runs the server', async (code, fault) => {
    const { ask, store, reported } = setUp({ client: { asksConsent: true } });
    Object.assign(store.consents, { get: () => Promise.reject(fault) });
    const answer = landed(await ask());
    expect(answer).toMatchObject({ to: CB, error: code, state: 'st', iss: ISSUER });
    expect(JSON.stringify(answer)).not.toContain(fault.message);
    expect(reported).toEqual([fault]);
  });

  test('and before that it is sent nowhere', async () => {
    const fault = new Error('the heap is on fire');
    const { ask, store, reported } = setUp();
    Object.assign(store.parkedRequests, { get: () => Promise.reject(fault) });
    const request_uri = 'urn:ietf:params:oauth:request_uri:x';
    await expect(ask({ client_id: 'app', request_uri })).rejects.toBe(fault);
    expect(reported).toEqual([]);
  });
});

describe('requests that are too long for the way back', () => {
  const long = { ...usual, state: 'x'.repeat(1_600) };

  test('wait by where they come from: whoever floods locks nobody out, and no address is kept (OIDC-22)', async () => {
    const { ask, store, back, signIn } = setUp({ isSignedIn: false });
    await ask(long, { clientAddress: '198.51.100.1' });
    const early = back();
    for (let at = 0; at < 1_010; at += 1) await ask(long, { clientAddress: `203.0.113.${at % 11}` });
    await ask(long, { clientAddress: '198.51.100.2' });
    const late = back();
    expect(JSON.stringify(store.commits)).not.toMatch(/203\.0\.113|198\.51\.100/);
    signIn('Login');
    for (const mine of [early, late]) expect(landed(await ask(mine))).toHaveProperty('code');
  });
});

describe('with a session', () => {
  test('a code is given, in one commit with its row of the trail', async () => {
    const { ask, store, handles } = setUp();
    const { code, ...others } = landed(await ask());
    expect(others).toEqual({ to: CB, state: 'st', iss: ISSUER, client_id: 'app' });
    const grant = store.onlyGrant();
    expect(handles.open('/', code ?? '', 'code')).toEqual({ grantId: grant.id });
    expect(grant).toMatchObject({
      clientId: 'app',
      userId: 'user-1',
      sid: 'sid-1',
      scopes: ['openid', 'email'],
      status: 'code',
      code: { redirectUri: CB, challenge: usual.code_challenge, nonce: 'n' },
      amr: ['pwd'],
      expiresAt: TEST_START + 120_000,
    });
    expect(store.commits).toHaveLength(1);
    expect(store.audit).toMatchObject([{ event: 'OAUTH_AUTHORIZE', userId: 'user-1', outcome: 'code' }]);
    expect(JSON.stringify(store.audit)).not.toContain('st"');
  });

  test('a session that ends between the look and the commit gives no code', async () => {
    const { ask, store } = setUp();
    store.beforeCommit = async () => {
      store.beforeCommit = undefined;
      await store.committer.commit([{ type: 'session.end', userId: 'user-1', sid: 'sid-1' }]);
    };
    expect(await errorOf(ask())).toBe('login_required');
    expect(() => store.onlyGrant()).toThrow();
  });

  test.each<[Parameters, string]>([
    [{ response_mode: 'fragment' }, `${CB}#code=`],
    [{ response_mode: 'query' }, `${CB}?code=`],
  ])('%j', async (mode, start) => {
    expect(await setUp().ask({ ...usual, ...mode })).toMatchObject({ location: expect.stringContaining(start) });
  });

  test('form_post is a page that brings the answer', async () => {
    const answer = await setUp().ask({ ...usual, response_mode: 'form_post' });
    expect(answer).toMatchObject({
      kind: 'page',
      page: {
        kind: 'formPost',
        action: CB,
        fields: { code: expect.any(String), state: 'st', iss: ISSUER, client_id: 'app' },
      },
    });
  });

  test('a query that the client has registered stays', async () => {
    const uri = 'https://app.example/cb?tenant=1';
    const answer = await setUp({ client: { redirectUris: [uri] } }).ask({ ...usual, redirect_uri: uri });
    expect(answer).toMatchObject({ location: expect.stringContaining(`${uri}&code=`) });
  });

  test('a pushed request is good for one code', async () => {
    const { ask, store } = setUp();
    const request_uri = 'urn:ietf:params:oauth:request_uri:secret';
    const idHash = createHash('sha256').update('secret').digest('base64url');
    const times = { createdAt: TEST_START, expiresAt: TEST_START + 90_000 };
    const row = { idHash, realm: '/', clientId: 'app', request: JSON.stringify(usual), ...times };
    await store.committer.commit([{ type: 'parked.put', row, now: TEST_START }]);
    const answers = await Promise.allSettled([1, 2, 3].map(() => ask({ client_id: 'app', request_uri })));
    const codes = answers.filter((it) => it.status === 'fulfilled' && 'code' in landed(it.value));
    expect(codes).toHaveLength(1);
  });

  test.each([{}, { prompt: 'login '.repeat(300) }])(
    'a pushed request with a long address is the same request after the login, for one code and its own time (%j)',
    async (more) => {
      const { ask, store, back, clock, signIn } = setUp({ isSignedIn: false });
      const request_uri = 'urn:ietf:params:oauth:request_uri:secret';
      const idHash = createHash('sha256').update('secret').digest('base64url');
      const times = { createdAt: TEST_START, expiresAt: TEST_START + 90_000 };
      const row = { idHash, realm: '/', clientId: 'app', request: JSON.stringify(usual), ...times };
      await store.committer.commit([{ type: 'parked.put', row, now: TEST_START }]);
      const commits = store.commits.length;
      await ask({ client_id: 'app', request_uri, junk: 'x'.repeat(1_600), ...more });
      expect(store.commits).toHaveLength(commits);
      expect(back()).toMatchObject({ client_id: 'app', request_uri, ...('prompt' in more && { prompt: 'login' }) });
      clock.advance(1_000);
      signIn('Login');
      expect(landed(await ask(back()))).toHaveProperty('code');
      expect(landed(await ask(back()))).toHaveProperty('error', 'request_uri_not_supported');
    },
  );
});

describe('a session check (spec: oidc §2.1)', () => {
  test('none: says that somebody is there, and gives nothing', async () => {
    const { ask, store } = setUp();
    expect(landed(await ask({ ...usual, response_type: 'none', prompt: 'none' }))).toEqual({
      to: CB,
      state: 'st',
      iss: ISSUER,
    });
    expect(await ask({ client_id: 'app', response_type: 'none', prompt: 'none' })).toEqual({ kind: 'empty' });
    expect(store.commits).toEqual([]);
  });

  test('none without a session and without an address is an error of its own', async () => {
    const { ask } = setUp({ isSignedIn: false });
    const request = { client_id: 'app', response_type: 'none', prompt: 'none' };
    await expect(ask(request)).rejects.toMatchObject({ code: 'interaction_required' });
  });

  test('id_token: says who, in the fragment', async () => {
    const answer = await setUp().ask({ ...usual, response_type: 'id_token', prompt: 'none' });
    const { id_token: token = '' } = landed(answer);
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ iss: ISSUER, sub: 'user-1', aud: 'app', nonce: 'n', sid: 'sid-1', amr: ['pwd'] });
    expect(answer).toMatchObject({ location: expect.stringContaining('#id_token=') });
  });
});

describe('who is expected', () => {
  test('the same user goes on, however old the hint is', async () => {
    const { ask, hintFor } = setUp();
    expect(landed(await ask({ ...usual, id_token_hint: await hintFor('user-1') }))).toHaveProperty('code');
  });

  test('a hint does not outdo the user that the claims name', async () => {
    const { ask, hintFor } = setUp();
    const claims = (value: string) => JSON.stringify({ id_token: { sub: { value } } });
    const hinted = { ...usual, id_token_hint: await hintFor('user-1') };
    expect(await errorOf(ask({ ...hinted, claims: claims('user-2') }))).toBe('invalid_request');
    expect(landed(await ask({ ...hinted, claims: claims('user-1') }))).toHaveProperty('code');
  });

  test('another user signs in anew, and silently that is an error', async () => {
    const { ask, hintFor, sentTo, signIn, clock, back } = setUp();
    const hinted = { ...usual, id_token_hint: await hintFor('user-2') };
    expect(await errorOf(ask({ ...hinted, prompt: 'none' }))).toBe('login_required');
    await ask(hinted);
    expect(sentTo).toMatchObject([{ isForced: true }]);
    clock.advance(1_000);
    signIn('Login');
    expect(await errorOf(ask(back()))).toBe('login_required');
  });
});
