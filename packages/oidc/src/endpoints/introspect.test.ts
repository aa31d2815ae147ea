import { expect, test } from 'vitest';
import { basic, bodyOf, testProvider, WITH_SECRET } from '../testing/index.ts';
import { introspectEndpoint } from './introspect.ts';

const confidential = (id: string, more = {}) => ({ ...WITH_SECRET, id, ...more });
const world = () => {
  const provider = testProvider({
    clients: [
      {},
      confidential('api'),
      confidential('gateway', { scopes: [{ name: 'am-introspect-all-tokens' }] }),
      confidential('own'),
    ],
  });
  const introspect = (id: string, parameters: Record<string, string>) =>
    provider.ask(introspectEndpoint, parameters, { headers: { authorization: basic(id, 'secret') } });
  return { provider, introspect };
};
const INACTIVE = { kind: 'json', status: 200, body: { active: false } };

test('a public client looks at nothing (OIDC-15)', async () => {
  const { provider } = world();
  const { access } = provider.tokens();
  const answer = await provider.ask(introspectEndpoint, { client_id: 'app', token: access });
  expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
});

test('a client looks at its own tokens, and a gateway at all of the realm', async () => {
  const { provider, introspect } = world();
  const app = provider.tokens();
  const own = provider.tokens({ clientId: 'own' });
  for (const token of [app.access, app.refresh]) {
    expect(await introspect('api', { token })).toEqual(INACTIVE);
    expect(bodyOf(await introspect('gateway', { token })).active).toBe(true);
  }
  for (const token of [own.access, own.refresh]) {
    expect(bodyOf(await introspect('own', { token })).active).toBe(true);
  }
});

test('says who, what and until when', async () => {
  const { provider, introspect } = world();
  const now = Math.floor(provider.clock.now() / 1_000);
  const { access } = provider.tokens({ acr: 'push' });
  expect(bodyOf(await introspect('gateway', { token: access }))).toEqual({
    active: true,
    scope: 'openid email',
    client_id: 'app',
    username: 'jane',
    sub: 'id-of-jane',
    iss: 'https://id.example/am/oauth2/realms/root',
    iat: now,
    exp: now + 3_600,
    token_type: 'Bearer',
    realm: '/',
    acr: 'push',
    amr: ['pwd'],
    auth_time: now - 60,
  });
});

test.each(['', 'x', 'a1.b.c', 'e30.e30.AA'])('%j is no token', async (token) => {
  const { introspect } = world();
  expect(await introspect('gateway', { token })).toEqual(INACTIVE);
});

test('what is over, or was replaced, is as good as unknown', async () => {
  const { provider, introspect } = world();
  const { access, refresh, grant } = provider.tokens();
  const older = provider.handles.make('/', 'refresh', { grantId: grant.id, no: 0 });
  expect(await introspect('gateway', { token: older })).toEqual(INACTIVE);
  provider.store.addIdentity({ ...provider.jane, credentialRev: 2 });
  expect(await introspect('gateway', { token: access })).toEqual(INACTIVE);
  expect(await introspect('gateway', { token: refresh })).toEqual(INACTIVE);
});

test('forgets the guesses at a client that then proves itself', async () => {
  const { provider } = world();
  const { access: token } = provider.tokens();
  const ask = (secret: string) =>
    provider.ask(introspectEndpoint, { token }, { headers: { authorization: basic('gateway', secret) } });
  for (let round = 0; round < 3; round += 1) {
    for (let at = 0; at < 4; at += 1) expect(await ask('wrong')).toMatchObject({ status: 401 });
    expect(await ask('secret')).toMatchObject({ status: 200, body: { active: true } });
  }
});

test('writes nothing, and wants a token', async () => {
  const { provider, introspect } = world();
  const { access } = provider.tokens();
  await introspect('gateway', { token: access });
  // It is asked once more whether guesses have been too many by then; that is all.
  expect(provider.store.commits.flat().map(({ type }) => type)).toEqual(['throttle.unlocked']);
  expect(await introspect('gateway', {})).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
});
