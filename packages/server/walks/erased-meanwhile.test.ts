import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '@assent/engine';
import { KEPT_DATA } from '@assent/store';
import { configuring, placesOfText, tablesOfFile } from '@assent/store/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { erasureOf } from '../src/privacy/erasure.ts';
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

/** Where users are mailed, by a server that does not answer. */
const MAILED = '/mailed';
/** Of this machine, where nobody listens. */
const NOBODY_LISTENS = 1;

const dataDir = mkdtempSync(join(tmpdir(), 'assent-erased-'));
const database = tablesOfFile(join(dataDir, 'assent.db'));
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
    dataDir,
    insecure: true,
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
  await mailedRealm();
});
afterAll(async () => {
  await server?.assent.stop();
  rmSync(dataDir, { recursive: true });
});

/** A realm that mails users and those who look after it, and calls a webhook, none of which arrives. */
const mailedRealm = async (): Promise<void> => {
  const { store, configuration } = server.assent;
  await server.createRealm(MAILED);
  await server.setPushService(MAILED, { delegateFactory: 'relay' });
  const services = {
    email: { hostname: '127.0.0.1', port: NOBODY_LISTENS, sslState: 'Non SSL', from: 'login@example.org' },
    'emailTemplate/hello': {
      defaultLocale: 'en',
      mimeType: 'text/plain',
      subject: { en: 'Hello' },
      message: { en: 'Hello {{object.userName}}' },
    },
    'webhook/siem': { url: `http://127.0.0.1:${NOBODY_LISTENS}/`, body: '', headers: {} },
  };
  for (const [type, config] of Object.entries(services)) {
    await configuring(store).saveService({ realm: MAILED, type, config });
  }
  await configuration.refresh();
  const settings = configuration.realm(MAILED);
  if (settings === undefined) throw new Error('The realm is not there.');
  const alerts = { alertMail: ['operators@example.org'], alertWebhooks: ['siem'] };
  await configuring(store).change({ putRealm: { ...settings, ...alerts } });
  const nodes = {
    zero: ['ZeroPageLoginNode', { true: 'check', false: FAILURE }, { allowWithoutReferer: true }],
    check: ['DataStoreDecisionNode', { true: 'mail', false: FAILURE }],
    mail: ['EmailTemplateNode', { EMAIL_SENT: SUCCESS, EMAIL_NOT_SENT: FAILURE }, { emailTemplateName: 'hello' }],
  } as const;
  await publishTree(server, 'Mailed', nodes, MAILED);
  await publishTree(
    server,
    'NewAddress',
    {
      zero: nodes.zero,
      check: ['DataStoreDecisionNode', { true: 'address', false: FAILURE }],
      address: ['AttributeCollectorNode', { outcome: 'mail' }, { attributesToCollect: ['mail'], required: false }],
      mail: ['EmailSuspendNode', { outcome: SUCCESS }, { emailTemplateName: 'hello' }],
    },
    MAILED,
  );
};

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
const pageOf = ({ name, realm }: Somebody) =>
  new WaitingPage(() => server, { name, password: PASSWORD, ...(realm !== '/' && { realm }) });
/** Has whatever waits tried, and tried again, in vain. */
const triedInVain = async (): Promise<void> => {
  const { outbox } = server.assent;
  await outbox.idle();
  server.clock.advance(2_000);
  await outbox.wake();
  await outbox.idle();
};
const tokenIn = (body: object): unknown => ('tokenId' in body ? body.tokenId : undefined);

const scenarios: Readonly<Record<string, readonly [realm: string, Scenario]>> = {
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
  'a mail to the user that does not arrive': [
    MAILED,
    async ({ name }) => {
      await server.setAttributes(MAILED, name, { mail: [`${name}@example.org`] });
      return async () => {
        const headers = { 'x-openam-username': name, 'x-openam-password': PASSWORD };
        const path = `${MAILED}/authenticate?authIndexType=service&authIndexValue=Mailed`;
        const { body } = await rest('POST', path, { body: {}, headers });
        await triedInVain();
        return [tokenIn(body)];
      };
    },
  ],
  'a link to an address that the user has just typed, which does not arrive': [
    MAILED,
    async ({ name }) => {
      const headers = { 'x-openam-username': name, 'x-openam-password': PASSWORD };
      const path = `${MAILED}/authenticate?authIndexType=service&authIndexValue=NewAddress`;
      const step = (await rest('POST', path, { body: {}, headers })).body as {
        readonly callbacks: readonly { readonly input?: readonly { value: unknown }[] }[];
      };
      for (const { input } of step.callbacks) if (input?.[0] !== undefined) input[0].value = `new-${name}@example.org`;
      return async () => {
        await rest('POST', path, { body: step });
        await triedInVain();
        return [];
      };
    },
  ],
  'an alert that a request was not theirs, by mail and webhook, which does not arrive': [
    MAILED,
    async (user) => {
      const page = pageOf(user);
      await page.toWait();
      await triedInVain();
      return async () => {
        await page.answerOnPhone({ deny: true, reason: 'not_me' });
        await triedInVain();
        return [];
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

/** What names whoever was erased by the id for good: the list of them, and the trail. */
const GOES_ON_NAMING = new Set(
  KEPT_DATA.filter(({ longer, tables }) => longer === 'audit' || tables.includes('erasure')).flatMap((it) => it.tables),
);

/** What the store has of somebody: every table by its name, whatever it is of; sealed journeys, and what is not empty in the trail. */
const leftOf = async ({ id, realm, username }: Identity): Promise<readonly string[]> => {
  const { store } = server.assent;
  const found = (await placesOfText(database, [id, username])).map((place) => place.split(': '));
  const named = found.filter(([table = '', text]) => text !== id || !GOES_ON_NAMING.has(table));
  // By the name alone is known who types it, whether anybody has it or not (SEC-59).
  const journeys = await store.journeySessions.ofUser({ id, realm, username: '\0' });
  // All mails of this realm are about users.
  const mails = realm === MAILED ? await store.outbox.list({ realm, kind: 'mail' }, 9) : [];
  const told = (await store.audit.ofUser(id, 99)).filter(
    ({ event, detail }) => event !== 'ERASE' && detail !== undefined,
  );
  return [
    ...named.map(([table = '']) => table),
    ...journeys.map((journey) => `journey ${journey}`),
    ...mails.map(({ userId }) => `mail about ${userId}`),
    ...told.map(({ event, detail }) => `${event} ${JSON.stringify(detail)}`),
  ];
};

test.each(Object.entries(scenarios))(
  '%s leaves nothing of a user who is erased meanwhile, before each of its commits and after the last',
  async (_, [realm, scenario]) => {
    const { store } = server.assent;
    let isNested = true;
    for (let at = 0; isNested; at += 1) {
      count += 1;
      // No name has another one in it.
      const name = `leaver${count}x`;
      await server.createUser(realm, name, PASSWORD);
      const user = await store.identities.find(realm, name);
      if (user === undefined) throw new Error('nobody');
      watched = user.id;
      if (at === 0) expect(await leftOf(user)).toContain('identity');
      const act = await scenario({ name, realm });
      const erase = async (): Promise<void> => {
        const journeys = await store.journeySessions.ofUser(user);
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
      const when = isNested ? `before commit ${at}` : 'after the last commit';
      expect(await leftOf(user), when).toEqual([]);
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
      'outbox.put',
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
