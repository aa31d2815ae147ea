import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSession } from '../../testing/account-fixture.ts';
import { type RestClient, restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';
import { hiddenValue, WaitingPage } from '../../testing/waiting-page.ts';

// What became of a request to phones, for who is asked why nothing has arrived (OPS-50).

let server: SteeredServer;
let page: WaitingPage;
let rest: RestClient;
let admin: string | undefined;

interface Trace {
  readonly _id: string;
  readonly complete: boolean;
  readonly todo: string;
  readonly steps: readonly {
    readonly step: string;
    readonly time: string;
    readonly instance?: string;
    readonly phone?: string;
    readonly phoneName?: string;
    readonly cause?: string;
    readonly text: string;
  }[];
}

beforeEach(async () => {
  server = await steeredServer({ port: 8080 });
  page = new WaitingPage(() => server);
  rest = restClient(server);
  admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterEach(() => server.assent.stop());

const traced = (query = '') => rest('GET', `/push/trace?user=demo${query}`, { token: admin });
const listed = async (query = ''): Promise<readonly Trace[]> =>
  (await traced(query)).body.result as unknown as readonly Trace[];
const stepsOf = ({ steps }: Trace) => steps.map(({ step }) => step);

describe('the trace of a request', () => {
  test('tells each step with its time, instance and phone, from the list and by its id alike', async () => {
    const waiting = await page.toWait();
    server.clock.advance(1_000);
    await page.answerOnPhone({ number: hiddenValue(waiting) });
    server.clock.advance(1_000);
    const at = server.clock.now();
    expect((await page.submit(waiting)).body).toHaveProperty('tokenId');
    const [trace] = await listed();
    if (trace === undefined) throw new Error('a request was sent');
    expect(stepsOf(trace)).toEqual(['fetchable', 'approved', 'consumed']);
    const [first, , last] = trace.steps;
    expect(first).toMatchObject({ phoneName: 'Pixel 8', time: new Date(at - 2_000).toISOString() });
    expect(last).toMatchObject({ time: new Date(at).toISOString(), text: 'The sign-in has taken the answer.' });
    expect(new Set(trace.steps.map(({ instance, phone }) => `${instance} ${phone}`)).size).toBe(1);
    expect(first?.instance).toMatch(/^[\w-]+$/);
    expect(trace.complete).toBe(true);
    expect((await rest('GET', `/push/trace/${trace._id}`, { token: admin })).body).toMatchObject({ ...trace });
  });

  test('has no address, no message, no number and no secret (SEC-79, SEC-23)', async () => {
    const waiting = await page.toWait();
    const { store } = server.assent;
    const identity = await store.identities.find('/', 'demo');
    const [device] = await store.devices.ofUser(identity?.id ?? '');
    const text = JSON.stringify((await traced()).body);
    expect(text).toContain(device?.uuid);
    for (const secret of [device?.communicationId, device?.deviceId, device?.mechanismUid, hiddenValue(waiting)]) {
      expect(text).not.toContain(secret);
    }
    expect(text).not.toContain('AUTHENTICATE:');
  });

  test('of a dead address says that the app must be opened, also after the message is gone', async () => {
    await page.toWait();
    const { store } = server.assent;
    const identity = await store.identities.find('/', 'demo');
    const [device] = await store.devices.ofUser(identity?.id ?? '');
    if (device === undefined) throw new Error('demo has a phone');
    const row = { ...device, channelDeadAt: server.clock.now() };
    await store.committer.commit([{ type: 'device.update', row }]);
    server.clock.advance(60_000);
    await page.pastPassword();
    const [newer, older] = await listed();
    expect(newer && stepsOf(newer)).toEqual(['unreachable']);
    expect(newer?.todo).toBe('The provider refused the address: the phone must open the app once. Then sign in again.');
    expect(older?.steps.at(-1)).toMatchObject({
      step: 'closed',
      text: 'The request was withdrawn: a newer sign-in from the same place has taken its place.',
    });
    server.clock.advance(121_000);
    expect((await listed())[0]?.steps.at(-1)).toMatchObject({ step: 'expired' });
    // The hour that requests are kept, and the minute within which a retry is told apart.
    server.clock.advance(3_660_000);
    await store.sweep(server.clock.now(), 1_000);
    admin = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
    const [gone] = await listed();
    expect(gone).toMatchObject({ _id: newer?._id, complete: false, steps: [{ step: 'queued' }] });
  });

  test('comes in pages, newest first', async () => {
    await page.toWait();
    for (let sent = 2; sent <= 3; sent += 1) {
      server.clock.advance(70_000);
      await page.pastPassword();
    }
    const all = (await listed()).map(({ _id }) => _id);
    expect(all).toHaveLength(3);
    const { body } = await traced('&_pageSize=2');
    expect((body.result as readonly Trace[]).map(({ _id }) => _id)).toEqual(all.slice(0, 2));
    const rest = await listed(`&_pageSize=2&_pagedResultsCookie=${String(body.pagedResultsCookie)}`);
    expect(rest.map(({ _id }) => _id)).toEqual(all.slice(2));
  });
});

describe('a trace is refused', () => {
  const as = async (realm: string, name: string, roles: readonly string[]) => {
    await server.createUser(realm, name, 'correct horse');
    const { store } = server.assent;
    const identity = await store.identities.find(realm, name);
    if (identity === undefined) throw new Error('made a moment ago');
    const { id, rev } = identity;
    const attributes = { assentRoles: roles };
    await store.committer.commit([{ type: 'identity.attributes', id, seenRev: rev, attributes }]);
    return (await openSession(server, realm, name, { factorAgeMillis: 0 })).token;
  };

  test('to who has no role, or none in this realm, whether there is one or not; a help desk of the realm reads it', async () => {
    await server.createRealm('/alpha');
    await page.toWait();
    const [trace] = await listed();
    const read = async (token: string | undefined, realm = '') => [
      (await rest('GET', `${realm}/push/trace?user=demo`, { token })).status,
      (await rest('GET', `${realm}/push/trace/${trace?._id}`, { token })).status,
      (await rest('GET', `${realm}/push/trace/${'a'.repeat(36)}.${'b'.repeat(22)}`, { token })).status,
    ];
    expect(await read(undefined)).toEqual([401, 401, 401]);
    expect(await read(await as('/', 'plain', []))).toEqual([403, 403, 403]);
    expect(await read(await as('/', 'designer', ['designer']))).toEqual([403, 403, 403]);
    expect(await read(await as('/', 'desk', ['helpdesk']))).toEqual([200, 200, 404]);
    const delegated = await as('/alpha', 'owner', ['owner']);
    expect(await read(delegated)).toEqual([403, 403, 403]);
    // In its own realm it finds neither the user nor the request of another one.
    expect(await read(delegated, '/alpha')).toEqual([404, 404, 404]);
  });

  test.each([
    ['no user', '/push/trace', 'user'],
    ['a place of nobody', '/push/trace?user=demo&_pagedResultsCookie=x', '_pagedResultsCookie'],
    ['a size that is none', '/push/trace?user=demo&_pageSize=-1', '_pageSize'],
  ])('for %s, with the field that is meant', async (_what, path, field) => {
    expect(await rest('GET', path, { token: admin })).toMatchObject({ status: 400, body: { detail: { field } } });
  });

  test.each(['x', '%2e%2e', `${'a'.repeat(80)}.${'b'.repeat(22)}`])('for an id that is none: %s', async (id) => {
    expect((await rest('GET', `/push/trace/${id}`, { token: admin })).status).toBe(404);
  });
});
