import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SettingsRefused } from '../../settings/load-settings.ts';
import { restClient, signIn } from '../../testing/rest-client.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../../testing/steered-server.ts';
import { readMetricsToken, tokenCheck } from './metrics-token.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
const directory = mkdtempSync(join(tmpdir(), 'assent-metrics-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};

let server: SteeredServer;
let at: { readonly public: string; readonly management: string };

beforeAll(async () => {
  server = await steeredServer({ port: 0, managementPort: 0, metricsTokenFile: file('token', `${TOKEN}\n`) });
  const { port } = await server.assent.listen();
  const opened = server.logged().find(({ msg }) => msg === 'The management port is open.');
  at = { public: `http://127.0.0.1:${port}/am`, management: `http://127.0.0.1:${opened?.port}` };
});
afterAll(async () => {
  await server?.assent.stop();
  rmSync(directory, { recursive: true, force: true });
});

const get = async (url: string, init?: RequestInit) => {
  const answer = await fetch(url, init);
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
};

test('the management port tells health, and what is degraded beside it (OPS-52, OPS-53)', async () => {
  for (const name of ['live', 'started', 'ready']) {
    const { status, text } = await get(`${at.management}/health/${name}`);
    expect([status, JSON.parse(text)]).toEqual([200, { status: name, degraded: [] }]);
  }
  server.assent.health.watch('hintBus', () => ['Redis passes on no hints.']);
  const { status, text } = await get(`${at.management}/health/ready`);
  expect([status, JSON.parse(text)]).toEqual([
    200,
    { status: 'ready', degraded: [{ part: 'hintBus', problem: 'Redis passes on no hints.' }] },
  ]);
  const { text: publicly } = await get(`${at.public}/health/ready`);
  expect(publicly).toBe('{"status":"ready"}');
});

test('the management port tells metrics, and nothing else (OPS-52)', async () => {
  const metrics = await get(`${at.management}/metrics`);
  expect(metrics).toMatchObject({ status: 200, type: expect.stringContaining('text/plain; version=0.0.4') });
  for (const name of ['assent_build_info', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds']) {
    expect(metrics.text).toMatch(new RegExp(`^${name}[ {]`, 'm'));
  }
  expect(await get(`${at.management}/am/json/serverinfo/*`)).toMatchObject({ status: 404 });
  expect(await get(`${at.management}/metrics`, { method: 'POST' })).toMatchObject({ status: 405 });
  expect(await get(`${at.management}/metrics`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
});

test('the management port tells nothing by a name that somebody else has made lead there (SEC-84)', async () => {
  const by = (host: string) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(at.management);
      const socket = connect(Number(port), hostname, () =>
        socket.write(`GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
      );
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.on('close', () => resolve(answer)).on('error', reject);
    });
  expect(await by('evil.example:9464')).toMatch(/^HTTP\/1\.1 421 [\s\S]*ASSENT_MANAGEMENT_NAMES/);
  for (const host of ['localhost', '10.0.0.7:9464', 'assent-1']) expect(await by(host)).toMatch(/^HTTP\/1\.1 200 /);
});

test('one who asks without end and reads nothing keeps nobody waiting, and takes no memory to tell of (OPS-52)', async () => {
  const { hostname, port } = new URL(at.management);
  const alone = performance.now();
  for (let asked = 0; asked < 20; asked += 1) await get(`${at.management}/metrics`);
  const ofOne = (performance.now() - alone) / 20;
  const before = process.memoryUsage.rss();
  const sockets = Array.from({ length: 20 }, () => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined).pause();
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(500));
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const from = performance.now();
  expect(await get(`${at.management}/metrics`)).toMatchObject({ status: 200 });
  expect(await get(`${at.public}/health/ready`)).toMatchObject({ status: 200 });
  // Each of the ten thousand told by itself, they take that often as long as one takes here, and a gigabyte.
  expect(performance.now() - from).toBeLessThan(3_000 * ofOne);
  expect(process.memoryUsage.rss() - before).toBeLessThan(300_000_000);
  for (const socket of sockets) socket.destroy();
});

test('the public port tells metrics for the token alone (OPS-52, SEC-84)', async () => {
  const url = `${at.public}/metrics`;
  expect(await get(url)).toMatchObject({ status: 401 });
  expect((await fetch(url)).headers.get('www-authenticate')).toBe('Bearer');
  for (const authorization of [`Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN, `Bearer ${TOKEN} x`, 'Bearer ']) {
    expect(await get(url, { headers: { authorization } })).toMatchObject({ status: 401 });
  }
  const told = await get(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  expect(told).toMatchObject({ status: 200, type: expect.stringContaining('text/plain') });
  expect(told.text).toContain('assent_build_info');
});

test('without the setting there is no such address at the public port, and no other port (OPS-52, SEC-84)', async () => {
  const plain = await steeredServer({ port: 0 });
  try {
    const { port } = await plain.assent.listen();
    expect(await get(`http://127.0.0.1:${port}/am/metrics`)).toMatchObject({ status: 404 });
    expect(plain.logged().filter(({ msg }) => msg === 'The management port is open.')).toEqual([]);
  } finally {
    await plain.assent.stop();
  }
});

test('requests are counted by route, method and class of status, and no address of a client is among them (OPS-54)', async () => {
  await get(`${at.public}/json/serverinfo/version`);
  await get(`${at.public}/json/realms/root/users/ada`);
  await get(`${at.public}/oauth2/.well-known/openid-configuration`);
  await get(`${at.public}/nowhere/at-all`);
  const { text } = await get(`${at.management}/metrics`);
  for (const [route, method, status] of [
    ['json/serverinfo/version', 'GET', '2xx'],
    ['json/users/:user', 'GET', '4xx'],
    ['oauth2/.well-known/openid-configuration', 'GET', '2xx'],
    ['none', 'GET', '4xx'],
    ['health/ready', 'GET', '2xx'],
  ]) {
    expect(text).toMatch(
      new RegExp(
        `^assent_http_requests_total\\{route="${route?.replace(/[.*]/g, '\\$&')}",method="${method}",status="${status}"\\} [1-9]`,
        'm',
      ),
    );
  }
  expect(text).toMatch(/^assent_http_request_duration_seconds_count\{route="json\/users\/:user"\} 1$/m);
  expect(text).toMatch(/^assent_http_requests_in_flight 0$/m);
  expect(text).not.toContain('ada');
});

test('AM’s address tells them to administrators of the root realm (OPS-52)', async () => {
  expect(await get(`${at.public}/json/metrics/prometheus`)).toMatchObject({ status: 401 });
  const { name, password } = TEST_ADMINISTRATOR;
  const iplanetdirectorypro = (await signIn(restClient(server), '/', name, password)) ?? '';
  const told = await get(`${at.public}/json/metrics/prometheus`, { headers: { iplanetdirectorypro } });
  expect(told).toMatchObject({ status: 200, type: expect.stringContaining('text/plain') });
  expect(told.text).toContain('assent_build_info');
  const elsewhere = `${at.public}/json/realms/root/realms/nowhere/metrics/prometheus`;
  expect(await get(elsewhere, { headers: { iplanetdirectorypro } })).toMatchObject({ status: 400 });
});

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test.each([
  ['as the password of any name', basic(`prometheus:${TOKEN}`), 200],
  ['as a token', `Bearer ${TOKEN}`, 200],
  ['as the name', basic(`${TOKEN}:`), 401],
  ['without a name', basic(TOKEN), 401],
  ['with more behind it', basic(`prometheus:${TOKEN}:`), 401],
  ['as the password of AM', basic('prometheus:prometheus'), 401],
  ['of another scheme', `Digest ${TOKEN}`, 401],
])('a Prometheus that came to AM goes on with the token %s, where one is set', async (_how, authorization, status) => {
  for (const path of ['json/metrics/prometheus', 'metrics'])
    expect(await get(`${at.public}/${path}`, { headers: { authorization } }), path).toMatchObject({ status });
  const elsewhere = `${at.public}/json/realms/root/realms/nowhere/metrics/prometheus`;
  expect(await get(elsewhere, { headers: { authorization } })).not.toMatchObject({ status: 200 });
});

test.each([
  ['is not there', () => join(directory, 'nowhere'), /cannot be read \(ENOENT\)/],
  ['is empty', () => file('empty', '\n'), /is empty/],
  ['is short', () => file('short', 'letmein'), /holds too short a token/],
  ['has two words', () => file('two', `${TOKEN} ${TOKEN}`), /more than one word/],
])('a file of the token that %s is refused, with what to put there', (_what, of, problem) => {
  let thrown: unknown;
  try {
    readMetricsToken(of());
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(SettingsRefused);
  expect((thrown as SettingsRefused).problems).toEqual([expect.stringMatching(problem)]);
  expect((thrown as SettingsRefused).message).toContain('openssl rand -hex 32');
});

test('the scheme of the header may be spelled in any case (RFC 7235 §2.1)', () => {
  const isAllowed = tokenCheck(() => TOKEN);
  expect([`bearer ${TOKEN}`, `BEARER  ${TOKEN}`, undefined, ''].map(isAllowed)).toEqual([true, true, false, false]);
});
