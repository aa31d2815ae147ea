import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { MAX_NODES_PER_REQUEST, NODES_WITHOUT_TURN } from '@assent/engine/host';
import { configuring } from '@assent/store/testing';
import type { InjectOptions } from 'light-my-request';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { REQUEST_PACE } from '../bounds/request-pace.ts';
import { UnsentAnswers } from '../bounds/unsent-answers.ts';
import { USER_TURNS, WORK_TURNS, WorkTurns } from '../bounds/work-turns.ts';
import { inject } from '../testing/inject.ts';
import { type Method, type RestClient, restClient, signIn } from '../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';

// What callers can make a whole server do at once, by REST and over sockets.

const PASSWORD = 'correct horse 7';
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
let server: SteeredServer;
let rest: RestClient;
let token: string | undefined;
let port = 0;

beforeAll(async () => {
  server = await steeredServer({ port: 0 });
  rest = restClient(server);
  port = (await server.assent.listen()).port;
  await server.createRealm('/fat');
  await server.createRealm('/other');
  await server.createUser('/other', 'bob', PASSWORD);
  await configuring(server.assent.store).change({
    putScripts: Array.from({ length: 160 }, (_, at) => ({
      realm: '/fat',
      id: `script-${at}`,
      name: `Script ${at}`,
      description: '',
      source: `// ${'x'.repeat(64_000)}`,
      language: 'JAVASCRIPT' as const,
      context: 'AUTHENTICATION_TREE_DECISION_NODE',
      createdBy: '',
      creationDate: 0,
      lastModifiedBy: '',
      lastModifiedDate: 0,
    })),
  } as never);
  await server.assent.configuration.refresh();
  token = await signIn(rest, '/', TEST_ADMINISTRATOR.name, TEST_ADMINISTRATOR.password);
});
afterAll(() => server?.assent.stop());
afterEach(() => vi.restoreAllMocks());

const page = (path: string) =>
  new Promise<{
    readonly status: number | undefined;
    readonly retryAfter: string | undefined;
    readonly text: string;
  }>((resolve, reject) => {
    const { host } = new URL(server.assent.publicUrl);
    get({ host: '127.0.0.1', port, path, headers: { host }, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (bytes) => {
        text += bytes;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, retryAfter: answer.headers['retry-after'], text }));
    }).on('error', reject);
  });

describe('reads of administrators (SEC-93)', () => {
  /** Reads that are not of the configuration or of users, or that no administrator is asked for. */
  const WITHOUT_TURN = [
    'GET /json/authenticate/wait',
    'GET /json/health/live',
    'GET /json/health/ready',
    'GET /json/push/relay',
    'GET /json/serverinfo/*',
    'GET /json/serverinfo/cookieDomains',
    'GET /json/serverinfo/page',
    'GET /json/serverinfo/version',
  ];
  const pathOf = (pattern: string) =>
    pattern
      .replace('/json', '')
      .replace('2fa/:type', '2fa/push')
      .replace(':user', TEST_ADMINISTRATOR.name)
      .replace(/:(\w+)/g, 'some-$1');

  test('take one turn each, whichever route they go to, and give it back', async () => {
    const take = vi.spyOn(WorkTurns.prototype, 'take');
    const without: string[] = [];
    let reads = 0;
    for (const route of server.assent.routes) {
      const [method = '', pattern = ''] = route.split(' ');
      if (method !== 'GET' || !pattern.startsWith('/json/')) continue;
      take.mockClear();
      // Metrics are no JSON.
      await rest('GET', `${pathOf(pattern)}?_queryFilter=true`, { token }).catch(() => undefined);
      if (take.mock.calls.length !== 1) without.push(route);
      reads += 1;
    }
    expect(without.toSorted()).toEqual(WITHOUT_TURN);
    // More than there are places: each was given back.
    expect(reads - without.length).toBeGreaterThan(2 * WORK_TURNS.concurrencyOfRealm);
    for (const action of ['schema', 'template', 'getAllTypes', 'nextdescendents']) {
      take.mockClear();
      await rest('POST', `/realm-config/services?_action=${action}`, { token, body: {} });
      expect(take).toHaveBeenCalledTimes(1);
    }
  });

  test('writes take none', async () => {
    const take = vi.spyOn(WorkTurns.prototype, 'take');
    expect((await rest('PUT', '/fat/scripts/some-id', { token, body: {} })).status).toBe(400);
    expect(take).not.toHaveBeenCalled();
  });

  test('of a greedy realm wait for each other, while another realm signs its users in', async () => {
    const take = vi.spyOn(WorkTurns.prototype, 'take');
    await rest('GET', '/fat/scripts/script-1', { token });
    const turns = take.mock.contexts[0] as WorkTurns;
    const held = await Promise.all([1, 2].map((at) => turns.take({ realm: '/', caller: `greedy-${at}` })));
    let isAnswered = false;
    const list = rest('GET', '/fat/scripts?_queryFilter=true', { token }).then((answer) => {
      isAnswered = true;
      return answer;
    });
    expect(await signIn(rest, '/other', 'bob', PASSWORD)).toBeTypeOf('string');
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(isAnswered).toBe(false);
    for (const end of held) end();
    expect((await list).body.resultCount).toBe(160);
  });

  test('beyond the line of their realm are refused with the time to come again (REL-14)', async () => {
    const EXCESS = 5;
    const ALL = WORK_TURNS.mostOfRealm + EXCESS;
    const read = () => rest('GET', '/fat/scripts/none', { token });
    const take = vi.spyOn(WorkTurns.prototype, 'take');
    await read();
    const turns = take.mock.contexts[0] as WorkTurns;
    const held = await Promise.all([1, 2].map((at) => turns.take({ realm: '/', caller: `greedy-${at}` })));
    take.mockClear();
    let refused = 0;
    const answers: Promise<number>[] = [];
    const noted = async () => {
      const { status, headers } = await read();
      if (status !== 503) return status;
      expect(headers['retry-after']).toBe('1');
      refused += 1;
      return status;
    };
    // Few at once, so that all of them come to the line.
    for (let at = 0; at < ALL; at += 1) {
      answers.push(noted());
      while (at % 50 === 49 && take.mock.calls.length <= at) await nextTurn();
    }
    while (take.mock.calls.length < ALL || refused < EXCESS) await nextTurn();
    for (const end of held) end();
    const statuses = await Promise.all(answers);
    expect(take).toHaveBeenCalledTimes(ALL);
    // On a slow machine more may have waited for their whole time.
    expect(statuses.filter((status) => status === 404).length + refused).toBe(ALL);
    expect(statuses).toContain(404);
    expect((await read()).status).toBe(404);
  });
});

describe('reads of users without a role (SEC-93)', () => {
  const READS = ['activity', 'devices/2fa/push', 'devices/profile', 'oauth2/applications?_queryFilter=true', ''];
  const SESSIONS = `/other/sessions?_queryFilter=${encodeURIComponent('username eq "bob" and realm eq "/other"')}`;

  test('take one turn each, in a line apart from that of administrators, and give it back', async () => {
    const bob = await signIn(rest, '/other', 'bob', PASSWORD);
    const take = vi.spyOn(WorkTurns.prototype, 'take');
    const paths = [...READS.map((it) => `/other/users/bob/${it}`.replace(/\/$/, '')), SESSIONS];
    for (let round = 0; round < USER_TURNS.concurrencyOfRealm; round += 1) {
      for (const path of paths) {
        take.mockClear();
        expect((await rest('GET', path, { token: bob })).status).toBe(200);
        expect(take.mock.calls).toEqual([[{ realm: '/other', caller: expect.any(String) }]]);
      }
    }
    const [ofUsers] = take.mock.contexts;
    await rest('GET', '/fat/scripts/script-1', { token });
    expect(take.mock.contexts.at(-1)).not.toBe(ofUsers);
  });

  test('wait for each other where their realm has its places, while users of another realm read and sign in', async () => {
    await server.createUser('/fat', 'ann', PASSWORD);
    const [ann, bob] = [await signIn(rest, '/fat', 'ann', PASSWORD), await signIn(rest, '/other', 'bob', PASSWORD)];
    const take = vi.spyOn(WorkTurns.prototype, 'take');
    await rest('GET', '/fat/users/ann/activity', { token: ann });
    const turns = take.mock.contexts[0] as WorkTurns;
    const lane = { realm: '/fat', caller: 'greedy' };
    const held = await Promise.all(Array.from({ length: USER_TURNS.concurrencyOfRealm }, () => turns.take(lane)));
    let isAnswered = false;
    const waiting = rest('GET', '/fat/users/ann/activity', { token: ann }).then((answer) => {
      isAnswered = true;
      return answer;
    });
    expect((await rest('GET', '/other/users/bob/activity', { token: bob })).status).toBe(200);
    expect(await signIn(rest, '/other', 'bob', PASSWORD)).toBeTypeOf('string');
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(isAnswered).toBe(false);
    for (const end of held) end();
    expect((await waiting).status).toBe(200);
  });
});

describe('pages of a journey that are too large (SEC-93)', () => {
  const BASE = '/fat/realm-config/authentication/authenticationtrees';
  const id = (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
  const FAILURE = 'e301438c-0bd0-429c-ab0c-66126501069a';
  const save = async (method: Method, path: string, body: unknown) => {
    const { status } = await rest(method, `${BASE}/${path}`, { token, body });
    expect(status).toBeLessThan(300);
  };
  const pageOf = async (name: string, nodes: number, characters: number) => {
    for (let at = 1; at <= nodes; at += 1)
      await save('PUT', `nodes/GetAuthenticatorAppNode/${id(at)}`, {
        message: { en: 'y<b>'.repeat(characters / 4) },
        continueLabel: { en: 'n' },
      });
    const inside = Array.from({ length: nodes }, (_, at) => ({
      _id: id(at + 1),
      nodeType: 'GetAuthenticatorAppNode',
      displayName: 'm',
    }));
    await save('PUT', `nodes/PageNode/${id(0)}`, { nodes: inside });
    const node = { nodeType: 'PageNode', displayName: 'x', connections: { outcome: FAILURE } };
    await save('PUT', `trees/${name}`, { entryNodeId: id(0), nodes: { [id(0)]: node }, uiConfig: {} });
  };
  const begin = (name: string) =>
    rest('POST', `/fat/authenticate?authIndexType=service&authIndexValue=${name}`, {
      body: {},
      headers: { 'accept-api-version': 'protocol=1.0,resource=2.1' },
    });

  test('are an error of the check, and are not made: the journey ends, and the log says why', async () => {
    await pageOf('TooLarge', 5, 60_000);
    const { body } = await rest('POST', `${BASE}/trees/TooLarge?_action=check`, { token, body: {} });
    expect(body.result).toContainEqual(
      expect.objectContaining({
        code: 'J20',
        severity: 'error',
        message: expect.stringContaining('characters of settings, and may have 262144'),
      }),
    );
    server.takeLogged();
    const { status, body: answer } = await begin('TooLarge');
    expect([status, JSON.stringify(answer).length < 1_000]).toEqual([401, true]);
    expect(JSON.stringify(server.takeLogged())).toContain('the page and its nodes have');
  });

  test('are made in turns of their realm and of the source where they are large', async () => {
    await pageOf('Large', 2, 30_000);
    const run = vi.spyOn(WorkTurns.prototype, 'run');
    expect(await begin('Large')).toMatchObject({ status: 200 });
    expect(run.mock.calls.map(([lane]) => lane)).toEqual([{ realm: '/fat', caller: '127.0.0.1' }]);
    run.mockClear();
    // The login page is not rendered with such a step: its script asks for it.
    const { status, text } = await page('/am/login?realm=/fat&service=Large');
    expect([status, text.length < 65_536, text.includes('y&lt;b&gt;y')]).toEqual([200, true, false]);
    run.mockClear();
    expect(await signIn(rest, '/other', 'bob', PASSWORD)).toBeTypeOf('string');
    expect(run).not.toHaveBeenCalled();
  });

  test('a journey that loops takes a turn of its realm for each node, and writes few rows and lines', async () => {
    await save('PUT', `nodes/RetryLimitDecisionNode/${id(900)}`, {
      retryLimit: 990,
      incrementUserAttributeOnFailure: false,
    });
    const node = {
      nodeType: 'RetryLimitDecisionNode',
      displayName: 'x',
      connections: { Retry: id(900), Reject: FAILURE },
    };
    await save('PUT', 'trees/Loop', { entryNodeId: id(900), nodes: { [id(900)]: node }, uiConfig: {} });
    const run = vi.spyOn(WorkTurns.prototype, 'run');
    run.mockClear();
    server.takeLogged();
    expect(await begin('Loop')).toMatchObject({ status: 401 });
    expect(run).toHaveBeenCalledTimes(MAX_NODES_PER_REQUEST - NODES_WITHOUT_TURN);
    expect(new Set(run.mock.calls.map(([lane]) => JSON.stringify(lane)))).toEqual(
      new Set([JSON.stringify({ realm: '/fat', caller: '127.0.0.1' })]),
    );
    expect(server.takeLogged().length).toBeLessThan(8);
    // All turns were given back.
    expect(await begin('Large')).toMatchObject({ status: 200 });
  });
});

describe('answers that are not read (REL-14)', () => {
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** Asks, reads the first bytes and no more. */
  const stalled = async (path: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.write(
      `GET /am/json${path} HTTP/1.1\r\nHost: localhost:${port}\r\niplanetdirectorypro: ${token}\r\naccept-api-version: resource=2.0\r\n\r\n`,
    );
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('data', (bytes) => {
        socket.pause();
        resolve(bytes.toString('latin1').split('\r\n', 1)[0] ?? '');
      });
    });
  };

  test('have a bound for each source: one more large answer is refused, and a small one is not', async () => {
    const list = '/fat/scripts?_queryFilter=true';
    // 13.7 MiB each.
    expect(await stalled(list)).toBe('HTTP/1.1 200 OK');
    expect(await stalled(list)).toBe('HTTP/1.1 503 Service Unavailable');
    expect(await stalled('/serverinfo/version')).toBe('HTTP/1.1 200 OK');
    for (const socket of sockets.splice(0)) socket.destroy();
    await expect.poll(() => stalled(list)).toBe('HTTP/1.1 200 OK');
  });

  test('have a bound for pages, too: where there is no room, a large one is answered 503', async () => {
    const before = await page('/am/login');
    expect([before.status, before.text.length > 16_384]).toEqual([200, true]);
    vi.spyOn(UnsentAnswers.prototype, 'makeRoomFor').mockReturnValue(false);
    const { status, retryAfter, text } = await page('/am/login');
    expect([status, retryAfter, JSON.parse(text).code]).toEqual([503, '2', 503]);
  });
});

describe('requests to a busy server (SEC-93)', () => {
  test('wait with their bodies as bytes: none is parsed before it may begin', async () => {
    const { host } = new URL(server.assent.publicUrl);
    const headers = { host, 'content-type': 'application/json', 'accept-api-version': 'resource=2.1' };
    const payload = `{"marked":true,"callbacks":[${Array.from({ length: 1_000 }, () => '{}').join()}]}`;
    const send = () =>
      inject(server.assent, { method: 'POST', url: '/am/json/realms/root/realms/fat/authenticate', headers, payload });
    await send();
    let now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      now += REQUEST_PACE.busyMillis;
      return now;
    });
    let [parsed, answered, most] = [0, 0, 0];
    const parse = JSON.parse;
    const spy = vi.spyOn(JSON, 'parse').mockImplementation((text, ...others) => {
      if (String(text).startsWith('{"marked"')) {
        parsed += 1;
        most = Math.max(most, parsed - answered);
      }
      return parse(text, ...others);
    });
    await Promise.all(
      Array.from({ length: 60 }, async () => {
        await send();
        answered += 1;
      }),
    );
    clock.mockRestore();
    spy.mockRestore();
    expect([parsed, answered]).toEqual([60, 60]);
    expect(most).toBeLessThan(20);
  });

  const ENTRIES: readonly (readonly [string, (realm: string) => InjectOptions])[] = [
    ['the JSON API', (realm) => ({ method: 'POST', url: `/am/json/realms/root/realms${realm}/authenticate` })],
    ['the login page', (realm) => ({ method: 'GET', url: `/am/login?realm=${realm}` })],
    ['OAuth', (realm) => ({ method: 'GET', url: `/am/oauth2/realms/root/realms${realm}/connect/jwk_uri` })],
  ];
  test.each(ENTRIES)('of one realm do not all begin before one of another: %s', async (_, to) => {
    let now = performance.now();
    const { host } = new URL(server.assent.publicUrl);
    const headers = { host, 'content-type': 'application/json', 'accept-api-version': 'resource=2.1' };
    const send = (realm: string) => inject(server.assent, { ...to(realm), headers });
    // What is loaded at the first request takes rounds of its own.
    await Promise.all([send('/fat'), send('/other')]);
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      now += REQUEST_PACE.busyMillis;
      return now;
    });
    const answered: string[] = [];
    const noted = async (realm: string) => {
      const { statusCode } = await send(realm);
      answered.push(`${realm} ${statusCode}`);
    };
    await Promise.all([...Array.from({ length: 40 }, () => noted('/fat')), noted('/other')]);
    clock.mockRestore();
    expect(answered).toHaveLength(41);
    expect(new Set(answered)).toEqual(new Set(['/fat 200', '/other 200']));
    expect(answered.indexOf('/other 200')).toBeLessThan(12);
  });

  test.each(ENTRIES)('get 503 and Retry-After where too many wait, and no line of the log each: %s', async (_, to) => {
    let now = performance.now();
    const { host } = new URL(server.assent.publicUrl);
    const headers = { host, 'content-type': 'application/json', 'accept-api-version': 'resource=2.1' };
    const send = () => inject(server.assent, { ...to('/fat'), headers });
    await send();
    server.takeLogged();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      now += REQUEST_PACE.busyMillis;
      return now;
    });
    // All are in the line before the first of them is answered.
    const answers = await Promise.all(Array.from({ length: REQUEST_PACE.mostOfRealm + 200 }, send));
    clock.mockRestore();
    const refused = answers.filter((it) => it.statusCode !== 200);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map((it) => `${it.statusCode} ${it.headers['retry-after']}`))).toEqual(new Set(['503 1']));
    expect(server.takeLogged().filter((it) => /refused|failed/.test(String(it.msg)))).toEqual([]);
  });
});
