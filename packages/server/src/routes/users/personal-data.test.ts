import { createPublicKey, verify } from 'node:crypto';
import { canonicalJson } from '@assent/store';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { EXPORT_TURNS } from '../../bounds/work-turns.ts';
import { storedSigningKeys } from '../../clients/stored-signing-keys.ts';
import { userExport } from '../../privacy/export-document.ts';
import { exportUser, SENT_BOUNDS } from '../../privacy/user-export.ts';
import {
  addBoundDevice,
  addGenerator,
  addPasskey,
  addPhone,
  openSession,
  type SessionFacts,
} from '../../testing/account-fixture.ts';
import { FAILURE, publishTree, SUCCESS } from '../../testing/publish-tree.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';

const MINUTE = 60_000;
const REALM = '/alpha';
const PASSWORD = 'correct horse';

let server: SteeredServer;
let rest: RestClient;
let name = '';
let users = 0;
let owner = '';
let officer = '';

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
  await server.createRealm(REALM);
  for (const [user, role] of [
    ['officer', 'privacy'],
    ['desk', 'helpdesk'],
    ['auditor', 'auditor'],
    ['boss', 'owner'],
  ] as const) {
    await server.createUser(REALM, user, PASSWORD);
    await server.setAttributes(REALM, user, { assentRoles: [role] });
  }
  owner = (await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
  officer = (await openSession(server, REALM, 'officer')).token;
});
afterAll(() => server?.assent.stop());
beforeEach(async () => {
  users += 1;
  name = `person${users}`;
  await server.createUser(REALM, name, PASSWORD);
});

const call = (action: 'export' | 'erase', token: string | undefined, body: object = {}, user = name) =>
  rest('POST', `${REALM}/users/${user}?_action=${action}`, { token, body });
const tokenOf = async (facts?: SessionFacts, user = name) => (await openSession(server, REALM, user, facts)).token;
const idOf = async (user = name) => (await server.assent.store.identities.find(REALM, user))?.id ?? '';
const trailOf = (id: string) => server.assent.store.audit.ofUser(id, 20);

describe('what is kept of a user (security-reliability §7 "Export")', () => {
  test('is handed to nobody else: not to strangers, other users, help desks or auditors (SEC-52, SEC-72)', async () => {
    expect((await call('export', undefined)).status).toBe(401);
    for (const user of ['desk', 'auditor']) {
      expect((await call('export', await tokenOf({}, user))).status).toBe(403);
      expect((await call('export', await tokenOf({}, user), {}, 'nobody')).status).toBe(403);
    }
    const other = await tokenOf({ factorAgeMillis: 0 }, 'desk');
    expect((await call('export', other, {}, name)).status).toBe(403);
  });

  test.each([
    ['a phone', addPhone, 'AuthenticatorPush'],
    ['a passkey', addPasskey, 'WebAuthnAuthentication'],
    ['a bound device', addBoundDevice, 'Binding'],
  ])('takes a recent second factor, where the user has %s (SEC-51)', async (_what, add, factor) => {
    await add(server, REALM, name);
    const old = [
      await tokenOf(),
      await tokenOf({ factor, factorAgeMillis: 5 * MINUTE }),
      await tokenOf({ factor: 'DataStore', factorAgeMillis: 0 }),
    ];
    for (const token of old) {
      const answer = await call('export', token);
      expect(answer).toMatchObject({ status: 403, body: { detail: { needs: 'recentFactor' } } });
    }
    expect((await call('export', await tokenOf({ factor, factorAgeMillis: 4 * MINUTE }))).status).toBe(200);
  });

  test('takes a recent sign-in, where the user has no second factor', async () => {
    const late = await call('export', await tokenOf({ createdAgoMillis: 5 * MINUTE }));
    expect(late).toMatchObject({ status: 403, body: { detail: { needs: 'recentSignIn' } } });
    expect((await call('export', await tokenOf({ createdAgoMillis: 4 * MINUTE }))).status).toBe(200);
  });

  test('is all of it, without a secret, in the declared form', async () => {
    const phone = await addPhone(server, REALM, name, 'Phone of canary');
    await addGenerator(server, REALM, name);
    const passkey = await addPasskey(server, REALM, name, { counterMismatchAt: 0, backedUp: true });
    const bound = await addBoundDevice(server, REALM, name);
    await server.setAttributes(REALM, name, { mail: ['canary@example.com'], kbaInfo: ['{"answer":"a hash"}'] });
    const agreed = { realm: REALM, userId: await idOf(), clientId: 'planner', scopes: ['openid'], agreedAt: 0 };
    await server.assent.store.committer.commit([{ type: 'consent.save', row: agreed }]);
    const token = await tokenOf({ factorAgeMillis: 0, address: '192.0.2.9', userAgent: 'Firefox' });
    const { body } = await call('export', token);
    const { signature: _, ...document } = body;
    expect(userExport.parse(document)).toEqual(document);
    expect(document).toMatchObject({
      issuer: expect.stringMatching(/oauth2\/realms\/root\/realms\/alpha$/),
      user: {
        username: name,
        realm: REALM,
        attributes: { mail: ['canary@example.com'] },
        hasPassword: true,
        securityQuestions: 1,
        directory: false,
      },
      phones: [{ id: phone.uuid, name: 'Phone of canary', reachedBy: 'relay' }],
      generators: [{ name: 'OATH Device' }],
      passkeys: [
        {
          id: passkey.uuid,
          credential: passkey.credentialId,
          site: 'localhost',
          synced: true,
          mayBeCopiedSince: '1970-01-01T00:00:00.000Z',
        },
      ],
      boundDevices: [{ id: bound.uuid, name: 'Banking app', application: 'org.example.bank', attested: false }],
      recoveryCodes: { push: 0, oath: 0, webauthn: 0 },
      sessions: [{ properties: { Host: '192.0.2.9' } }],
      applications: [{ client: 'planner', scopes: ['openid'], agreedAt: '1970-01-01T00:00:00.000Z' }],
      activity: [{ event: 'EXPORT', byAdministrator: false }],
      sessionsAreCut: false,
      applicationsAreCut: false,
      activityIsCut: false,
    });
    const secrets = [
      phone.communicationId,
      Buffer.from(phone.secret).toString('base64url'),
      // By the handle somebody is known to authenticators (WA-24).
      passkey.userHandle,
      'x-of-',
      'a hash',
      '$argon2',
      token,
    ];
    for (const secret of secrets) expect(JSON.stringify(body)).not.toContain(secret);
  });

  test('is signed by the realm, over all of it', async () => {
    const { body } = await call('export', await tokenOf());
    const { signature, ...document } = body as Record<string, unknown>;
    const [head = '', payload, proof = ''] = String(signature).split('.');
    const { kid, ...header } = JSON.parse(Buffer.from(head, 'base64url').toString());
    expect([header, payload]).toEqual([{ typ: 'assent-user-export+jws', alg: 'ES256' }, '']);
    const row = (await server.assent.store.signingKeys.ofRealm(REALM)).find((it) => it.kid === kid);
    const key = { key: createPublicKey(row?.privateKey ?? ''), dsaEncoding: 'ieee-p1363' as const };
    const isRight = (value: unknown) => {
      const input = `${head}.${Buffer.from(canonicalJson(value)).toString('base64url')}`;
      return verify('sha256', Buffer.from(input), key, Buffer.from(proof, 'base64url'));
    };
    expect(isRight(document)).toBe(true);
    expect(isRight(Object.fromEntries(Object.entries(document).toReversed()))).toBe(true);
    expect(isRight({ ...document, notices: ['forged'] })).toBe(false);
  });

  test('is in the trail, and not handed out on and on', async () => {
    const id = await idOf();
    const token = await tokenOf();
    const statuses: number[] = [];
    for (let at = 0; at < 7; at += 1) statuses.push((await call('export', token)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect((await trailOf(id)).map(({ event }) => event)).toEqual(Array(5).fill('EXPORT'));
    expect((await call('export', officer)).status).toBe(200);
    expect((await trailOf(id))[0]).toMatchObject({ event: 'EXPORT', detail: { by: await idOf('officer') } });
  });

  test('of others is handed out sixty times an hour', async () => {
    const user = `${name}-office`;
    await server.createUser(REALM, user, PASSWORD);
    await server.setAttributes(REALM, user, { assentRoles: ['privacy'] });
    const subject = `exports:${await idOf(user)}`;
    const hits = Array.from({ length: 59 }, () => server.clock.now());
    await server.assent.store.committer.commit([
      { type: 'throttle.put', row: { subject, hits, lockedUntil: 0, rev: 0 } },
    ]);
    const token = await tokenOf({}, user);
    expect((await call('export', token)).status).toBe(200);
    expect((await call('export', token)).status).toBe(429);
    // The own data are counted apart.
    expect((await call('export', token, {}, user)).status).toBe(200);
  });

  const appendRows = async (id: string, rows: number) => {
    for (let at = 0; at < rows; at += 500) {
      const changes = Array.from({ length: Math.min(500, rows - at) }, (_, n) => ({
        type: 'audit.append',
        event: {
          at: at + n,
          event: 'A',
          realm: REALM,
          transactionId: 't',
          userId: id,
          detail: { n: at + n, text: 'ü' },
        },
      }));
      expect(await server.assent.store.committer.commit(changes as never)).toEqual({ committed: true });
    }
  };
  const notedPages = () => {
    const { audit } = server.assent.store;
    const read = audit.page;
    const users: string[] = [];
    const rows: number[] = [];
    const spy = vi.spyOn(audit, 'page').mockImplementation(async (userId, query) => {
      users.push(userId);
      const page = await read.call(audit, userId, query);
      rows.push(page.events.length);
      return page;
    });
    return { users, rows, restore: () => spy.mockRestore() };
  };

  test('reads the audit log in pages with other requests in between, and signs all of it (SEC-93)', async () => {
    const id = await idOf();
    await appendRows(id, 1_100);
    const token = await tokenOf();
    const pages = notedPages();
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const { body } = await call('export', token);
    isOver = true;
    pages.restore();
    expect(Math.max(...pages.rows)).toBe(250);
    expect(turns).toBeGreaterThan(pages.rows.length);
    const activity = body.activity as { event: string; detail?: { n?: number } }[];
    expect(activity.map(({ event, detail }) => detail?.n ?? event)).toEqual([
      'EXPORT',
      ...Array.from({ length: 1_100 }, (_, at) => 1_099 - at),
    ]);
    expect(body.activityIsCut).toBe(false);
    const { signature, ...document } = body as Record<string, unknown>;
    const [head = '', , proof = ''] = String(signature).split('.');
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString());
    const row = (await server.assent.store.signingKeys.ofRealm(REALM)).find((it) => it.kid === kid);
    const key = { key: createPublicKey(row?.privateKey ?? ''), dsaEncoding: 'ieee-p1363' as const };
    const input = `${head}.${Buffer.from(canonicalJson(document)).toString('base64url')}`;
    expect(verify('sha256', Buffer.from(input), key, Buffer.from(proof, 'base64url'))).toBe(true);
  });

  test.each([
    ['rows', { rows: 300, bytes: 1_000_000 }, 300],
    ['bytes', { rows: 1_000, bytes: 30_000 }, undefined],
  ])('has a bounded number of %s of the audit log, and says that it is cut (SEC-93)', async (_what, bounds, rows) => {
    const id = await idOf();
    await appendRows(id, 800);
    const { store, publicUrl } = server.assent;
    const clock = { now: () => server.clock.now() };
    const user = await store.identities.findById(id);
    const pages = notedPages();
    const ports = { store, keys: storedSigningKeys(store, clock), publicUrl, clock };
    const { text } = await exportUser(ports, user as NonNullable<typeof user>, { ...SENT_BOUNDS, activity: bounds });
    pages.restore();
    const { activity, activityIsCut } = JSON.parse(text);
    expect(activityIsCut).toBe(true);
    if (rows === undefined) expect(Buffer.byteLength(JSON.stringify(activity))).toBeLessThanOrEqual(bounds.bytes);
    else expect(activity).toHaveLength(rows);
    expect(activity[0].detail.n).toBe(799);
    // No page is read that is not handed out.
    expect(pages.rows.reduce((sum, it) => sum + it, 0)).toBeLessThan(activity.length + 251);
  });

  test('of one realm is made for one caller at a time; of another realm, meanwhile (SEC-93)', async () => {
    const names = [name, `${name}-b`, `${name}-c`];
    for (const it of names.slice(1)) await server.createUser(REALM, it, PASSWORD);
    const elsewhere = (await server.assent.store.identities.find('/', TEST_ADMINISTRATOR.name))?.id ?? '';
    const ids = await Promise.all(names.map((it) => idOf(it)));
    for (const id of ids) await appendRows(id, 800);
    const tokens = await Promise.all(names.map((it) => tokenOf({}, it)));
    const pages = notedPages();
    const answers = await Promise.all([
      ...names.map((it, at) => call('export', tokens[at], {}, it)),
      rest('POST', `/users/${TEST_ADMINISTRATOR.name}?_action=export`, { token: owner, body: {} }),
    ]);
    pages.restore();
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const own = pages.users.filter((id) => id !== elsewhere);
    const changes = own.filter((id, at) => at > 0 && id !== own[at - 1]);
    expect([new Set(own).size, changes.length]).toEqual([3, 2]);
    expect(own.length).toBeGreaterThanOrEqual(9);
    // The export of the other realm has not waited for the last of this one.
    expect(pages.users.indexOf(elsewhere)).toBeLessThan(pages.users.indexOf(own.at(-1) ?? ''));
  });

  test('is refused where too many wait, and is then neither counted nor in the audit log (REL-14)', async () => {
    const id = await idOf();
    const user = `${name}-crowd`;
    await server.createUser(REALM, user, PASSWORD);
    await server.setAttributes(REALM, user, { assentRoles: ['privacy'] });
    const token = await tokenOf({ factorAgeMillis: 0 }, user);
    const asked = EXPORT_TURNS.concurrencyOfRealm + EXPORT_TURNS.mostOfRealm + 5;
    const answers = await Promise.all(Array.from({ length: asked }, () => call('export', token)));
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers } of refused) expect(headers['retry-after']).toBe('1');
    const done = answers.filter(({ status }) => status === 200).length;
    expect(done).toBe(asked - refused.length);
    const rows = await server.assent.store.audit.ofUser(id, 100);
    expect(rows.map(({ event }) => event)).toEqual(Array(done).fill('EXPORT'));
    const [counter] = await server.assent.store.throttles.get([`exports:${await idOf(user)}`]);
    expect(counter?.hits).toHaveLength(done);
  });

  test('of an administrator only an owner hands out', async () => {
    expect((await call('export', officer, {}, 'boss')).status).toBe(403);
    expect((await call('export', owner, {}, 'boss')).status).toBe(200);
  });
});

describe('a user who is erased (security-reliability §7 "Erase")', () => {
  const reason = { reason: 'Request 4711' };

  test('is erased by nobody without the privilege, not even by the owner of the account', async () => {
    expect((await call('erase', undefined, reason)).status).toBe(401);
    for (const user of ['desk', 'auditor', name]) {
      expect((await call('erase', await tokenOf({ factorAgeMillis: 0 }, user), reason)).status).toBe(403);
    }
    expect(await idOf()).not.toBe('');
  });

  test.each([
    [{}, 'reason'],
    [{ reason: '' }, 'reason'],
    [{ reason: ' ' }, 'reason'],
    [{ reason: 'two\nlines' }, 'reason'],
    [{ reason: 'x'.repeat(201) }, 'reason'],
    [{ reason: 1 }, 'reason'],
    [{ reason: ['a'] }, 'reason'],
    [{ reason: 'a', dryRun: 'yes' }, 'dryRun'],
  ])('wants a reason in one line, and refuses %j', async (body, field) => {
    expect(await call('erase', officer, body)).toMatchObject({ status: 400, body: { detail: { field } } });
    expect(await idOf()).not.toBe('');
  });

  test('is counted first where asked, and then nothing is changed', async () => {
    await addPhone(server, REALM, name);
    await addPasskey(server, REALM, name);
    await tokenOf();
    const answer = await call('erase', officer, { dryRun: true });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        _id: name,
        directory: false,
        wouldErase: { phones: 1, generators: 0, passkeys: 1, boundDevices: 0, sessions: 1, journeys: 0 },
      },
    });
    expect(await idOf()).not.toBe('');
  });

  test('is gone, and what they held is dead; the trail says by whom and why, and nothing personal', async () => {
    const id = await idOf();
    await addPhone(server, REALM, name);
    const token = await tokenOf({ factorAgeMillis: 0, address: '192.0.2.9' });
    await server.assent.store.committer.commit([
      {
        type: 'audit.append',
        event: {
          at: 1,
          event: 'JOURNEY_END',
          realm: REALM,
          transactionId: 't',
          userId: id,
          detail: { address: '192.0.2.9' },
        },
      },
    ]);
    expect(await call('erase', officer, reason)).toMatchObject({ status: 200, body: { erased: { phones: 1 } } });
    const by = await idOf('officer');
    const trail = await trailOf(id);
    expect(trail[0]).toMatchObject({ event: 'ERASE', userId: id, detail: { by, reason: 'Request 4711' } });
    expect(trail.slice(1).filter(({ detail }) => detail !== undefined)).toEqual([]);
    expect((await rest('GET', `${REALM}/users/${name}`, { token })).status).toBe(401);
    expect(await signIn(rest, REALM, name, PASSWORD)).toBeUndefined();
    expect((await call('erase', officer, reason)).status).toBe(404);
    expect(await server.assent.store.erasures.among([id])).toEqual([id]);

    await server.createUser(REALM, name, PASSWORD);
    expect(await idOf()).not.toBe(id);
    expect((await rest('GET', `${REALM}/users/${name}`, { token })).status).toBe(401);
  });

  test.each([
    ['is refused', 'Refused', undefined],
    ['goes back for another try and is broken off in a later request', 'BrokenOff', 1],
  ])('leaves neither address nor browser of a sign-in that %s', async (_what, tree, choice) => {
    await publishTree(
      server,
      tree,
      {
        zero: ['ZeroPageLoginNode', { true: 'check', false: FAILURE }, { allowWithoutReferer: true }],
        check: ['DataStoreDecisionNode', { true: SUCCESS, false: choice === undefined ? FAILURE : 'ask' }],
        ...(choice !== undefined && { ask: ['MessageNode', { true: FAILURE, false: FAILURE }] as const }),
      },
      REALM,
    );
    const id = await idOf();
    const browser = `Browser-of-${name}`;
    const headers = { 'user-agent': browser, 'x-openam-username': name, 'x-openam-password': 'wrong' };
    const path = `${REALM}/authenticate?authIndexType=service&authIndexValue=${tree}`;
    const first = await rest('POST', path, { body: {}, headers });
    if (choice !== undefined) {
      const filled = structuredClone(first.body) as { callbacks: { input?: { value: unknown }[] }[] };
      const input = filled.callbacks.at(-1)?.input?.[0];
      if (input !== undefined) input.value = choice;
      expect((await rest('POST', path, { body: filled, headers: { 'user-agent': browser } })).status).toBe(401);
    } else expect(first.status).toBe(401);
    const rows = async () => await server.assent.store.auditChain.rows({ position: 0 }, 10_000);
    const ofBrowser = async () => (await rows()).filter((row) => JSON.stringify(row).includes(browser));
    expect((await ofBrowser()).map(({ event }) => [event?.event, event?.outcome, event?.userId])).toEqual([
      ['AUTH_FAIL', 'password', id],
      ['JOURNEY_END', 'failure', id],
    ]);
    expect(await call('erase', officer, reason)).toMatchObject({ status: 200 });
    expect(await ofBrowser()).toEqual([]);
    const own = (await rows()).filter(({ event }) => event?.userId === id).map(({ event }) => event?.event);
    expect(own).toEqual(expect.arrayContaining(['AUTH_FAIL', 'JOURNEY_END', 'ERASE']));
  });

  test('that administers is erased by an owner alone, and nobody erases themselves', async () => {
    await server.createUser(REALM, `${name}-admin`, PASSWORD);
    await server.setAttributes(REALM, `${name}-admin`, { assentRoles: ['auditor'] });
    expect((await call('erase', officer, reason, `${name}-admin`)).status).toBe(403);
    expect((await call('erase', owner, reason, `${name}-admin`)).status).toBe(200);
    const boss = await tokenOf({ factorAgeMillis: 0 }, 'boss');
    expect((await call('erase', boss, reason, 'boss')).status).toBe(400);
  });

  test('leaves a sign-in that was under way with nothing to end in', async () => {
    const started = await rest('POST', `${REALM}/authenticate?authIndexType=service&authIndexValue=Login`, {
      body: {},
    });
    const filled = structuredClone(started.body) as {
      authId: string;
      callbacks: { input: { value: string }[] }[];
    };
    for (const [at, value] of [name, 'wrong'].entries()) {
      const input = filled.callbacks[at]?.input[0];
      if (input !== undefined) input.value = value;
    }
    await call('erase', officer, reason);
    const input = filled.callbacks[1]?.input[0];
    if (input !== undefined) input.value = PASSWORD;
    const ended = await rest('POST', `${REALM}/authenticate`, { body: filled });
    expect(ended.status).toBe(401);
  });
});
