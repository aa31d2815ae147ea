import { fakeRequest, memoryDirectory } from '@assent/engine/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../http/call.ts';
import { DEMO_USER } from '../seed.ts';
import { type RestAnswer, type RestClient, restClient } from '../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';
import { administratorSignIn } from './administrator-sign-in.ts';

const VERSION = { 'accept-api-version': 'resource=2.0, protocol=1.0' };

let server: SteeredServer;
let rest: RestClient;

beforeAll(async () => {
  server = await steeredServer({ port: 8080 });
  rest = restClient(server);
});
afterAll(() => server?.assent.stop());

const byHeaders = (name: string, password: string) =>
  rest('POST', '/realms/root/authenticate', {
    body: {},
    headers: { ...VERSION, 'x-openam-username': name, 'x-openam-password': password },
  });

/** What a stranger can tell answers apart by; the authId of each differs by itself. */
const seen = ({ status, headers, body }: RestAnswer) => {
  const { authId, ...rest } = body;
  return { status, headers: Object.keys(headers).sort(), hasAuthId: authId !== undefined, ...rest };
};

describe('with a wrong password an administrator is not told from anybody else (I7)', () => {
  test.each([
    ['a user', DEMO_USER.name, 'wrong'],
    ['nobody', 'nobody-at-all', 'wrong'],
    [
      'a user with the right password, whom the default journey asks in its own way',
      DEMO_USER.name,
      DEMO_USER.password,
    ],
  ])('nor from %s', async (_what, name, password) => {
    const administrator = await byHeaders(TEST_ADMINISTRATOR.name, 'wrong');
    expect(administrator).toMatchObject({ status: 200, body: { authId: expect.any(String) } });
    expect(seen(administrator)).toEqual(seen(await byHeaders(name, password)));
  });

  test('but the guess counts, and is in the audit trail', async () => {
    await server.createUser('/', 'boss', 'correct horse');
    await server.setAttributes('/', 'boss', { assentRoles: ['owner'] });
    expect((await byHeaders('boss', 'correct horse')).body).toHaveProperty('tokenId');
    for (let guess = 0; guess < 5; guess += 1) await byHeaders('boss', 'wrong');
    // Locked now, which nobody is told either.
    expect((await byHeaders('boss', 'correct horse')).body).not.toHaveProperty('tokenId');
    server.clock.advance(31_000);
    expect((await byHeaders('boss', 'correct horse')).body).toHaveProperty('tokenId');
  });

  test('and costs as much: a password is hashed for names that do not administer', async () => {
    const verified: unknown[] = [];
    const signIn = administratorSignIn({
      journeys: { start: () => Promise.reject(new TypeError()), continue: () => Promise.reject(new TypeError()) },
      configuration: { realm: () => undefined },
      identities: memoryDirectory({ demo: {} }),
      hasher: {
        verify: async (...given) => {
          verified.push(given);
          return false;
        },
      },
    });
    const headers = (name: string) => ({ 'x-openam-username': name, 'x-openam-password': 'secret' });
    for (const name of ['demo', 'nobody']) {
      const call = { request: { headers: headers(name) }, realmPath: '/' } as unknown as Call;
      expect(await signIn({ call, tree: undefined, parameters: {}, request: fakeRequest() })).toBeUndefined();
    }
    expect(verified).toEqual([
      [undefined, 'secret'],
      [undefined, 'secret'],
    ]);
  });
});

describe('a journey of administrators', () => {
  const node = (id: string, type: string, connections: Record<string, string>) => ({ id, type, connections });
  const SUCCESS = '70e691a5-1e33-4ac3-a356-e7b6d60d92e0';
  const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';
  const name = node('name', 'UsernameCollectorNode', { outcome: 'password' });
  const password = node('password', 'PasswordCollectorNode', { outcome: 'check' });
  const check = node('check', 'DataStoreDecisionNode', { true: SUCCESS, false: FAILURE });
  const message = node('message', 'MessageNode', { true: 'name', false: FAILURE });

  const publish = async (entryNodeId: string, nodes: readonly ReturnType<typeof node>[]) => {
    const { configuration } = server.assent.store;
    const tree = {
      entryNodeId,
      enabled: true,
      nodes: Object.fromEntries(
        nodes.map(({ id, type, connections }) => [id, { displayName: id, nodeType: type, connections }]),
      ),
    };
    await configuration.publishTree({
      realm: '/',
      name: 'Own',
      tree: tree as never,
      nodes: Object.fromEntries(nodes.map(({ id, type }) => [id, { id, type, config: {} }])),
    });
    const root = server.assent.configuration.realm('/');
    if (root !== undefined) await configuration.saveRealm({ ...root, adminTree: 'Own' });
    await server.assent.configuration.refresh();
  };
  const { name: who, password: right } = TEST_ADMINISTRATOR;
  let ofAnybody: unknown;
  beforeEach(async () => {
    ofAnybody = seen(await byHeaders('nobody-at-all', 'wrong'));
  });

  test('that asks for something else first is not begun by headers', async () => {
    await publish('message', [message, name, password, check]);
    expect(seen(await byHeaders(who, right))).toEqual(ofAnybody);
  });

  test('that asks for the name and then for the password gets both', async () => {
    await publish('name', [name, password, check]);
    expect((await byHeaders(who, right)).body).toHaveProperty('tokenId');
    expect(seen(await byHeaders(who, 'wrong'))).toEqual(ofAnybody);
  });

  test('that fails in itself tells nobody who administers', async () => {
    await publish('check', [check]);
    expect(seen(await byHeaders(who, right))).toEqual(ofAnybody);
  });

  test('that asks for more after the password hands its step to whoever knew the password', async () => {
    const more = { ...check, connections: { true: 'message', false: FAILURE } };
    await publish('name', [name, password, more, { ...message, connections: { true: SUCCESS, false: FAILURE } }]);
    const { body } = await byHeaders(who, right);
    expect(body).toMatchObject({ callbacks: [{ type: 'TextOutputCallback' }, { type: 'ConfirmationCallback' }] });
    expect(seen(await byHeaders(who, 'wrong'))).toEqual(ofAnybody);
  });
});
