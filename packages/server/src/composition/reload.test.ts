import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSettings } from '../settings/load-settings.ts';
import { inject } from '../testing/inject.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';

const FIRST = 'https://first.example';
const SECOND = 'https://second.example';
const directory = mkdtempSync(join(tmpdir(), 'assent-reload-'));
const tokenFile = join(directory, 'token');
let server: SteeredServer;

beforeAll(async () => {
  writeFileSync(tokenFile, 'first-token-of-twenty-characters', { mode: 0o600 });
  server = await steeredServer({ port: 18_498, metricsTokenFile: tokenFile });
});
afterAll(async () => {
  await server.assent.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** As the server was started, but for some of it. */
const reload = (flags: Readonly<Record<string, unknown>>) =>
  server.assent.reload(() =>
    loadSettings({
      flags: { port: 18_498, metricsTokenFile: tokenFile, databaseUrl: 'memory:', seed: 'demo', ...flags },
      env: {
        ASSENT_ADMIN_PASSWORD: TEST_ADMINISTRATOR.password,
        ASSENT_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      },
    }),
  );

const call = async (path: string, headers: Readonly<Record<string, string>>) => {
  const { host, pathname } = new URL(server.assent.publicUrl);
  return inject(server.assent, { method: 'GET', url: `${pathname}${path}`, headers: { host, ...headers } });
};
const isListed = async (origin: string) =>
  (await call('/json/serverinfo/*', { origin })).headers['access-control-allow-origin'] === origin;
const last = () => server.logged().at(-1);

test('OPS-59: level and origins count at once, the first and every other time', async () => {
  await reload({ corsOrigins: FIRST, logLevel: 'debug' });
  expect(last()).toMatchObject({ level: 'info', settings: ['ASSENT_CORS_ORIGINS', 'ASSENT_LOG_LEVEL'] });
  expect([await isListed(FIRST), await isListed(SECOND)]).toEqual([true, false]);
  expect(last()).toMatchObject({ level: 'debug', route: 'json/serverinfo/*', realm: '/' });
  await reload({ corsOrigins: SECOND });
  expect([await isListed(FIRST), await isListed(SECOND)]).toEqual([false, true]);
});

test('OPS-59: proxies count at once (SEC-63)', async () => {
  await reload({ trustedProxies: '127.0.0.1' });
  expect(last()).toMatchObject({ settings: expect.arrayContaining(['ASSENT_TRUSTED_PROXIES']) });
});

test('OPS-59: a file of a secret is read anew', async () => {
  const metrics = async (token: string) => (await call('/metrics', { authorization: `Bearer ${token}` })).statusCode;
  expect(await metrics('first-token-of-twenty-characters')).toBe(200);
  writeFileSync(tokenFile, 'second-token-of-twenty-characters');
  expect(await metrics('second-token-of-twenty-characters')).toBe(401);
  await reload({});
  expect(await metrics('first-token-of-twenty-characters')).toBe(401);
  expect(await metrics('second-token-of-twenty-characters')).toBe(200);
});

test('OPS-59: wrong settings and wrong files are refused as a whole, with what is wrong, and those before stay', async () => {
  await reload({ corsOrigins: SECOND });
  await reload({ corsOrigins: FIRST, logLevel: 'loud' });
  expect(last()).toMatchObject({
    level: 'error',
    problems: [expect.stringContaining('--log-level (flag) cannot be "loud"')],
  });
  writeFileSync(tokenFile, '');
  await reload({ corsOrigins: FIRST });
  expect(last()).toMatchObject({ level: 'error', problems: [expect.stringContaining('is empty')] });
  expect(await isListed(SECOND)).toBe(true);
  writeFileSync(tokenFile, 'second-token-of-twenty-characters');
});

test('OPS-59: what needs a restart is named, without its value, each time until then', async () => {
  for (let times = 0; times < 2; times += 1) {
    await reload({ drainSeconds: 9, hashConcurrency: undefined });
    expect(last()).toMatchObject({ level: 'warn', settings: ['ASSENT_DRAIN_SECONDS'] });
  }
  await reload({});
  expect(last()).toMatchObject({ level: 'info' });
});
