import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storedSigningKeys } from '../src/clients/stored-signing-keys.ts';
import {
  CALLBACK,
  claimsOf,
  landed,
  type OAuthAnswer,
  type OAuthApplication,
  oauthApplication,
  putClient,
  REQUEST,
} from '../src/testing/oauth-application.ts';
import { signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// Two servers on one store answer as one: no request of an application needs a certain one (spec: oidc §8.2, walk 14).

const PASSWORD = 'correct horse 7';
/** How many ask each of the two at once. */
const AT_EACH = 25;

let directory: string;
let servers: readonly SteeredServer[] = [];
let one: OAuthApplication;
let other: OAuthApplication;
let session: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'assent-two-servers-'));
  const start = () => steeredServer({ port: 18_477, dataDir: directory });
  // One after the other: the first one fills the store.
  servers = [await start(), await start()];
  [one, other] = servers.map(oauthApplication) as [OAuthApplication, OAuthApplication];
  const [first, second] = servers as [SteeredServer, SteeredServer];
  await first.createRealm('/alpha');
  await first.createUser('/alpha', 'ada', PASSWORD);
  const admin = await signIn(one.rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await putClient(one.rest, admin, 'app', { clientType: 'Public', redirectionUris: [CALLBACK] });
  await putClient(one.rest, admin, 'api', { clientType: 'Confidential', userpassword: 'secret-of-the-api' });
  await second.assent.configuration.refresh();
  session = (await signIn(one.rest, '/alpha', 'ada', PASSWORD)) ?? '';
});
afterAll(async () => {
  await Promise.all(servers.map(({ assent }) => assent.stop()));
  rmSync(directory, { recursive: true, force: true });
});

const kidOf = (jwt: string): unknown => JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()).kid;
type NamedKey = JsonWebKey & { readonly kid: string };
const isSignedByOneOf = (keys: readonly NamedKey[], jwt: string): boolean => {
  const [head, payload, signature = ''] = jwt.split('.');
  const key = keys.find(({ kid }) => kid === kidOf(jwt));
  if (key === undefined) return false;
  const publicKey = createPublicKey({ key, format: 'jwk' });
  return verify('sha256', Buffer.from(`${head}.${payload}`), publicKey, Buffer.from(signature, 'base64url'));
};
const good = (answers: readonly OAuthAnswer[]) => answers.filter(({ status }) => status === 200);
/** What is done at both, as often and at once. */
const atBoth = (doing: (app: OAuthApplication) => Promise<OAuthAnswer>): Promise<readonly OAuthAnswer[]> =>
  Promise.all(Array.from({ length: AT_EACH }, () => [doing(one), doing(other)]).flat());

test('both make the keys of a realm at its first use, and agree on them (OIDC-26)', async () => {
  const sets = await Promise.all([one.ask('connect/jwk_uri'), other.ask('connect/jwk_uri')]);
  expect(sets[0].body).toEqual(sets[1].body);
  expect(sets[0].body.keys).toHaveLength(2);
});

test('keys that are rotated at the machine sign at servers that run within a second, and refuse nothing of before (OIDC-26, OPS-28)', async () => {
  const idToken = async (app: OAuthApplication): Promise<string> =>
    String((await app.redeem(await app.codeOf(session))).body.id_token);
  const before = await idToken(one);
  expect(kidOf(await idToken(other))).toBe(kidOf(before));
  const [, second] = servers as [SteeredServer, SteeredServer];
  // As the command line does it, beside the servers: nobody tells them.
  const keys = storedSigningKeys(second.assent.store, second.clock);
  const [rotated] = await keys.rotate('/alpha', { now: true });
  for (const { clock } of servers) clock.advance(1_000);
  const after = await idToken(one);
  expect([kidOf(after), rotated?.algorithm]).toEqual([rotated?.kid, 'RS256']);
  expect(kidOf(await idToken(other))).toBe(rotated?.kid);
  expect(kidOf(before)).not.toBe(rotated?.kid);
  for (const { ask, authorize } of [one, other]) {
    const { keys: shown } = (await ask('connect/jwk_uri')).body as { readonly keys: readonly NamedKey[] };
    for (const jwt of [before, after]) {
      expect(isSignedByOneOf(shown, jwt)).toBe(true);
      const hint = { prompt: 'none', id_token_hint: jwt };
      expect(landed(await authorize({ iplanetdirectorypro: session }, hint))).toHaveProperty('code');
    }
  }
});

test('a code of one is redeemed at the other, by a key that both show', async () => {
  const { body } = await other.redeem(await one.codeOf(session));
  expect(body).toMatchObject({ token_type: 'Bearer', id_token: expect.any(String) });
  const { keys } = (await one.ask('connect/jwk_uri')).body as { readonly keys: readonly { readonly kid: string }[] };
  expect(keys.map(({ kid }) => kid)).toContain(kidOf(String(body.id_token)));
  expect((await one.userinfo(String(body.access_token))).status).toBe(200);
});

test('of fifty who send one code to both at once, one gets tokens (OIDC-04)', async () => {
  const code = await one.codeOf(session);
  const answers = await atBoth((app) => app.redeem(code));
  expect(good(answers)).toHaveLength(1);
  expect(answers.filter(({ body }) => body.error === 'invalid_grant')).toHaveLength(2 * AT_EACH - 1);
});

test('of fifty who refresh at both at once, all get the same successor (OIDC-06)', async () => {
  const { refresh } = await one.tokens(session);
  const answers = await atBoth((app) => app.refresh(refresh));
  expect(good(answers)).toHaveLength(2 * AT_EACH);
  expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
});

test('a request that was pushed to one is authorized at the other', async () => {
  const { body } = await one.ask('par', { form: REQUEST });
  const by = { client_id: 'app', request_uri: String(body.request_uri) };
  const answer = await other.ask(`authorize?${new URLSearchParams(by)}`, {
    headers: { iplanetdirectorypro: session },
  });
  expect(landed(answer)).toMatchObject({ code: expect.any(String), state: REQUEST.state });
});

test('who was sent to sign in by one comes back to the other, which believes when that was (OIDC-10)', async () => {
  const browser = { accept: 'text/html', cookie: `iPlanetDirectoryPro=${session}` };
  const pass = async (millis: number) => {
    for (const { clock } of servers) await clock.advance(millis);
  };
  await pass(1_000);
  const sent = await one.authorize(browser, { prompt: 'login' });
  const goto = new URL(landed(sent).goto ?? '');
  const back = (cookie: string) =>
    other.ask(`authorize${goto.search}`, { headers: { ...browser, cookie: `iPlanetDirectoryPro=${cookie}` } });
  // The session that was not good enough still is not.
  expect(new URL(String((await back(session)).headers.location)).pathname).toBe('/am/login');
  await pass(1_000);
  const fresh = (await signIn(other.rest, '/alpha', 'ada', PASSWORD)) ?? '';
  expect(landed(await back(fresh))).toMatchObject({ code: expect.any(String) });
});

test('the form of a consent that one has shown is taken by the other (OIDC-09)', async () => {
  const headers = { accept: 'text/html', cookie: `iPlanetDirectoryPro=${session}` };
  const { text } = await one.authorize(headers, { prompt: 'consent' });
  const csrf = /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const answer = await other.ask('authorize', {
    form: { ...REQUEST, prompt: 'consent', decision: 'allow', csrf },
    headers,
  });
  expect(landed(answer)).toMatchObject({ code: expect.any(String) });
});

test('guesses at a secret are counted by both together (OIDC-14)', async () => {
  const guess = (app: OAuthApplication, secret: string) =>
    app.ask('introspect', { form: { token: 'x', client_id: 'api', client_secret: secret } });
  for (let at = 0; at < 6; at += 1) await guess(at % 2 === 0 ? one : other, `wrong-${at}`);
  const right = await Promise.all([one, other].map((app) => guess(app, 'secret-of-the-api')));
  expect(right.map(({ status }) => status)).toEqual([429, 429]);
});

describe('what is ended at one is over at the other (OIDC-20)', () => {
  test.each<[string, (first: { readonly refresh: string }, session: string) => Promise<unknown>]>([
    ['a revoked token', ({ refresh: token }) => one.ask('token/revoke', { form: { client_id: 'app', token } })],
    ['a session', (_, token) => one.rest('POST', '/alpha/sessions?_action=logout', { token })],
  ])('%s', async (_what, end) => {
    const own = (await signIn(other.rest, '/alpha', 'ada', PASSWORD)) ?? '';
    const first = await other.tokens(own);
    expect((await other.userinfo(first.access)).status).toBe(200);
    await end(first, own);
    expect((await other.userinfo(first.access)).status).toBe(401);
    expect((await other.refresh(first.refresh)).body.error).toBe('invalid_grant');
    expect(claimsOf(first.id).sid).toEqual(expect.any(String));
  });
});

test('every key is replaced beside both, nothing of before is lost while it is good, and what a key has made ends with it (SEC-75, SEC-76, F17)', async () => {
  const [first, second] = servers as [SteeredServer, SteeredServer];
  const { keys } = first.assent.store;
  const order = () => ({ at: first.clock.now(), transactionId: 'rotation' });
  const begin = async (app: OAuthApplication) =>
    (await app.rest('POST', '/alpha/authenticate?authIndexType=service&authIndexValue=Login', { body: {} })).body;
  const goOn = async (app: OAuthApplication, step: Awaited<ReturnType<typeof begin>>) => {
    const callbacks = step.callbacks as readonly { readonly input: readonly { readonly value: unknown }[] }[];
    const typed = ['ada', PASSWORD];
    const answered = callbacks.map((callback, at) => ({
      ...callback,
      input: callback.input.map((input) => ({ ...input, value: typed[at] })),
    }));
    return app.rest('POST', '/alpha/authenticate', { body: { ...step, callbacks: answered } });
  };
  const isSignedIn = async (app: OAuthApplication) =>
    (await app.rest('POST', '/alpha/sessions?_action=getSessionInfo', { token: session })).status;

  const [step, late] = [await begin(one), await begin(one)];
  const held = await one.tokens(session);
  const code = await one.codeOf(session);
  const kinds = [...new Set((await keys.list()).map(({ kind }) => kind))];
  expect(kinds).toHaveLength(12);
  for (const kind of kinds) await keys.announce(kind, order());
  // A server reads the keys once a second; of those that seal and that authIds are signed with it also learns as it meets them.
  for (const kind of kinds) await keys.activate(kind, { ...order(), goodFor: 60_000 });
  const fresh = await begin(one);
  expect([kidOf(String(step.authId)), kidOf(String(fresh.authId))]).toEqual([undefined, '2']);
  second.clock.advance(1_000);
  expect((await goOn(other, fresh)).status).toBe(200);
  await second.assent.store.keys.refresh();

  expect((await goOn(other, step)).body).toHaveProperty('tokenId');
  expect((await other.redeem(code)).status).toBe(200);
  expect((await other.userinfo(held.access)).status).toBe(200);
  const refreshed = await other.refresh(held.refresh);
  expect(refreshed.status).toBe(200);
  expect(await isSignedIn(other)).toBe(200);

  for (const { clock } of servers) clock.advance(60_000);
  for (const { kind, id, status } of await keys.list())
    if (status === 'retiring' && !kind.startsWith('sealing:')) await keys.retire(kind as never, id, order());
  for (let turn = 0; turn < 200; turn += 1) await keys.reseal({ ...order(), holder: 'one' }, 50);
  for (const { kind, id, status } of await keys.list())
    if (status === 'retired') expect([kind, await keys.destroy(kind, id, order())]).toEqual([kind, true]);
  expect((await keys.list()).map(({ status }) => status)).toEqual(kinds.map(() => 'active'));
  await second.assent.store.keys.refresh();

  // An authId and a token of a key that is gone are nobody's, whichever server they come to.
  for (const app of [one, other]) {
    expect((await goOn(app, late)).status).toBe(400);
    expect((await app.userinfo(held.access)).status).toBe(401);
  }
  expect(await isSignedIn(other)).toBe(200);
  expect(await signIn(other.rest, '/alpha', 'ada', PASSWORD)).toEqual(expect.any(String));
  expect((await one.refresh(String(refreshed.body.refresh_token))).status).toBe(200);
});
