import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAILURE, SUCCESS, treeDocument } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import type { JsonObject } from '@assent/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RestAnswer, type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// Gateways ask what a session may do with a resource, and lead users to what their sessions lack (SEC-85).

const REALM = '/alpha';
const PASSWORD = 'correct horse 7';
const SITE = 'https://shop.example.com';
const ALL = { DELETE: true, GET: true, HEAD: true, OPTIONS: true, PATCH: true, POST: true, PUT: true };

type Node = readonly [type: string, config: JsonObject, connections: Readonly<Record<string, string>>];
interface Decision {
  readonly resource: string;
  readonly actions: Readonly<Record<string, boolean>>;
  readonly attributes: object;
  readonly advices: Readonly<Record<string, readonly string[]>>;
  readonly ttl: number;
}

const POLICIES = [
  { name: 'everywhere', resources: [`${SITE}/*`] },
  { name: 'no-delete', resources: [`${SITE}/files/*`], actionValues: { DELETE: false } },
  { name: 'high', resources: [`${SITE}/high/*`], condition: { type: 'AuthLevel', authLevel: 10 } },
  {
    name: 'journey',
    resources: [`${SITE}/journey/*`, `${SITE}/both/*`],
    condition: { type: 'AuthenticateToService', authenticateToService: 'Ten' },
  },
  {
    name: 'transfer',
    resources: [`${SITE}/transfer*`, `${SITE}/both/*`],
    condition: {
      type: 'Transaction',
      authenticationStrategy: 'AuthenticateToTreeConditionAdvice',
      strategySpecifier: 'Approve',
    },
  },
  { name: 'off', active: false, resources: ['https://off.example.com/*'] },
  { name: 'of-app', applicationName: 'Shop', resources: [`${SITE}/shop`], actionValues: { GET: true } },
  {
    name: 'impossible',
    applicationName: 'Broken',
    resources: [`${SITE}/*`],
    condition: {
      type: 'Transaction',
      authenticationStrategy: 'AuthenticateToServiceConditionAdvice',
      strategySpecifier: 'Gone',
    },
  },
];

describe('decisions about resources', () => {
  let server: SteeredServer;
  let rest: RestClient;
  let admin: string;
  let gateway: string;
  let ada: string;
  const dataDir = mkdtempSync(join(tmpdir(), 'assent-policies-'));

  const publish = async (name: string, nodes: Readonly<Record<string, Node>>, settings: JsonObject = {}) => {
    await configuring(server.assent.store).publishTree({
      realm: REALM,
      name,
      tree: treeDocument.parse({
        entryNodeId: Object.keys(nodes)[0],
        nodes: Object.fromEntries(
          Object.entries(nodes).map(([id, [nodeType, , connections]]) => [id, { nodeType, connections }]),
        ),
        ...settings,
      }),
      nodes: Object.fromEntries(Object.entries(nodes).map(([id, [type, config]]) => [id, { id, type, config }])),
    });
  };
  const tokenOf = async (realm: string, name: string): Promise<string> => {
    const token = await signIn(rest, realm, name, PASSWORD);
    if (token === undefined) throw new RangeError(`${name} cannot sign in.`);
    return token;
  };

  beforeAll(async () => {
    server = await steeredServer({ port: 18_512, dataDir });
    rest = restClient(server);
    for (const realm of [REALM, '/beta']) {
      await server.createRealm(realm);
      for (const name of ['ada', 'bob', 'gate']) await server.createUser(realm, name, PASSWORD);
      await server.setAttributes(realm, 'gate', { assentRoles: ['gateway'] });
    }
    const approve: Readonly<Record<string, Node>> = {
      'a-password': ['PasswordCollectorNode', {}, { outcome: 'a-check' }],
      'a-check': ['DataStoreDecisionNode', {}, { true: SUCCESS, false: FAILURE }],
    };
    await publish('Approve', approve, { transactionalOnly: true });
    await publish('Ten', {
      't-name': ['UsernameCollectorNode', {}, { outcome: 't-password' }],
      't-password': ['PasswordCollectorNode', {}, { outcome: 't-check' }],
      't-check': ['DataStoreDecisionNode', {}, { true: 't-raise', false: FAILURE }],
      't-raise': ['ModifyAuthLevelNode', { authLevelIncrement: 10 }, { outcome: SUCCESS }],
    });
    await server.assent.configuration.refresh();
    const token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    if (token === undefined) throw new RangeError('The administrator cannot sign in.');
    admin = token;
    const saved = await save({ policies: POLICIES, authLevelJourneys: { '10': 'Ten' } });
    expect([saved.status, saved.body.message]).toEqual([200, undefined]);
    gateway = await tokenOf(REALM, 'gate');
    ada = await tokenOf(REALM, 'ada');
  });
  afterAll(async () => {
    await server?.assent.stop();
    rmSync(dataDir, { recursive: true });
  });

  const save = (settings: JsonObject): Promise<RestAnswer> =>
    rest('PUT', `${REALM}/realm-config/services/assent`, { token: admin, body: settings });
  const post = (body: unknown, token: string | undefined = gateway, realm = REALM) =>
    rest('POST', `${realm}/policies?_action=evaluate`, {
      token,
      body,
      headers: { 'accept-api-version': 'resource=2.1' },
    });
  /** What is decided of one address, for the session of Ada unless another is given. */
  const decided = async (resource: string, more: JsonObject = {}, token?: string): Promise<Decision> => {
    const { status, body } = await post({ resources: [resource], subject: { ssoToken: ada }, ...more }, token);
    expect(status, JSON.stringify(body)).toBe(200);
    return (body as unknown as readonly Decision[])[0] as Decision;
  };
  const withTransaction = (...ids: readonly string[]): JsonObject => ({ environment: { TxId: ids } });
  const askedOf = ({ advices }: Decision): string => {
    expect(Object.keys(advices)).toEqual(['TransactionConditionAdvice']);
    return advices.TransactionConditionAdvice?.[0] ?? '';
  };
  /** Follows an advice as the SDKs do, with the session of its user, and answers each question. */
  const follow = async (name: string, value: string, answers: readonly string[], token = ada): Promise<RestAnswer> => {
    const authIndexValue = `<Advices><AttributeValuePair><Attribute name="${name}"/><Value>${value}</Value></AttributeValuePair></Advices>`;
    const query = new URLSearchParams({ authIndexType: 'composite_advice', authIndexValue });
    let answer = await rest('POST', `${REALM}/authenticate?${query}`, { token, body: {} });
    for (const given of answers) {
      const callbacks = ((answer.body.callbacks ?? []) as readonly JsonObject[]).map((callback) => ({
        ...callback,
        input: [{ name: 'IDToken1', value: given }],
      }));
      answer = await rest('POST', `${REALM}/authenticate`, { token, body: { authId: answer.body.authId, callbacks } });
    }
    return answer;
  };
  const approve = (id: string, token = ada, password = PASSWORD) =>
    follow('TransactionConditionAdvice', id, [password], token);

  test('allows what a policy covers, denies all else, and says until when it may be kept', async () => {
    const resource = `${SITE}/a?b=c`;
    expect(await decided(resource)).toEqual({
      resource,
      actions: ALL,
      attributes: {},
      advices: {},
      ttl: server.clock.now() + 60_000,
    });
    for (const other of ['https://other.example.com/', 'https://off.example.com/a', `${SITE}//a`, 'urn:a', '*'])
      expect(await decided(other)).toEqual({ resource: other, actions: {}, attributes: {}, advices: {}, ttl: 0 });
    expect((await decided(`${SITE}/files/a`)).actions).toEqual({ ...ALL, DELETE: false });
  });

  test('takes the address with a slash before the query, as SDKs and gateways write it', async () => {
    const answer = await rest('POST', `/realms/root/realms${REALM}/policies/?_action=evaluate`, {
      token: gateway,
      body: { resources: [`${SITE}/a`], subject: { ssoToken: ada } },
    });
    expect(answer.status).toBe(200);
  });

  test('answers each resource, in order, and the policies of the application that is named', async () => {
    const resources = [`${SITE}/shop`, `${SITE}/a`, `${SITE}/shop`];
    const { body } = await post({ resources, application: 'Shop', subject: { ssoToken: ada } });
    expect((body as unknown as readonly Decision[]).map(({ resource, actions }) => [resource, actions])).toEqual([
      [`${SITE}/shop`, { GET: true }],
      [`${SITE}/a`, {}],
      [`${SITE}/shop`, { GET: true }],
    ]);
    expect(await post({ resources, application: 'Nowhere' })).toMatchObject({
      status: 400,
      body: { message: 'The realm has no policies of the application Nowhere.', detail: { field: 'application' } },
    });
  });

  test('decides about the session of the caller where no subject is named', async () => {
    const { body } = await post({ resources: [`${SITE}/a`] });
    expect((body as unknown as readonly Decision[])[0]?.actions).toEqual(ALL);
  });

  test('gives nothing, and no advice, to a session that is over, of another realm, or of a disabled user', async () => {
    const bob = await tokenOf(REALM, 'bob');
    const foreign = await tokenOf('/beta', 'bob');
    for (const ssoToken of ['gone', foreign, admin])
      expect(await decided(`${SITE}/high/a`, { subject: { ssoToken } })).toMatchObject({ actions: {}, advices: {} });
    expect((await decided(`${SITE}/a`, { subject: { ssoToken: bob } })).actions).toEqual(ALL);
    expect((await rest('POST', `${REALM}/sessions?_action=logout`, { token: bob, body: {} })).status).toBe(200);
    expect(await decided(`${SITE}/a`, { subject: { ssoToken: bob } })).toMatchObject({ actions: {}, advices: {} });
  });

  test('asks for a level and for a journey, and allows once the session has them', async () => {
    const bob = await tokenOf(REALM, 'bob');
    const subject = { ssoToken: bob };
    expect((await decided(`${SITE}/high/a`, { subject })).advices).toEqual({ AuthLevelConditionAdvice: ['10'] });
    expect((await decided(`${SITE}/journey/a`, { subject })).advices).toEqual({
      AuthenticateToServiceConditionAdvice: ['Ten'],
    });
    const { body } = await follow('AuthLevelConditionAdvice', '10', ['bob', PASSWORD], bob);
    const raised = { ssoToken: String(body.tokenId) };
    expect((await decided(`${SITE}/high/a`, { subject: raised })).actions).toEqual(ALL);
    expect((await decided(`${SITE}/journey/a`, { subject: raised })).actions).toEqual(ALL);
  });

  test('asks for an approval, gives one access for it, and leaves the session as it was', async () => {
    const asked = await decided(`${SITE}/transfer?to=eve&amount=5`);
    expect(asked).toMatchObject({ actions: {}, ttl: 0 });
    const id = askedOf(asked);
    const approved = await approve(id);
    expect(approved).toMatchObject({ status: 200, body: { tokenId: ada } });
    expect(approved.headers).not.toHaveProperty('set-cookie');
    const given = await decided(`${SITE}/transfer?to=eve&amount=5`, withTransaction(id));
    expect(given).toMatchObject({ actions: ALL, advices: {}, ttl: 0 });
    const again = await decided(`${SITE}/transfer?to=eve&amount=5`, withTransaction(id));
    expect(again.actions).toEqual({});
    expect(askedOf(again)).not.toBe(id);
    expect((await decided(`${SITE}/a`)).actions).toEqual(ALL);
  });

  test('takes the id where the SDK has put it into the address, too', async () => {
    const id = askedOf(await decided(`${SITE}/transfer?amount=5`));
    await approve(id);
    expect((await decided(`${SITE}/transfer?amount=5&_txid=${id}`, withTransaction(id))).actions).toEqual(ALL);
  });

  test('gives no access by an approval that is not given, of another user, for another address, or too old', async () => {
    const bob = await tokenOf(REALM, 'bob');
    const resource = `${SITE}/transfer?amount=5`;
    const id = askedOf(await decided(resource));
    const isDenied = async (address: string, more: JsonObject): Promise<void> =>
      expect((await decided(address, more)).actions).toEqual({});
    await isDenied(resource, withTransaction(id));
    // Another user cannot approve it, and a wrong password does not.
    expect((await approve(id, bob, 'wrong')).status).toBe(401);
    await isDenied(resource, withTransaction(id));
    expect((await approve(id)).status).toBe(200);
    await isDenied(`${SITE}/transfer?amount=9000`, withTransaction(id));
    await isDenied(`${SITE}/Transfer?amount=5`, withTransaction(id));
    await isDenied(resource, { ...withTransaction(id), subject: { ssoToken: bob } });
    const second = await tokenOf(REALM, 'ada');
    await isDenied(resource, { ...withTransaction(id), subject: { ssoToken: second } });
    server.clock.advance(180_000);
    await isDenied(resource, withTransaction(id));
  });

  test('gives one access to many who use one approval at once (race condition)', async () => {
    server.clock.advance(600_000);
    const resource = `${SITE}/transfer?amount=6`;
    const id = askedOf(await decided(resource));
    await approve(id);
    const all = await Promise.all(Array.from({ length: 8 }, () => decided(resource, withTransaction(id))));
    expect(all.filter(({ actions }) => actions.GET === true)).toHaveLength(1);
  });

  test('asks for no approval before all else is met, and uses none up', async () => {
    server.clock.advance(600_000);
    const resource = `${SITE}/both/a`;
    expect((await decided(resource)).advices).toEqual({ AuthenticateToServiceConditionAdvice: ['Ten'] });
  });

  test('denies without advice where no user can approve, and starts the journey in no other way', async () => {
    expect(await decided(`${SITE}/a`, { application: 'Broken' })).toMatchObject({ actions: {}, advices: {} });
    const start = `${REALM}/authenticate?authIndexType=service&authIndexValue=Approve`;
    expect((await rest('POST', start, { token: ada, body: {} })).status).toBe(400);
  });

  test('asks for so many approvals of one session at once, and says when to come again; another session of the user is not kept from it (SEC-87)', async () => {
    server.clock.advance(3_600_000);
    const [user, gate] = [await tokenOf(REALM, 'bob'), await tokenOf(REALM, 'gate')];
    const ask = () => post({ resources: [`${SITE}/transfer`], subject: { ssoToken: user } }, gate);
    const statuses: number[] = [];
    for (let at = 0; at < 20; at += 1) statuses.push((await ask()).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await ask()).toMatchObject({ status: 429, headers: { 'retry-after': '6' } });
    // The owner is not kept from it by an attacker who has the password and a session of their own.
    const owner = await tokenOf(REALM, 'bob');
    expect((await post({ resources: [`${SITE}/transfer`], subject: { ssoToken: owner } }, gate)).status).toBe(200);
    // Another user is not kept from it, and neither is an access that needs no approval.
    ada = await tokenOf(REALM, 'ada');
    const other = await post({ resources: [`${SITE}/transfer`], subject: { ssoToken: ada } }, gate);
    expect(other.status).toBe(200);
    gateway = gate;
  });

  test('tells of an approval that was used up, also where another one cannot be asked for', async () => {
    server.clock.advance(3_600_000);
    const [user, gate] = [await tokenOf(REALM, 'bob'), await tokenOf(REALM, 'gate')];
    const ask = (resources: readonly string[], more: JsonObject = {}) =>
      post({ resources: [...resources], subject: { ssoToken: user }, ...more }, gate);
    const first = await ask([`${SITE}/transfer?amount=5`]);
    const id = askedOf((first.body as unknown as readonly Decision[])[0] as Decision);
    await approve(id, user);
    for (let at = 0; at < 19; at += 1) await ask([`${SITE}/transfer?n=${at}`]);
    expect((await ask([`${SITE}/transfer?amount=6`])).status).toBe(429);
    const both = await ask([`${SITE}/transfer?amount=5`, `${SITE}/transfer?amount=6`], withTransaction(id));
    expect(both.body).toMatchObject([{ actions: { GET: true } }, { actions: {}, advices: {} }]);
    expect((await ask([`${SITE}/transfer?amount=6`, `${SITE}/transfer?amount=5`], withTransaction(id))).status).toBe(
      429,
    );
    gateway = gate;
    ada = await tokenOf(REALM, 'ada');
  });

  test('is for the roles owner and gateway, in their realm', async () => {
    const body = { resources: [`${SITE}/a`], subject: { ssoToken: ada } };
    expect((await rest('POST', `${REALM}/policies?_action=evaluate`, { body })).status).toBe(401);
    expect((await post(body, ada)).status).toBe(403);
    expect((await post(body, await tokenOf('/beta', 'gate'))).status).toBe(403);
    expect((await post(body, gateway, '/beta')).status).toBe(403);
    admin = (await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password)) ?? '';
    expect((await post(body, admin)).status).toBe(200);
    for (const role of ['designer', 'helpdesk', 'auditor', 'privacy']) {
      await server.setAttributes(REALM, 'bob', { assentRoles: [role] });
      expect((await post(body, await tokenOf(REALM, 'bob'))).status).toBe(403);
    }
    await server.setAttributes(REALM, 'bob', { assentRoles: [] });
    // A gateway reads and writes nothing else.
    for (const path of ['realm-config/services/assent', 'users?_queryFilter=true', 'policies?_queryFilter=true'])
      expect((await rest('GET', `${REALM}/${path}`, { token: gateway })).status).toBe(403);
  });

  test('refuses what cannot be evaluated, and names the field', async () => {
    const resources = [`${SITE}/a`];
    const long = 'x'.repeat(64 * 1_024);
    const wrong: readonly (readonly [field: string | undefined, body: unknown])[] = [
      [undefined, []],
      [undefined, null],
      ['resources', {}],
      ...[null, [], resources[0], [null], [[]], [''], [long], Array.from({ length: 21 }, () => resources[0])].map(
        (value) => ['resources', { resources: value }] as const,
      ),
      ...[null, [], '', 7, 'x'.repeat(257)].map((value) => ['application', { resources, application: value }] as const),
      ...[null, [], 'x', { ssoToken: null }, { ssoToken: ['x'] }, { ssoToken: '' }, { jwt: 'x' }, { claims: {} }].map(
        (value) => ['subject', { resources, subject: value }] as const,
      ),
      ...[null, [], 'x', { TxId: null }, { TxId: 'x' }, { TxId: [null] }, { TxId: Array(11).fill('x') }].map(
        (value) => ['environment', { resources, environment: value }] as const,
      ),
    ];
    for (const [field, body] of wrong) {
      const answer = await post(body);
      expect([answer.status, answer.body.detail], JSON.stringify(body).slice(0, 80)).toEqual([
        JSON.stringify(body).length > 65_536 ? 413 : 400,
        JSON.stringify(body).length > 65_536 || field === undefined ? undefined : { field },
      ]);
    }
    for (const action of ['', 'evaluateTree', 'create', '__proto__'])
      expect((await rest('POST', `${REALM}/policies?_action=${action}`, { token: gateway, body: {} })).status).toBe(
        501,
      );
    const twice = `${REALM}/policies?_action=evaluate&_action=evaluate`;
    expect((await rest('POST', twice, { token: gateway, body: { resources } })).status).toBe(400);
  });

  test('refuses policies that cannot be used, and names the setting', async () => {
    const good = { name: 'one', resources: [`${SITE}/*`] };
    for (const policies of [
      [{ ...good, resources: [] }],
      [{ ...good, resources: ['https://*.example.com/*'] }],
      [{ ...good, resources: [`${SITE}/a?b`] }],
      [{ ...good, name: '' }],
      [good, good],
      [{ ...good, subject: { type: 'NONE' } }],
      [{ ...good, actionValues: { get: true } }],
      [{ ...good, condition: { type: 'SimpleTime' } }],
      [{ ...good, condition: { type: 'AuthLevel', authLevel: 0 } }],
      [{ ...good, condition: null }],
      'everything',
      null,
    ]) {
      const { status, body } = await save({ policies, authLevelJourneys: { '10': 'Ten' } });
      if (policies === null) expect(status).toBe(200);
      else expect([status, (body.detail as JsonObject).attribute]).toEqual([400, 'policies']);
    }
    // The message names the place, so that a wrong policy is found among a hundred.
    const third = [good, { ...good, name: 'second' }, { ...good, name: 'third', condition: { type: 'SimpleTime' } }];
    expect((await save({ policies: third, authLevelJourneys: { '10': 'Ten' } })).body.message).toBe(
      'Data validation failed for the attribute, policies: Must have the type AuthLevel, AuthenticateToService or Transaction. (at policies.2.condition.type)',
    );
    expect((await save({ policies: POLICIES, authLevelJourneys: { '10': 'Ten' } })).status).toBe(200);
  });

  test('answers nothing while the realm is off', async () => {
    const body = { resources: [`${SITE}/a`], subject: { ssoToken: ada } };
    const realm = server.assent.configuration.realm(REALM);
    if (realm === undefined) throw new RangeError('There is no such realm.');
    await configuring(server.assent.store).saveRealm({ ...realm, active: false });
    await server.assent.configuration.refresh();
    expect((await post(body, admin)).status).toBe(400);
    await configuring(server.assent.store).saveRealm(realm);
    await server.assent.configuration.refresh();
  });
});
