import { type OAuthGrant, type PendingApproval, readClientGenerations } from '@assent/oidc';
import type { StoreChange } from '@assent/store';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openSession } from '../../testing/account-fixture.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

const REALM = '/alpha';
const CLIENTS = `${REALM}/realm-config/agents/OAuth2Client`;
const WEEK = 604_800_000;

let server: SteeredServer;
let rest: RestClient;
let root: string | undefined;
/** A user of each test, who has signed in. */
let user: string;
let userId: string;
let token: string;
let round = 0;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  await server.createRealm(REALM);
  for (const name of ['eve', 'desk', 'boss']) await server.createUser(REALM, name, 'correct horse');
  await server.setAttributes(REALM, 'desk', { assentRoles: ['helpdesk'] });
  await server.setAttributes(REALM, 'boss', { assentRoles: ['owner'] });
  root = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
  await saveClient('planner', {
    clientName: ['Planner', 'de|Planer \u202e'],
    scopes: ['openid', 'calendar|Read your calendar', 'calendar|de|Ihren Kalender lesen'],
  });
  await saveClient('bare', {});
});
afterAll(() => server?.assent.stop());

const generationsOf = (id: string) => readClientGenerations(server.assent.configuration.client(REALM, id)?.generation);

const saveClient = async (id: string, core: object): Promise<void> => {
  const body = {
    coreOAuth2ClientConfig: { clientType: 'Public', status: 'Active', scopes: ['openid'], ...core },
    advancedOAuth2ClientConfig: { logoUri: ['https://planner.example.com/logo.png'] },
  };
  expect((await rest('PUT', `${CLIENTS}/${id}`, { token: root, body })).status).toBe(201);
};

beforeEach(async () => {
  round += 1;
  user = `sam-${round}`;
  await server.createUser(REALM, user, 'correct horse');
  const opened = await openSession(server, REALM, user);
  token = opened.token;
  userId = opened.session.userId;
});

const commit = async (...changes: readonly StoreChange[]): Promise<void> => {
  expect(await server.assent.store.committer.commit(changes)).toEqual({ committed: true });
};
const ofGeneration = (clientGeneration: string | undefined) => clientGeneration && { clientGeneration };
const grant = (clientId: string, given: Partial<OAuthGrant> = {}): StoreChange => ({
  type: 'grant.open',
  row: {
    id: crypto.randomUUID(),
    realm: REALM,
    clientId,
    ...ofGeneration(generationsOf(clientId).grantGeneration),
    userId,
    credentialRev: 1,
    scopes: ['openid'],
    amr: ['pwd'],
    authTime: 1,
    status: 'active',
    refreshNo: 1,
    rotatedAt: server.clock.now(),
    accessNo: 1,
    dropped: [],
    createdAt: server.clock.now(),
    expiresAt: server.clock.now() + WEEK,
    ...given,
  },
});
const consent = (clientId: string, ...scopes: readonly string[]) =>
  ({
    type: 'consent.save',
    row: { realm: REALM, userId, clientId, ...ofGeneration(generationsOf(clientId).consentGeneration), scopes },
  }) as const satisfies StoreChange;
const agreedAt = (time: number, { type, row }: ReturnType<typeof consent>) =>
  ({ type, row: { ...row, agreedAt: time } }) as const satisfies StoreChange;

const at = (path = '', name = user, realm = REALM) => `${realm}/users/${name}/oauth2/applications${path}`;
const list = (query = '', by: string | undefined = token, name = user, realm = REALM) =>
  rest('GET', at(`?_queryFilter=true${query}`, name, realm), { token: by });
const idsOf = async (): Promise<readonly unknown[]> => {
  const { body } = await list();
  return (body.result as readonly { readonly _id: string }[]).map(({ _id }) => _id);
};

test('are shown to the user, and to others only with a role for that; to end them takes more', async () => {
  await commit(grant('planner'));
  const { token: eve } = await openSession(server, REALM, 'eve');
  const { token: desk } = await openSession(server, REALM, 'desk', { factorAgeMillis: 0 });
  const remove = (by: string | undefined, name = user) => rest('DELETE', at('/planner', name), { token: by });
  expect([(await list('', undefined)).status, (await remove(undefined)).status]).toEqual([200, 401]);
  expect((await rest('GET', at('?_queryFilter=true'))).status).toBe(401);
  for (const name of [user, 'nobody']) {
    expect([(await list('', eve, name)).status, (await remove(eve, name)).status]).toEqual([403, 403]);
  }
  expect([(await list('', desk)).status, (await remove(desk)).status]).toEqual([200, 403]);
  expect((await list('', token, user, '')).status).toBe(403);
  expect((await list('', root, 'nobody')).status).toBe(404);
  expect(await idsOf()).toEqual(['planner']);
  expect((await remove(root)).status).toBe(200);
  expect(await idsOf()).toEqual([]);
});

test.each([
  ['&_pageSize=0', '_pageSize'],
  ['&_pageSize=1e1', '_pageSize'],
  ['&_pagedResultsCookie=', '_pagedResultsCookie'],
  ['&_pagedResultsCookie=%C3%A9', '_pagedResultsCookie'],
])('are not listed for %s', async (query, field) => {
  expect(await list(query)).toMatchObject({ status: 400, body: { detail: { field } } });
});

test('are listed by no other filter than all', async () => {
  const answer = await rest('GET', at('?_queryFilter=name+eq+"x"'), { token });
  expect(answer).toMatchObject({ status: 400, body: { detail: { field: '_queryFilter' } } });
});

test('have the texts of the client in the language of the reader, and all that is held as one', async () => {
  const now = server.clock.now();
  await commit(
    grant('planner', { createdAt: now - 5_000, rotatedAt: now - 5_000, scopes: ['openid'] }),
    grant('planner', { createdAt: now - 3_000, rotatedAt: now - 1_000, scopes: ['calendar'], expiresAt: now + 9_000 }),
    // What was taken from a client is gone from all that it was granted.
    consent('bare', 'openid', 'phone'),
    agreedAt(now - 4_000, consent('planner', 'openid')),
  );
  const { body } = await rest('GET', at('?_queryFilter=true'), { token, headers: { 'accept-language': 'de' } });
  expect(body).toMatchObject({
    resultCount: 2,
    pagedResultsCookie: null,
    result: [
      { _id: 'bare', name: null, scopes: { openid: 'openid' }, expiryDateTime: null },
      {
        _id: 'planner',
        _rev: expect.any(String),
        name: 'Planer',
        scopes: { openid: 'openid', calendar: 'Ihren Kalender lesen' },
        expiryDateTime: new Date(now + WEEK).toISOString(),
        logoUri: 'https://planner.example.com/logo.png',
        startTime: new Date(now - 5_000).toISOString(),
        latestAccessTime: new Date(now - 1_000).toISOString(),
        consentTime: new Date(now - 4_000).toISOString(),
      },
    ],
  });
  expect((body.result as readonly object[])[0]).not.toHaveProperty('startTime');
  expect((await list('&_fields=_id')).body.result).toEqual([
    { _id: 'bare', _rev: expect.any(String) },
    { _id: 'planner', _rev: expect.any(String) },
  ]);
});

test('leave out codes, what has run out, and what was granted under other credentials', async () => {
  const now = server.clock.now();
  await commit(
    grant('planner', { status: 'code' }),
    grant('planner', { expiresAt: now }),
    grant('bare', { credentialRev: 7 }),
  );
  expect(await idsOf()).toEqual([]);
  expect((await rest('DELETE', at('/planner'), { token })).status).toBe(404);
});

test('come in pages, of what is held and of what is agreed to alike', async () => {
  const ids = Array.from({ length: 7 }, (_none, n) => `app-${n}`);
  for (const id of ids) await saveClient(id, {});
  // What ended with its client takes the place of none.
  await commit(...['app-1-gone', 'app-2-gone', 'app-2-gone-too', 'app-6-gone'].map((id) => grant(id)));
  await commit(...ids.map((id, n) => (n % 2 === 0 ? grant(id) : consent(id, 'openid'))));
  const seen: unknown[] = [];
  let cookie: unknown = '';
  do {
    const { body } = await list(`&_pageSize=3${cookie === '' ? '' : `&_pagedResultsCookie=${cookie}`}`);
    seen.push((body.result as readonly { readonly _id: string }[]).map(({ _id }) => _id));
    cookie = body.pagedResultsCookie;
  } while (cookie !== null);
  expect(seen).toEqual([ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)]);
});

test.each([
  ['DELETE', () => rest('DELETE', at('/planner'), { token })],
  ['the action', () => rest('POST', at('?_action=revoke'), { token, body: { clientId: 'planner' } })],
])('end by %s with what was saved, in one commit that the trail tells of', async (_how, remove) => {
  const others = await openSession(server, REALM, 'eve');
  await commit(
    grant('planner'),
    grant('planner', { scopes: ['openid', 'offline_access'] }),
    grant('planner', { userId: others.session.userId }),
    consent('planner', 'openid', 'calendar'),
    grant('bare'),
  );
  const before = server.assent.store.counters.commits;
  expect(await remove()).toMatchObject({ status: 200, body: { _id: 'planner', name: 'Planner' } });
  expect(server.assent.store.counters.commits).toBe(before + 1);
  expect(await idsOf()).toEqual(['bare']);
  expect(await server.assent.store.consents.get(userId, 'planner')).toBeUndefined();
  expect((await list('', others.token, 'eve')).body).toMatchObject({ result: [{ _id: 'planner' }] });
  expect((await remove()).status).toBe(404);
  const { body } = await rest('GET', `${REALM}/users/${user}/activity`, { token });
  expect(body.result).toMatchObject([
    { event: 'APPLICATION_REMOVE', outcome: 'success', application: 'Planner', byAdministrator: false },
  ]);
});

test.each(
  (['code', 'device'] as const).flatMap((waiting) =>
    (['DELETE', 'revoke'] as const).flatMap((how) =>
      (['user', 'administrator'] as const).map((by) => ({ waiting, how, by })),
    ),
  ),
)('end where the client has fetched nothing yet: $waiting, by $how, by the $by', async ({ waiting, how, by }) => {
  const code = grant('planner', { id: `code-${round}`, status: 'code' });
  const { grantGeneration } = generationsOf('planner');
  const now = server.clock.now();
  const approved = {
    ...{ userId, credentialRev: 1, sid: 'sid', scopes: ['openid'], amr: [], authTime: 1 },
    ...ofGeneration(grantGeneration),
  };
  const device = `device-${round}`;
  const pending: PendingApproval = {
    idHash: device,
    kind: 'device',
    realm: REALM,
    clientId: 'planner',
    userCodeDigest: device,
    scopes: ['openid'],
    acrValues: [],
    status: 'pending',
    createdAt: now,
    nextPollAt: now,
    interval: 5,
    expiresAt: now + WEEK,
  };
  if (waiting === 'code') await commit(code);
  else {
    await commit({ type: 'pendingApproval.open', row: pending, now });
    await commit({ type: 'pendingApproval.decide', idHash: device, now, approved });
  }
  const caller = by === 'user' ? token : (await openSession(server, REALM, 'boss', { factorAgeMillis: 0 })).token;
  const remove = () =>
    how === 'DELETE'
      ? rest('DELETE', at('/planner'), { token: caller })
      : rest('POST', at('?_action=revoke'), { token: caller, body: { clientId: 'planner' } });
  // It is listed once the client has fetched it.
  expect((await remove()).status).toBe(404);
  const { grants, pendingApprovals } = server.assent.store;
  expect(await grants.get(`code-${round}`)).toBeUndefined();
  if (waiting === 'device') expect(await pendingApprovals.get(device)).toMatchObject({ status: 'denied' });
});

test('end for a client with any characters in its id', async () => {
  const id = 'https://app.example.com/100%;a\\b';
  const { store, configuration } = server.assent;
  await commit(
    {
      type: 'configuration.change',
      seenVersion: await store.configuration.version(),
      putClients: [{ realm: REALM, id, document: { coreOAuth2ClientConfig: { scopes: ['openid'] } } }],
    },
    { type: 'audit.append', event: { at: 1, event: 'CLIENT_CREATE', realm: REALM, transactionId: 'test' } },
  );
  await configuration.refresh();
  await commit(grant(id));
  expect(await idsOf()).toEqual([id]);
  expect((await rest('POST', at('?_action=revoke'), { token, body: { clientId: id } })).status).toBe(200);
  expect(await idsOf()).toEqual([]);
});

test('are not there for a client that was deleted, nor for another one of the id (OIDC-20)', async () => {
  await saveClient('short', { clientName: ['The first'] });
  await commit(grant('short'), consent('short', 'openid'));
  expect(await idsOf()).toEqual(['short']);
  expect((await rest('DELETE', `${CLIENTS}/short`, { token: root })).status).toBe(200);
  expect(await idsOf()).toEqual([]);
  await saveClient('short', { clientName: ['The second'] });
  expect(await idsOf()).toEqual([]);
  expect((await rest('DELETE', at('/short'), { token })).status).toBe(404);
  await commit(grant('short', { scopes: ['openid'] }));
  expect((await list()).body.result).toMatchObject([
    { _id: 'short', name: 'The second', scopes: { openid: 'openid' } },
  ]);
  expect(JSON.stringify((await list()).body)).not.toContain(generationsOf('short').grantGeneration);
});

test.each([[{}], [{ clientId: 7 }], [{ clientId: '' }], [{ clientId: '\n' }], [[]], ['x']])(
  '%j names none that could end',
  async (body) => {
    expect((await rest('POST', at('?_action=revoke'), { token, body })).status).toBe(400);
  },
);

test('an administrator who ends one is told of without a name', async () => {
  const boss = await openSession(server, REALM, 'boss', { factorAgeMillis: 0 });
  await commit(grant('planner'));
  expect((await rest('DELETE', at('/planner'), { token: boss.token })).status).toBe(200);
  const { body } = await rest('GET', `${REALM}/users/${user}/activity`, { token });
  expect(body.result).toMatchObject([{ event: 'APPLICATION_REMOVE', byAdministrator: true }]);
  expect(JSON.stringify(body)).not.toContain(boss.session.userId);
});
