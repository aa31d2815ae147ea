import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newAuthority } from '@assent/factors/testing';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../src/http/error-answer.ts';
import { INPUTS_OF_JOURNEY, JOURNEYS_OF_REALM } from '../src/realms/realm-quota.ts';
import { addPasskey } from '../src/testing/account-fixture.ts';
import { inject } from '../src/testing/inject.ts';
import { FAILURE, SUCCESS } from '../src/testing/publish-tree.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';
import { type Answer, filledIn } from './every-way.ts';
import { longestTurn, SATURATED, type SaturatedRealm } from './saturated-realms.ts';

// The owner of a realm fills it as far as the limits allow, and then calls every route. Other users must not wait for that: the goal for one
// turn of the event loop is 100 ms of processor time. The bound here is four times that, and more on a slow machine.

/** Milliseconds of processor time. */
const BUSY = 400;
/** How often a turn may do what `readDocument` does. On a machine of 2026 this takes 3 to 5 ms. */
const DOCUMENTS_OF_TURN = 100;
const PASSWORD = 'correct horse 7';
const TREES = 'realm-config/authentication/authenticationtrees/trees';
const NODES = 'realm-config/authentication/authenticationtrees/nodes';
const dataDir = mkdtempSync(join(tmpdir(), 'saturated-realm-'));
let server: SteeredServer;
let rest: RestClient;
let busy = BUSY;

const DOCUMENT = JSON.stringify(Array.from({ length: 5_000 }, (_, at) => ({ [`name${at}`]: `value ${at}` })));
const readDocument = async (): Promise<unknown> => JSON.parse(DOCUMENT);

beforeAll(async () => {
  const units: number[] = [];
  for (let at = 0; at < 20; at += 1) units.push((await longestTurn(readDocument)).millis);
  busy = Math.max(BUSY, DOCUMENTS_OF_TURN * Math.min(...units));
  server = await steeredServer({ port: 18_733, dataDir });
  rest = restClient(server);
  await server.createRealm('/beta');
  await server.createUser('/beta', 'bob', PASSWORD);
});
afterAll(async () => {
  await server?.assent.stop();
  rmSync(dataDir, { recursive: true });
});

/** The session of the owner of a new realm. */
const ownerOf = async (realm: string): Promise<string> => {
  await server.createRealm(realm);
  await server.createUser(realm, 'owner', PASSWORD);
  await server.setAttributes(realm, 'owner', { assentRoles: ['owner'] });
  return (await signIn(rest, realm, 'owner', PASSWORD)) ?? '';
};

const DOCUMENTS_OF_CHANGE = 500;

const fill = async (realm: string, saturated: SaturatedRealm): Promise<void> => {
  const { change } = configuring(server.assent.store);
  const ofJourneys = new Map(saturated.journeys.flatMap(({ nodes }) => Object.entries(nodes)));
  const all = {
    putScripts: saturated.scripts ?? [],
    putNodes: [...ofJourneys.values(), ...(saturated.nodes ?? [])],
    publishTrees: saturated.journeys,
    putClients: saturated.clients ?? [],
    putServices: saturated.services ?? [],
  };
  for (const [kind, documents] of Object.entries(all)) {
    for (let at = 0; at < documents.length; at += DOCUMENTS_OF_CHANGE) {
      const some = documents.slice(at, at + DOCUMENTS_OF_CHANGE).map((document) => ({ ...document, realm }));
      await change({ [kind]: some } as never);
    }
  }
  await server.assent.configuration.refresh();
};

describe('what a realm may not have (SEC-93)', () => {
  test('a journey declares a bounded number of inputs', async () => {
    const token = await ownerOf('/inputs');
    const put = (path: string, body: object) => rest('PUT', `/inputs/${path}`, { token, body });
    const made = await rest('POST', '/inputs/scripts?_action=create', {
      token,
      body: { name: 'one', script: Buffer.from('outcome = "true"').toString('base64') },
    });
    const node = (inputs: number) => ({
      script: made.body._id,
      outcomes: ['true'],
      inputs: Array.from({ length: inputs }, (_, at) => `v${at}`),
    });
    const each = INPUTS_OF_JOURNEY / 5;
    for (let at = 0; at < 5; at += 1)
      expect((await put(`${NODES}/ScriptedDecisionNode/s${at}`, node(each))).status).toBe(201);
    expect((await put(`${NODES}/ScriptedDecisionNode/s5`, node(1))).status).toBe(201);
    const journey = (count: number) => ({
      entryNodeId: 's0',
      nodes: Object.fromEntries(
        Array.from({ length: count }, (_, at) => [
          `s${at}`,
          {
            nodeType: 'ScriptedDecisionNode',
            displayName: '',
            connections: { true: at + 1 < count ? `s${at + 1}` : SUCCESS },
          },
        ]),
      ),
    });
    const refused = await put(`${TREES}/J`, journey(6));
    expect(refused).toMatchObject({ status: 400, body: { detail: { attribute: 'inputs' } } });
    expect(refused.body.message).toContain('would declare 20001 inputs, and 20,000 are the most. Shorten inputs');
    expect((await put(`${TREES}/J`, journey(5))).status).toBe(201);
    const grown = await put(`${NODES}/ScriptedDecisionNode/s4`, node(each + 1));
    expect(grown).toMatchObject({ status: 400, body: { detail: { attribute: 'inputs' } } });

    // The operator may write more, and the owner may take away from that.
    const { change } = configuring(server.assent.store);
    const tree = server.assent.configuration.tree('/inputs', 'J');
    const more = { ...node(each + 100), outputs: ['*'] };
    const s4 = { id: 's4', type: 'ScriptedDecisionNode', config: more };
    await change({
      putNodes: [{ ...s4, realm: '/inputs' }],
      publishTrees: [{ ...tree, nodes: { ...tree?.nodes, s4 } }],
    } as never);
    await server.assent.configuration.refresh();
    expect((await put(`${NODES}/ScriptedDecisionNode/s4`, node(each + 101))).status).toBe(400);
    expect((await put(`${NODES}/ScriptedDecisionNode/s4`, node(each + 99))).status).toBe(200);
  });

  test('a journey beyond the most that a realm may have is refused, by save and by copy, and those that are there can be saved', async () => {
    const token = await ownerOf('/journeys');
    const there = server.assent.configuration.trees('/journeys').length;
    const journeys = Array.from({ length: JOURNEYS_OF_REALM - there }, (_, at) => ({
      name: `J${at}`,
      tree: { entryNodeId: SUCCESS, enabled: true, nodes: {} },
      nodes: {},
    }));
    await fill('/journeys', { journeys, node: ['', '', {}] });
    const put = (name: string, description: string) =>
      rest('PUT', `/journeys/${TREES}/${name}`, { token, body: { entryNodeId: SUCCESS, nodes: {}, description } });
    const refused = await put('OneMore', 'x');
    expect(refused.status).toBe(413);
    expect(refused.body.message).toBe(
      'The realm /journeys would have 1001 journeys, and 1,000 are the most. Delete journeys that are not used, or add this one to another realm.',
    );
    const copied = await rest('POST', `/journeys/${TREES}/Login?_action=clone`, { token, body: { newId: 'Copy' } });
    expect(copied.status).toBe(413);
    expect((await put('J7', 'changed')).status).toBe(200);
    expect((await rest('DELETE', `/journeys/${TREES}/J8`, { token })).status).toBe(200);
    expect((await put('OneMore', 'x')).status).toBe(201);
  });
});

/** Actions that read, and those that save, by the resource. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  [`/json/${TREES}`]: ['getIds', 'template'],
  [`/json/${TREES}/:id`]: ['check', 'clone'],
  [`/json/${NODES}`]: ['nextdescendents', 'getAllTypes'],
  [`/json/${NODES}/:type`]: ['listOutcomes', 'template'],
  '/json/realm-config/services': ['nextdescendents'],
  '/json/users/:user': ['export'],
};

/** Requests to every route that does not delete, as the owner, for the journey, the node and the client that the realm is full of. */
const everyRoute = (realm: string, { node: [type, id] }: SaturatedRealm) =>
  server.assent.routes.flatMap((key) => {
    const [method = '', pattern = ''] = key.split(' ');
    if (!['GET', 'POST', 'PUT'].includes(method) || pattern.startsWith('/json/global-config')) return [];
    // Streams do not end by themselves.
    if (/authenticate\/wait|push\/relay/.test(pattern)) return [];
    const names: Readonly<Record<string, string>> = {
      type: pattern.includes('2fa') ? 'push' : type,
      id: pattern.includes('/trees/') ? 'J0' : pattern.includes('OAuth2Client') ? 'c0' : id,
      user: 'owner',
      version: '1.0',
    };
    const path = pattern
      .replace(/:(\w+)/g, (_, name: string) => names[name] ?? 'x')
      .replace(/^\/(json|oauth2)\//, `/$1${realm}/`);
    const list = `_queryFilter=${encodeURIComponent('true')}&_pageSize=50&realm=${realm}&service=J0`;
    const queries = method === 'POST' ? (ACTIONS[pattern] ?? ['create']).map((name) => `_action=${name}`) : [list];
    return queries.map((query) => ({ method, pattern, path: `${path}?${query}` }));
  });

describe('what a full service of a realm has its users do (SEC-93)', () => {
  test('passkeys are listed in a realm with as many trusted certificates as it may save', async () => {
    const realm = '/trusting';
    const owner = await ownerOf(realm);
    await server.createUser(realm, 'joe', PASSWORD);
    const service = `${realm}/realm-config/services/webAuthnMetadataService`;
    const { pem } = newAuthority('Root');
    const count = Math.floor((MAX_BODY_BYTES - 1_024) / JSON.stringify(pem).length);
    const body = { trustStores: { trustalias: pem.repeat(count) } };
    const saved = await longestTurn(() => rest('PUT', service, { token: owner, body }));
    expect(saved.answer.status).toBe(201);
    const first = await addPasskey(server, realm, 'joe');
    for (let at = 1; at < 100; at += 1) {
      const row = { ...first, uuid: crypto.randomUUID(), credentialId: `credential-${at}` };
      const change = { type: 'passkey.insert', row, maxDevices: 100 } as const;
      expect(await server.assent.store.committer.commit([change])).toMatchObject({ committed: true });
    }
    const token = await signIn(rest, realm, 'joe', PASSWORD);
    const slow: string[] = [];
    const list = `${realm}/users/joe/devices/2fa/webauthn?_queryFilter=true`;
    for (const [who, as] of Object.entries({ joe: token, owner })) {
      const { answer, millis } = await longestTurn(() => rest('GET', list, { token: as }));
      expect(answer).toMatchObject({ status: 200, body: { resultCount: 100 } });
      if (millis > busy) slow.push(`${who}: ${millis.toFixed(0)} ms`);
    }
    if (saved.millis > busy) slow.push(`save: ${saved.millis.toFixed(0)} ms`);
    expect(slow).toEqual([]);
  });
});

describe('no request of a full realm holds the event loop (SEC-93)', () => {
  let number = 0;
  test.each(SATURATED)('full of %s', async (_kind, make) => {
    number += 1;
    const realm = `/full${number}`;
    const token = await ownerOf(realm);
    const saturated = make();
    await fill(realm, saturated);
    const { host } = new URL(server.assent.publicUrl);
    const slow: string[] = [];
    const measured = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      const { answer, millis } = await longestTurn(work);
      if (millis > busy) slow.push(`${what}: ${millis.toFixed(0)} ms`);
      return answer;
    };
    const call = (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) =>
      measured(`${method} ${path}`, () => rest(method, `${realm}/${path}`, { token, ...(body && { body }) }));
    // The first request after a start reads the nodes of all realms: it is no request of this realm alone.
    await rest('GET', `/beta/${NODES}/PageNode?_queryFilter=true`, { token });

    const [type, id, config] = saturated.node;
    const nodePath = `${NODES}/${type}/${id}`;
    expect([200, 413]).toContain((await call('PUT', nodePath, config)).status);
    const [first] = saturated.journeys;
    await call('POST', `${TREES}?_action=validateTree`, { _id: 'J0', ...first?.tree, description: 'x' });
    await call('PUT', `${TREES}/J0`, { ...first?.tree, description: 'x' });
    expect((await call('PUT', `${NODES}/MessageNode/small`, { message: { en: 'x' } })).body).toMatchObject({
      _id: 'small',
    });
    const small = { nodeType: 'MessageNode', displayName: '', connections: { true: SUCCESS, false: FAILURE } };
    expect((await call('PUT', `${TREES}/Small`, { entryNodeId: 'small', nodes: { small } })).status).toBe(201);
    expect((await call('POST', `${TREES}/J0?_action=check`, {})).status).toBe(200);
    const journeyAt = (at: number) => saturated.journeys[Math.max(0, at) % saturated.journeys.length]?.name ?? '';
    await call('PUT', 'realm-config/services/oauth-oidc', {
      advancedOIDCConfig: {
        loaMapping: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`l${at}`, journeyAt(at)])),
      },
    });
    // Many classes name one journey, and the last ones others, which leave no steps of the check for the first one.
    await call('PUT', 'realm-config/services/oauth-oidc', {
      advancedOIDCConfig: {
        loaMapping: Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`l${at}`, journeyAt(at - 396)])),
      },
    });
    await call('PUT', 'realm-config/services/assent', {
      authLevelJourneys: Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`${at + 1}`, journeyAt(at)])),
    });

    // A stranger starts a journey, and goes on with a secret in its state.
    const start = 'authenticate?authIndexType=service&authIndexValue=J0';
    let step = (await measured('start', () => rest('POST', `${realm}/${start}`, { body: {} }))).body as Answer;
    for (let at = 0; at < 2 && step.callbacks !== undefined; at += 1) {
      const answers = filledIn(step.callbacks, { NameCallback: 'owner', PasswordCallback: PASSWORD });
      const body = { authId: step.authId, callbacks: answers };
      step = (await measured('continue', () => rest('POST', `${realm}/${start}`, { body }))).body as Answer;
    }

    for (const { method, pattern, path } of everyRoute(realm, saturated)) {
      const headers = {
        host,
        'accept-api-version': 'protocol=1.0,resource=2.0',
        iplanetdirectorypro: token,
        'x-requested-with': 'test',
        'sec-fetch-site': 'same-origin',
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
      };
      const url = `${new URL(server.assent.publicUrl).pathname}${path}`;
      const payload = method === 'GET' ? {} : { payload: '{}' };
      await measured(`${method} ${pattern} ${path}`, () =>
        inject(server.assent, { method: method as 'GET', url, headers, ...payload }),
      );
    }
    expect(await measured('a login elsewhere', () => signIn(rest, '/beta', 'bob', PASSWORD))).toBeTypeOf('string');

    // At last the realm goes, and the sweep takes away what is left of it.
    const administrator = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    const path = `/global-config/realms/${Buffer.from(realm).toString('base64url')}`;
    const gone = await measured('DELETE realm', () => rest('DELETE', path, { token: administrator }));
    expect(gone.status).toBe(200);
    await measured('sweep', () => server.assent.store.sweep(server.clock.now(), 500));
    expect(slow).toEqual([]);
  });
});
