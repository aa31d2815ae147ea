import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
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
