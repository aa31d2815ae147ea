import { testRealm } from '@assent/engine/testing';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import type { OAuthClient } from '../model/clients.ts';
import { noticesOf } from '../model/logout-notices.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { testProvider } from '../testing/index.ts';
import { logoutNoticeAudit, sendLogoutNotice } from './logout-notice.ts';

const entryOf = (row: Parameters<typeof noticesOf>[0][number]) => {
  const [entry] = noticesOf([row]);
  if (entry === undefined) throw new Error('There is nothing to tell.');
  return entry;
};
const URI = 'https://app.example/logout';

const world = (client: Partial<OAuthClient> = {}, settings: Partial<ProviderSettings> = {}) => {
  const provider = testProvider({ clients: [{ backchannelLogoutUri: URI, ...client }], settings });
  provider.outside.answer = async () => ({ status: 200, body: '' });
  const context = { ports: provider.ports, keys: provider.keys };
  const send = ({ userId = provider.jane.id, clientId = 'app', realm = '/', generation = '' } = {}) =>
    sendLogoutNotice(
      { ...context, realm: (path) => (path === '/' ? testRealm() : undefined) },
      entryOf({ realm, clientId, userId, sid: 'sid-1', ...(generation && { clientGeneration: generation }) }),
    );
  const token = () => new URLSearchParams(provider.outside.calls.at(-1)?.body).get('logout_token') ?? '';
  return { provider, send, token };
};

describe('a client that is not to be told any more', () => {
  test.each<[string, Partial<OAuthClient>, object]>([
    ['is gone', {}, { clientId: 'other' }],
    ['is of a realm that is gone', {}, { realm: '/gone' }],
    ['is out of use', { isActive: false }, {}],
    ['is another one of the id (OIDC-20)', { grantGeneration: 'two' }, { generation: 'one' }],
    ['was created after the session was granted something (OIDC-20)', { grantGeneration: 'two' }, {}],
  ])('%s: nothing is called', async (_name, client, notice) => {
    const { provider, send } = world(client);
    expect(await send(notice)).toEqual({ isSettled: true, outcome: 'dropped' });
    expect(provider.outside.calls).toEqual([]);
  });

  test('has no address by now', async () => {
    const { provider, send } = world();
    provider.clients.set('/ app', { ...provider.clients.get('/ app'), backchannelLogoutUri: undefined } as never);
    expect(await send()).toEqual({ isSettled: true, outcome: 'dropped' });
  });
});

describe('the token (Back-Channel Logout §2.4)', () => {
  test('is by a published key, for this client, about this session, and no ID token', async () => {
    const { provider, send, token } = world();
    expect(await send()).toEqual({ isSettled: true, outcome: 'told' });
    const { issuer } = provider.settingsOf('/');
    const keys = createLocalJWKSet({ keys: [...(await provider.keys.publicKeys('/'))] });
    const { payload } = await jwtVerify(token(), keys, {
      typ: 'logout+jwt',
      issuer,
      audience: 'app',
      currentDate: new Date(provider.clock.now()),
    });
    const now = Math.floor(provider.clock.now() / 1_000);
    expect(payload).toEqual({
      iss: issuer,
      sub: provider.jane.id,
      aud: 'app',
      iat: now,
      exp: now + 120,
      jti: expect.stringMatching(/^[\da-f-]{36}$/),
      sid: 'sid-1',
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(provider.outside.calls).toMatchObject([
      { address: URI, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ]);
  });

  test('is another one for each try', async () => {
    const { send, token } = world();
    await send();
    const first = decodeJwt(token()).jti;
    await send();
    expect(decodeJwt(token()).jti).not.toBe(first);
  });

  test.each<[ProviderSettings['subject'], string | undefined, string | undefined]>([
    ['id', 'id-of-jane', 'gone'],
    ['username', 'jane', undefined],
    ['am', '(usr!jane)', undefined],
  ])('calls the user as tokens do (%s): %s, and where the user is gone %s', async (subject, sub, ofGone) => {
    const { send, token } = world({}, { subject });
    await send();
    expect(decodeJwt(token()).sub).toBe(sub);
    await send({ userId: 'gone' });
    expect(decodeJwt(token())).toMatchObject({ sid: 'sid-1' });
    expect(decodeJwt(token()).sub).toBe(ofGone);
  });
});

describe('what the client answers (§2.8)', () => {
  test.each([
    [200, true],
    [204, true],
    [201, false],
    [302, false],
    [400, false],
    [404, false],
    [500, false],
  ])('%d', async (status, isSettled) => {
    const { provider, send } = world();
    provider.outside.answer = async () => ({ status, body: '' });
    expect(await send()).toEqual({ isSettled, outcome: isSettled ? 'told' : `status ${status}` });
  });

  test('a time to be told again at (OPS-44)', async () => {
    const { provider, send } = world();
    provider.outside.answer = async () => ({ status: 503, body: '', retryAfter: '120' });
    expect(await send()).toEqual({ isSettled: false, outcome: 'status 503', retryAfter: '120' });
    provider.outside.answer = async () => ({ status: 200, body: '', retryAfter: '120' });
    expect(await send()).toEqual({ isSettled: true, outcome: 'told' });
  });

  test('nothing', async () => {
    const { provider, send } = world();
    provider.outside.answer = () => Promise.reject(new TypeError('https://app.example/logout?secret'));
    expect(await send()).toEqual({ isSettled: false, outcome: 'TypeError' });
  });
});

test('the trail says which client was told whose, and nothing that opens anything', () => {
  const entry = entryOf({ realm: '/', clientId: 'app', userId: 'u', sid: 'sid-1' });
  expect(logoutNoticeAudit(entry, 7, 'told')).toEqual({
    type: 'audit.append',
    event: {
      at: 7,
      event: 'LOGOUT_NOTICE',
      realm: '/',
      transactionId: 'outbox',
      userId: 'u',
      outcome: 'told',
      detail: { client: 'app' },
    },
  });
});
