import { describe, expect, test } from 'vitest';
import type { OAuthChange } from '../model/changes.ts';
import type { ApprovedBy, PendingApproval } from '../model/pending-approvals.ts';
import { bodyOf, testProvider } from '../testing/index.ts';
import { DEVICE_CODE, deviceCodeHash } from './device-code.ts';
import { tokenEndpoint } from './token-endpoint.ts';

const BY_JANE: ApprovedBy = {
  userId: 'id-of-jane',
  credentialRev: 1,
  sid: 'sid-of-jane',
  scopes: ['openid'],
  amr: ['pwd'],
  authTime: 1_768_478_000,
};

const world = async () => {
  const television = { id: 'tv', grantTypes: [DEVICE_CODE, 'refresh_token'] };
  const provider = testProvider({ clients: [television, { ...television, id: 'other' }, {}] });
  const { store, clock } = provider;
  const now = clock.now();
  const row: PendingApproval = {
    idHash: deviceCodeHash('the-device-code'),
    kind: 'device',
    realm: '/',
    clientId: 'tv',
    userCodeDigest: 'digest',
    createdAt: 0,
    scopes: ['openid'],
    acrValues: [],
    status: 'pending',
    nextPollAt: now,
    interval: 5,
    expiresAt: now + 300_000,
  };
  const commit = (change: OAuthChange) => store.committer.commit([change]);
  await commit({ type: 'pendingApproval.open', row, now });
  const ask = (parameters = {}) =>
    provider.ask(tokenEndpoint, {
      grant_type: DEVICE_CODE,
      client_id: 'tv',
      device_code: 'the-device-code',
      ...parameters,
    });
  const decide = (approved?: ApprovedBy) =>
    commit({ type: 'pendingApproval.decide', idHash: row.idHash, now: clock.now(), ...(approved && { approved }) });
  return { provider, ask, decide, clock };
};

test('a device gets nothing for what its user granted to an earlier generation of the client (OIDC-20)', async () => {
  const { provider, ask, decide } = await world();
  const client = provider.clients.get('/ tv');
  if (client === undefined) throw new Error('no client');
  provider.clients.set('/ tv', { ...client, grantGeneration: 'two' });
  await decide({ ...BY_JANE, clientGeneration: 'one' });
  expect(await ask()).toMatchObject({ status: 403, body: { error: 'access_denied' } });
  provider.clients.set('/ tv', { ...client, grantGeneration: 'one' });
  provider.clock.advance(5_000);
  expect(await ask()).toMatchObject({ status: 200 });
  expect(provider.store.onlyGrant().clientGeneration).toBe('one');
});

const error = (code: string) => ({ status: 400, body: { error: code } });

describe('a device that asks', () => {
  test('with a code that nobody has, or that is of another client', async () => {
    const { ask } = await world();
    expect(await ask({ device_code: 'other' })).toMatchObject(error('invalid_grant'));
    expect(await ask({ client_id: 'other' })).toMatchObject(error('invalid_grant'));
    expect(await ask({ client_id: 'app' })).toMatchObject(error('unauthorized_client'));
    expect(await ask({ device_code: undefined })).toMatchObject(error('invalid_request'));
  });

  test('before somebody has decided: later; too soon: slower, for good (RFC 8628 §3.5)', async () => {
    const { ask, clock } = await world();
    expect(await ask()).toMatchObject(error('authorization_pending'));
    clock.advance(4_999);
    expect(await ask()).toMatchObject(error('slow_down'));
    clock.advance(9_999);
    expect(await ask()).toMatchObject(error('slow_down'));
    clock.advance(15_000);
    expect(await ask()).toMatchObject(error('authorization_pending'));
    clock.advance(14_999);
    expect(await ask()).toMatchObject(error('slow_down'));
  });

  test('fifty times at once: one question, all others too soon (OIDC-24)', async () => {
    const { ask } = await world();
    const answers = await Promise.all(Array.from({ length: 50 }, async () => bodyOf(await ask()).error));
    expect(answers.filter((it) => it === 'authorization_pending')).toHaveLength(1);
    expect(answers.filter((it) => it === 'slow_down')).toHaveLength(49);
  });

  test('after the user has refused', async () => {
    const { ask, decide } = await world();
    await decide();
    expect(await ask()).toMatchObject({ body: { error: 'access_denied' } });
  });

  test('too late, though somebody has agreed', async () => {
    const { ask, decide, clock } = await world();
    await decide(BY_JANE);
    clock.advance(300_000);
    expect(await ask()).toMatchObject(error('expired_token'));
  });

  test('for a user whose password has changed since', async () => {
    const { provider, ask, decide } = await world();
    await decide(BY_JANE);
    provider.store.addIdentity({ ...provider.jane, credentialRev: 2 });
    expect(await ask()).toMatchObject({ body: { error: 'access_denied' } });
  });
});

describe('once somebody has agreed', () => {
  test('it gets all tokens, once', async () => {
    const { provider, ask, decide, clock } = await world();
    await decide(BY_JANE);
    const body = bodyOf(await ask());
    expect(Object.keys(body).sort()).toEqual([
      'access_token',
      'expires_in',
      'id_token',
      'refresh_token',
      'scope',
      'token_type',
    ]);
    expect(provider.store.onlyGrant()).toMatchObject({ ...BY_JANE, status: 'active', clientId: 'tv', refreshNo: 1 });
    clock.advance(5_000);
    expect(await ask()).toMatchObject(error('invalid_grant'));
    expect(provider.events()).toEqual(['TOKEN_ISSUE']);
    const refreshed = await ask({ grant_type: 'refresh_token', refresh_token: body.refresh_token });
    expect(refreshed).toMatchObject({ status: 200 });
  });

  test('that asks fifty times at once gets one set', async () => {
    const { provider, ask, decide } = await world();
    await decide(BY_JANE);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask()));
    expect(answers.filter((it) => it.kind === 'json' && it.status === 200)).toHaveLength(1);
    expect(provider.store.onlyGrant().clientId).toBe('tv');
  });
});
