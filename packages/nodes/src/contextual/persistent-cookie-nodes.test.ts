import { randomBytes } from 'node:crypto';
import { clock as clockPort, identities as identitiesPort, type JourneyCookie } from '@assent/engine';
import { Bindings, SUCCESS } from '@assent/engine/host';
import {
  fakeRequest,
  heldKeys,
  journeyHarness,
  memoryIdentities,
  runNode,
  simulatedClock,
  testUserId,
} from '@assent/engine/testing';
import { signHs256 } from '@assent/push/jose';
import { describe, expect, test } from 'vitest';
import { cookieKey } from './cookies/persistent-cookie.ts';
import { persistentCookieDecision } from './persistent-cookie-decision.node.ts';
import { setPersistentCookie } from './set-persistent-cookie.node.ts';

const HOUR = 3_600_000;
const serverKey = randomBytes(32);
const users = { demo: {}, locked: { inetUserStatus: ['Inactive'] } };
const base64Key = randomBytes(32).toString('base64');

const setUp = () => {
  const clock = simulatedClock();
  return { clock, ports: { clock, cookieKey: heldKeys(serverKey), identities: memoryIdentities(users) } };
};
type SetUp = ReturnType<typeof setUp>;

/** A cookie as the browser has it after a journey that succeeded. */
const issued = async (
  { ports }: SetUp,
  { config = {}, user = 'demo', address = '192.0.2.7', realm = '/', credentialRev = 1 } = {} as {
    config?: Record<string, unknown>;
    user?: string;
    address?: string;
    realm?: string;
    credentialRev?: number;
  },
): Promise<JourneyCookie> => {
  const request = fakeRequest({ clientAddress: address });
  const node = await runNode(setPersistentCookie, {
    config,
    ports,
    request,
    realm: { realm },
    identified: testUserId(user),
    credentialRev,
  });
  const [cookie] = (await node.succeed()).journey.cookies;
  if (cookie === undefined) throw new Error('no cookie');
  return cookie;
};

const decide = (
  { ports }: SetUp,
  value: string | undefined,
  { config = {}, address = '192.0.2.7', realm = '/', name = 'session-jwt' } = {} as {
    config?: Record<string, unknown>;
    address?: string;
    realm?: string;
    name?: string;
  },
) =>
  runNode(persistentCookieDecision, {
    config,
    ports,
    realm: { realm },
    request: fakeRequest({ clientAddress: address, cookies: value === undefined ? {} : { [name]: value } }),
  });
const refusal = async (it: SetUp, value: string, given = {}) => {
  const { action, log, state, journey } = await decide(it, value, given);
  expect(action).toMatchObject({ outcome: 'false' });
  expect(state).toEqual({});
  expect(journey.identified).toBeUndefined();
  return log.at(-1)?.msg;
};

describe('a cookie is not accepted', () => {
  test('that is not there', async () => {
    expect((await decide(setUp(), undefined)).action).toMatchObject({ outcome: 'false' });
  });

  test.each([
    ['garbage', 'x.y.z'],
    ['empty', ''],
    ['unsigned', 'eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.e30.'],
  ])('that is %s', async (_what, value) => {
    expect(await refusal(setUp(), value)).toMatch(/^The persistent cookie is not accepted: /);
  });

  test('with another user in it than was signed', async () => {
    const it = setUp();
    const [head, body, signature] = (await issued(it)).value.split('.');
    const claims = JSON.parse(Buffer.from(body ?? '', 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: testUserId('locked') })).toString('base64url');
    expect(await refusal(it, `${head}.${forged}.${signature}`)).toMatch(/signature does not verify/);
  });

  test('that another key has signed', async () => {
    const it = setUp();
    const { value } = await issued(it, { config: { hmacSigningKey: base64Key } });
    expect(await refusal(it, value)).toMatch(/signature does not verify/);
    const other = { config: { hmacSigningKey: randomBytes(32).toString('base64') } };
    expect(await refusal(it, value, other)).toMatch(/signature does not verify/);
  });

  test.each([
    ['of another realm', { realm: '/alpha' }],
    ['under another name', { config: { persistentCookieName: 'other' }, name: 'other' }],
  ])('%s', async (_what, place) => {
    const it = setUp();
    expect(await refusal(it, (await issued(it)).value, place)).toMatch(/for another audience/);
  });

  test('that is some other token of the same key', async () => {
    const it = setUp();
    const token = signHs256({ sub: testUserId('demo'), exp: it.clock.now() / 1_000 + 60 }, serverKey);
    expect(await refusal(it, token)).toMatch(/it is no persistent cookie/);
  });

  test('from the second on at which it ends', async () => {
    const it = setUp();
    const { value } = await issued(it, { config: { maxLife: 2, idleTimeout: 5 } });
    it.clock.advance(2 * HOUR - 1_000);
    expect((await decide(it, value)).action).toMatchObject({ outcome: 'true' });
    it.clock.advance(1_000);
    expect(await refusal(it, value)).toMatch(/expired/);
  });

  test('from the second on at which it was idle for too long', async () => {
    const it = setUp();
    const { value } = await issued(it, { config: { maxLife: 100, idleTimeout: 3 } });
    it.clock.advance(3 * HOUR - 1_000);
    expect((await decide(it, value)).action).toMatchObject({ outcome: 'true' });
    it.clock.advance(1_000);
    expect(await refusal(it, value)).toMatch(/idle for too long/);
  });

  test('from another address, where the address counts', async () => {
    const it = setUp();
    const { value } = await issued(it);
    expect((await decide(it, value, { address: '192.0.2.8' })).action).toMatchObject({ outcome: 'true' });
    const strict = { config: { enforceClientIp: true }, address: '192.0.2.8' };
    expect(await refusal(it, value, strict)).toMatch(/another address/);
  });

  test.each([0, 2])(
    'that was given under other credentials, count %i, than its user has (SEC-61)',
    async (credentialRev) => {
      const it = setUp();
      const { value } = await issued(it, { credentialRev });
      expect(await refusal(it, value)).toMatch(/the credentials of its user have changed since/);
    },
  );

  test('that says nothing of the credentials it was given under', async () => {
    const it = setUp();
    const [, body] = (await issued(it)).value.split('.');
    const { cred: _, ...claims } = JSON.parse(Buffer.from(body ?? '', 'base64url').toString()) as { cred: number };
    expect(await refusal(it, signHs256(claims, serverKey))).toMatch(/it is no persistent cookie/);
  });

  test('of a user who is gone, locked, or of another realm', async () => {
    const it = setUp();
    expect(await refusal(it, (await issued(it, { user: 'gone' })).value)).toMatch(/does not exist/);
    expect(await refusal(it, (await issued(it, { user: 'locked' })).value)).toMatch(/may not sign in/);
    const alpha = await issued(it, { realm: '/alpha' });
    expect(await refusal(it, alpha.value, { realm: '/alpha' })).toMatch(/does not exist/);
  });
});

test.each(['short', Buffer.alloc(16).toString('base64'), 'not base64!'])(
  'a key like %s is refused',
  (hmacSigningKey) => {
    for (const node of [setPersistentCookie, persistentCookieDecision]) {
      expect(node.config.safeParse({ hmacSigningKey }).error?.issues[0]?.message).toBe('Must be 32 bytes in base64.');
    }
  },
);

test.each([
  ['idleTimeout', 0],
  ['persistentCookieName', 'a b'],
])('settings refuse %s %j', (name, value) => {
  for (const node of [setPersistentCookie, persistentCookieDecision]) {
    expect(node.config.safeParse({ [name]: value }).success).toBe(false);
  }
});

test('the key of a node is marked as a secret', () => {
  expect(setPersistentCookie.config.shape.hmacSigningKey?.meta()).toMatchObject({ format: 'password' });
});

test('the cookie that was given says who the user is, whatever name the key has', async () => {
  const it = setUp();
  const config = { hmacSigningKey: base64Key, persistentCookieName: 'remember' };
  const { value } = await issued(it, { config });
  const { action, shared, journey } = await decide(it, value, { config, name: 'remember' });
  expect(action).toMatchObject({ outcome: 'true' });
  expect(shared).toMatchObject({ username: 'demo', universalId: expect.stringContaining('id=demo') });
  expect(journey).toMatchObject({
    identified: testUserId('demo'),
    proven: [],
    sessionProperties: { persistentCookie_remember: 'remember' },
    wantsSuccess: true,
  });
});

test('a label of a secret store is reported, and the key of the node is used', async () => {
  const it = setUp();
  const config = { hmacSigningKey: base64Key, hmacSigningKeySecretLabelIdentifier: 'cookies' };
  const told = 'There is no secret store to look up "cookies" in; the signing key of the node is used.';
  expect((await runNode(setPersistentCookie, { config, ports: it.ports })).log.at(-1)?.msg).toBe(told);
  const { action, log } = await decide(it, (await issued(it, { config })).value, { config });
  expect(action).toMatchObject({ outcome: 'true' });
  expect(log.map(({ msg }) => msg)).toEqual([told]);
});

test('the cookie is kept from scripts and from http, unless the author says otherwise', async () => {
  const it = setUp();
  expect(await issued(it)).toMatchObject({
    name: 'session-jwt',
    maxAgeSeconds: 5 * 3_600,
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite: 'lax',
  });
  const open = { useSecureCookie: false, useHttpOnlyCookie: false };
  expect(await issued(it, { config: open })).toMatchObject({ secure: false, httpOnly: false });
});

test('nobody is given one whose user the journey does not know', async () => {
  const node = await runNode(setPersistentCookie, { ports: setUp().ports });
  expect((await node.succeed()).journey.cookies).toEqual([]);
});

describe('at the end of a journey that it opened, a cookie', () => {
  const renewed = async (it: SetUp, value: string | undefined, identified: string, config = {}) => {
    const request = fakeRequest(value === undefined ? {} : { cookies: { 'session-jwt': value } });
    const node = await runNode(persistentCookieDecision, { config, ports: it.ports, request, identified });
    return (await node.succeed()).journey.cookies;
  };

  test('is renewed: its idle time begins anew, its end stays', async () => {
    const it = setUp();
    const { value } = await issued(it, { config: { maxLife: 6, idleTimeout: 3 } });
    it.clock.advance(2 * HOUR);
    const config = { idleTimeout: 3, useSecureCookie: false, useHttpOnlyCookie: false };
    const [cookie] = await renewed(it, value, testUserId('demo'), config);
    expect(cookie).toMatchObject({ maxAgeSeconds: 4 * 3_600, secure: false, httpOnly: false });
    it.clock.advance(2 * HOUR);
    expect(await refusal(it, value)).toMatch(/idle for too long/);
    expect((await decide(it, cookie?.value)).action).toMatchObject({ outcome: 'true' });
    it.clock.advance(2 * HOUR);
    expect(await refusal(it, cookie?.value ?? '')).toMatch(/expired|idle/);
  });

  test.each([
    ['is not there any more', undefined, 'demo'],
    ['is another one', 'x.y.z', 'demo'],
  ])('that %s is left alone', async (_what, value, user) => {
    expect(await renewed(setUp(), value, testUserId(user))).toEqual([]);
  });

  test('given under an older password is left alone: signing in by the new one does not make it good again', async () => {
    const it = setUp();
    const request = fakeRequest({ cookies: { 'session-jwt': (await issued(it)).value } });
    const identified = testUserId('demo');
    const node = await runNode(persistentCookieDecision, { ports: it.ports, request, identified, credentialRev: 2 });
    expect((await node.succeed()).journey.cookies).toEqual([]);
  });

  test('of somebody else than who signed in is left alone', async () => {
    const it = setUp();
    expect(await renewed(it, (await issued(it)).value, testUserId('locked'))).toEqual([]);
  });
});

test('a journey that only has the cookie signs the user in and hands out a new one', async () => {
  const it = setUp();
  const { value } = await issued(it);
  const harness = journeyHarness({
    nodes: [persistentCookieDecision],
    trees: {
      Login: { entry: 'cookie', nodes: { cookie: { type: 'PersistentCookieDecisionNode', to: { true: SUCCESS } } } },
    },
    users,
    clock: it.clock,
    bindings: new Bindings()
      .bind(clockPort, () => it.clock)
      .bind(cookieKey, () => it.ports.cookieKey)
      .bind(identitiesPort, () => it.ports.identities),
  });
  const answer = await harness.start(undefined, {}, fakeRequest({ cookies: { 'session-jwt': value } }));
  expect(answer).toMatchObject({ kind: 'success', created: { session: { username: 'demo' } } });
  expect(answer.cookies?.map(({ name }) => name)).toEqual(['session-jwt']);
});
