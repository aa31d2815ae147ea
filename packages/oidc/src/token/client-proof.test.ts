import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { basic, testProvider, WITH_SECRET } from '../testing/index.ts';
import { ASSERTION_ALGORITHMS, ASSERTION_TYPE } from './client-assertion.ts';
import { tokenEndpoint } from './token-endpoint.ts';

const REFUSED = {
  status: 401,
  body: { error: 'invalid_client', error_description: 'Client authentication failed' },
};
const service = { ...WITH_SECRET, id: 'service', grantTypes: ['client_credentials'], scopes: [{ name: 'read' }] };
const GRANT = { grant_type: 'client_credentials' };

const world = (...clients: Parameters<typeof testProvider>[0][]) => {
  const provider = testProvider(clients[0] ?? { clients: [service, {}] });
  const ask = (parameters: Record<string, string>, authorization?: string, options = {}) =>
    provider.ask(
      tokenEndpoint,
      { ...GRANT, ...parameters },
      { ...(authorization !== undefined && { headers: { authorization } }), ...options },
    );
  return { provider, ask };
};

describe('a client that proves itself in no way that counts', () => {
  test.each([
    ['a wrong secret in the header', {}, basic('service', 'wrong')],
    ['no secret in the header', {}, basic('service', '')],
    ['a header without a colon', {}, `Basic ${Buffer.from('service').toString('base64')}`],
    ['a header of bad escapes', {}, `Basic ${Buffer.from('service:%zz').toString('base64')}`],
    ['another kind of header', {}, 'Bearer a1.x'],
    ['an empty header', {}, ''],
    ['a wrong secret in the form', { client_id: 'service', client_secret: 'wrong' }, undefined],
    ['an empty secret in the form', { client_id: 'service', client_secret: '' }, undefined],
    ['its name alone', { client_id: 'service' }, undefined],
    ['no name', {}, undefined],
    ['an unknown name', { client_id: 'nobody' }, undefined],
    ['an unknown name and a secret', { client_id: 'nobody', client_secret: 'secret' }, undefined],
    ['the secret of another client', {}, basic('app', 'secret')],
    ['a secret of a public client', { client_id: 'app', client_secret: 'secret' }, undefined],
  ])('%s: one answer for all (OIDC-14)', async (_, parameters, header) => {
    const { ask } = world();
    expect(await ask(parameters, header)).toMatchObject(REFUSED);
  });

  test('a client that is not in use, or of another realm', async () => {
    const { ask } = world({ clients: [{ ...service, isActive: false }] });
    expect(await ask({}, basic('service', 'secret'))).toMatchObject(REFUSED);
    expect(await world().ask({}, basic('service', 'secret'), { realm: '/alpha' })).toMatchObject(REFUSED);
  });

  test('a client that has no secret yet, whatever it sends', async () => {
    const without = { ...service, secrets: [] };
    const { ask } = world({ clients: [without] });
    for (const secret of ['', 'secret', '\0'.repeat(32)])
      expect(await ask({}, basic('service', secret))).toMatchObject(REFUSED);
  });

  test('in two ways at once, or by two names', async () => {
    const { ask } = world();
    const invalid = { status: 400, body: { error: 'invalid_request' } };
    expect(await ask({ client_secret: 'secret' }, basic('service', 'secret'))).toMatchObject(invalid);
    expect(await ask({ client_id: 'app' }, basic('service', 'secret'))).toMatchObject(invalid);
    expect(await ask({ client_assertion: 'x' }, basic('service', 'secret'))).toMatchObject(invalid);
  });

  test('is told how in a header only where it has used one, so that no browser asks its user', async () => {
    const { ask } = world();
    expect(await ask({}, basic('service', 'wrong'))).toMatchObject({
      headers: { 'www-authenticate': 'Basic realm="/"' },
    });
    expect(await ask({ client_id: 'service', client_secret: 'wrong' })).not.toHaveProperty('headers');
  });
});

describe('guesses', () => {
  const guess = (ask: ReturnType<typeof world>['ask'], at: number, options = {}) =>
    ask({}, basic('service', `guess-${at}`), options);

  const tooMany = (seconds: string) => ({
    status: 429,
    body: { error: 'temporarily_unavailable', error_description: expect.stringContaining('Retry-After') },
    headers: { 'retry-after': seconds },
  });

  test('are counted by client and place: after the fifth an imported secret gets 429 with Retry-After from there, right or wrong', async () => {
    const { provider, ask } = world();
    for (let at = 0; at < 5; at += 1) await guess(ask, at);
    expect(await ask({}, basic('service', 'secret'))).toMatchObject(tooMany('30'));
    provider.clock.advance(500);
    expect(await guess(ask, 5)).toMatchObject(tooMany('30'));
    provider.clock.advance(10_000);
    expect(await ask({}, basic('service', 'secret'))).toMatchObject(tooMany('20'));
    expect(await ask({}, basic('service', 'secret'), { clientAddress: '203.0.113.9' })).toMatchObject({ status: 200 });
    provider.clock.advance(20_000);
    expect(await ask({}, basic('service', 'secret'))).toMatchObject({ status: 200 });
  });

  test('of a replica with an old secret never refuse the generated secret of the others at its address (SEC-96)', async () => {
    const secret = { digest: testProvider().ports.digestOfSecret('generated'), isGenerated: true };
    const { provider, ask } = world({
      clients: [
        { ...service, secrets: [secret] },
        { ...service, id: 'other' },
      ],
    });
    const statuses: number[] = [];
    for (let at = 0; at < 200; at += 1) {
      const old = await guess(ask, at);
      const right = await ask({}, basic('service', 'generated'));
      statuses.push(...[old, right].map((answer) => (answer.kind === 'json' ? answer.status : 0)));
      provider.clock.advance(1_000);
    }
    const right = statuses.filter((_, at) => at % 2 === 1);
    expect(new Set(right)).toEqual(new Set([200]));
    const wrong = statuses.filter((_, at) => at % 2 === 0);
    expect(new Set(wrong)).toEqual(new Set([401, 429]));
    expect(wrong.filter((status) => status === 401).length).toBeLessThan(20);
  });

  test('cost the right generated secret no read of a counter and no write', async () => {
    const secret = { digest: testProvider().ports.digestOfSecret('generated'), isGenerated: true };
    const { provider, ask } = world({ clients: [{ ...service, secrets: [secret] }] });
    await ask({}, basic('service', 'generated'));
    const types = provider.store.commits.flat().map(({ type }) => type);
    expect(types.filter((type) => type.startsWith('throttle.'))).toEqual([]);
  });

  test('at an unknown client are answered as those at a known one while they are locked (OIDC-14)', async () => {
    const { ask } = world();
    const answersOf = async (id: string) => {
      const answers = [];
      for (let at = 0; at < 7; at += 1) answers.push(await ask({}, basic(id, `guess-${at}`)));
      return answers;
    };
    expect(await answersOf('service')).toEqual(await answersOf('nobody'));
  });

  test('at an unknown client are counted alike, and nothing is written while it is locked', async () => {
    const { provider, ask } = world();
    for (let at = 0; at < 5; at += 1) await ask({ client_id: 'nobody', client_secret: `${at}` });
    const written = provider.store.commits.length;
    expect(written).toBe(5);
    for (let at = 0; at < 20; at += 1) await ask({ client_id: 'nobody', client_secret: `${at}` });
    expect(provider.store.commits).toHaveLength(written);
  });

  test('at a hundred clients are counted by their place', async () => {
    const { provider, ask } = world();
    for (let at = 0; at < 100; at += 1) await ask({ client_id: `client-${at}`, client_secret: 'x' });
    const written = provider.store.commits.length;
    for (let at = 100; at < 200; at += 1) await ask({ client_id: `client-${at}`, client_secret: 'x' });
    expect(provider.store.commits).toHaveLength(written);
  });

  test('that come while the right secret is looked at count before it', async () => {
    const { provider, ask } = world();
    let isFirst = true;
    provider.store.beforeCommit = async () => {
      if (!isFirst) return;
      isFirst = false;
      for (let at = 0; at < 5; at += 1) await guess(ask, at);
    };
    expect(await ask({}, basic('service', 'secret'))).toMatchObject(REFUSED);
  });

  test('are forgotten with the right one', async () => {
    const { ask } = world();
    for (let round = 0; round < 3; round += 1) {
      for (let at = 0; at < 4; at += 1) await guess(ask, at);
      expect(await ask({}, basic('service', 'secret'))).toMatchObject({ status: 200 });
    }
  });

  test('stand in the trail without what was guessed, and without a name that nobody has (OIDC-18, OIDC-28)', async () => {
    const { provider, ask } = world();
    await ask({}, basic('service', 'my-secret-guess'));
    await ask({ client_id: 'secret-in-the-wrong-field' });
    expect(provider.store.audit.map(({ event, detail }) => [event, detail?.client])).toEqual([
      ['CLIENT_FAIL', 'service'],
      ['CLIENT_FAIL', 'unknown'],
    ]);
    expect(JSON.stringify(provider.store.audit)).not.toMatch(/my-secret|wrong-field/);
  });

  test('a public client that names itself reads and counts nothing', async () => {
    const { provider, ask } = world();
    const before = provider.store.reads;
    expect(await ask({ client_id: 'app' })).toMatchObject({ body: { error: 'unauthorized_client' } });
    expect(provider.store.reads).toBe(before);
    expect(provider.store.commits).toHaveLength(0);
  });
});

describe('a secret', () => {
  test.each(['a b+c%d:e', 'ü€', 'x'.repeat(500)])('may have any signs: %s', async (secret) => {
    const provider = testProvider();
    const digest = provider.ports.digestOfSecret(secret);
    const { ask } = world({ clients: [{ ...service, secrets: [{ digest, isGenerated: false }] }] });
    expect(await ask({}, basic('service', secret))).toMatchObject({ status: 200 });
    expect(await ask({ client_id: 'service', client_secret: secret })).toMatchObject({ status: 200 });
  });
});

describe('two secrets, while one is replaced', () => {
  const digestOf = testProvider().ports.digestOfSecret;
  const replacing = (isGenerated: boolean) => {
    const opened = world();
    const goodUntil = opened.provider.clock.now() + 3_600_000;
    const secrets = [
      { digest: digestOf('new'), isGenerated: true },
      { digest: digestOf('old'), isGenerated, goodUntil },
    ];
    opened.provider.clients.set('/ service', { ...opened.provider.clients.get('/ service'), secrets } as never);
    return opened;
  };

  test('are both good until the time of the old one is over (SEC-96)', async () => {
    const { provider, ask } = replacing(true);
    provider.clock.advance(3_599_999);
    for (const secret of ['new', 'old']) expect(await ask({}, basic('service', secret))).toMatchObject({ status: 200 });
    provider.clock.advance(1);
    expect(await ask({}, basic('service', 'old'))).toMatchObject(REFUSED);
    expect(await ask({}, basic('service', 'new'))).toMatchObject({ status: 200 });
  });

  test('are judged each by how it was made: an imported old one can be locked, the generated new one not', async () => {
    const { ask } = replacing(false);
    for (let at = 0; at < 5; at += 1) await ask({}, basic('service', `guess-${at}`));
    expect(await ask({}, basic('service', 'old'))).toMatchObject({ status: 429 });
    expect(await ask({}, basic('service', 'new'))).toMatchObject({ status: 200 });
  });
});

describe('a JWT that the client has signed (RFC 7523)', () => {
  const signer = async ({ isElsewhere = false, alg = 'ES256' } = {}) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const set = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg, kid: 'k' }] });
    const rest = { ...service, secrets: [] };
    const keys = isElsewhere ? { uri: 'https://service.example/jwks' } : { set };
    const signing = { ...rest, authMethod: 'private_key_jwt' as const, keys };
    const { provider, ask } = world({ clients: [signing] });
    provider.outside.answer = async () => ({ status: 200, body: set });
    const now = Math.floor(provider.clock.now() / 1_000);
    const { issuer } = provider.settingsOf('/');
    let jti = 0;
    const assertion = (claims: object = {}, key = privateKey, header: object = {}) => {
      jti += 1;
      return new SignJWT({ iss: 'service', sub: 'service', aud: issuer, exp: now + 60, jti: `j${jti}`, ...claims })
        .setProtectedHeader({ alg, kid: 'k', ...header })
        .sign(key);
    };
    const show = (text: string, parameters = {}, options = {}) =>
      ask({ client_assertion_type: ASSERTION_TYPE, client_assertion: text, ...parameters }, undefined, options);
    return { provider, assertion, show, now, issuer };
  };

  test('is good also where wrong ones came from its address (SEC-96)', async () => {
    const { assertion, show } = await signer();
    for (let at = 0; at < 9; at += 1) await show(await assertion({ nbf: Number.MAX_SAFE_INTEGER }));
    expect(await show(await assertion())).toMatchObject({ status: 200 });
  });

  test('proves it, once', async () => {
    const { assertion, show } = await signer();
    const text = await assertion();
    expect(await show(text)).toMatchObject({ status: 200 });
    expect(await show(text)).toMatchObject(REFUSED);
    expect(await show(await assertion(), { client_id: 'service' })).toMatchObject({ status: 200 });
  });

  test('for an hour, as libraries sign that are not told otherwise, counts for ten minutes, and is kept for no longer (OIDC-22)', async () => {
    const { provider, assertion, show, now } = await signer();
    const text = await assertion({ iat: now, exp: now + 3_600 });
    const late = await assertion({ iat: now, exp: now + 3_600 });
    expect(await show(text)).toMatchObject({ status: 200 });
    const [seen] = provider.store.commits.flat().filter(({ type }) => type === 'replay.see');
    expect(seen).toMatchObject({ expiresAt: (now + 610) * 1_000 });
    provider.clock.advance(610_000);
    for (const it of [text, late]) expect(await show(it)).toMatchObject(REFUSED);
  });

  test('says when it was issued, at the earliest where it does not, so that none outlives a restore (REL-26)', async () => {
    const { provider, assertion, show, now } = await signer();
    expect(await show(await assertion({ iat: now + 60 }))).toMatchObject({ status: 200 });
    expect(await show(await assertion({ exp: now + 90 }))).toMatchObject({ status: 200 });
    const seen = provider.store.commits.flat().filter(({ type }) => type === 'replay.see');
    expect(seen).toMatchObject([{ issuedAt: (now + 60) * 1_000 }, { issuedAt: (now + 90 - 600) * 1_000 }]);
    expect(await show(await assertion({ iat: now + 61 }))).toMatchObject(REFUSED);
  });

  test.each(ASSERTION_ALGORITHMS)('by %s, which discovery names, proves it', async (alg) => {
    const { assertion, show } = await signer({ alg });
    expect(await show(await assertion())).toMatchObject({ status: 200 });
  });

  test('by a key that is found at an address proves it, and forged ones call that once a minute', async () => {
    const { provider, assertion, show } = await signer({ isElsewhere: true });
    const other = await generateKeyPair('ES256');
    expect(await show(await assertion())).toMatchObject({ status: 200 });
    expect(provider.outside.calls).toMatchObject([{ address: 'https://service.example/jwks', method: 'GET' }]);
    for (let at = 0; at < 120; at += 1) {
      const refused = await show(await assertion({}, other.privateKey, { kid: `forged-${at}` }));
      expect([401, 429]).toContain(refused.kind === 'json' && refused.status);
      provider.clock.advance(1_000);
    }
    expect(provider.outside.calls).toHaveLength(2);
  });

  test('is refused where the address of its key says nothing', async () => {
    const { provider, assertion, show } = await signer({ isElsewhere: true });
    provider.outside.answer = () => Promise.reject(new Error('nobody is there'));
    expect(await show(await assertion())).toMatchObject(REFUSED);
    expect(provider.events()).toEqual(['CLIENT_FAIL']);
  });

  test('fifty times at once: one answer', async () => {
    const { assertion, show } = await signer();
    const text = await assertion();
    const answers = await Promise.all(Array.from({ length: 50 }, () => show(text)));
    expect(answers.filter((it) => it.kind === 'json' && it.status === 200)).toHaveLength(1);
  });

  test.each([
    ['for the address of the endpoint', (iss: string) => `${iss}/access_token`],
    ['for the issuer among others', (iss: string) => [iss, 'https://other.example']],
  ])('%s', async (_, audience) => {
    const { assertion, show, issuer } = await signer();
    expect(await show(await assertion({ aud: audience(issuer) }))).toMatchObject({ status: 200 });
  });

  test('for the address without the query that was sent is refused, since the query may name another realm (SEC-95)', async () => {
    const { assertion, show, issuer } = await signer();
    const [bare, whole] = [`${issuer}/endpoint`, `${issuer}/endpoint?realm=/alpha`];
    const at = (query: string) => ({ query });
    expect(await show(await assertion({ aud: bare }), {}, at('realm=/alpha'))).toMatchObject({ status: 401 });
    expect(await show(await assertion({ aud: whole }), {}, at('realm=/alpha'))).toMatchObject({ status: 200 });
    expect(await show(await assertion({ aud: bare }), {}, at(''))).toMatchObject({ status: 200 });
  });

  test('for another, of another, over, for next year, or without a name of its own', async () => {
    const { assertion, show, now } = await signer();
    const bad = [
      { aud: 'https://other.example' },
      { aud: undefined },
      { iss: 'app' },
      { iss: undefined },
      { exp: now - 11 },
      { exp: undefined },
      { exp: now + 3_600 },
      { iat: now + 3_600, exp: now + 7_200 },
      { iat: now - 611 },
      { nbf: now + 60 },
      { jti: undefined },
      { jti: '' },
      { jti: 'x'.repeat(257) },
    ];
    for (const [at, claims] of bad.entries()) {
      // Wrong proofs of one address are refused with 429 after five; each of these is judged by itself.
      const from = { clientAddress: `203.0.113.${at}` };
      expect(await show(await assertion(claims), {}, from), `${at}`).toMatchObject(REFUSED);
      if (at % 3 === 2) expect(await show(await assertion()), `${at}`).toMatchObject({ status: 200 });
    }
  });

  test('by another key, by an HMAC of the public one, or by nothing', async () => {
    const { assertion, show, now, issuer } = await signer();
    const other = await generateKeyPair('ES256');
    expect(await show(await assertion({}, other.privateKey))).toMatchObject(REFUSED);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: 'service', sub: 'service', aud: issuer, exp: now + 60, jti: 'n' };
    expect(await show(`${part({ alg: 'none' })}.${part(claims)}.`)).toMatchObject(REFUSED);
    expect(await show(`${part({ alg: 'HS256', kid: 'k' })}.${part(claims)}.AAAA`)).toMatchObject(REFUSED);
  });

  test('a client that signs shows no secret, and one with a secret signs not', async () => {
    const { provider, assertion, show } = await signer();
    expect(await show(await assertion(), { client_id: 'other' })).toMatchObject({ body: { error: 'invalid_request' } });
    expect(await show('not.a.jwt')).toMatchObject(REFUSED);
    expect(await show(await assertion(), { client_assertion_type: 'saml' })).toMatchObject({
      body: { error: 'invalid_request' },
    });
    provider.clients.set('/ service', {
      ...provider.clients.get('/ service'),
      authMethod: 'client_secret_post',
    } as never);
    expect(await show(await assertion())).toMatchObject(REFUSED);
  });
});
