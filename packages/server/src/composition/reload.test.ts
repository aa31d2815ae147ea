import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configuring } from '@assent/store/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSettings } from '../settings/load-settings.ts';
import { inject } from '../testing/inject.ts';
import { FAILURE, publishTree, SUCCESS } from '../testing/publish-tree.ts';
import { type SteeredServer, steeredServer, TEST_ADMINISTRATOR } from '../testing/steered-server.ts';

const FIRST = 'https://first.example';
const SECOND = 'https://second.example';
const directory = mkdtempSync(join(tmpdir(), 'assent-reload-'));
const tokenFile = join(directory, 'token');
const secretFile = join(directory, 'secret');
let server: SteeredServer;

beforeAll(async () => {
  writeFileSync(tokenFile, 'first-token-of-twenty-characters', { mode: 0o600 });
  writeFileSync(secretFile, 'first-secret', { mode: 0o600 });
  server = await steeredServer({
    port: 18_498,
    metricsTokenFile: tokenFile,
    environment: { ESV_SMTP_PASSWORD_FILE: secretFile },
    realmSecrets: ['/=esv.smtp.password'],
  });
  await publishTree(server, 'BehindProxy', {
    // What proxies say is shown to nodes where it is one of ours that says it.
    reads: [
      'ZeroPageLoginNode',
      { true: SUCCESS, false: FAILURE },
      { usernameHeader: 'X-Forwarded-User', passwordHeader: 'X-Forwarded-For' },
    ],
  });
  await configuring(server.assent.store).saveService({
    realm: '/',
    type: 'email',
    config: { hostname: 'mail.example.com', from: 'a@example.com', password: '&{esv.smtp.password}' },
  });
  await server.assent.configuration.refresh();
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** As the server was started, but for some of it. */
const reload = (flags: Readonly<Record<string, unknown>>) =>
  server.assent.reload(() =>
    loadSettings({
      flags: {
        port: 18_498,
        metricsTokenFile: tokenFile,
        realmSecrets: '/=esv.smtp.password',
        databaseUrl: 'memory:',
        seed: 'demo',
        ...flags,
      },
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

/** Whether the server takes the word of whoever calls, which is 127.0.0.1 here. */
const isBelieved = async (): Promise<boolean> => {
  const { host, pathname } = new URL(server.assent.publicUrl);
  const { statusCode } = await inject(server.assent, {
    method: 'POST',
    url: `${pathname}/json/authenticate?authIndexType=service&authIndexValue=BehindProxy`,
    headers: { host, 'x-forwarded-user': 'demo', 'x-forwarded-for': '203.0.113.7', 'content-type': 'application/json' },
    payload: '{}',
  });
  return statusCode === 200;
};

test('OPS-59: the next request is of another proxy, or of none, as the last reload says (SEC-63)', async () => {
  expect(await isBelieved()).toBe(false);
  await reload({ trustedProxies: '127.0.0.1' });
  expect(last()).toMatchObject({ settings: expect.arrayContaining(['ASSENT_TRUSTED_PROXIES']) });
  expect(await isBelieved()).toBe(true);
  await reload({ trustedProxies: '192.0.2.1' });
  expect(await isBelieved()).toBe(false);
});

const secretInForce = () => server.assent.configuration.service('/', 'email')?.config.password;

test('OPS-59: a secret of a service that is in a file counts once it is read anew', async () => {
  expect(secretInForce()).toBe('first-secret');
  writeFileSync(secretFile, 'second-secret');
  expect(secretInForce()).toBe('first-secret');
  await reload({});
  expect(last()).toMatchObject({ level: 'info' });
  expect(secretInForce()).toBe('second-secret');
});

const metricsBy = async (token: string) => (await call('/metrics', { authorization: `Bearer ${token}` })).statusCode;

test('OPS-59: a file of a secret is read anew', async () => {
  expect(await metricsBy('first-token-of-twenty-characters')).toBe(200);
  writeFileSync(tokenFile, 'second-token-of-twenty-characters');
  expect(await metricsBy('second-token-of-twenty-characters')).toBe(401);
  await reload({});
  expect(await metricsBy('first-token-of-twenty-characters')).toBe(401);
  expect(await metricsBy('second-token-of-twenty-characters')).toBe(200);
});

test('OPS-59: wrong settings and wrong files are refused as a whole, with what is wrong, and those before stay (REL-25)', async () => {
  await reload({ corsOrigins: SECOND });
  await reload({ corsOrigins: FIRST, logLevel: 'loud' });
  expect(last()).toMatchObject({
    level: 'error',
    problems: [expect.stringContaining('--log-level (flag) cannot be "loud"')],
  });
  expect(secretInForce()).toBe('second-secret');
  writeFileSync(tokenFile, '');
  writeFileSync(secretFile, 'third-secret');
  const before = server.logged().length;
  await reload({ corsOrigins: FIRST, trustedProxies: '127.0.0.1', logLevel: 'debug' });
  expect(last()).toMatchObject({ level: 'error', problems: [expect.stringContaining('is empty')] });
  expect([await isListed(FIRST), await isListed(SECOND), await isBelieved()]).toEqual([false, true, false]);
  expect(secretInForce()).toBe('second-secret');
  expect(await metricsBy('second-token-of-twenty-characters')).toBe(200);
  // Requests are lines at debug, and the level is the one of before, too.
  expect(server.logged().slice(before)).not.toContainEqual(expect.objectContaining({ level: 'debug' }));
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

test('OPS-59: while it drains it answers, and what is read anew counts; it is asked for no more requests all the same (OPS-33)', async () => {
  await reload({ corsOrigins: FIRST });
  server.assent.drain();
  await reload({ corsOrigins: SECOND });
  expect([await isListed(FIRST), await isListed(SECOND)]).toEqual([false, true]);
  expect((await call('/health/ready', {})).statusCode).toBe(503);
});

test('OPS-59: once it stops nothing is read', async () => {
  const stopping = server.assent.stop();
  const before = server.logged().length;
  await server.assent.reload(() => Promise.reject(new Error('This is read.')));
  await stopping;
  expect(server.logged().slice(before)).not.toContainEqual(expect.objectContaining({ level: 'error' }));
});
