import { createHash, createHmac, generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { seededRandom, simulatedClock } from '@assent/engine/testing';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { pooledKeys, storedOAuthPorts, testClient, testSettings } from '../testing/index.ts';
import { type AccessFacts, accessJwt, openAccessJwt } from './access-jwt.ts';
import { idToken, readIdTokenHint } from './id-token.ts';
import { logoutToken } from './logout-token.ts';
import { openJwt, signJwt } from './signed-jwt.ts';
import { MAX_SIGNED_MILLIS, SigningKeys } from './signing-keys.ts';

const GRANT = 'AAECAwQFBgcICQoLDA0ODw';
const clock = simulatedClock();
const NOW = Math.floor(clock.now() / 1_000);
const store = storedOAuthPorts();
const keys = new SigningKeys({ ...store, clock, newPrivateKey: pooledKeys() });
const provider = testSettings();
const client = testClient();
const signIn = { authTime: NOW - 60, amr: ['pwd', 'mfa'], acr: 'push', sid: 'sid-1' };

const ofId = (over: object = {}) =>
  idToken(keys, { provider, client, subject: 'u1', signIn, issuedAt: NOW, nonce: 'n', ...over });
const FACTS: AccessFacts = {
  kind: 'grant',
  grantId: GRANT,
  no: 3,
  scopes: ['openid', 'email'],
  issuedAt: NOW,
  lifetime: 3_600,
};
const ofAccess = (over: object = {}) =>
  accessJwt(keys, {
    provider,
    client,
    facts: FACTS,
    subject: 'u1',
    username: 'demo',
    grantType: 'authorization_code',
    signIn,
    ...over,
  });
const ofLogout = () =>
  logoutToken(keys, seededRandom(), { provider, client, subject: 'u1', sid: 'sid-1', issuedAt: NOW });

/** As a client reads it that knows nothing but the key set. */
const verified = async (jwt: string, realm = '/') =>
  jwtVerify(jwt, createLocalJWKSet({ keys: [...(await keys.publicKeys(realm))] }), {
    currentDate: new Date(NOW * 1_000),
  });
const payloadOf = async (jwt: string) => (await verified(jwt)).payload;

describe('none passes for another (OIDC-17)', () => {
  const TOKENS = { 'ID token': ofId, 'access token': ofAccess, 'logout token': ofLogout };
  const READERS = {
    'ID token': (text: string) => readIdTokenHint(keys, provider, text),
    'access token': (text: string) => openAccessJwt(keys, provider, text),
    'logout token': (text: string) => openJwt(keys, '/', 'logout+jwt', text),
  };
  const KINDS = ['ID token', 'access token', 'logout token'] as const;

  test.each(KINDS.flatMap((made) => KINDS.map((read) => [made, read] as const)))(
    'an %s read as an %s',
    async (made, read) => {
      const claims = await READERS[read](await TOKENS[made]());
      if (made === read) expect(claims).toBeDefined();
      else expect(claims).toBeUndefined();
    },
  );
});

describe('what is not ours is not read', () => {
  const read = (text: string) => openJwt(keys, '/', 'JWT', text);
  const part = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

  test('of the realm beside, though its key signed it (OIDC-13)', async () => {
    const alpha = testSettings({ realm: '/alpha', issuer: 'https://id.example/am/oauth2/realms/root/realms/alpha' });
    const theirs = await ofId({ provider: alpha });
    expect(await readIdTokenHint(keys, alpha, theirs)).toBeDefined();
    expect(await readIdTokenHint(keys, provider, theirs)).toBeUndefined();
    // An issuer of that name without its key is none either.
    expect(await readIdTokenHint(keys, { ...provider, issuer: alpha.issuer }, theirs)).toBeUndefined();
    expect(
      await readIdTokenHint(keys, provider, await ofId({ provider: { ...provider, issuer: alpha.issuer } })),
    ).toBeUndefined();
  });

  test('without a signature, or by an algorithm that the key is not for', async () => {
    const jwt = await ofId();
    const [head = '', payload = '', signature = ''] = jwt.split('.');
    const { kid } = decodeProtectedHeader(jwt);
    const key = await keys.active('/', 'ES256');
    const spki = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const under = (header: object) => `${part(header)}.${payload}`;
    const hmac = under({ typ: 'JWT', alg: 'HS256', kid });
    const forged = [
      `${under({ typ: 'JWT', alg: 'none', kid })}.`,
      `${under({ typ: 'JWT', alg: 'none', kid })}.${signature}`,
      `${head}.${payload}.`,
      `${hmac}.${createHmac('sha256', spki).update(hmac).digest('base64url')}`,
      `${under({ typ: 'JWT', alg: 'RS256', kid })}.${signature}`,
      `${under({ typ: 'JWT', alg: 'ES256' })}.${signature}`,
      `${under({ typ: 'JWT', alg: 'ES256', kid: 7 })}.${signature}`,
      `${under({ typ: 'JWT', alg: 'ES256', kid: 'other' })}.${signature}`,
      // The other key of the same realm.
      `${under({ typ: 'JWT', alg: 'RS256', kid: (await keys.active('/', 'RS256')).kid })}.${signature}`,
    ];
    for (const text of forged) expect(await read(text)).toBeUndefined();
  });

  test('by a key that the header brings along', async () => {
    const pair = await promisify(generateKeyPair)('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const { kid } = await keys.active('/', 'ES256');
    for (const brought of [{ jwk: { kty: 'EC' } }, { jku: 'https://evil.example' }, { x5c: [] }, {}]) {
      const input = `${part({ typ: 'JWT', alg: 'ES256', kid, ...brought })}.${part({ iss: provider.issuer, sub: 'u2' })}`;
      const signature = sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
      expect(await read(`${input}.${signature.toString('base64url')}`)).toBeUndefined();
    }
  });

  test('with one sign changed, anywhere', async () => {
    const jwt = await ofId();
    const last = jwt.length - 1;
    for (let at = 0; at < last; at += 7) {
      const sign = jwt[at] === 'A' ? 'B' : 'A';
      expect(await read(jwt.slice(0, at) + sign + jwt.slice(at + 1)), `${at}`).toBeUndefined();
    }
  });

  test.each([
    '',
    '..',
    '...',
    'a.b',
    'a.b.c',
    `${part('[]')}.${part('{}')}.AA`,
    `${part('null')}.${part('{}')}.AA`,
    `${part('{')}.${part('{}')}.AA`,
    `e30.e30.${'A'.repeat(20_000)}`,
  ])('that is no JWT at all: %j', async (text) => {
    expect(await read(text.slice(0, 20_100))).toBeUndefined();
  });

  test('whose claims are no object', async () => {
    const key = await keys.active('/', 'ES256');
    expect(await read(await signJwt(key, 'JWT', [] as never))).toBeUndefined();
  });
});

describe('an ID token', () => {
  test('says who signed in, when, how and where, for the client alone', async () => {
    const { payload, protectedHeader } = await verified(await ofId({ accessToken: 'a1.x' }));
    expect(protectedHeader).toEqual({ typ: 'JWT', alg: 'ES256', kid: (await keys.active('/', 'ES256')).kid });
    expect(payload).toEqual({
      iss: 'https://id.example/am/oauth2/realms/root',
      sub: 'u1',
      aud: 'app',
      azp: 'app',
      iat: NOW,
      exp: NOW + 3_600,
      auth_time: NOW - 60,
      nonce: 'n',
      acr: 'push',
      amr: ['pwd', 'mfa'],
      sid: 'sid-1',
      at_hash: createHash('sha256').update('a1.x').digest().subarray(0, 16).toString('base64url'),
    });
  });

  test('leaves out what there is not', async () => {
    const { authTime, amr } = signIn;
    const payload = await payloadOf(await ofId({ nonce: undefined, signIn: { authTime, amr } }));
    for (const name of ['nonce', 'acr', 'sid', 'at_hash']) expect(payload).not.toHaveProperty(name);
  });

  test('carries claims of the user, none of which takes the place of its own', async () => {
    const claims = {
      email: 'jane@example.com',
      sub: 'u2',
      nonce: 'other',
      amr: ['hwk'],
      exp: 9e9,
      at_hash: 'x',
      acr: '9',
    };
    const payload = await payloadOf(await ofId({ claims, nonce: undefined, signIn: { authTime: NOW, amr: [] } }));
    expect(payload).toMatchObject({ email: 'jane@example.com', sub: 'u1', amr: [], exp: NOW + 3_600 });
    for (const name of ['nonce', 'acr', 'at_hash']) expect(payload).not.toHaveProperty(name);
  });

  test('is signed by RSA where the client wants it so, off the thread that serves others', async () => {
    const jwt = await ofId({ client: testClient({ idTokenAlgorithm: 'RS256' }) });
    expect((await verified(jwt)).protectedHeader.alg).toBe('RS256');
    expect(await readIdTokenHint(keys, provider, jwt)).toEqual({ subject: 'u1', clientId: 'app', sid: 'sid-1' });
  });

  test('lives for a week at most, since nobody can call it back', async () => {
    const lifetimes = { ...client.lifetimes, idToken: 400 * 24 * 3_600_000 };
    expect((await payloadOf(await ofId({ client: testClient({ lifetimes }) }))).exp).toBe(
      NOW + MAX_SIGNED_MILLIS / 1_000,
    );
  });

  test('is a hint whatever its age', async () => {
    const jwt = await ofId({ issuedAt: NOW - 80 * 24 * 3_600 });
    expect(await readIdTokenHint(keys, provider, jwt)).toEqual({ subject: 'u1', clientId: 'app', sid: 'sid-1' });
  });
});

describe('an access token that is a JWT', () => {
  test('is as RFC 9068 has it', async () => {
    const { payload, protectedHeader } = await verified(await ofAccess());
    expect(protectedHeader.typ).toBe('at+jwt');
    expect(payload).toEqual({
      iss: 'https://id.example/am/oauth2/realms/root',
      sub: 'u1',
      aud: 'app',
      client_id: 'app',
      scope: 'openid email',
      iat: NOW,
      exp: NOW + 3_600,
      jti: `${GRANT}.3`,
      auth_time: NOW - 60,
      acr: 'push',
      amr: ['pwd', 'mfa'],
      sid: 'sid-1',
      realm: '/',
    });
  });

  test('has what AM says, where the realm wants it', async () => {
    const payload = await payloadOf(await ofAccess({ provider: testSettings({ accessTokenProfile: 'am' }) }));
    expect(payload).toMatchObject({
      scope: ['openid', 'email'],
      grant_type: 'authorization_code',
      tokenName: 'access_token',
      expires_in: 3_600,
      subname: 'demo',
      authGrantId: GRANT,
    });
  });

  test('names the key that it is bound to', async () => {
    const payload = await payloadOf(await ofAccess({ signIn: { ...signIn, jkt: 'thumb' } }));
    expect(payload.cnf).toEqual({ jkt: 'thumb' });
  });

  test.each(['rfc9068', 'am'] as const)(
    'says of itself what it was made of, in the profile %s',
    async (accessTokenProfile) => {
      const settings = testSettings({ accessTokenProfile });
      expect(await openAccessJwt(keys, settings, await ofAccess({ provider: settings }))).toEqual(FACTS);
      const own = {
        kind: 'client',
        id: GRANT,
        clientId: 'app',
        scopes: ['read'],
        issuedAt: NOW,
        lifetime: 60,
      } as const;
      for (const facts of [own, { ...own, generation: GRANT }]) {
        const jwt = await ofAccess({ provider: settings, facts, signIn: undefined, subject: 'app' });
        expect(await openAccessJwt(keys, settings, jwt)).toEqual(facts);
      }
    },
  );

  test('tells nothing where its name is none of ours', async () => {
    const key = await keys.active('/', 'ES256');
    const good = { iss: provider.issuer, client_id: 'app', iat: NOW, exp: NOW + 60, scope: 'a' };
    for (const jti of [
      undefined,
      7,
      '',
      'x',
      `${GRANT}.-1`,
      `${GRANT}.1.2`,
      `client.${GRANT}x`,
      `client.${GRANT}.x`,
      `.${GRANT}.1`,
    ]) {
      expect(await openAccessJwt(keys, provider, await signJwt(key, 'at+jwt', { ...good, jti }))).toBeUndefined();
    }
    expect(
      await openAccessJwt(keys, provider, await signJwt(key, 'at+jwt', { ...good, jti: `${GRANT}.1` })),
    ).toBeDefined();
  });
});
