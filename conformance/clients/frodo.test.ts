import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Administered, asAdministrator } from '../support/administrator.ts';
import { RestClient } from '../support/rest-client.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { ADMINISTRATOR, FRODO_MAY_COME_IN, Frodo, textOf } from './frodo.ts';

// The published command line of frodo against a started server: what it does to journeys and services (spec: journeys-rest §6).

const REALM_CONFIG = '/json/realms/root/realm-config';
const TREES = `${REALM_CONFIG}/authentication/authenticationtrees/trees`;
const NODES = `${REALM_CONFIG}/authentication/authenticationtrees/nodes`;
const ASSENT_SERVICE = `${REALM_CONFIG}/services/assent`;

interface Node {
  readonly _id: string;
  readonly _type: { readonly _id: string };
}

let server: ServerProcess;
let frodo: Frodo;
let rest: RestClient;
let owned: Administered;
/** The journeys that every server begins with. */
let shipped: readonly string[];

beforeAll(async () => {
  server = await startServerProcess(FRODO_MAY_COME_IN);
  frodo = new Frodo(server);
  rest = new RestClient(server.am);
  owned = { am: server.am, administrator: ADMINISTRATOR };
  const { result } = (await asAdministrator(owned, 'POST', `${TREES}?_action=getIds`)).body as {
    result: { _id: string }[];
  };
  shipped = result.map(({ _id }) => _id);
});
afterAll(() => server?.close());

describe('frodo', () => {
  test('is told why it cannot sign in, and that a journey is missing', async () => {
    const [wrong, missing] = await Promise.all([
      frodo.run(['info'], { password: 'wrong' }),
      frodo.run(['journey', 'delete', '-i', 'Nothing', '--verbose']),
    ]);
    expect(wrong.text).toMatch(/Status: 401\s+Reason: Unauthorized\s+Message: Login failure/);
    expect(missing.text).toMatch(/Error deleting tree Nothing[\s\S]*404/);
  });

  test('tells what it is connected to', async () => {
    const { host, amVersion, cookieName, sessionToken } = JSON.parse(
      /^\{[\s\S]*^\}/m.exec(await frodo.do(['info', '--json'], { byLauncher: true }))?.[0] ?? '',
    ) as Record<string, string>;
    expect({ host, amVersion, cookieName }).toEqual({
      host: server.am,
      amVersion: expect.stringMatching(/^8\.0\.2\b/),
      cookieName: 'iPlanetDirectoryPro',
    });
    const { status, body } = await rest.session('getSessionInfo', String(sessionToken));
    expect([status, body.username]).toEqual([200, 'amadmin']);
  });

  test('lists the journeys, and switches one off and on', async () => {
    expect(await frodo.do(['journey', 'disable', '-i', 'Login'])).toContain('Disabled journey Login');
    const rows = (await frodo.do(['journey', 'list', '-l'])).matchAll(/^(.+?) *│(enabled|disabled) *│/gm);
    const statuses = Object.fromEntries([...rows].map(([, name = '', status]) => [name, status]));
    expect(statuses).toEqual({ ...Object.fromEntries(shipped.map((name) => [name, 'enabled'])), Login: 'disabled' });
    expect(await rest.start('Login')).toMatchObject({ status: 400, body: { message: 'No Configuration found' } });

    expect(await frodo.do(['journey', 'enable', '-i', 'Login'])).toContain('Enabled journey Login');
    expect((await rest.start('Login')).callbacks).toHaveLength(2);
  });

  test('cannot switch off the journey that it signs in by', async () => {
    const { text } = await frodo.run(['journey', 'disable', '-i', 'AdminLogin']);
    expect(text).toContain('Error disabling journey AdminLogin');
    expect((await rest.start('AdminLogin')).callbacks).toHaveLength(2);
  });

  test('describes a journey with its nodes, those inside pages too', async () => {
    const text = await frodo.do(['journey', 'describe', '-i', 'Login']);
    for (const type of ['PageNode', 'DataStoreDecisionNode', 'UsernameCollectorNode', 'PasswordCollectorNode']) {
      expect(text).toContain(`- 1 [${type}]`);
    }
    expect(text).toMatch(/Status\s+enabled/);
  });

  test('deletes a journey, sweeps up its nodes once somebody says so, and brings all back from a file', async () => {
    await frodo.do(['journey', 'export', '-i', 'PushLoginBasic', '-f', 'one.json']);
    await frodo.do(['journey', 'delete', '-i', 'PushLoginBasic', '--no-deep']);
    expect(await rest.start('PushLoginBasic')).toMatchObject({ status: 400 });
    expect(await frodo.do(['journey', 'prune'], { stdin: 'n\n' })).toContain('15 orphaned nodes');
    const node = Object.values((frodo.read('one.json') as unknown as { nodes: Record<string, Node> }).nodes)[0];
    const left = () => asAdministrator(owned, 'GET', `${NODES}/${node?._type._id}/${node?._id}`);
    expect((await left()).status).toBe(200);
    expect(await frodo.do(['journey', 'prune'], { stdin: 'y\n' })).toContain('15 orphaned nodes');
    expect((await left()).status).toBe(404);

    await frodo.do(['journey', 'import', '-i', 'PushLoginBasic', '-f', 'one.json']);
    await frodo.do(['journey', 'export', '-i', 'PushLoginBasic', '-f', 'again.json']);
    expect(textOf(frodo.read('again.json'))).toBe(textOf(frodo.read('one.json')));
    const { callbacks } = await rest.passPassword('demo', 'Ch4ng31t!', 'PushLoginBasic');
    expect(callbacks.map(({ type }) => type)).toContain('ConfirmationCallback');
  });

  test('exports each journey to a file of its own', async () => {
    await frodo.do(['journey', 'export', '-A']);
    const files = shipped.map((name) => `${name}.journey.json`);
    expect(frodo.files()).toEqual(expect.arrayContaining(files));
    expect(files.map((file) => (frodo.read(file).tree as { _id: string })._id)).toEqual(shipped);
  });

  test('lists services, and puts back from a file what was changed meanwhile', async () => {
    expect((await frodo.do(['service', 'list'])).split('\n')).toEqual(
      expect.arrayContaining(['assent', 'pushNotification', 'validation']),
    );
    await frodo.do(['service', 'export', '-a', '-f', 'services.json']);
    expect(frodo.read('services.json')).toMatchObject({ service: { pushNotification: { delegateFactory: 'relay' } } });

    await asAdministrator(owned, 'PUT', ASSENT_SERVICE, { maxDevices: 2 });
    await frodo.do(['service', 'import', '-a', '-f', 'services.json']);
    expect((await asAdministrator(owned, 'GET', ASSENT_SERVICE)).body.maxDevices).toBe(5);
    await frodo.do(['service', 'export', '-a', '-f', 'services-again.json']);
    expect(textOf(frodo.read('services-again.json'))).toBe(textOf(frodo.read('services.json')));
  });
});
