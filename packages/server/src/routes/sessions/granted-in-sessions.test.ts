import type { Session } from '@assent/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSession } from '../../testing/account-fixture.ts';
import { type RestAnswer, type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../../testing/steered-server.ts';

const REALM = '/alpha';
const PASSWORD = 'correct horse';
const NEW_PASSWORD = 'battery staple 7';

let server: SteeredServer;
let rest: RestClient;
let boss: string;
/** Two sessions of the user: the one that is ended, and one in another browser. */
let ended: { readonly token: string; readonly session: Session };
let other: { readonly token: string; readonly session: Session };
let user: string;
let round = 0;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  await server.createRealm(REALM);
  for (const name of ['boss', 'eve']) await server.createUser(REALM, name, PASSWORD);
  await server.setAttributes(REALM, 'boss', { assentRoles: ['owner'] });
});
afterAll(() => server?.assent.stop());

const KINDS = ['active', 'code', 'offline', 'elsewhere'] as const;
const grantId = (kind: string): string => `${round} ${kind}`;
const leftOf = async (): Promise<readonly string[]> => {
  const rows = await Promise.all(KINDS.map((kind) => server.assent.store.grants.get(grantId(kind))));
  return KINDS.filter((_, at) => rows[at] !== undefined);
};
const grant = async (kind: (typeof KINDS)[number], { sid, userId }: Session): Promise<void> => {
  const now = server.clock.now();
  const row = {
    id: grantId(kind),
    realm: REALM,
    clientId: 'app',
    userId,
    credentialRev: 1,
    sid,
    scopes: kind === 'offline' ? ['openid', 'offline_access'] : ['openid'],
    amr: ['pwd'],
    authTime: now / 1_000,
    status: kind === 'code' ? 'code' : 'active',
    refreshNo: 1,
    rotatedAt: now,
    accessNo: 1,
    dropped: [],
    createdAt: now,
    expiresAt: now + 604_800_000,
  };
  const result = await server.assent.store.committer.commit([{ type: 'grant.open', row }]);
  expect(result).toEqual({ committed: true });
};

beforeEach(async () => {
  round += 1;
  user = `sam-${round}`;
  await server.createUser(REALM, user, PASSWORD);
  boss = (await openSession(server, REALM, 'boss', { factorAgeMillis: 0 })).token;
  ended = await openSession(server, REALM, user);
  other = await openSession(server, REALM, user);
  for (const kind of ['active', 'code', 'offline'] as const) await grant(kind, ended.session);
  await grant('elsewhere', other.session);
});

const act = (action: string, token: string, body: unknown = {}) =>
  rest('POST', `${REALM}/sessions?_action=${action}`, { token, body });
const ofUser = (method: 'PUT' | 'DELETE', body?: unknown) =>
  rest(method, `${REALM}/users/${user}`, { token: boss, ...(body !== undefined && { body }) });
/** Signs in by a journey, in a browser that has the session. */
const signInOver = (username: string): Promise<string | undefined> =>
  signIn((method, path, options) => rest(method, path, { token: ended.token, ...options }), REALM, username, PASSWORD);

describe('what applications were granted in a session (OIDC-20)', () => {
  test.each<[string, () => Promise<RestAnswer>, readonly string[]]>([
    ['the user signs out', () => act('logout', ended.token), ['offline', 'elsewhere']],
    [
      'the user ends it from another browser',
      () => act('logoutByHandle', other.token, { sessionHandles: [ended.session.handle] }),
      ['offline', 'elsewhere'],
    ],
    ['the user signs out everywhere', () => act('logoutByUser', other.token, { username: user }), ['offline']],
    ['an administrator signs the user out', () => act('logoutByUser', boss, { username: user }), ['offline']],
    ['an administrator sets a password', () => ofUser('PUT', { userpassword: NEW_PASSWORD }), []],
    ['an administrator disables the user', () => ofUser('PUT', { inetUserStatus: 'Inactive' }), []],
    ['an administrator deletes the user', () => ofUser('DELETE'), []],
    [
      'the user changes the password in another browser',
      () =>
        rest('POST', `${REALM}/users/${user}?_action=changePassword`, {
          token: other.token,
          body: { currentpassword: PASSWORD, userpassword: NEW_PASSWORD },
        }),
      ['offline', 'elsewhere'],
    ],
  ])('ends where %s, but for what was granted to outlive it', async (_, end, left) => {
    expect(await leftOf()).toEqual([...KINDS]);
    expect(await end()).toMatchObject({ status: 200 });
    expect(await server.assent.store.sessions.get(ended.session.tokenHash)).toBeUndefined();
    expect(await leftOf()).toEqual(left);
  });

  test('ends where somebody else signs in over it', async () => {
    expect(await signInOver('eve')).toBeTypeOf('string');
    expect(await server.assent.store.sessions.get(ended.session.tokenHash)).toBeUndefined();
    expect(await leftOf()).toEqual(['offline', 'elsewhere']);
  });

  test('goes on where the same user raises it, and ends with the raised one', async () => {
    const token = await signInOver(user);
    expect(token).toBeTypeOf('string');
    expect(await server.assent.store.sessions.get(ended.session.tokenHash)).toBeUndefined();
    expect(await leftOf()).toEqual([...KINDS]);
    await act('logout', token ?? '');
    expect(await leftOf()).toEqual(['offline', 'elsewhere']);
  });

  test('goes on where the session runs out by its clock', async () => {
    const later = ended.session.maxExpiresAt + 24 * 3_600_000;
    await server.assent.store.sweep(later, 1_000);
    expect(await server.assent.store.sessions.get(ended.session.tokenHash)).toBeUndefined();
    expect(await leftOf()).toEqual([...KINDS]);
  });
});
