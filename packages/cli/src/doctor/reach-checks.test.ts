import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { testCliWithData } from '../testing/test-cli.ts';
import { certificateFinding, checkDatabaseClock, checkDescriptors } from './reach-checks.ts';

// What the doctor finds out by asking those around the server, and what it says where a hop is broken (OPS-51).

const NOW = Date.parse('2026-03-09T12:00:00Z');

const foundIn = async (
  config: { readonly type: string; readonly config: Readonly<Record<string, unknown>> },
  ...args: readonly string[]
) => {
  const cli = await testCliWithData();
  await cli.inStore(({ configuration }) => configuration.saveService({ realm: '/', ...config }));
  const { code, stdout } = await cli.run('doctor', '--port', '0', '--json', ...args);
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).check as { name: string; status: string; message: string; hint?: string });
  return { code, found, stdout };
};

test('a mail server that is not there is a problem that names host and port, and no password', async () => {
  const config = {
    hostname: '127.0.0.1',
    port: 1,
    sslState: 'Non SSL',
    from: 'a@example.org',
    username: 'u',
    password: 'geheim-7',
  };
  const { code, found, stdout } = await foundIn({ type: 'email', config });
  expect(code).toBe(1);
  expect(found).toContainEqual({
    name: 'realm /',
    status: 'problem',
    message: expect.stringMatching(/^The mail server of the service email does not take mail from us: .*ECONNREFUSED/),
    hint: 'set hostname and port of the service email to where the mail server is, and let this machine call it',
  });
  expect(stdout).not.toContain('geheim-7');
});

test('a directory that is not there is a problem that names where it is said to be', async () => {
  const config = {
    urls: ['ldap://127.0.0.1:1'],
    baseDn: 'dc=example,dc=org',
    bindDn: 'cn=a',
    bindPassword: 'geheim-7',
  };
  const { found, stdout } = await foundIn({ type: 'ldap', config });
  expect(found).toContainEqual(
    expect.objectContaining({
      name: 'realm /',
      status: 'problem',
      message: expect.stringContaining('The directory of the service ldap cannot be asked: '),
      hint: expect.stringContaining('urls, startTls and caCertificates'),
    }),
  );
  expect(stdout).not.toContain('geheim-7');
});

test('a Redis that is not there is a problem that says what it costs', async () => {
  const cli = await testCliWithData();
  const { code, stdout } = await cli.run('doctor', '--port', '0', '--redis-url', 'redis://127.0.0.1:1');
  expect(code).toBe(1);
  expect(stdout).toContain(
    '✗ hint bus: problem: Redis cannot be reached (ECONNREFUSED): instances look in the database',
  );
  expect(stdout).toContain('--redis-url (ASSENT_REDIS_URL)');
});

test('a public URL that leads nowhere, or to somebody else, is a problem with what to look at', async () => {
  const cli = await testCliWithData();
  const silent = createTlsServer((_request, response) => response.end('{}'));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const told = await cli.run('doctor', '--port', '0', '--public-url', `https://127.0.0.1:${port}/am`);
  expect(told.stdout).toContain('✗ public URL: problem: ');
  await new Promise((resolve) => silent.close(resolve));
  const { stdout } = await cli.run('doctor', '--port', '0', '--public-url', `https://127.0.0.1:${port}/am`);
  expect(stdout).toContain(`${port}/am does not lead to this server from here (ECONNREFUSED)`);
});

test.each([
  [13.9, 'warning', 'It runs out on 2026-03-23, in 13 days.'],
  [-1, 'warning', 'It runs out on 2026-03-08, in -1 days.'],
  [15, 'ok', 'It is good until 2026-03-24.'],
])('a certificate with %d days left', (days, status, message) => {
  expect(certificateFinding(NOW + days * 24 * 3_600_000, NOW)).toMatchObject([{ status, message }]);
});

test.each([
  [90_000, 'problem', 'Our clock is 90 seconds ahead of that of the database.'],
  [-90_000, 'problem', 'Our clock is 90 seconds behind that of the database.'],
  [1_000, 'ok', 'The clock of the database and ours agree.'],
])('a clock that is ahead of the database by %d ms', (ahead, status, message) => {
  expect(checkDatabaseClock({ clock: { now: () => NOW } }, NOW + ahead)).toMatchObject([{ status, message }]);
});

test.each([
  ['Max open files            1024                 524288               files', 'warning'],
  ['Max open files            65536                524288               files', 'ok'],
  ['Max open files            unlimited            unlimited            files', 'ok'],
])('of %j there are enough descriptors, or not', (limits, status) => {
  expect(checkDescriptors(`Limit  Soft  Hard\n${limits}\n`)).toMatchObject([{ name: 'descriptors', status }]);
});

test('where a system does not say how many it allows, nothing is said', () => {
  expect(checkDescriptors(undefined)).toEqual([]);
});
