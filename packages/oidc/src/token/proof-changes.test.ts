import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { parEndpoint } from '../authorize/par.ts';
import { deviceAuthorizationEndpoint } from '../endpoints/device-authorization.ts';
import { introspectEndpoint } from '../endpoints/introspect.ts';
import { revokeEndpoint } from '../endpoints/revoke.ts';
import { MAX_SEEN_OF_OWNER } from '../model/replays.ts';
import { basic, bodyOf, testProvider, WITH_SECRET } from '../testing/index.ts';
import { ASSERTION_TYPE } from './client-assertion.ts';
import { DEVICE_CODE } from './device-code.ts';
import { ownerOfClient } from './seen-once.ts';
import { tokenEndpoint } from './token-endpoint.ts';

type Endpoint = Parameters<ReturnType<typeof testProvider>['ask']>[0];

const grantTypes = ['authorization_code', 'refresh_token', 'client_credentials'];

/** What a client may ask whose proof is right, and that fails all the same. */
const FAILURES: readonly (readonly [string, Endpoint, Readonly<Record<string, string>>, string])[] = [
  ['no grant type', tokenEndpoint, {}, 'invalid_request'],
  ['an unknown grant type', tokenEndpoint, { grant_type: 'password' }, 'unsupported_grant_type'],
  ['one that is not the client’s', tokenEndpoint, { grant_type: DEVICE_CODE }, 'unauthorized_client'],
  ['no code', tokenEndpoint, { grant_type: 'authorization_code' }, 'invalid_request'],
  ['a wrong code', tokenEndpoint, { grant_type: 'authorization_code', code: 'c1.x' }, 'invalid_grant'],
  ['a wrong refresh token', tokenEndpoint, { grant_type: 'refresh_token', refresh_token: 'r1' }, 'invalid_grant'],
  ['too much', tokenEndpoint, { grant_type: 'client_credentials', scope: 'admin' }, 'invalid_scope'],
  ['a request that is none', parEndpoint as Endpoint, { response_type: 'token' }, 'unsupported_response_type'],
  ['a device', deviceAuthorizationEndpoint as Endpoint, {}, 'unauthorized_client'],
  ['about no token', introspectEndpoint, {}, 'invalid_request'],
  ['the end of no token', revokeEndpoint, {}, 'invalid_request'],
];

/** A client that signs its proofs. */
const signing = async (client = {}) => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const set = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] });
  const provider = testProvider({
    clients: [{ isPublic: false, authMethod: 'private_key_jwt', keys: { set }, grantTypes, ...client }],
  });
  let jti = 0;
  const proof = async () => {
    jti += 1;
    const { issuer } = provider.settingsOf('/');
    const exp = Math.floor(provider.clock.now() / 1_000) + 60;
    const assertion = await new SignJWT({ iss: 'app', sub: 'app', aud: issuer, exp, jti: `j${jti}` })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey);
    return { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
  };
  return { provider, proof };
};

/** A proof of a key for the token endpoint of a test. */
const keyProof = async (provider: ReturnType<typeof testProvider>) => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const iat = Math.floor(provider.clock.now() / 1_000);
  return new SignJWT({ htm: 'POST', htu: `${provider.settingsOf('/').issuer}/endpoint`, iat, jti: 'once' })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
    .sign(privateKey);
};

const OWN = { grant_type: 'client_credentials' };

describe('a JWT that was right is spent by what fails (RFC 7523 §3)', () => {
  test.each(FAILURES)('%s', async (_, endpoint, parameters, error) => {
    const { provider, proof } = await signing();
    const shown = await proof();
    expect(bodyOf(await provider.ask(endpoint, { ...parameters, ...shown })).error).toBe(error);
    expect(bodyOf(await provider.ask(tokenEndpoint, { ...OWN, ...shown })).error).toBe('invalid_client');
    expect(await provider.ask(tokenEndpoint, { ...OWN, ...(await proof()) })).toMatchObject({ status: 200 });
  });

  test('an exception of ours', async () => {
    const { provider, proof } = await signing();
    const shown = await proof();
    const { refresh } = provider.tokens();
    const { get } = provider.ports.grants;
    Object.assign(provider.ports.grants, { get: () => Promise.reject(new Error('the disk is gone')) });
    const request = { grant_type: 'refresh_token', refresh_token: refresh };
    await expect(provider.ask(tokenEndpoint, { ...request, ...shown })).rejects.toThrow('the disk is gone');
    Object.assign(provider.ports.grants, { get });
    expect(bodyOf(await provider.ask(tokenEndpoint, { ...request, ...shown })).error).toBe('invalid_client');
    expect(await provider.ask(tokenEndpoint, { ...request, ...(await proof()) })).toMatchObject({ status: 200 });
  });

  test('a refused commit, once and not for each try', async () => {
    const { provider, proof } = await signing();
    const { refresh, grant } = provider.tokens();
    const shown = await proof();
    provider.store.beforeCommit = async () => {
      provider.store.beforeCommit = undefined;
      await provider.store.committer.commit([{ type: 'grant.end', id: grant.id }]);
    };
    const request = { grant_type: 'refresh_token', refresh_token: refresh };
    expect(bodyOf(await provider.ask(tokenEndpoint, { ...request, ...shown })).error).toBe('invalid_grant');
    expect(bodyOf(await provider.ask(tokenEndpoint, { ...OWN, ...shown })).error).toBe('invalid_client');
  });

  test('and one that is not right is not', async () => {
    const { provider, proof } = await signing();
    const shown = await proof();
    const foreign = { ...shown, client_id: 'other' };
    expect(bodyOf(await provider.ask(tokenEndpoint, { ...OWN, ...foreign })).error).toBe('invalid_request');
    expect(await provider.ask(tokenEndpoint, { ...OWN, ...shown })).toMatchObject({ status: 200 });
  });
});

test('a proof of a key is spent by what fails, also of a client that proves nothing else (RFC 9449 §11.1)', async () => {
  const provider = testProvider();
  const headers = { dpop: await keyProof(provider) };
  const { refresh } = provider.tokens();
  const ask = (token: string) => {
    const request = { client_id: 'app', grant_type: 'refresh_token', refresh_token: token };
    return provider.ask(tokenEndpoint, request, { headers });
  };
  expect(bodyOf(await ask('r1.wrong')).error).toBe('invalid_grant');
  expect(bodyOf(await ask(refresh)).error).toBe('invalid_dpop_proof');
});

describe('what is kept of proofs has an end (OIDC-22)', () => {
  const fill = async (provider: ReturnType<typeof testProvider>, owner: string) => {
    const now = provider.clock.now();
    await provider.store.committer.commit(
      Array.from({ length: MAX_SEEN_OF_OWNER }, (_, at) => {
        return { type: 'replay.see', owner, hash: `${at}`, expiresAt: now + 30_000, now };
      }),
    );
  };

  test('a client that shows too many is told so, until some are over', async () => {
    const { provider, proof } = await signing();
    await fill(provider, ownerOfClient({ realm: '/', id: 'app' }));
    const { refresh } = provider.tokens();
    for (const request of [OWN, { grant_type: 'refresh_token', refresh_token: refresh }, { grant_type: 'x' }]) {
      expect(await provider.ask(tokenEndpoint, { ...request, ...(await proof()) })).toMatchObject({
        status: 503,
        body: { error: 'temporarily_unavailable', error_description: expect.stringContaining('Too many proofs') },
      });
    }
    provider.clock.advance(30_000);
    expect(await provider.ask(tokenEndpoint, { ...OWN, ...(await proof()) })).toMatchObject({ status: 200 });
  });

  test('keys that anybody makes up are counted by where they come from', async () => {
    const provider = testProvider();
    const headers = { dpop: await keyProof(provider) };
    const from = async (clientAddress: string) => {
      const request = { client_id: 'app', grant_type: 'refresh_token', refresh_token: 'r1.wrong' };
      return bodyOf(await provider.ask(tokenEndpoint, request, { headers, clientAddress })).error;
    };
    await from('203.0.113.1');
    const seen = provider.store.commits.flat().find(({ type }) => type === 'replay.see');
    expect(Math.abs(Number(seen?.issuedAt) - provider.clock.now())).toBeLessThan(1_000);
    await fill(provider, String(seen?.owner));
    provider.clock.advance(1);
    const other = { dpop: await keyProof(provider) };
    const request = { client_id: 'app', grant_type: 'refresh_token', refresh_token: 'r1.wrong' };
    const ask = async (clientAddress: string) =>
      bodyOf(await provider.ask(tokenEndpoint, request, { headers: other, clientAddress })).error;
    expect(await ask('203.0.113.1')).toBe('temporarily_unavailable');
    expect(await ask('203.0.113.2')).toBe('invalid_grant');
    expect(JSON.stringify(provider.store.commits)).not.toContain('203.0.113');
  });
});

describe('of 50 guesses at a secret at once', () => {
  const AT_ONCE = 50;
  const world = () => testProvider({ clients: [{ ...WITH_SECRET, grantTypes }] });
  const guess = (
    provider: ReturnType<typeof testProvider>,
    endpoint: Endpoint,
    parameters: Readonly<Record<string, string>>,
    secret: string,
  ) => provider.ask(endpoint, parameters, { headers: { authorization: basic('app', secret) } });

  test.each<readonly [string, Endpoint, Readonly<Record<string, string>>]>([
    ...FAILURES.map(([name, endpoint, parameters]) => [name, endpoint, parameters] as const),
    ['about a token', introspectEndpoint, { token: 'x' }],
    ['the end of a token', revokeEndpoint, { token: 'x' }],
  ])(
    'the right one that comes too late looks as wrong as all others: %s (OIDC-14)',
    async (_, endpoint, parameters) => {
      const provider = world();
      const secrets = [...Array.from({ length: AT_ONCE - 1 }, (_it, at) => `wrong-${at}`), 'secret'];
      const answers = await Promise.all(secrets.map((secret) => guess(provider, endpoint, parameters, secret)));
      expect(new Set(answers.map((it) => JSON.stringify(it))).size).toBe(1);
      expect(bodyOf(answers[0] as never).error).toBe('invalid_client');
    },
  );

  test('the right one is one while the others are few', async () => {
    const provider = world();
    const secrets = ['wrong', 'secret', 'false', 'no', 'bad'];
    const answers = await Promise.all(
      secrets.map((secret) => guess(provider, introspectEndpoint, { token: 'x' }, secret)),
    );
    expect(answers.map((it) => it.kind === 'json' && it.status)).toEqual([401, 200, 401, 401, 401]);
  });
});
