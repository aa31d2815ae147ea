import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUCCESS } from '@assent/engine/host';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { type RestClient, restClient, signIn } from '../src/testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../src/testing/steered-server.ts';

// Two instances on one database, neither of which listens: no clock asks for the configuration, as it does once a second (OPS-28).

const TREES = '/realms/root/realm-config/authentication/authenticationtrees/trees';
const PUSH = '/realm-config/services/pushNotification';

const directory = mkdtempSync(join(tmpdir(), 'assent-administrators-'));
let servers: readonly SteeredServer[] = [];
let clients: readonly RestClient[] = [];
let token: string | undefined;

beforeAll(async () => {
  const first = await steeredServer({ port: 8080, dataDir: directory });
  servers = [first, await steeredServer({ port: 8080, dataDir: directory, clock: first.clock })];
  clients = servers.map(restClient);
  token = await signIn(client(0), '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(async () => {
  for (const { assent } of servers) await assent.stop();
  rmSync(directory, { recursive: true, force: true });
});

const client = (at: number): RestClient => clients[at % 2] as RestClient;
const treeOf = (description: string) => ({ entryNodeId: SUCCESS, nodes: {}, description });

test('what is written by one is read by the other, and is what If-Match means there, in turn', async () => {
  let rev = '';
  for (let at = 0; at < 100; at += 1) {
    const headers = rev === '' ? {} : { 'if-match': `"${rev}"` };
    const put = await client(at)('PUT', `${TREES}/Both`, { token, body: treeOf(`at ${at}`), headers });
    expect([at, put.status]).toEqual([at, at === 0 ? 201 : 200]);
    const read = await client(at + 1)('GET', `${TREES}/Both`, { token });
    expect(read.body).toMatchObject({ description: `at ${at}`, _rev: put.body._rev });
    rev = String(read.body._rev);
  }
});

const begin = (at: number, realm: string, tree: string) =>
  client(at)('POST', `${realm}/authenticate?authIndexType=service&authIndexValue=${tree}`, { body: {} });

test('a realm, a journey and a service of which one was told are known to the other, to those who sign in, too', async () => {
  expect((await begin(1, '/realms/root/realms/fresh', 'Login')).status).not.toBe(200);
  servers[0]?.clock.advance(1_000);
  const realm = { name: 'fresh', active: true, parentPath: '/', aliases: ['fresh.example.com'] };
  expect(await client(0)('POST', '/global-config/realms', { token, body: realm })).toMatchObject({ status: 201 });
  expect(await begin(1, '/realms/root/realms/fresh', 'Login')).toMatchObject({ status: 200 });

  const path = TREES.replace('/root/', '/root/realms/fresh/');
  const unknown = await begin(1, '/realms/root/realms/fresh', 'Never');
  await client(0)('PUT', `${path}/Later`, { token, body: treeOf('of one') });
  // It identifies nobody, so that it ends at once: as a journey, and not as one that there is none of.
  expect((await begin(1, '/realms/root/realms/fresh', 'Later')).body.message).not.toBe(unknown.body.message);

  const service = `/realms/root/realms/fresh${PUSH}`;
  const phone = () =>
    client(1)('POST', '/realms/root/realms/fresh/push/sns/message?_action=authenticate', { body: {} });
  const { body: config } = await client(0)('GET', service, { token });
  expect((await client(0)('DELETE', service, { token })).status).toBe(200);
  expect((await client(1)('GET', service, { token })).status).toBe(404);
  expect(await phone()).toMatchObject({ status: 404 });
  servers[0]?.clock.advance(1_000);
  const put = await client(0)('PUT', service, { token, body: config });
  expect(put.status, JSON.stringify(put.body)).toBeLessThan(300);
  expect(await phone()).toMatchObject({ status: 400 });
});

test('an application of which one was told may sign in by the other', async () => {
  const authorize = async () => {
    const { assent } = servers[1] as SteeredServer;
    const query = 'client_id=fresh-app&response_type=code&redirect_uri=https%3A%2F%2Fapp.example.com%2F&scope=openid';
    const headers = { host: 'localhost:8080', accept: 'text/html' };
    return (await inject(assent, { method: 'GET', url: `/am/oauth2/authorize?${query}`, headers })).statusCode;
  };
  expect(await authorize()).toBe(400);
  servers[0]?.clock.advance(1_000);
  const body = {
    coreOAuth2ClientConfig: {
      clientType: 'Public',
      redirectionUris: ['https://app.example.com/'],
      scopes: ['openid'],
    },
  };
  const put = await client(0)('PUT', '/realm-config/agents/OAuth2Client/fresh-app', { token, body });
  expect(put.status, JSON.stringify(put.body)).toBe(201);
  expect(await authorize()).not.toBe(400);
});

test('a name that is nowhere is asked for once a second, and of a flood of names some are', async () => {
  const { assent, clock } = servers[1] as SteeredServer;
  const { configuration } = assent.store;
  const asked: string[] = [];
  const version = configuration.version.bind(configuration);
  Object.assign(configuration, {
    version: () => {
      asked.push('version');
      return version();
    },
  });
  clock.advance(1_000);
  for (let at = 0; at < 3; at += 1) await begin(1, '', 'Nowhere');
  expect(asked).toHaveLength(1);
  clock.advance(1_000);
  await begin(1, '', 'Nowhere');
  expect(asked).toHaveLength(2);
  for (let at = 0; at < 150; at += 1) await begin(1, '', `Nowhere-${at}`);
  expect(asked).toHaveLength(101);
  // What is known costs nothing, whatever strangers ask for.
  await begin(1, '', 'Login');
  expect(asked).toHaveLength(101);
});
