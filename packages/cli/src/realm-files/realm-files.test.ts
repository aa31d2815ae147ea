import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newEcKeyPair } from '@assent/push/jose';
import { configuring } from '@assent/store/testing';
import { createDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { type TestCli, testCliWithData } from '../testing/test-cli.ts';

const PASSPHRASE = 'a long enough passphrase for tests';
const APNS_KEY = String(newEcKeyPair().privateKey.export({ type: 'pkcs8', format: 'pem' }));
const HMAC = Buffer.alloc(32, 7).toString('base64');
const SECRETS = ['mail-secret-value', 'header-secret-value', HMAC, APNS_KEY.split('\n')[1] ?? ''];

const nodeTree = (realm: string, name: string, type: string, config: Record<string, unknown>) => ({
  realm,
  name,
  tree: {
    enabled: true,
    entryNodeId: `${name}-entry`,
    innerTreeOnly: false,
    noSession: false,
    mustRun: false,
    transactionalOnly: false,
    nodes: {
      [`${name}-entry`]: { nodeType: type, displayName: 'Entry', connections: {} },
    },
  },
  nodes: { [`${name}-entry`]: { id: `${name}-entry`, type, config } },
});

const CHOOSE = {
  id: '01e1a3c0-038b-4c16-956a-6c9d89328cff',
  name: 'Choose',
  description: 'What comes next',
  source: 'outcome = "ü";',
  context: 'AUTHENTICATION_TREE_DECISION_NODE',
  evaluatorVersion: '1.0',
  language: 'JAVASCRIPT',
  default: false,
  createdBy: 'id=amadmin,ou=user,ou=am-config',
  creationDate: 5,
  lastModifiedBy: 'null',
  lastModifiedDate: 6,
} as const;

/** A realm with something of each kind in it. */
const fillRealm = async (cli: TestCli): Promise<void> => {
  await cli.run('realm', 'create', '/alpha');
  expect(
    await cli.run('client', 'create', 'shop', '--redirect', 'https://shop.example/cb', '--realm', '/alpha'),
  ).toMatchObject({ code: 0 });
  await cli.inStore(async (store) => {
    const { configuration } = store;
    const realm = '/alpha';
    const apns = { teamId: 'TEAM123456', keyId: 'KEY1234567', key: APNS_KEY, topic: 'com.example.app', sandbox: false };
    const mail = {
      hostname: 'mail.example',
      port: 465,
      username: 'u',
      password: 'mail-secret-value',
      sslState: 'SSL',
      from: 'a@example.com',
    };
    const headers = { Accept: 'application/json', 'X-Key': 'header-secret-value' };
    const template = {
      subject: { en: 'Hello' },
      message: { en: 'Hello {{object.userName}}' },
      defaultLocale: 'en',
      enabled: true,
      from: '',
      mimeType: 'text/plain',
    };
    await configuring(store).saveService({ realm, type: 'pushApns', config: apns });
    await configuring(store).saveService({ realm, type: 'email', config: mail });
    await configuring(store).saveService({
      realm,
      type: 'webhook/out',
      config: { url: 'https://hook.example/', body: '', headers },
    });
    await configuring(store).saveService({ realm, type: 'emailTemplate/welcome', config: template });
    await configuring(store).saveScript({ ...CHOOSE, realm });
    await configuring(store).publishTree(
      nodeTree(realm, 'Remember', 'SetPersistentCookieNode', { hmacSigningKey: HMAC, persistentCookieName: 'c' }),
    );
    const alpha = (await configuration.load()).realms.find((it) => it.realm === realm);
    if (alpha !== undefined)
      await configuring(store).saveRealm({ ...alpha, aliases: ['staff'], brandName: 'Alpha & Co' });
  });
};

const read = (cli: TestCli, file: string): string => readFileSync(join(cli.cwd, file), 'utf8');
const give = (from: TestCli, to: TestCli, file: string): void => writeFileSync(join(to.cwd, file), read(from, file));

let source: TestCli;
beforeAll(async () => {
  source = await testCliWithData();
  await fillRealm(source);
  writeFileSync(join(source.cwd, 'phrase'), `${PASSPHRASE}\n`);
  expect(await source.run('export', 'realm', 'plain.json', '--realm', '/alpha')).toMatchObject({ code: 0, stderr: '' });
  const sealed = await source.run('export', 'realm', 'sealed.json', '--realm', 'alpha', '--passphrase-file', 'phrase');
  expect(sealed).toMatchObject({ code: 0, stderr: '' });
});

const emptyServer = async (): Promise<TestCli> => {
  const cli = await testCliWithData();
  for (const file of ['plain.json', 'sealed.json', 'phrase']) give(source, cli, file);
  return cli;
};

const versionOf = (cli: TestCli) => cli.inStore(({ configuration }) => configuration.version());

describe('what cannot be exported (OPS-64)', () => {
  test('a realm that is not there', async () => {
    expect(await source.run('export', 'realm', 'x.json', '--realm', '/none')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no realm /none.'),
    });
  });

  test('over a file that is there, unless it is said so', async () => {
    const before = read(source, 'plain.json');
    writeFileSync(join(source.cwd, 'mine.json'), 'mine');
    expect(await source.run('export', 'realm', 'mine.json', '--realm', '/alpha')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/There is a file .*mine.json already.\n.*--force/),
    });
    expect(read(source, 'mine.json')).toBe('mine');
    expect(await source.run('export', 'realm', 'mine.json', '--realm', '/alpha', '--force')).toMatchObject({ code: 0 });
    expect(read(source, 'mine.json')).toBe(before);
  });

  test('under a short passphrase', async () => {
    writeFileSync(join(source.cwd, 'short'), 'short\n');
    expect(await source.run('export', 'realm', 'y.json', '--passphrase-file', 'short')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has to have 16 characters'),
    });
  });
});

describe('what cannot be imported changes nothing (OPS-64)', () => {
  const cases: readonly (readonly [what: string, change: (text: string) => string, message: string])[] = [
    ['a file that was cut off', (text) => text.slice(0, -200), 'no whole JSON'],
    ['a file of something else', () => '{"trees":{}}', 'no member "assent"'],
    ['a file of a newer format', (text) => text.replace('"format": 1', '"format": 2'), 'this program reads 1'],
    ['a file with one byte flipped', (text) => text.replace('Alpha & Co', 'Alpha & Cp'), 'not as it was written'],
  ];
  let cli: TestCli;
  beforeAll(async () => {
    cli = await emptyServer();
  });

  test.each(cases)('%s', async (_, change, message) => {
    const before = await versionOf(cli);
    writeFileSync(join(cli.cwd, 'bad.json'), change(read(cli, 'plain.json')));
    const result = await cli.run('import', 'realm', 'bad.json');
    expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(await versionOf(cli)).toBe(before);
  });

  test('secrets with no passphrase, another one, or other settings round them', async () => {
    writeFileSync(join(cli.cwd, 'wrong'), 'another long passphrase\n');
    expect(await cli.run('import', 'realm', 'sealed.json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--passphrase-file FILE, or --without-secrets'),
    });
    expect(await cli.run('import', 'realm', 'sealed.json', '--passphrase-file', 'wrong')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the passphrase is another one'),
    });
    // Whoever changes an address can make the sum anew, but not the seal.
    const { sha256, ...file } = JSON.parse(read(cli, 'sealed.json').replace('hook.example', 'evil.example'));
    const forged = createHash('sha256').update(JSON.stringify(file)).digest('hex');
    writeFileSync(join(cli.cwd, 'forged.json'), JSON.stringify({ ...file, sha256: forged }));
    expect(await cli.run('import', 'realm', 'forged.json', '--passphrase-file', 'phrase')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('or the file was changed'),
    });
    expect((await cli.run('realm', 'list')).stdout).toBe('/\n');
  });

  test('what is not sealed, where a passphrase says that it should be', async () => {
    for (const name of ['plain.json', 'stripped.json']) {
      const { sha256: _, secrets: __, ...file } = JSON.parse(read(cli, name === 'plain.json' ? name : 'sealed.json'));
      const sha256 = createHash('sha256').update(JSON.stringify(file)).digest('hex');
      writeFileSync(join(cli.cwd, 'stripped.json'), JSON.stringify({ ...file, sha256 }));
      expect(await cli.run('import', 'realm', name, '--passphrase-file', 'phrase')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('nothing that is sealed'),
      });
    }
    expect((await cli.run('realm', 'list')).stdout).toBe('/\n');
    // Also a realm that has no secret says that it was sealed.
    await cli.run('export', 'realm', 'bare.json', '--passphrase-file', 'phrase');
    expect(JSON.parse(read(cli, 'bare.json'))).toMatchObject({ secrets: { at: [], sealed: expect.any(String) } });
  });

  test('nodes of a type that is none here (SEC-73)', async () => {
    const other = await testCliWithData();
    await other.inStore((store) =>
      configuring(store).publishTree(nodeTree('/', 'Odd', 'OurOwnNode', { apiKey: 'own-secret-value' })),
    );
    expect(await other.run('export', 'realm', 'odd.json')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('/trees/Odd/nodes/Odd-entry/apiKey'),
    });
    expect(read(other, 'odd.json')).not.toContain('own-secret-value');
    give(other, cli, 'odd.json');
    const before = await versionOf(cli);
    expect(await cli.run('import', 'realm', 'odd.json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('OurOwnNode (Odd-entry)'),
    });
    expect(await versionOf(cli)).toBe(before);
  });

  test('a script of a name that another one of the realm has', async () => {
    const other = await testCliWithData();
    await other.run('realm', 'create', '/alpha');
    await other.inStore((store) =>
      configuring(store).saveScript({ ...CHOOSE, realm: '/alpha', id: '11e1a3c0-038b-4c16-956a-6c9d89328cff' }),
    );
    give(source, other, 'plain.json');
    const before = await versionOf(other);
    for (const options of [['--dry-run'], [], ['--update']])
      expect(await other.run('import', 'realm', 'plain.json', ...options)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(
          /script\.01e1a3c0\S*: the realm has another script of the name Choose, with the id 11e1/,
        ),
      });
    expect(await versionOf(other)).toBe(before);
  });

  test('a path without a realm above it, and one that is no path', async () => {
    expect(await cli.run('import', 'realm', 'plain.json', '--realm', '/x/y')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no realm /x'),
    });
    expect(await cli.run('import', 'realm', 'plain.json', '--realm', '/a b')).toMatchObject({ code: 2 });
  });

  test('a name that another realm has', async () => {
    const there = await emptyServer();
    await there.run('realm', 'create', '/staff');
    expect(await there.run('import', 'realm', 'plain.json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('another realm has the name staff'),
    });
    expect((await there.run('realm', 'list')).stdout).toBe('/\n/staff\n');
  });

  test('another realm of the path, unless it is said so', async () => {
    const there = await emptyServer();
    await there.run('realm', 'create', '/alpha');
    const before = await versionOf(there);
    const refused = await there.run('import', 'realm', 'plain.json');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('say --update') });
    expect(refused.stdout).toMatch(/changed {2}realm\n/);
    expect(await versionOf(there)).toBe(before);
    expect(await there.run('import', 'realm', 'plain.json', '--update')).toMatchObject({ code: 0 });
    expect(await versionOf(there)).toBe(before + 1);
  });
});

describe('a realm in a file (OPS-64)', () => {
  test('can be read by its owner alone, and tells no secret', () => {
    for (const file of ['plain.json', 'sealed.json']) {
      expect(statSync(join(source.cwd, file)).mode & 0o777).toBe(0o600);
      for (const secret of SECRETS) expect(read(source, file)).not.toContain(secret);
    }
    expect(JSON.parse(read(source, 'plain.json')).leftOut).toEqual([
      '/application/shop/coreOAuth2ClientConfig/userpassword',
      '/service/email/password',
      '/service/pushApns/key',
      '/trees/Remember/nodes/Remember-entry/hmacSigningKey',
      '/webhook/out/headers/X-Key',
    ]);
  });

  test('its journeys and clients can be read as those of any export', async () => {
    const there = await emptyServer();
    expect(await there.run('client', 'import', 'plain.json')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('shop was imported'),
    });
    expect(await source.run('journey', 'check', 'plain.json')).toMatchObject({
      stdout: expect.stringContaining('PushLogin: '),
    });
  });

  test('a plan changes nothing, and is what then happens (SEC-73, REL-25)', async () => {
    const cli = await emptyServer();
    const before = await versionOf(cli);
    const planned = await cli.run('import', 'realm', 'plain.json', '--dry-run', '--json');
    expect(await versionOf(cli)).toBe(before);
    const { import: plan } = JSON.parse(planned.stdout);
    expect(plan).toMatchObject({
      realm: '/alpha',
      isDryRun: true,
      leftOut: ['pushApns'],
      toSet: expect.arrayContaining(['/service/pushApns/key', '/service/email/password']),
    });
    const done = await cli.run('import', 'realm', 'plain.json', '--json');
    expect(JSON.parse(done.stdout).import).toEqual({ ...plan, isDryRun: false });
    expect(await versionOf(cli)).toBe(before + 1);
  });

  test('sealed, it gives the same export elsewhere, byte for byte but for the secrets of clients', async () => {
    const cli = await emptyServer();
    const done = await cli.run('import', 'realm', 'sealed.json', '--passphrase-file', 'phrase');
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain('Secrets to be set:\n  /application/shop/coreOAuth2ClientConfig/userpassword\n');
    await cli.run('client', 'rotate-secret', 'shop', '--realm', '/alpha');
    await cli.run('export', 'realm', 'again.json', '--realm', '/alpha');
    expect(read(cli, 'again.json')).toBe(read(source, 'plain.json'));
    const { services, trees } = await cli.inStore(({ configuration }) => configuration.load());
    expect(services.find(({ type }) => type === 'pushApns')?.config.key).toBe(APNS_KEY);
    expect(services.find(({ type }) => type === 'webhook/out')?.config.headers).toMatchObject({
      'X-Key': 'header-secret-value',
    });
    expect(trees.find(({ name }) => name === 'Remember')?.nodes['Remember-entry']?.config.hmacSigningKey).toBe(HMAC);
    expect((await cli.run('import', 'realm', 'again.json')).stdout).toContain(': 0 created, 0 changed, ');
  });

  test('names no generation of a client; the client keeps its own unless the file deactivates it (SEC-90)', async () => {
    const cli = await emptyServer();
    await cli.run('import', 'realm', 'plain.json');
    const client = () =>
      cli.inStore(async ({ configuration }) => {
        const [found] = (await configuration.load()).clients;
        if (found === undefined) throw new Error('The client is not there.');
        return found;
      });
    const setStatus = async (status: string) => {
      const before = await client();
      const core = { ...Object(before.document.coreOAuth2ClientConfig), status: { inherited: false, value: status } };
      const document = { ...before.document, coreOAuth2ClientConfig: core };
      await cli.inStore((store) => configuring(store).change({ putClients: [{ ...before, document }] }));
    };
    const exportTo = (file: string) => cli.run('export', 'realm', file, '--realm', '/alpha');
    const importFrom = async (file: string) =>
      expect(await cli.run('import', 'realm', file, '--update')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('0 created, 1 changed, '),
      });
    const { generation: first } = await client();
    expect(first).toMatch(/^[\w-]{66}$/);
    await exportTo('active.json');
    expect(read(cli, 'active.json')).not.toContain(first);
    await setStatus('Inactive');
    await exportTo('inactive.json');
    await importFrom('active.json');
    expect((await client()).generation).toBe(first);
    await importFrom('inactive.json');
    const { generation: second } = await client();
    expect(second).not.toBe(first);
    await importFrom('active.json');
    expect((await client()).generation).toBe(second);
  });

  test('what is there and not in the file stays, and a secret with another address does not', async () => {
    const cli = await emptyServer();
    await cli.run('import', 'realm', 'sealed.json', '--passphrase-file', 'phrase');
    await cli.inStore(async (store) => {
      const older = { hmacSigningKey: HMAC, persistentCookieName: 'older' };
      const remember = nodeTree('/alpha', 'Remember', 'SetPersistentCookieNode', older);
      await configuring(store).publishTree(remember);
      await configuring(store).publishTree({ ...remember, name: 'Mine' });
      const config = {
        url: 'https://other.example/',
        body: '',
        headers: { Accept: 'application/json', 'X-Key': 'theirs' },
      };
      await configuring(store).saveService({ realm: '/alpha', type: 'webhook/out', config });
    });
    const done = await cli.run('import', 'realm', 'plain.json', '--update');
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain('There and not in the file; it stays:\n  trees Mine\n');
    expect(done.stdout).toMatch(
      /Secrets that the realm has, and keeps:\n {2}\/service\/email\/password\n {2}\/service\/pushApns\/key\n/,
    );
    expect(done.stdout).toContain('  /webhook/out/headers/X-Key\n');
    const { services, trees } = await cli.inStore(({ configuration }) => configuration.load());
    const nodeIn = (name: string) => trees.find((tree) => tree.name === name)?.nodes['Remember-entry']?.config;
    expect(nodeIn('Mine')).toEqual({ hmacSigningKey: HMAC, persistentCookieName: 'c' });
    expect(nodeIn('Remember')).toEqual(nodeIn('Mine'));
    expect(services.find(({ type }) => type === 'webhook/out')?.config).toEqual({
      url: 'https://hook.example/',
      body: '',
      headers: { Accept: 'application/json' },
    });
    expect(services.find(({ type }) => type === 'email')?.config.password).toBe('mail-secret-value');
  });

  test('is another realm where another path is said', async () => {
    const cli = await emptyServer();
    expect(await cli.run('import', 'realm', 'plain.json', '--realm', '/beta')).toMatchObject({ code: 0 });
    expect((await cli.run('realm', 'list')).stdout).toBe('/\n/beta\n');
  });

  test('names that have no value here are told', async () => {
    const cli = await testCliWithData();
    const config = {
      hostname: '&{esv.mail.host}',
      port: 465,
      username: '&{esv.mail.user}',
      password: '&{esv.mail.password}',
      sslState: 'SSL',
      from: 'a@example.com',
    };
    await cli.inStore((store) => configuring(store).saveService({ realm: '/', type: 'email', config }));
    await cli.run('export', 'realm', 'root.json');
    cli.env.ESV_PLAIN_MAIL_HOST = 'mail.example';
    cli.env.ESV_MAIL_USER = 'operator';
    const { import: plan } = JSON.parse((await cli.run('import', 'realm', 'root.json', '--dry-run', '--json')).stdout);
    expect(plan).toMatchObject({
      missingValues: ['esv.mail.password'],
      usedValues: ['esv.mail.host'],
      withheldValues: ['esv.mail.user'],
      toSet: [],
      created: 0,
      changed: 0,
    });
  });

  test('lists placeholders with a default as the server resolves them (SEC-92)', async () => {
    const cli = await testCliWithData();
    const config = {
      hostname: '&{esv.mail.host|mail.example}',
      port: 465,
      username: '&{esv.mail.user|}',
      password: '&{esv.mail.password|a "quoted" default}',
      sslState: 'SSL',
      from: '&{esv.mail.from|a}@&{esv.mail.domain}',
    };
    await cli.inStore((store) => configuring(store).saveService({ realm: '/', type: 'email', config }));
    await cli.run('export', 'realm', 'root.json');
    cli.env.ESV_PLAIN_MAIL_HOST = 'other.example';
    cli.env.ESV_MAIL_USER = 'operator';
    cli.env.ESV_MAIL_PASSWORD = 'operator-secret';
    const { import: plan } = JSON.parse((await cli.run('import', 'realm', 'root.json', '--dry-run', '--json')).stdout);
    expect(plan).toMatchObject({
      missingValues: ['esv.mail.domain'],
      usedValues: ['esv.mail.host'],
      withheldValues: expect.arrayContaining(['esv.mail.user']),
    });
  });
});

describeWith(['postgres'], 'a realm that goes to PostgreSQL', () => {
  test('gives the same export there (OPS-64)', async () => {
    const database = await createDatabase();
    try {
      const cli = await emptyServer();
      Object.assign(cli.env, {
        ASSENT_DATABASE_URL: database.url,
        ASSENT_MASTER_KEY: Buffer.alloc(32, 3).toString('base64'),
      });
      await cli.inStore(async (store) => {
        const { newRealmSettings } = await import('@assent/server');
        await configuring(store).createRealm(newRealmSettings('/', 'http://localhost:8080/am'));
      });
      const done = await cli.run('import', 'realm', 'sealed.json', '--passphrase-file', 'phrase');
      expect(done).toMatchObject({ code: 0, stderr: '' });
      await cli.run('client', 'rotate-secret', 'shop', '--realm', '/alpha');
      await cli.run('export', 'realm', 'again.json', '--realm', '/alpha');
      expect(read(cli, 'again.json')).toBe(read(source, 'plain.json'));
    } finally {
      await database.close();
    }
  });
});
