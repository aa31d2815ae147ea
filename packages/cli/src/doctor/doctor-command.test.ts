import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CHECKPOINT_KEY, checkpointKeyFrom } from '@assent/store';
import { configuring } from '@assent/store/testing';
import { afterEach, expect, test } from 'vitest';
import { passkeyOf } from '../testing/key-rows.ts';
import { type TestCli, testCli, testCliWithData } from '../testing/test-cli.ts';
import { CHECKS } from './checks.ts';
import { checkDataDir } from './machine-checks.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

/** Something that answers every request in one way; resolves to its port. */
const answering = async (status: number, body: string, date?: string): Promise<number> => {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...(date !== undefined && { date }) }).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

const checks = async (cli: TestCli, ...args: string[]) => {
  const port = args.includes('--port') ? [] : ['--port', '0'];
  const { code, stdout } = await cli.run('doctor', ...port, '--json', ...args);
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).check as { name: string; status: string; message: string; hint?: string });
  return { code, of: (name: string) => found.filter((it) => it.name === name) };
};

test('an old Node is a problem', async () => {
  const cli = testCli();
  cli.nodeVersion = '18.20.4';
  const { code, of } = await checks(cli);
  expect(code).toBe(1);
  expect(of('node')).toEqual([expect.objectContaining({ status: 'problem', message: 'Node 18.20.4 is too old.' })]);
});

test('each wrong setting is a problem, named with what is allowed', async () => {
  const cli = testCli();
  cli.env = { ...cli.env, ASSENT_SEED: 'all', ASSENT_PUBLIC_URL: 'login' };
  const { code, of } = await checks(cli);
  expect(code).toBe(1);
  expect(of('settings').map(({ message }) => message)).toEqual([
    expect.stringContaining('ASSENT_PUBLIC_URL (environment)'),
    expect.stringContaining('ASSENT_SEED (environment)'),
  ]);
});

test('a data directory that is a file is a problem', async () => {
  const cli = testCli();
  writeFileSync(cli.dataDir, '');
  const { code, of } = await checks(cli);
  expect(code).toBe(1);
  expect(of('data directory')[0]).toMatchObject({ status: 'problem' });
});

test('a disk that is nearly full is worth knowing', () => {
  const free = (megabytes: number) => () => ({ bavail: megabytes * 256, bsize: 4_096 });
  expect(checkDataDir('/', free(499))).toMatchObject({ status: 'warning', message: 'Only 499.0 MiB are left for /.' });
  expect(checkDataDir('/', free(500))).toMatchObject({ status: 'ok' });
});

test('a file that is no database is a problem', async () => {
  const cli = testCli();
  mkdirSync(cli.dataDir);
  writeFileSync(join(cli.dataDir, 'assent.db'), 'not a database, but long enough to be read as one. '.repeat(40));
  const { code, of } = await checks(cli);
  expect(code).toBe(1);
  expect(of('database')).toEqual([expect.objectContaining({ status: 'problem' })]);
});

test('another master key than the database was made with is a problem (SEC-75)', async () => {
  const cli = await testCliWithData();
  cli.env = { ...cli.env, ASSENT_MASTER_KEY: Buffer.alloc(32, 1).toString('base64') };
  const { code, of } = await checks(cli);
  expect(code).toBe(1);
  expect(of('database')[0]?.message).toContain('master key');
});

test('a master key that others can read is a problem (SEC-77)', async () => {
  const cli = await testCliWithData();
  chmodSync(join(cli.dataDir, 'master.key'), 0o644);
  const { code, of } = await checks(cli);
  expect(code).toBe(1);
  expect(of('master key')[0]).toMatchObject({ status: 'problem', hint: expect.stringContaining('chmod 600') });
});

test('a clock that was set back is a problem', async () => {
  const cli = await testCliWithData();
  cli.now -= 3_600_000;
  const { code, of } = await checks(cli);
  expect(code).toBe(1);
  expect(of('clock')[0]).toMatchObject({ status: 'problem' });
});

test.each([
  ['html', 200, '<html>'],
  ['other JSON', 404, '{"error":"Not found"}'],
])('a stranger on the port that answers with %s is a problem', async (_what, status, body) => {
  const port = await answering(status, body);
  const { code, of } = await checks(testCli(), '--port', String(port));
  expect(code).toBe(1);
  expect(of('port')[0]?.message).toBe(
    `Port ${port} on 127.0.0.1 is in use, and what answers there is not this server.`,
  );
});

test('an Assent that is not well, or has another clock, is a problem', async () => {
  const ill = await answering(503, '{"status":"store unavailable"}');
  const { of } = await checks(testCli(), '--port', String(ill));
  expect(of('port')[0]).toMatchObject({ status: 'problem', message: expect.stringContaining('store unavailable') });
  const late = await answering(200, '{"status":"ready"}', 'Tue, 01 Jan 2019 00:00:00 GMT');
  const { of: ofLate } = await checks(testCli(), '--port', String(late));
  expect(ofLate('port')[0]).toMatchObject({ status: 'problem', message: expect.stringContaining('clock') });
});

test('a realm whose default journey asks for a password alone is told to have longer ones (SEC-55)', async () => {
  const { newRealmSettings, equipmentOf } = await import('@assent/server');
  const cli = testCli();
  await cli.inStore(async (store) => {
    for (const [path, more] of [
      ['/short', {}],
      ['/long', { passwordMinLength: 15 }],
      ['/push', { defaultTree: 'PushLogin' }],
      ['/gone', { defaultTree: 'Nowhere' }],
      ['/off', { active: false }],
    ] as const)
      await configuring(store).createRealm(
        { ...newRealmSettings(path, 'http://localhost/am'), ...more },
        equipmentOf(path),
      );
  });
  const { of } = await checks(cli);
  const told = (realm: string) =>
    of(`realm ${realm}`).filter(({ message }) => String(message).startsWith('A password alone'));
  expect(told('/short')).toEqual([
    {
      name: 'realm /short',
      status: 'warning',
      message: 'A password alone signs in by the default journey Login, and may have 8 characters.',
      hint: 'ask for a second factor in Login, or set passwordMinLength of the service "assent" to 15',
    },
  ]);
  for (const realm of ['/long', '/push', '/gone', '/off']) expect(told(realm), realm).toEqual([]);
});

test('a realm whose phones cannot be reached is a problem that names the missing setting', async () => {
  const cli = await testCliWithData();
  await cli.run('realm', 'create', 'alpha');
  await cli.inStore(async ({ committer }) => {
    const row = {
      uuid: 'd1',
      realm: '/alpha',
      userId: 'u1',
      username: 'ann',
      deviceName: 'Phone',
      issuer: 'Assent',
      secret: new Uint8Array(32),
      mechanismUid: 'm1',
      deviceId: 'token',
      deviceType: 'android',
      communicationType: 'gcm',
      communicationId: 'arn',
      createdAt: cli.now,
      lastAccessAt: cli.now,
      refreshHashes: [],
      rev: 0,
    };
    const result = await committer.commit([
      { type: 'identity.insert', id: 'u1', realm: '/alpha', username: 'ann', attributes: {} },
      { type: 'device.insert', row, maxDevices: 5 },
    ]);
    expect(result).toEqual({ committed: true });
  });
  const { code, of } = await checks(cli);
  expect(code).toBe(1);
  expect(of('realm /alpha').filter(({ status }) => status === 'problem')).toEqual([
    {
      name: 'realm /alpha',
      status: 'problem',
      message: expect.stringMatching(/^One phone of type gcm cannot be rung.*lacks accessKey, secret, googleEndpoint/),
    },
  ]);
});

test('a realm without its journeys or its push service is told', async () => {
  const { of } = await checks(await testCliWithData());
  expect(of('realm /').map(({ status, message }) => `${status}: ${message}`)).toEqual([
    'problem: The realm names the journey Login, which it does not have.',
    'problem: The realm names the journey AdminLogin, which it does not have.',
    'warning: The realm has no usable pushNotification service, so no phone can be registered.',
    'ok: Passkeys are made for localhost.',
  ]);
});

test('a class of sign-in that stands for no journey, so that nobody can meet it, is told', async () => {
  const cli = await testCliWithData();
  await cli.inStore((store) =>
    configuring(store).saveService({
      realm: '/',
      type: 'oauth-oidc',
      config: { advancedOIDCConfig: { loaMapping: { push: 'Gone' } } },
    }),
  );
  const { of } = await checks(cli);
  expect(of('realm /')).toContainEqual({
    name: 'realm /',
    status: 'problem',
    message: 'The class "push" (loaMapping) names the journey Gone, which the realm does not have.',
    hint: 'Add the journey Gone or map "push" to another one.',
  });
});

test('levels and policies that name journeys which are not there are reported (SEC-85)', async () => {
  const cli = await testCliWithData();
  await cli.inStore(async (store) => {
    const { realms } = await store.configuration.load();
    const root = realms.find(({ realm }) => realm === '/');
    if (root === undefined) throw new RangeError('There is no root realm.');
    const condition = { type: 'AuthenticateToService', authenticateToService: 'Away' } as const;
    const policy = {
      name: 'shop',
      active: true,
      applicationName: 'Shop',
      resources: ['https://a.test/*'],
      actionValues: {},
    };
    const policies = [
      { ...policy, condition },
      { ...policy, name: 'off', active: false, condition },
      { ...policy, name: 'high', condition: { type: 'AuthLevel', authLevel: 6 } as const },
    ];
    await configuring(store).saveRealm({ ...root, authLevelJourneys: { '5': 'Gone' }, policies });
  });
  const { of } = await checks(cli);
  expect(of('realm /')).toContainEqual({
    name: 'realm /',
    status: 'problem',
    message: 'The authentication level 5 (authLevelJourneys) names the journey Gone, which the realm does not have.',
    hint: 'Add the journey Gone or name another one for 5.',
  });
  const messages = of('realm /').map(({ message }) => message);
  expect(messages.filter((message) => message.startsWith('The policy '))).toEqual([
    'The policy "shop" denies every access: the realm has no journey Away.',
    'The policy "high" denies every access: no journey reaches the authentication level 6.',
  ]);
});

test('what does not work of a client is told by its name, and its secret is nobody’s to make', async () => {
  const cli = await testCliWithData();
  await cli.inStore(async (store) => {
    const document = { coreOAuth2ClientConfig: { clientType: 'Public', redirectionUris: ['https://*.example.com'] } };
    await configuring(store).change({ putClients: [{ realm: '/', id: 'portal', document }] });
  });
  const { of } = await checks(cli);
  expect(of('realm /')).toContainEqual(
    expect.objectContaining({
      status: 'warning',
      message: expect.stringMatching(/^The client portal: coreOAuth2ClientConfig\.redirectionUris has https:.* \*: /),
    }),
  );
  const made = await cli.inStore(({ secrets }) =>
    secrets.getOrCreate('client-secret-pepper', () => new Uint8Array([7])),
  );
  expect(made).toEqual(new Uint8Array([7]));
});

test('before the first start there is nothing wrong, and nothing is made', async () => {
  const cli = testCli();
  expect(await cli.run('doctor', '--port', '0')).toMatchObject({ code: 0, stderr: '' });
  const { stdout } = await cli.run('doctor', '--port', '0');
  expect(stdout).toContain('  ✓ database: There is none yet; the first start makes it.\n');
  expect(stdout).toContain('will be made at the first start');
});

test('warnings alone are no reason to fail', async () => {
  const { code, of } = await checks(testCli(), '--insecure');
  expect(code).toBe(0);
  expect(of('settings')).toContainEqual(expect.objectContaining({ status: 'warning' }));
});

test('a sound installation beside a running server is all in order', async () => {
  const cli = testCli();
  const { newRealmSettings, equipmentOf } = await import('@assent/server');
  await cli.inStore(async (store) => {
    const root = { ...newRealmSettings('/', 'http://localhost/am'), passwordMinLength: 15 };
    await configuring(store).createRealm(root, equipmentOf('/'));
    // As a server that runs does within the second.
    const key = checkpointKeyFrom(await store.secrets.getOrCreate(CHECKPOINT_KEY, () => randomBytes(32)));
    await store.auditChain.seal({ holder: 'a', now: cli.now, limit: 9, key, transactionId: 't', ends: true });
  });
  const port = await answering(200, '{"status":"ready"}');
  const { code, stdout } = await cli.run('doctor', '--port', String(port));
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/problem|warning/);
  const names = new Set(CHECKS.map(({ name }) => name));
  const told = [...stdout.matchAll(/^ {2}✓ (realm|[^:]+)(?: \/)?: /gm)].map(([, name = '']) => name);
  expect(told.filter((name) => !names.has(name))).toEqual([]);
  expect(stdout).toContain(`  ✓ port: Assent is ready on port ${port}.\n`);
  expect(stdout).toContain('  ✓ realm /: Journeys and push are in order.\n');
  expect(stdout).toMatch(/ {2}✓ database: SQLite, [\d.]+ [KM]iB\.\n/);
});

test.each([
  ['http://localhost:8080/am', 'ok'],
  ['https://login.example.com/am', 'ok'],
  ['http://login.example.com/am', 'warning'],
])('browsers at %s can be phones: %s', async (publicUrl, status) => {
  const { of } = await checks(testCli(), '--public-url', publicUrl, '--insecure');
  expect(of('phone in the browser')).toEqual([expect.objectContaining({ status })]);
});

const SWITCHED_OFF = { ASSENT_ADMIN_SECOND_FACTOR: 'false' };

test.each([
  ['a server that others reach', {}, ['--public-url', 'https://login.example.com/am'], 'ok'],
  ['the same without', SWITCHED_OFF, ['--public-url', 'https://login.example.com/am'], 'warning'],
  ['a server on this machine alone', {}, [], 'ok'],
])('the second factor of administrators, on %s (SEC-72)', async (_what, env, args, status) => {
  const cli = testCli();
  cli.env = { ...cli.env, ...env };
  const { of } = await checks(cli, ...args);
  const [finding] = of('administration');
  expect(finding).toMatchObject({ status });
  if (status === 'warning') expect(finding?.hint).toContain('without ASSENT_ADMIN_SECOND_FACTOR=false');
});

test('who has a role and nothing to prove it by is named, where a second factor is needed', async () => {
  const cli = await testCliWithData();
  await cli.run('realm', 'create', 'alpha');
  await cli.inStore(async ({ committer }) => {
    const user = (id: string, realm: string, username: string, roles: readonly string[] = []) =>
      ({ type: 'identity.insert', id, realm, username, attributes: { assentRoles: roles } }) as const;
    const row = {
      uuid: 'g1',
      realm: '/',
      userId: 'u2',
      username: 'bob',
      deviceName: 'App',
      issuer: 'Assent',
      secret: new Uint8Array(20),
      digits: 6,
      counter: 0,
      lastLoginSeconds: 0,
      clockDriftSeconds: 0,
      checksumDigit: false,
      truncationOffset: -1,
      createdAt: cli.now,
      lastAccessAt: cli.now,
      rev: 0,
    };
    const result = await committer.commit([
      user('u1', '/', 'ann', ['owner']),
      user('u2', '/', 'bob', ['owner']),
      user('u3', '/alpha', 'cem', ['helpdesk']),
      user('u4', '/alpha', 'dan', ['auditor']),
      { type: 'identity.active', id: 'u4', active: false },
      user('u5', '/', 'eve'),
      { type: 'oath.insert', row, maxDevices: 5 },
      user('u7', '/', 'fay', ['owner']),
      { type: 'passkey.insert', row: passkeyOf({ realm: '/', userId: 'u7', username: 'fay' }), maxDevices: 5 },
    ]);
    expect(result).toEqual({ committed: true });
  });
  const { of } = await checks(cli, '--admin-second-factor');
  expect(of('administration').map(({ status, message }) => `${status}: ${message}`)).toEqual([
    'ok: Administrators need a second factor.',
    'warning: Without a phone, an app or a passkey, and so without a way to administer: ann, cem of /alpha.',
  ]);
  // Begun as no demo, and started on this machine without a word about it.
  const { of: ofPassword } = await checks(cli);
  expect(ofPassword('administration')).toEqual([
    expect.objectContaining({ status: 'ok' }),
    expect.objectContaining({ status: 'warning', hint: expect.stringContaining('start with ASSENT_SEED=none') }),
  ]);
  await cli.inStore(({ committer }) =>
    committer.commit([{ type: 'identity.insert', id: 'u6', realm: '/', username: 'demo', attributes: {} }]),
  );
  expect((await checks(cli)).of('administration')).toHaveLength(1);
});

test('what could not be sent is told by its cause, the most frequent first (OPS-51)', async () => {
  const cli = await testCliWithData();
  expect((await checks(cli)).of('outbox')).toEqual([
    { name: 'outbox', status: 'ok', message: 'Nothing was given up.' },
  ]);
  const put = (id: string, cause: string) => [
    { type: 'outbox.put', entry: { id, kind: 'mail', realm: '/', recipient: 'mail server', payload: '{}' } },
    { type: 'outbox.bury', id, seenTries: 0, at: cli.now, cause },
  ];
  await cli.inStore(({ committer }) =>
    committer.commit([...put('a', 'status\u001b 503'), ...put('b', 'no host'), ...put('c', 'no host')]),
  );
  const { of } = await checks(cli);
  expect(of('outbox')).toMatchObject([
    {
      status: 'warning',
      message: '2 could not be sent, mail of realm /: no host',
      hint: expect.stringContaining('assent outbox retry'),
    },
    { status: 'warning', message: '1 could not be sent, mail of realm /: status\\u{1b} 503' },
  ]);
});
