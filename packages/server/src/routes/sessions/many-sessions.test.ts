import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Session } from '@assent/engine';
import { SESSIONS_OF_USER } from '@assent/engine/host';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openSession } from '../../testing/account-fixture.ts';
import { type RestClient, restClient } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer } from '../../testing/steered-server.ts';

const REALM = '/alpha';
const FLOOD = SESSIONS_OF_USER.kept + 500;
const dataDir = mkdtempSync(join(tmpdir(), 'many-sessions-'));

let server: SteeredServer;
let rest: RestClient;
let user: string;
let round = 0;
/** The session of the owner, who signed in before all others and has shown a phone, and the newest session, by the password alone. */
let owner: { readonly token: string; readonly session: Session };
let newest: { readonly token: string; readonly session: Session };

beforeAll(async () => {
  server = await steeredServer({ port: 8080, dataDir });
  rest = restClient(server);
  await server.createRealm(REALM);
});
afterAll(async () => {
  await server?.assent.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** As many sign-ins with the password, each a minute after the session of the owner was used. */
const flood = async (like: Session, count: number): Promise<readonly Session[]> => {
  const rows = Array.from({ length: count }, (_, at) => ({
    ...like,
    tokenHash: crypto.randomUUID(),
    handle: crypto.randomUUID(),
    sid: crypto.randomUUID(),
    properties: { AuthFactors: `password@${server.clock.now()}` },
    createdAt: server.clock.now() + at,
    lastUsedAt: server.clock.now() + at,
  }));
  const result = await server.assent.store.committer.commit(
    rows.map((row) => ({ type: 'session.insert', row }) as const),
  );
  expect(result).toEqual({ committed: true });
  return rows;
};
beforeEach(async () => {
  round += 1;
  user = `sam-${round}`;
  await server.createUser(REALM, user, 'correct horse 7');
  owner = await openSession(server, REALM, user, { factorAgeMillis: 0 });
  server.clock.advance(60_000);
  await flood(owner.session, FLOOD);
  server.clock.advance(60_000);
  newest = await openSession(server, REALM, user);
});

const list = (token: string) =>
  rest('GET', `${REALM}/sessions?_queryFilter=${encodeURIComponent(`username eq "${user}" and realm eq "${REALM}"`)}`, {
    token,
  });
const act = (action: string, token: string, body: unknown = {}) =>
  rest('POST', `${REALM}/sessions?_action=${action}`, { token, body });
const isLive = async (token: string): Promise<unknown> => (await act('validate', token)).body.valid;
const sessionsLeft = () => server.assent.store.sessions.countOfUser(owner.session.userId, server.clock.now());

/** How many JSON texts the work has read: each session that is loaded is at least one. */
const parsesOf = async (work: () => Promise<unknown>): Promise<number> => {
  const parse = vi.spyOn(JSON, 'parse');
  try {
    await work();
    return parse.mock.calls.length;
  } finally {
    parse.mockRestore();
  }
};

describe('a user who has signed in very often (SEC-93)', () => {
  test('is listed with the newest hundred sessions, and no other session is loaded', async () => {
    let answer: Awaited<ReturnType<typeof list>> | undefined;
    const parses = await parsesOf(async () => {
      answer = await list(newest.token);
    });
    expect(answer?.status).toBe(200);
    expect(answer?.body.result).toHaveLength(100);
    const { result = [] } = (answer?.body ?? {}) as { readonly result?: readonly object[] };
    expect(result[0]).toMatchObject({ sessionHandle: newest.session.handle, isCurrent: true });
    expect(parses).toBeLessThan(200);
  });

  test('ends any one of these sessions by its handle, and no other session is loaded', async () => {
    const [one] = await flood(owner.session, 1);
    server.clock.advance(1_000);
    await flood(owner.session, FLOOD);
    const handle = one?.handle ?? '';
    let answer: Awaited<ReturnType<typeof list>> | undefined;
    const parses = await parsesOf(async () => {
      answer = await act('logoutByHandle', owner.token, { sessionHandles: [handle, 'none'] });
    });
    expect(answer).toMatchObject({ status: 200, body: { result: { [handle]: true, none: false } } });
    expect(parses).toBeLessThan(100);
    expect(await server.assent.store.sessions.get(one?.tokenHash ?? '')).toBeUndefined();
    expect(await sessionsLeft()).toBe(2 * FLOOD + 2);
  });

  test('signs out everywhere, and no session is loaded for it', async () => {
    const parses = await parsesOf(() => act('logoutByUser', owner.token, { username: user }));
    expect(parses).toBeLessThan(100);
    expect(await sessionsLeft()).toBe(0);
  });

  test('loses none of the sessions that count: the one that is in use, and the one with a second factor', async () => {
    server.clock.advance(SESSIONS_OF_USER.idleMillis);
    // The owner works in both; AuthFactors is what a journey leaves, here with a phone and by the password alone.
    const properties = { AuthFactors: `password@1|push@${server.clock.now()}` };
    const byPassword = { AuthFactors: `password@${server.clock.now()}` };
    await server.assent.store.committer.commit([
      { type: 'session.properties', tokenHash: owner.session.tokenHash, properties },
      { type: 'session.properties', tokenHash: newest.session.tokenHash, properties: byPassword },
    ]);
    expect(await isLive(newest.token)).toBe(true);
    await act('getSessionInfoAndResetIdleTime', newest.token, { tokenId: newest.token });
    for (let swept: number | undefined = 500; swept === 500; )
      swept = await server.assent.store.sweep(server.clock.now(), 500);
    expect([await isLive(owner.token), await isLive(newest.token)]).toEqual([true, true]);
    expect(await sessionsLeft()).toBe(SESSIONS_OF_USER.kept + 1);
    const { body } = await rest('GET', `${REALM}/users/${user}/activity`, { token: owner.token });
    expect(JSON.stringify(body)).toContain('tooManySessions');
  });
});
