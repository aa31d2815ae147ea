import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { parEndpoint } from '../authorize/par.ts';
import { parkedIdHashOf } from '../checks/pushed-request.ts';
import { basic, bodyOf, testProvider, usualRequest, WITH_SECRET } from '../testing/index.ts';
import { DPOP_ALGORITHMS } from '../token/dpop-proof.ts';
import { tokenEndpoint } from '../token/token-endpoint.ts';
import { introspectEndpoint } from './introspect.ts';
import { tokeninfoEndpoint } from './tokeninfo.ts';
import { userinfoEndpoint } from './userinfo.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let own: Pair;
let other: Pair;
beforeAll(async () => {
  [own, other] = await Promise.all([
    generateKeyPair('ES256', { extractable: true }),
    generateKeyPair('ES256', { extractable: true }),
  ]);
});

const ADDRESS = 'https://id.example/am/oauth2/realms/root/endpoint';
const athOf = (token: string) => createHash('sha256').update(token).digest('base64url');

const world = (client = {}) => {
  const provider = testProvider({
    clients: [client, { ...WITH_SECRET, id: 'gate', scopes: [{ name: 'am-introspect-all-tokens' }] }],
  });
  let jti = 0;
  const proof = async (claims: object = {}, header: object = {}, pair = own) => {
    jti += 1;
    const iat = Math.floor(provider.clock.now() / 1_000);
    return new SignJWT({ htm: 'POST', htu: ADDRESS, iat, jti: `proof-${jti}`, ...claims })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(pair.publicKey), ...header })
      .sign(pair.privateKey);
  };
  const refresh = (token: unknown, dpop?: string) =>
    provider.ask(
      tokenEndpoint,
      { client_id: 'app', grant_type: 'refresh_token', refresh_token: token as string },
      { ...(dpop !== undefined && { headers: { dpop } }) },
    );
  const redeem = async (dpop?: string, jkt?: string) => {
    const grant = provider.grant({ code: {}, ...(jkt !== undefined && { jkt }) });
    const code = provider.handles.make('/', 'code', { grantId: grant.id });
    return provider.ask(
      tokenEndpoint,
      { client_id: 'app', grant_type: 'authorization_code', code },
      { ...(dpop !== undefined && { headers: { dpop } }) },
    );
  };
  const userinfo = (authorization: string, dpop?: string) =>
    provider.ask(userinfoEndpoint, {}, { headers: { authorization, ...(dpop !== undefined && { dpop }) } });
  return { provider, proof, refresh, redeem, userinfo };
};

test('a proof by an RSA key of more than 4,096 bits is refused (SEC-95)', async () => {
  const { redeem, proof } = world();
  const pair = await generateKeyPair('RS256', { modulusLength: 4_224, extractable: true });
  expect(await redeem(await proof({}, { alg: 'RS256' }, pair))).toMatchObject({
    status: 400,
    body: { error: 'invalid_dpop_proof' },
  });
});

describe('a code that is bound to a key (RFC 9449 §10)', () => {
  const jkt = async () => calculateJwkThumbprint(await exportJWK(own.publicKey));
  test('is good for that key alone', async () => {
    const { proof, redeem } = world();
    expect(await redeem(await proof(), await jkt())).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
    for (const dpop of [await proof({}, {}, other), undefined]) {
      expect(await redeem(dpop, await jkt())).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    }
  });

  test('by the proof of a request that is pushed', async () => {
    const { provider, proof } = world();
    const dpop = await proof();
    const push = (over = {}, header = dpop) =>
      provider.ask(parEndpoint, { ...usualRequest, ...over }, { headers: { dpop: header } });
    const { request_uri: uri } = bodyOf(await push());
    const parked = await provider.ports.parkedRequests.get(parkedIdHashOf(String(uri).split(':').at(-1) ?? ''));
    expect(JSON.parse(parked?.request ?? '{}')).toMatchObject({ dpop_jkt: await jkt() });
    // It was shown; and a request that names another key is at odds with its proof.
    expect(await push()).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    expect(await push({ dpop_jkt: 'k'.repeat(43) }, await proof())).toMatchObject({
      status: 400,
      body: { error: 'invalid_dpop_proof' },
    });
    expect(await push({ dpop_jkt: await jkt() }, await proof())).toMatchObject({ status: 201 });
  });
});

describe('a proof that is none (RFC 9449 §4.3)', () => {
  const privateJwk = async (): Promise<JWK> => exportJWK(own.privateKey);
  test.each<[string, object, () => object | Promise<object>]>([
    ['of another type', {}, () => ({ typ: 'JWT' })],
    ['without a key', {}, () => ({ jwk: undefined })],
    ['that shows the private key', {}, async () => ({ jwk: await privateJwk() })],
    ['by another key than it shows', {}, async () => ({ jwk: await exportJWK(other.publicKey) })],
    ['without a name', { jti: undefined }, () => ({})],
    ['with a name without end', { jti: 'x'.repeat(257) }, () => ({})],
    ['for another method', { htm: 'GET' }, () => ({})],
    ['for another address', { htu: 'https://id.example/am/oauth2/other' }, () => ({})],
    ['for no address', { htu: 'x' }, () => ({})],
    ['without a time', { iat: undefined }, () => ({})],
    ['of long ago', { iat: 1_768_478_400 - 61 }, () => ({})],
    ['of later', { iat: 1_768_478_400 + 61 }, () => ({})],
  ])('%s', async (_, claims, header) => {
    const { provider, proof, redeem } = world();
    expect(provider.clock.now()).toBe(1_768_478_400_000);
    expect(await redeem(await proof(claims, await header()))).toMatchObject({
      status: 400,
      body: { error: 'invalid_dpop_proof' },
    });
    expect(provider.store.onlyGrant().status).toBe('code');
  });

  test('of nonsense, or signed by nothing', async () => {
    const { proof, redeem } = world();
    const [, payload] = (await proof()).split('.');
    const none = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'none' })).toString('base64url');
    for (const text of ['', 'x', 'a.b.c', `${none}.${payload}.`, 'x'.repeat(5_000)]) {
      expect(await redeem(text)).toMatchObject({ body: { error: 'invalid_dpop_proof' } });
    }
  });

  test('that was shown before', async () => {
    const { proof, redeem } = world();
    const dpop = await proof();
    expect(await redeem(dpop)).toMatchObject({ status: 200 });
    expect(await redeem(dpop)).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
  });
});

test.each(DPOP_ALGORITHMS)('a proof may be signed by %s, which discovery names', async (alg) => {
  const { proof, redeem } = world();
  const pair = await generateKeyPair(alg, { extractable: true });
  expect(await redeem(await proof({}, { alg, jwk: await exportJWK(pair.publicKey) }, pair))).toMatchObject({
    status: 200,
    body: { token_type: 'DPoP' },
  });
});

describe('tokens that are bound to a key (OIDC-29)', () => {
  test('are not refreshed without it, nor by another', async () => {
    const { proof, redeem, refresh } = world();
    const body = bodyOf(await redeem(await proof()));
    expect(body.token_type).toBe('DPoP');
    expect(bodyOf(await refresh(body.refresh_token)).error).toBe('invalid_grant');
    expect(bodyOf(await refresh(body.refresh_token, await proof({}, {}, other))).error).toBe('invalid_grant');
    expect(bodyOf(await refresh(body.refresh_token, await proof())).token_type).toBe('DPoP');
  });

  test('are given again for a lost answer by another proof, not by the same', async () => {
    const { proof, redeem, refresh } = world();
    const body = bodyOf(await redeem(await proof()));
    const dpop = await proof();
    const first = bodyOf(await refresh(body.refresh_token, dpop));
    expect(bodyOf(await refresh(body.refresh_token, dpop)).error).toBe('invalid_dpop_proof');
    expect(bodyOf(await refresh(body.refresh_token, await proof())).refresh_token).toBe(first.refresh_token);
  });

  test.each([[{}], [{ jwtAccessTokens: true }]])('open nothing without a proof for them (%j)', async (client) => {
    const { provider, proof, redeem, userinfo } = world(client);
    const access = String(bodyOf(await redeem(await proof())).access_token);
    const ath = athOf(access);
    const refused = { status: 401, body: { error: 'invalid_token' } };
    expect(await userinfo(`Bearer ${access}`)).toMatchObject(refused);
    expect(await userinfo(`Bearer ${access}`, await proof({ ath }))).toMatchObject(refused);
    expect(await userinfo(`DPoP ${access}`)).toMatchObject(refused);
    expect(await userinfo(`DPoP ${access}`, await proof({ ath }, {}, other))).toMatchObject(refused);
    for (const claims of [{}, { ath: athOf('another') }, { ath, htm: 'GET' }]) {
      expect(bodyOf(await userinfo(`DPoP ${access}`, await proof(claims))).error).toBe('invalid_dpop_proof');
    }
    expect(await provider.ask(tokeninfoEndpoint, { access_token: access }, { method: 'GET' })).toMatchObject(refused);
    const right = await proof({ ath });
    expect(await userinfo(`DPoP ${access}`, right)).toMatchObject({ status: 200 });
    expect(bodyOf(await userinfo(`DPoP ${access}`, right)).error).toBe('invalid_dpop_proof');
  });

  test('tell an API to which key, so that it can look', async () => {
    const { provider, proof, redeem } = world();
    const token = String(bodyOf(await redeem(await proof())).access_token);
    const headers = { authorization: basic('gate', 'secret') };
    const body = bodyOf(await provider.ask(introspectEndpoint, { token }, { headers }));
    expect(body).toMatchObject({ token_type: 'DPoP', cnf: { jkt: provider.store.onlyGrant().jkt } });
  });

  test('are not shown as such where they are not', async () => {
    const { proof, redeem, userinfo } = world();
    const access = String(bodyOf(await redeem()).access_token);
    expect(await userinfo(`DPoP ${access}`, await proof({ ath: athOf(access) }))).toMatchObject({ status: 401 });
  });
});

test('a client that must bind its tokens gets none without a proof', async () => {
  const { proof, redeem } = world({ requiresDpop: true });
  expect(await redeem()).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
  expect(await redeem(await proof())).toMatchObject({ status: 200 });
});
