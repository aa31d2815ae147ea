import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SESSION_PROPERTY_LIMITS } from '@assent/engine/host';
import { type OAuthGrant, readClientGenerations } from '@assent/oidc';
import type { StoreChange } from '@assent/store';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SENT_BOUNDS } from '../../privacy/user-export.ts';
import { addPhone, openSession } from '../../testing/account-fixture.ts';
import { inject } from '../../testing/inject.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

const REALM = '/alpha';
const USER = 'sam';
const KIBI = 1_024;
const MEBI = KIBI * KIBI;
const SESSIONS = 400;
const CLIENTS = 30;
const SCOPES = 400;
const AUDIT_ROWS = 2_500;

let server: SteeredServer;
let rest: RestClient;
let token: string;
/** Of the administrator, who has no second factor to show. */
let root: string | undefined;
let dataDir: string;

const commit = async (changes: readonly StoreChange[]): Promise<void> => {
  for (let at = 0; at < changes.length; at += 100)
    expect(await server.assent.store.committer.commit(changes.slice(at, at + 100))).toEqual({ committed: true });
};

/** Rows of one user, as large as the limits allow. */
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'assent-rows-'));
  server = await steeredServer({ port: 8080, dataDir });
  rest = restClient(server);
  await server.createRealm(REALM);
  await server.createUser(REALM, USER, 'correct horse');
  const opened = await openSession(server, REALM, USER, { factorAgeMillis: 0 });
  token = opened.token;
  const { userId } = opened.session;
  const { valueCharacters, bytes } = SESSION_PROPERTY_LIMITS;
  const properties = { a: 'x'.repeat(valueCharacters), b: '\u0001'.repeat((bytes - valueCharacters - 100) / 6) };
  await commit(
    Array.from({ length: SESSIONS }, (_none, at): StoreChange => {
      const id = `large-${at}`;
      // Older than the one that asks.
      const createdAt = opened.session.createdAt - 1 - at;
      return {
        type: 'session.insert',
        row: { ...opened.session, tokenHash: id, handle: id, sid: id, properties, createdAt },
      };
    }),
  );
  root = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  const scopes = Array.from({ length: SCOPES }, (_none, at) => `scope-of-a-client-${at}-${'x'.repeat(90)}`);
  const now = server.clock.now();
  for (let at = 0; at < CLIENTS; at += 1) {
    const clientId = `wide-${at}`;
    const answer = await rest('PUT', `${REALM}/realm-config/agents/OAuth2Client/${clientId}`, {
      token: root,
      body: { coreOAuth2ClientConfig: { clientType: 'Public', status: 'Active', scopes } },
    });
    expect(answer.status).toBe(201);
    const generations = readClientGenerations(server.assent.configuration.client(REALM, clientId)?.generation);
    const row: OAuthGrant = {
      id: crypto.randomUUID(),
      realm: REALM,
      clientId,
      ...(generations.grantGeneration !== undefined && { clientGeneration: generations.grantGeneration }),
      userId,
      credentialRev: 1,
      scopes,
      amr: ['pwd'],
      authTime: 1,
      status: 'active',
      refreshNo: 1,
      rotatedAt: now,
      accessNo: 1,
      dropped: [],
      createdAt: now,
      expiresAt: now + 604_800_000,
    };
    await commit([{ type: 'grant.open', row }]);
  }
  await commit(
    Array.from(
      { length: AUDIT_ROWS },
      (_none, at): StoreChange => ({
        type: 'audit.append',
        event: {
          at: now,
          event: 'DEVICE_ADD',
          realm: REALM,
          transactionId: 't',
          userId,
          detail: { n: at, userAgent: 'x'.repeat(2 * KIBI) },
        },
      }),
    ),
  );
  for (let at = 0; at < 5; at += 1) await addPhone(server, REALM, USER, 'x'.repeat(100));
});
afterAll(async () => {
  await server?.assent.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Counts the JSON that is read and written from one round of the event loop to the next. */
const metered = async <T>(work: () => Promise<T>) => {
  let [ofRound, most, all, isOver] = [0, 0, 0, false];
  const count = (characters: number): void => {
    ofRound += characters;
    all += characters;
    most = Math.max(most, ofRound);
  };
  const { parse, stringify } = JSON;
  const spies = [
    vi.spyOn(JSON, 'parse').mockImplementation((text, reviver) => {
      count(text.length);
      return parse(text, reviver);
    }),
    vi.spyOn(JSON, 'stringify').mockImplementation((value, replacer, space) => {
      const text = stringify(value, replacer as never, space);
      count(text?.length ?? 0);
      return text;
    }),
  ];
  const nextRound = (): void => {
    ofRound = 0;
    if (!isOver) setImmediate(nextRound);
  };
  setImmediate(nextRound);
  try {
    return { answer: await work(), most, all };
  } finally {
    isOver = true;
    for (const spy of spies) spy.mockRestore();
  }
};

test.each<[string, 'GET' | 'POST', string, number, object?]>([
  ['the list of sessions', 'GET', `/sessions?_queryFilter=username+eq+"${USER}"+and+realm+eq+"${REALM}"`, 768 * KIBI],
  ['applications', 'GET', `/users/${USER}/oauth2/applications?_queryFilter=true`, MEBI],
  ['activity', 'GET', `/users/${USER}/activity?_queryFilter=true&_pageSize=100`, 0],
  ['phones', 'GET', `/users/${USER}/devices/2fa/push?_queryFilter=true`, 0],
  ['an export', 'POST', `/users/${USER}?_action=export`, 8 * MEBI],
  ['the count of an erasure', 'POST', `/users/${USER}?_action=erase`, MEBI, { dryRun: true }],
])('%s of a user with the largest rows is read and written in rounds of bounded size (SEC-93)', async (...given) => {
  const [, method, path, least, body] = given;
  const { answer, most, all } = await metered(async () => {
    const { host, pathname } = new URL(server.assent.publicUrl);
    const response = await inject(server.assent, {
      method,
      url: `${pathname}/json${REALM}${path}`,
      headers: {
        host,
        'accept-api-version': 'resource=2.0',
        iplanetdirectorypro: (body === undefined ? token : root) ?? '',
      },
      ...(method === 'POST' && { payload: body ?? {} }),
    });
    return response.statusCode;
  });
  expect(answer).toBe(200);
  // The rows are as many and as large as the measure needs.
  expect(all).toBeGreaterThan(least);
  expect(most).toBeLessThan(least === 0 ? MEBI : least);
});

test('an export has the newest sessions up to its bound, and says that there are more (SEC-93)', async () => {
  const { body } = await rest('POST', `${REALM}/users/${USER}?_action=export`, { token, body: {} });
  const sessions = body.sessions as object[];
  const bytes = Buffer.byteLength(JSON.stringify(sessions));
  expect(bytes).toBeLessThanOrEqual(SENT_BOUNDS.sessions.bytes);
  expect(bytes).toBeGreaterThan(SENT_BOUNDS.sessions.bytes - 32 * KIBI);
  expect(sessions.length).toBeLessThan(SESSIONS);
  expect([body.sessionsAreCut, body.applicationsAreCut, body.activityIsCut]).toEqual([true, false, true]);
});

test('a list of sessions that is cut says how many there are', async () => {
  const { body } = await rest('GET', `${REALM}/sessions?_queryFilter=username+eq+"${USER}"`, { token });
  expect(body).toMatchObject({
    resultCount: 100,
    totalPagedResultsPolicy: 'EXACT',
    totalPagedResults: SESSIONS + 1,
  });
});

test('applications with many scopes end a page before its size, and its cookie leads to all others (SEC-93)', async () => {
  const found: unknown[] = [];
  const pages: number[] = [];
  let cookie = '';
  do {
    const path = `${REALM}/users/${USER}/oauth2/applications?_queryFilter=true${cookie}`;
    const { body } = await rest('GET', path, { token });
    const page = body.result as { _id: string }[];
    found.push(...page.map(({ _id }) => _id));
    pages.push(page.length);
    cookie = body.pagedResultsCookie === null ? '' : `&_pagedResultsCookie=${body.pagedResultsCookie}`;
  } while (cookie !== '');
  expect(found).toEqual(Array.from({ length: CLIENTS }, (_none, at) => `wide-${at}`).sort());
  expect(pages.length).toBeGreaterThan(1);
});
