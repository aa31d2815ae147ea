import { describe, expect, test } from 'vitest';
import { basic, bodyOf, testProvider, WITH_SECRET } from '../testing/index.ts';
import { tokenEndpoint } from '../token/token-endpoint.ts';
import { introspectEndpoint } from './introspect.ts';
import { revokeEndpoint } from './revoke.ts';
import { userinfoEndpoint } from './userinfo.ts';

const service = {
  ...WITH_SECRET,
  id: 'service',
  grantTypes: ['client_credentials'],
  scopes: [{ name: 'read' }],
  defaultScopes: ['read'],
};
const world = () => {
  const provider = testProvider({ clients: [{}, { id: 'other' }, service, { realm: '/alpha' }] });
  const revoke = (token: string, parameters = {}, options = {}) =>
    provider.ask(revokeEndpoint, { client_id: 'app', token, ...parameters }, options);
  const isGood = async (access: string) => {
    const answer = await provider.ask(userinfoEndpoint, {}, { headers: { authorization: `Bearer ${access}` } });
    return answer.kind === 'json' && answer.status === 200;
  };
  return { provider, revoke, isGood };
};
const DONE = { kind: 'json', status: 200, body: {} };

describe('what is not theirs to revoke', () => {
  test('is answered like what is, and lives on (RFC 7009 §2.2)', async () => {
    const { provider, revoke, isGood } = world();
    const { access, refresh } = provider.tokens();
    for (const token of [access, refresh]) {
      expect(await revoke(token, { client_id: 'other' })).toEqual(DONE);
      expect(await revoke(token, {}, { realm: '/alpha' })).toEqual(DONE);
    }
    expect(await revoke('nonsense')).toEqual(DONE);
    expect(await isGood(access)).toBe(true);
    expect(provider.store.commits).toHaveLength(0);
  });

  test('who the client is must be proven', async () => {
    const { provider, revoke } = world();
    const { access } = provider.tokens();
    expect(await revoke(access, { client_id: 'nobody' })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    expect(await revoke(access, { token: undefined })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });
});

test('an access token ends alone: the one that came after it, and the refresh token, live on', async () => {
  const { provider, revoke, isGood } = world();
  const { access, refresh } = provider.tokens();
  const refreshed = bodyOf(
    await provider.ask(tokenEndpoint, { client_id: 'app', grant_type: 'refresh_token', refresh_token: refresh }),
  );
  expect(await revoke(access)).toEqual(DONE);
  expect(await isGood(access)).toBe(false);
  expect(await isGood(String(refreshed.access_token))).toBe(true);
  const again = { client_id: 'app', grant_type: 'refresh_token', refresh_token: String(refreshed.refresh_token) };
  expect(await provider.ask(tokenEndpoint, again)).toMatchObject({ status: 200 });
});

test.each<[string, number]>([
  ['revoked', 0],
  ['over', 3_600_000],
])('an access token that is %s is not revoked again: it fills no trail (OIDC-22)', async (_, age) => {
  const { provider, revoke } = world();
  const { access } = provider.tokens();
  if (age === 0) await revoke(access);
  provider.clock.advance(age);
  const rows = provider.store.audit.length;
  for (let at = 0; at < 3; at += 1) expect(await revoke(access)).toEqual(DONE);
  expect(provider.store.audit).toHaveLength(rows);
});

test('a refresh token ends all that it belongs to, whatever the hint says', async () => {
  const { provider, revoke, isGood } = world();
  const { access, refresh } = provider.tokens();
  expect(await revoke(refresh, { token_type_hint: 'access_token' })).toEqual(DONE);
  expect(await isGood(access)).toBe(false);
  expect(provider.store.audit.at(-1)).toMatchObject({
    event: 'TOKEN_REVOKE',
    userId: 'id-of-jane',
    detail: { client: 'app', token: 'refresh' },
  });
  // An application that signs out first and revokes then is told no error (spec: oidc §4.2).
  expect(await revoke(refresh)).toEqual(DONE);
});

test('a token of a client for itself, once and for all', async () => {
  const { provider, revoke } = world();
  const headers = { authorization: basic('service', 'secret') };
  const asService = { client_id: undefined };
  const body = bodyOf(await provider.ask(tokenEndpoint, { grant_type: 'client_credentials' }, { headers }));
  const token = String(body.access_token);
  const isActive = async () => bodyOf(await provider.ask(introspectEndpoint, { token }, { headers })).active;
  expect(await isActive()).toBe(true);
  expect(await revoke(token)).toEqual(DONE);
  expect(await isActive()).toBe(true);
  expect(await revoke(token, asService, { headers })).toEqual(DONE);
  expect(await isActive()).toBe(false);
  expect(await revoke(token, asService, { headers })).toEqual(DONE);
});
