import { describe, expect, test } from 'vitest';
import { basic, bodyOf, testProvider, WITH_SECRET } from '../testing/index.ts';
import { tokenEndpoint } from '../token/token-endpoint.ts';
import { introspectEndpoint } from './introspect.ts';
import { revokeEndpoint } from './revoke.ts';
import { tokeninfoEndpoint } from './tokeninfo.ts';
import { userinfoEndpoint } from './userinfo.ts';

/** A client that has what Jane granted to it, and a change that makes it one of another generation. */
const world = (granted: string | undefined) => {
  const provider = testProvider({ clients: [{ ...WITH_SECRET, ...(granted && { grantGeneration: granted }) }] });
  const over = { scopes: ['openid'], ...(granted && { clientGeneration: granted }) };
  const { grant, access, refresh } = provider.tokens(over);
  const code = provider.handles.make('/', 'code', { grantId: provider.grant(over).id });
  const headers = { authorization: basic('app', 'secret') };
  const bearer = { headers: { authorization: `Bearer ${access}` } };
  const client = provider.clients.get('/ app');
  if (client === undefined) throw new Error('no client');
  const ask = async (parameters: Readonly<Record<string, string>>) =>
    bodyOf(await provider.ask(tokenEndpoint, parameters, { headers }));
  const activeOf = async (token: string) =>
    bodyOf(await provider.ask(introspectEndpoint, { token }, { headers })).active;
  return {
    provider,
    grant,
    access,
    become: (grantGeneration: string) => void provider.clients.set('/ app', { ...client, grantGeneration }),
    remove: () => void provider.clients.delete('/ app'),
    redeem: () => ask({ grant_type: 'authorization_code', code, redirect_uri: 'https://app.example/cb' }),
    refresh: (token = refresh) => ask({ grant_type: 'refresh_token', refresh_token: token }),
    revoke: (token: string) => provider.ask(revokeEndpoint, { token }, { headers }),
    activeOf,
    verdicts: async () => ({
      userinfo: bodyOf(await provider.ask(userinfoEndpoint, {}, bearer)).error,
      tokeninfo: bodyOf(await provider.ask(tokeninfoEndpoint, {}, bearer)).error,
      access: await activeOf(access),
      refresh: await activeOf(refresh),
    }),
  };
};

describe.each([
  ['of another generation', 'one'],
  ['from before there were generations', undefined],
])('what was granted to a client %s', (_, granted) => {
  test('is valid as long as the client has that generation', async () => {
    const it = world(granted);
    expect(await it.verdicts()).toEqual({ userinfo: undefined, tokeninfo: undefined, access: true, refresh: true });
    expect(await it.redeem()).toHaveProperty('access_token');
    expect(await it.refresh()).toHaveProperty('access_token');
  });

  test('is refused at every endpoint, and nothing is written (OIDC-20)', async () => {
    const it = world(granted);
    it.become('two');
    expect(await it.verdicts()).toEqual({
      userinfo: 'invalid_token',
      tokeninfo: 'invalid_token',
      access: false,
      refresh: false,
    });
    expect(await it.redeem()).toMatchObject({ error: 'invalid_grant' });
    expect(await it.refresh()).toMatchObject({ error: 'invalid_grant' });
    expect(await it.revoke(it.access)).toMatchObject({ status: 200 });
    const written = it.provider.store.commits.flat().map(({ type }) => type);
    expect(new Set(written)).toEqual(new Set(['throttle.unlocked']));
  });

  test('stays over where its client is deleted while it is refreshed, and another of the id is created (OIDC-20)', async () => {
    const it = world(granted);
    it.provider.store.beforeCommit = () => it.remove();
    const { access_token: access, refresh_token: refresh } = await it.refresh();
    it.provider.store.beforeCommit = undefined;
    it.become('two');
    expect(it.provider.store.grant(it.grant.id)).toBeDefined();
    expect(await it.activeOf(String(access))).toBe(false);
    expect(await it.activeOf(String(refresh))).toBe(false);
    expect(await it.refresh(String(refresh))).toMatchObject({ error: 'invalid_grant' });
  });
});
