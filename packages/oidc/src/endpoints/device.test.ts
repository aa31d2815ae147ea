import { describe, expect, test } from 'vitest';
import { bodyOf, testProvider, WITH_SECRET } from '../testing/index.ts';
import { DEVICE_CODE } from '../token/device-code.ts';
import { tokenEndpoint } from '../token/token-endpoint.ts';
import { deviceAuthorizationEndpoint } from './device-authorization.ts';
import { devicePageEndpoint } from './device-page.ts';

const world = (client = {}, settings = {}) => {
  const provider = testProvider({
    clients: [{ id: 'tv', grantTypes: [DEVICE_CODE, 'refresh_token'], ...client }, {}],
    settings,
  });
  const begin = async (parameters = {}, options = {}) =>
    provider.ask(deviceAuthorizationEndpoint, { client_id: 'tv', scope: 'openid', ...parameters }, options);
  const visit = (parameters = {}, options = {}) =>
    provider.ask(devicePageEndpoint, parameters, { method: 'GET', isNavigation: true, ...options });
  const post = (parameters = {}) => visit(parameters, { method: 'POST' });
  const poll = (code: unknown, proof = {}) =>
    provider.ask(tokenEndpoint, { client_id: 'tv', grant_type: DEVICE_CODE, device_code: code as string, ...proof });
  const pageOf = async (answer: ReturnType<typeof visit>) => {
    const it = await answer;
    if (it.kind !== 'page') throw new Error(JSON.stringify(it));
    return it.page;
  };
  const formOf = async (code: unknown) => {
    const it = await pageOf(visit({ user_code: code }));
    if (it.kind !== 'deviceConsent') throw new Error(JSON.stringify(it));
    return it.fields;
  };
  return { provider, begin, visit, post, poll, pageOf, formOf };
};

describe('a device that asks for codes', () => {
  test.each([
    ['may not', { client_id: 'app' }, 'unauthorized_client'],
    ['is unknown', { client_id: 'nobody' }, 'invalid_client'],
    ['asks for too much', { scope: 'openid admin' }, 'invalid_scope'],
  ])('and %s gets none', async (_, parameters, error) => {
    const { provider, begin } = world();
    expect(bodyOf(await begin(parameters)).error).toBe(error);
    expect(provider.events().filter((it) => it === 'OAUTH_DEVICE')).toEqual([]);
  });

  test('gets two, where its user goes, and how often it may ask', async () => {
    const { begin } = world();
    const body = bodyOf(await begin());
    const page = 'https://id.example/am/oauth2/realms/root/device/user';
    expect(body).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/),
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=${body.user_code}`,
      expires_in: 300,
      interval: 5,
    });
  });

  test('leaves neither code in the trail', async () => {
    const { provider, begin } = world();
    const body = bodyOf(await begin());
    const trail = JSON.stringify(provider.store.audit);
    expect(trail).not.toContain(body.device_code);
    expect(trail).not.toContain(String(body.user_code));
  });

  test('is locked out by nobody who floods, from one place or from many (OIDC-22)', async () => {
    const { provider, begin, poll } = world();
    const own = bodyOf(await begin({}, { clientAddress: '198.51.100.1' })).device_code;
    for (let at = 0; at < 1_010; at += 1) await begin({}, { clientAddress: `203.0.113.${at % 11}` });
    const mine = bodyOf(await begin({}, { clientAddress: '198.51.100.2' })).device_code;
    for (const code of [own, mine]) expect(bodyOf(await poll(code)).error).toBe('authorization_pending');
    // Nobody has proven anything: the trail is not theirs to fill, and no address is kept.
    expect(provider.events()).toEqual([]);
    const rows = JSON.stringify(provider.store.commits);
    expect(rows).not.toContain('203.0.113');
    expect(rows).not.toContain('198.51.100');
  });

  test('of a client that proves itself counts by the client alone', async () => {
    const { begin, poll } = world({ ...WITH_SECRET, authMethod: 'client_secret_post' });
    const ask = () => begin({ client_secret: 'secret' });
    const first = bodyOf(await ask()).device_code;
    for (let at = 0; at < 200; at += 1) await ask();
    expect(bodyOf(await poll(first, { client_secret: 'secret' })).error).toBe('authorization_pending');
  });
});

describe('who types the code', () => {
  test('signs in first, and comes back to it', async () => {
    const { visit } = world();
    const answer = await visit({ user_code: 'abcd-efgh' });
    if (answer.kind !== 'redirect') throw new Error(answer.kind);
    const goto = new URL(new URL(answer.location).searchParams.get('goto') ?? '');
    expect(goto.pathname).toBe('/am/oauth2/realms/root/device/user');
    expect(goto.searchParams.get('user_code')).toBe('ABCDEFGH');
  });

  test('is asked for one, and told of a wrong one: ten a minute (spec: oidc §6)', async () => {
    const { provider, begin, visit, pageOf } = world();
    const code = bodyOf(await begin()).user_code;
    provider.signInJane();
    expect(await pageOf(visit())).toEqual({ kind: 'deviceCode' });
    for (let at = 0; at < 10; at += 1) {
      expect(await pageOf(visit({ user_code: `BBBB-BBB${at}` }))).toMatchObject({ problem: 'unknown' });
    }
    expect(await pageOf(visit({ user_code: code }))).toMatchObject({ kind: 'deviceCode', problem: 'tooMany' });
    provider.clock.advance(60_000);
    expect(await pageOf(visit({ user_code: code }))).toMatchObject({ kind: 'deviceConsent' });
  });

  test('learns of 50 wrong ones at once no more than of ten, nor that a right one was among them', async () => {
    const { provider, begin, visit, pageOf } = world();
    const code = String(bodyOf(await begin()).user_code);
    provider.signInJane();
    const wrong = Array.from({ length: 49 }, (_, at) => `BBBB-BB${String(at).padStart(2, '0')}`);
    const pages = await Promise.all([...wrong, code].map((user_code) => pageOf(visit({ user_code }))));
    expect(pages.slice(0, 10)).toMatchObject(wrong.slice(0, 10).map(() => ({ problem: 'unknown' })));
    expect(pages.slice(11)).toMatchObject([...wrong.slice(11), code].map(() => ({ problem: 'tooMany' })));
    provider.clock.advance(60_000);
    const early = await Promise.all([code, ...wrong].map((user_code) => pageOf(visit({ user_code }))));
    expect(early[0]).toMatchObject({ kind: 'deviceConsent' });
  });

  test('is not counted for right ones, and does not undo wrong ones by them', async () => {
    const { provider, begin, visit, pageOf } = world();
    const code = bodyOf(await begin()).user_code;
    provider.signInJane();
    for (let at = 0; at < 30; at += 1)
      expect(await pageOf(visit({ user_code: code }))).toMatchObject({ userCode: code });
    for (let at = 0; at < 10; at += 1) {
      await visit({ user_code: `BBBB-BBB${at}` });
      if (at < 9) await visit({ user_code: code });
    }
    expect(await pageOf(visit({ user_code: code }))).toMatchObject({ problem: 'tooMany' });
  });

  test('types it as people do', async () => {
    const { provider, begin, visit, pageOf } = world();
    const code = String(bodyOf(await begin()).user_code);
    provider.signInJane();
    for (const typed of [code.toLowerCase(), code.replace('-', ''), ` ${code.replace('-', ' ')} `]) {
      expect(await pageOf(visit({ user_code: typed }))).toMatchObject({
        kind: 'deviceConsent',
        client: { id: 'tv' },
        username: 'jane',
        userCode: code,
      });
    }
  });

  test('of another realm, or too late, types a wrong one (OIDC-13)', async () => {
    const { provider, begin, visit, pageOf } = world();
    const code = bodyOf(await begin()).user_code;
    provider.signInJane();
    expect(await pageOf(visit({ user_code: code }, { realm: '/alpha' }))).toMatchObject({ problem: 'unknown' });
    provider.clock.advance(300_000);
    expect(await pageOf(visit({ user_code: code }))).toMatchObject({ problem: 'unknown' });
  });

  test('signs in as strongly as the client wants it (OIDC-11)', async () => {
    const { provider, begin, visit } = world({ requiredAcr: 'push' });
    const code = bodyOf(await begin()).user_code;
    provider.signInJane();
    expect(await visit({ user_code: code })).toMatchObject({ kind: 'redirect' });
  });

  test.each([0, 60])(
    'signs in as freshly as the client always wants it: %d seconds (OIDC-10)',
    async (defaultMaxAge) => {
      const { provider, begin, visit, post, poll, pageOf } = world({ defaultMaxAge });
      const { user_code, device_code: code } = bodyOf(await begin());
      const prove = () => {
        provider.signInJane();
        const at = provider.clock.now();
        const walked = { factors: [{ method: 'password', at }], journeys: [{ tree: 'Login', at }] } as const;
        if (provider.person !== undefined) provider.person = { ...provider.person, ...walked };
      };
      prove();
      provider.clock.advance(61_000);
      const sent = await visit({ user_code });
      if (sent.kind !== 'redirect') throw new Error(JSON.stringify(sent));
      const back = new URL(new URL(sent.location).searchParams.get('goto') ?? '').searchParams;
      // Whoever goes back without having signed in is sent again.
      expect(await visit(Object.fromEntries(back))).toMatchObject({ kind: 'redirect' });
      provider.clock.advance(1_000);
      prove();
      const shown = await pageOf(visit(Object.fromEntries(back)));
      if (shown.kind !== 'deviceConsent') throw new Error(JSON.stringify(shown));
      provider.clock.advance(90_000);
      const { x_since: _, ...unmarked } = shown.fields;
      expect(await post({ ...unmarked, decision: 'allow' })).toMatchObject({ kind: 'redirect' });
      expect(await post({ ...shown.fields, decision: 'allow' })).toMatchObject({ page: { isApproved: true } });
      expect(await poll(code)).toMatchObject({ status: 200 });
    },
  );
});

describe('the decision', () => {
  test('needs the form of this session and device, posted (OIDC-09)', async () => {
    const { provider, begin, visit, post, poll, formOf } = world();
    const [body, other] = [bodyOf(await begin()), bodyOf(await begin())];
    provider.signInJane();
    const fields = await formOf(body.user_code);
    const { csrf } = await formOf(other.user_code);
    expect(await post({ ...fields, csrf, decision: 'allow' })).toMatchObject({ status: 400 });
    expect(await post({ ...fields, csrf: '', decision: 'allow' })).toMatchObject({ status: 400 });
    expect(await visit({ ...fields, decision: 'allow' })).toMatchObject({ page: { kind: 'deviceConsent' } });
    expect(bodyOf(await poll(body.device_code)).error).toBe('authorization_pending');
  });

  test('yes: the device gets tokens of that session', async () => {
    const { provider, begin, post, poll, formOf } = world();
    const body = bodyOf(await begin());
    provider.signInJane();
    const done = await post({ ...(await formOf(body.user_code)), decision: 'allow' });
    expect(done).toMatchObject({ page: { kind: 'deviceDone', isApproved: true } });
    expect(await poll(body.device_code)).toMatchObject({ status: 200 });
    expect(provider.store.onlyGrant()).toMatchObject({ userId: 'id-of-jane', sid: 'sid-of-jane', clientId: 'tv' });
    expect(provider.events()).toEqual(['OAUTH_DEVICE', 'TOKEN_ISSUE']);
  });

  test.each(['deny', 'anything'])('%s is a no', async (decision) => {
    const { provider, begin, post, poll, formOf } = world();
    const body = bodyOf(await begin());
    provider.signInJane();
    const done = await post({ ...(await formOf(body.user_code)), decision });
    expect(done).toMatchObject({ page: { kind: 'deviceDone', isApproved: false } });
    expect(bodyOf(await poll(body.device_code)).error).toBe('access_denied');
  });

  test('twice: the first one counts', async () => {
    const { provider, begin, post, poll, formOf } = world();
    const body = bodyOf(await begin());
    provider.signInJane();
    const fields = await formOf(body.user_code);
    await post({ ...fields, decision: 'deny' });
    expect(await post({ ...fields, decision: 'allow' })).toMatchObject({
      page: { kind: 'deviceCode', problem: 'unknown' },
    });
    expect(bodyOf(await poll(body.device_code)).error).toBe('access_denied');
  });

  test('in a session that has ended meanwhile is none (OIDC-20)', async () => {
    const { provider, begin, post, poll, formOf } = world();
    const body = bodyOf(await begin());
    provider.signInJane();
    const fields = await formOf(body.user_code);
    provider.store.beforeCommit = () => provider.store.removeSession('hash-of-janes-token');
    expect(await post({ ...fields, decision: 'allow' })).toMatchObject({ page: { kind: 'deviceCode' } });
    provider.store.beforeCommit = undefined;
    expect(bodyOf(await poll(body.device_code)).error).toBe('authorization_pending');
  });
});
