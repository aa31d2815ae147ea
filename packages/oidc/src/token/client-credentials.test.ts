import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { tokeninfoEndpoint } from '../endpoints/tokeninfo.ts';
import { basic, bodyOf, testProvider, WITH_SECRET } from '../testing/index.ts';
import { tokenEndpoint } from './token-endpoint.ts';

const service = {
  ...WITH_SECRET,
  id: 'service',
  grantTypes: ['client_credentials'],
  scopes: [{ name: 'openid' }, { name: 'read' }, { name: 'write' }],
  defaultScopes: ['openid', 'read'],
};

const world = (client = {}) => {
  const provider = testProvider({ clients: [{ ...service, ...client }] });
  const ask = (parameters = {}) =>
    provider.ask(
      tokenEndpoint,
      { grant_type: 'client_credentials', ...parameters },
      { headers: { authorization: basic('service', 'secret') } },
    );
  return { provider, ask };
};

test('a public client gets none, though its document says so (OIDC-15)', async () => {
  const provider = testProvider({ clients: [{ grantTypes: ['client_credentials'] }] });
  const answer = await provider.ask(tokenEndpoint, { grant_type: 'client_credentials', client_id: 'app' });
  expect(answer).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
});

test.each(['other', 'read other', 'openid', 'offline_access'])('the scope %s is not for it', async (scope) => {
  expect(await world().ask({ scope })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
});

test.each([
  [undefined, 'read'],
  ['', 'read'],
  ['write read', 'read write'],
  ['write', 'write'],
])('asked for %s, it gets %s', async (scope, granted) => {
  const { provider, ask } = world();
  const body = bodyOf(await ask({ scope }));
  expect(body).toEqual({
    access_token: expect.stringMatching(/^s1\./),
    token_type: 'Bearer',
    expires_in: 3_600,
    scope: granted,
  });
  expect(provider.handles.open('/', String(body.access_token), 'client')).toMatchObject({
    clientId: 'service',
    scopes: granted.split(' '),
  });
});

test('each is another, and nothing is kept but a row of the trail', async () => {
  const { provider, ask } = world();
  const tokens = [bodyOf(await ask()).access_token, bodyOf(await ask()).access_token];
  expect(new Set(tokens).size).toBe(2);
  expect(provider.store.commits.map((it) => it.map(({ type }) => type))).toEqual([
    ['throttle.unlocked', 'realm.usable', 'audit.append'],
    ['throttle.unlocked', 'realm.usable', 'audit.append'],
  ]);
  expect(provider.store.audit.at(-1)).toMatchObject({
    event: 'TOKEN_ISSUE',
    detail: { client: 'service', scope: 'read' },
  });
});

test('it is a JWT where the client wants one, and the client is whom it is about (RFC 9068 §2.2)', async () => {
  const { ask } = world({ jwtAccessTokens: true });
  const claims = decodeJwt(String(bodyOf(await ask()).access_token));
  expect(claims).toMatchObject({ sub: 'service', client_id: 'service', scope: 'read' });
  for (const name of ['auth_time', 'amr', 'sid', 'acr']) expect(claims).not.toHaveProperty(name);
});

test.each<[string, string | undefined, string | undefined, number]>([
  ['of a client from before generations is valid as long as the client has none', undefined, undefined, 200],
  ['without a generation ends when the client gets one', undefined, 'first', 401],
  ['of the generation of the client is valid', 'first', 'first', 200],
  ['of another generation is refused', 'first', 'second', 401],
  ['of a generation is refused for a client without one', 'first', undefined, 401],
])('a token %s (SEC-90)', async (_, before, after, status) => {
  for (const jwtAccessTokens of [false, true]) {
    const letters = (generation: string | undefined) =>
      generation === undefined ? {} : { generation: generation.padEnd(22, 'x') };
    const { provider, ask } = world({ jwtAccessTokens, ...letters(before) });
    const token = String(bodyOf(await ask()).access_token);
    const { generation: _, ...client } = provider.clients.get('/ service') ?? {};
    provider.clients.set('/ service', { ...client, ...letters(after) } as never);
    const answer = await provider.ask(tokeninfoEndpoint, {}, { headers: { authorization: `Bearer ${token}` } });
    expect(answer).toMatchObject({ status });
  }
});
