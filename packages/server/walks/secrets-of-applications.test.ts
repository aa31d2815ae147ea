import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CALLBACK,
  DEVICE_GRANT,
  landed,
  type OAuthAnswer,
  type OAuthApplication,
  oauthApplication,
  putClient,
  REQUEST,
} from '../src/testing/oauth-application.ts';
import { signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// Whoever reads the log, the trail or the files of the store can act for no application and no user (OIDC-08, OIDC-14, OIDC-18).

const PASSWORD = 'correct horse 7';
const SECRET = 'canary-of-the-client-5d01';
const WRONG = 'canary-of-a-guess-77b3';

let directory: string;
let server: SteeredServer;
let app: OAuthApplication;
/** What must be found nowhere, by what it is. */
const secrets = new Map<string, string>();
const answers: OAuthAnswer[] = [];

const remember = (what: string, value: unknown): string => {
  if (typeof value !== 'string' || value.length < 8) throw new Error(`There is no ${what}: ${String(value)}`);
  secrets.set(what, value);
  return value;
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assent-secrets-'));
  server = await steeredServer({ port: 18_478, dataDir: directory });
  app = oauthApplication(server);
  await server.createRealm('/alpha');
  await server.createUser('/alpha', 'ada', PASSWORD);
  const { rest } = app;
  const admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await putClient(rest, admin, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
  await putClient(rest, admin, 'api', {
    clientType: 'Confidential',
    userpassword: SECRET,
    redirectionUris: [CALLBACK],
  });
  await live();
});
afterAll(async () => {
  await server?.assent.stop();
  await rm(directory, { recursive: true, force: true });
});

const kept = async (answer: Promise<OAuthAnswer>): Promise<OAuthAnswer> => {
  answers.push(await answer);
  return answer;
};

/** All that an application does in its life, and some of it wrongly. */
const live = async (): Promise<void> => {
  const session = remember('session', await signIn(app.rest, '/alpha', 'ada', PASSWORD));
  const given = {
    state: remember('state', 'canary-of-the-state-01c9'),
    nonce: remember('nonce', 'canary-of-the-nonce-aa40'),
    login_hint: remember('login hint', 'canary-of-the-login-hint-6f'),
  };
  const own = { iplanetdirectorypro: session };

  const lost = await kept(app.authorize(own, given));
  remember('code that nobody redeems', landed(lost).code);
  const code = remember('code', landed(await kept(app.authorize(own, given))).code);
  await kept(app.redeem(code, { code_verifier: remember('wrong verifier', `canary-${'w'.repeat(40)}`) }));
  const { body } = await kept(app.redeem(code));
  remember('access token', body.access_token);
  const hint = remember('ID token', body.id_token);
  const refresh = remember('refresh token', body.refresh_token);
  const next = await kept(app.refresh(refresh));
  remember('next refresh token', next.body.refresh_token);
  await kept(app.userinfo(remember('forged token', 'canary-of-a-forged-token-3e')));

  const browser = { accept: 'text/html', cookie: `iPlanetDirectoryPro=${session}` };
  const page = await kept(app.authorize(browser, { ...given, prompt: 'consent', scope: 'openid profile' }));
  remember('csrf', /name="csrf" value="([^"]+)"/.exec(page.text)?.[1]);
  await kept(app.authorize(browser, { ...given, prompt: 'login' }));
  const pushed = await kept(app.ask('par', { form: { ...REQUEST, ...given } }));
  remember('request URI', String(pushed.body.request_uri).split(':').at(-1));

  const api = { client_id: 'api', client_secret: remember('client secret', SECRET) };
  const machine = await kept(app.ask('access_token', { form: { ...api, grant_type: 'client_credentials' } }));
  remember('token of a client', machine.body.access_token);
  const guess = { client_id: 'api', client_secret: remember('wrong client secret', WRONG) };
  await kept(app.ask('access_token', { form: { ...guess, grant_type: 'client_credentials' } }));
  // Somebody has mixed up two fields.
  await kept(app.ask('access_token', { form: { client_id: SECRET, client_secret: 'x', grant_type: DEVICE_GRANT } }));

  const asked = await kept(app.ask('device/code', { form: { client_id: 'app', scope: 'openid' } }));
  remember('device code', asked.body.device_code);
  remember('user code', asked.body.user_code);
  await kept(app.ask(`connect/endSession?${new URLSearchParams({ id_token_hint: hint, state: given.state })}`));
};

test('nothing of it is in the log', () => {
  const log = server.logged().map((line) => JSON.stringify(line));
  expect(log.length).toBeGreaterThan(0);
  const found = [...secrets].filter(([, value]) => log.some((line) => line.includes(value)));
  expect(found).toEqual([]);
});

test('nothing of it is in the trail of the user', async () => {
  const { store } = server.assent;
  const { id = '' } = (await store.identities.find('/alpha', 'ada')) ?? {};
  const rows = await store.audit.ofUser(id, 100);
  expect(rows.map(({ event }) => event)).toEqual(expect.arrayContaining(['OAUTH_AUTHORIZE', 'TOKEN_ISSUE']));
  const trail = JSON.stringify(rows);
  expect([...secrets].filter(([, value]) => trail.includes(value))).toEqual([]);
});

test('nothing of it is in the files of the store in clear', () => {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  expect(files.some((bytes) => bytes.includes('OAUTH_AUTHORIZE') || bytes.includes('oauth_grant'))).toBe(true);
  const found = [...secrets.entries()].filter(
    // An ID token has to say the nonce again, so it waits with its code; it opens nothing.
    ([what, value]) => what !== 'nonce' && files.some((bytes) => bytes.includes(value)),
  );
  expect(found).toEqual([]);
});

test('no page that it leads on to is told where it came from', () => {
  const open = answers.filter(({ headers }) => !/no-referrer|same-origin/.test(String(headers['referrer-policy'])));
  expect(open.map(({ status, headers }) => [status, headers['referrer-policy']])).toEqual([]);
});

test('no error tells what was sent', () => {
  const errors = answers.filter(({ status }) => status >= 400).map(({ text }) => text);
  expect(errors.length).toBeGreaterThan(3);
  expect([...secrets].filter(([, value]) => errors.some((text) => text.includes(value)))).toEqual([]);
});
