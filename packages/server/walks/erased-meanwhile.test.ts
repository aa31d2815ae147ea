import { checkpointKeyFrom, countersOfUser } from '@assent/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { erasureOf, journeysOf } from '../src/privacy/erasure.ts';
import { openSession } from '../src/testing/account-fixture.ts';
import { Interleaving, type Point } from '../src/testing/interleaving.ts';
import { CALLBACK, type OAuthApplication, oauthApplication, putClient } from '../src/testing/oauth-application.ts';
import { FAILURE, publishTree, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestAnswer, type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { hiddenValue, WaitingPage } from '../src/testing/waiting-page.ts';

// Whatever a user is in the middle of when the account is erased leaves nothing of them, and signs nobody in (security-reliability §7 "Erase").

const PASSWORD = 'correct horse';
const MINUTE = 60_000;

let server: SteeredServer;
let rest: RestClient;
let app: OAuthApplication;
const interleaving = new Interleaving();
/** Every type of change that was committed with the id of the user in it. */
const met = new Set<string>();
let watched = '';
let count = 0;

beforeAll(async () => {
  server = await steeredServer({
    port: 8080,
    between: async (point: Point) => {
      if (typeof point !== 'string' && watched !== '') {
        for (const change of point) if (JSON.stringify(change).includes(watched)) met.add(change.type);
      }
      await interleaving.between(point);
    },
  });
  rest = restClient(server);
  app = oauthApplication(server);
  await server.createRealm('/alpha');
  const admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await putClient(rest, admin, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
  await publishTree(server, 'Remember', {
    cookie: ['PersistentCookieDecisionNode', { true: SUCCESS, false: 'zero' }],
    zero: ['ZeroPageLoginNode', { true: 'check', false: FAILURE }, { allowWithoutReferer: true }],
    check: ['DataStoreDecisionNode', { true: 'keep', false: FAILURE }],
    keep: ['SetPersistentCookieNode', { outcome: SUCCESS }],
  });
});
afterAll(() => server?.assent.stop());

interface Somebody {
  readonly name: string;
  readonly realm: string;
}

/** What is under way, up to the moment that counts; it gives what happens then, which gives the tokens of sessions that came of it. */
type Scenario = (user: Somebody) => Promise<() => Promise<readonly unknown[]>>;

const cookiesOf = ({ headers }: Pick<RestAnswer, 'headers'>): string =>
  [headers['set-cookie'] ?? []]
    .flat()
    .map((it) => String(it).split(';')[0])
    .join('; ');
const remember = ({ name }: Somebody, cookie?: string) =>
  rest('POST', '/authenticate?authIndexType=service&authIndexValue=Remember', {
    body: {},
    headers: {
      ...(cookie === undefined ? { 'x-openam-username': name, 'x-openam-password': PASSWORD } : { cookie }),
    },
  });
const pageOf = ({ name }: Somebody) => new WaitingPage(() => server, { name, password: PASSWORD });
const tokenIn = (body: object): unknown => ('tokenId' in body ? body.tokenId : undefined);

const scenarios: Readonly<Record<string, readonly [realm: '/' | '/alpha', Scenario]>> = {
  'a sign-in by password': [
    '/',
    async ({ name }) =>
      async () => [await signIn(rest, '/', name, PASSWORD)],
  ],
  'the first guess at a password': [
    '/',
    async ({ name }) =>
      async () => [await signIn(rest, '/', name, 'wrong')],
  ],
  'a phone that registers': [
    '/',
    async (user) => {
      const page = pageOf(user);
      const code = await page.toSetupCode();
      return async () => {
        await page.register(code);
        const codes = (await page.submit(code)).body;
        const waiting = (await page.submit(codes)).body;
        return [tokenIn(waiting)];
      };
    },
  ],
  'an answer of a phone, and the sign-in that waits for it': [
    '/',
    async (user) => {
      const page = pageOf(user);
      const waiting = await page.toWait();
      return async () => {
        await page.answerOnPhone({ number: hiddenValue(waiting) });
        return [tokenIn((await page.submit(waiting)).body)];
      };
    },
  ],
  'a denial on a phone': [
    '/',
    async (user) => {
      const page = pageOf(user);
      const waiting = await page.toWait();
      return async () => {
        await page.answerOnPhone({ deny: true });
        return [tokenIn((await page.submit(waiting)).body)];
      };
    },
  ],
  'the use of a session': [
    '/',
    async ({ name }) => {
      const { token } = await openSession(server, '/', name);
      server.clock.advance(2 * MINUTE);
      return async () => {
        await rest('GET', `/users/${name}`, { token });
        await rest('POST', '/sessions?_action=refresh', { token, body: {} });
        return [token];
      };
    },
  ],
  'another password': [
    '/',
    async ({ name }) => {
      const { token } = await openSession(server, '/', name);
      return async () => {
        const body = { currentpassword: PASSWORD, userpassword: 'battery staple 7' };
        await rest('POST', `/users/${name}?_action=changePassword`, { token, body });
        return [token, await signIn(rest, '/', name, 'battery staple 7')];
      };
    },
  ],
  'an export of the own data': [
    '/',
    async ({ name }) => {
      const { token } = await openSession(server, '/', name, { factorAgeMillis: 0 });
      return async () => {
        await rest('POST', `/users/${name}?_action=export`, { token, body: {} });
        return [token];
      };
    },
  ],
  'a sign-out': [
    '/',
    async ({ name }) => {
      const { token } = await openSession(server, '/', name);
      return async () => {
        await rest('POST', '/sessions?_action=logout', { token, body: {} });
        return [token];
      };
    },
  ],
  'a browser that signs in by itself (persistent cookie)': [
    '/',
    async (user) => {
      const cookie = cookiesOf(await remember(user));
      return async () => [tokenIn((await remember(user, cookie)).body)];
    },
  ],
  'a known browser': [
    '/',
    async (user) => {
      const { headers } = await remember(user);
      const cookie = cookiesOf({ headers });
      return async () => {
        const page = pageOf(user);
        const waiting = await page.pastPassword({ 'x-assent-page': '1', cookie });
        return [tokenIn(waiting)];
      };
    },
  ],
  'a code of an application, and what it is exchanged for': [
    '/alpha',
    async ({ name }) => {
      const { token } = await openSession(server, '/alpha', name);
      return async () => {
        const { body } = await app.redeem(await app.codeOf(token, { scope: 'openid offline_access' }));
        return [token, ...(typeof body.refresh_token === 'string' ? [await app.refresh(body.refresh_token)] : [])];
      };
    },
  ],
  'a refresh token': [
    '/alpha',
    async ({ name }) => {
      const { token } = await openSession(server, '/alpha', name);
      const { refresh } = await app.tokens(token, { scope: 'openid offline_access' });
      return async () => {
        const first = await app.refresh(refresh);
        const next = typeof first.body.refresh_token === 'string' ? await app.refresh(first.body.refresh_token) : first;
        return [token, next];
      };
    },
  ],
};

/** Whether something lets its holder in: the token of a session, or what an application has got. */
const letsIn = async (held: unknown, realm: string): Promise<boolean> => {
  const prefix = realm === '/' ? '' : realm;
  if (typeof held === 'string' && held !== '') {
    return (await rest('POST', `${prefix}/users?_action=idFromSession`, { token: held, body: {} })).status === 200;
  }
  if (typeof held !== 'object' || held === null || !('body' in held)) return false;
  const { access_token: access, refresh_token: refresh } = held.body as Readonly<Record<string, unknown>>;
  if (typeof refresh === 'string' && (await app.refresh(refresh)).status === 200) return true;
  return typeof access === 'string' && (await app.userinfo(access)).status === 200;
};

const KEY = checkpointKeyFrom(new Uint8Array(32));
const SEAL_ORDER = () => ({ holder: 'a', now: server.clock.now(), limit: 9_999, key: KEY, transactionId: 't' });

/** What the store has of somebody, by kind; of the trail what is not empty. */
const leftOf = async (user: Parameters<typeof countersOfUser>[0] & { readonly credentialRev: number }) => {
  const { store } = server.assent;
  const { id: userId, realm, username, credentialRev } = user;
  const left = {
    account: (await store.identities.findById(userId)) === undefined ? 0 : 1,
    phones: (await store.devices.ofUser(userId)).length,
    generators: (await store.oathDevices.ofUser(userId)).length,
    passkeys: (await store.passkeys.ofUser(userId)).length,
    boundDevices: (await store.boundDevices.ofUser(userId)).length,
    codes: (await store.devices.codesOfUser(userId)).length,
    sessions: (await store.sessions.ofUser(userId, 0)).length,
    requests: (await store.messages.ofUser(userId, 9)).length,
    grants: (await store.grants.heldOf({ userId, credentialRev }, { now: 0, limit: 9 })).length,
    consents: (await store.consents.ofUser(userId, { limit: 9 })).length,
    notices: (await store.outbox.ofUser(userId, 9)).length,
    // By the name alone is counted who types it, whether anybody has it or not (SEC-59).
    counters: (
      await store.throttles.get(countersOfUser({ id: userId, realm, username }).filter((it) => it.includes(userId)))
    ).length,
    journeys: (await journeysOf(store.journeySessions, { id: userId, realm, username: '\0' })).length,
    trail: (await store.audit.ofUser(userId, 99))
      .filter(({ event, detail }) => event !== 'ERASE' && detail !== undefined)
      .map(({ event, detail }) => `${event} ${JSON.stringify(detail)}`),
  };
  return Object.fromEntries(Object.entries(left).filter(([, it]) => (typeof it === 'number' ? it > 0 : it.length > 0)));
};

test.each(Object.entries(scenarios))(
  '%s leaves nothing of a user who is erased meanwhile, before each of its commits and after the last',
  async (_, [realm, scenario]) => {
    const { store } = server.assent;
    let isNested = true;
    for (let at = 0; isNested; at += 1) {
      count += 1;
      const name = `leaver${count}`;
      await server.createUser(realm, name, PASSWORD);
      const user = await store.identities.find(realm, name);
      if (user === undefined) throw new Error('nobody');
      watched = user.id;
      const act = await scenario({ name, realm });
      const erase = async (): Promise<void> => {
        const journeys = await journeysOf(store.journeySessions, user);
        const order = { at: server.clock.now(), transactionId: 'erasure', by: 'command line' };
        expect(await store.committer.commit(erasureOf(user, journeys, order))).toEqual({ committed: true });
      };
      let held: readonly unknown[] = [];
      const run = async (): Promise<void> => {
        // Whatever an error the caller gets, it is the state that counts.
        held = await act().catch(() => []);
      };
      isNested = await interleaving.nest(run, erase, at, (point) => typeof point !== 'string');
      if (!isNested) await erase();
      // What was told of the user after that is emptied when it is sealed, a second later at the most.
      await server.assent.store.auditChain.seal(SEAL_ORDER());
      const when = isNested ? `before commit ${at}` : 'after the last commit';
      expect(await leftOf(user), when).toEqual({});
      for (const it of held) expect(await letsIn(it, realm), when).toBe(false);
    }
  },
);

test('that was tried for most kinds of changes that name a user (security-reliability §7)', () => {
  expect([...met].sort()).toEqual(
    expect.arrayContaining([
      'audit.append',
      'codes.replace',
      'device.insert',
      'grant.open',
      'identity.attributes',
      'identity.password',
      'journey.advance',
      'journey.insert',
      'push.closeUser',
      'push.open',
      'session.end',
      'session.endOthersOf',
      'session.insert',
      'throttle.hit',
      'throttle.put',
      'throttle.takeBack',
    ]),
  );
});
