import { describe, expect, test } from 'vitest';
import { describeSettings } from './describe-settings.ts';
import { loadSettings, SettingsRefused, type SettingsSources } from './load-settings.ts';
import { SETTINGS } from './settings.ts';

const load = (from: Partial<SettingsSources>) => loadSettings({ env: {}, ...from });
const settingsOf = async (env: Record<string, string>) => (await load({ env })).settings;
const inFile = (values: unknown): Partial<SettingsSources> => ({
  readConfigFile: async () => ({ file: 'assent.config.json', values }),
});

const problemsOf = async (from: Partial<SettingsSources>): Promise<readonly string[]> => {
  const error = await load(from).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SettingsRefused)) throw new Error('The settings were accepted.', { cause: error });
  return error.problems;
};

test('private hosts are names, names with what is below them, and addresses, each with a port or without', async () => {
  const privateHosts = [
    'app.internal',
    'app.internal:8443',
    '*.corp.example.com',
    '10.0.0.7',
    '10.0.0.7:636',
    '[fd00::1]:389',
  ];
  const { settings } = await load({ flags: { privateHosts: privateHosts.join(',') } });
  expect(settings.privateHosts).toEqual(privateHosts);
});

describe('refused', () => {
  test.each([
    ['ftp://siem.example.com', {}, /ASSENT_AUDIT_SINK .*file:PATH/],
    ['syslog+tls://siem.example.com/path', {}, /ASSENT_AUDIT_SINK .*syslog\+tls/],
    ['https://me:secret@siem.example.com', {}, /ASSENT_AUDIT_SINK .*without a name and a password/],
    ['https://siem.example.com', {}, /give a key in ASSENT_AUDIT_SINK_SECRET_FILE/],
    ['stdout', { ASSENT_AUDIT_SINK_SECRET: `whsec_${'a'.repeat(43)}=` }, /and no webhook/],
    ['file:x', { ASSENT_AUDIT_SINK_CA: 'ca.pem' }, /and no syslog/],
  ])('a sink of the audit trail that is none, or lacks what it needs: %s (OPS-58)', async (sink, more, problem) => {
    expect(await problemsOf({ env: { ASSENT_AUDIT_SINK: sink, ...more } })).toEqual([expect.stringMatching(problem)]);
  });

  test('a variable that is no setting, by name, with what is known', async () => {
    const [problem, ...others] = await problemsOf({ env: { ASSENT_PROT: '1' } });
    expect(problem).toMatch('ASSENT_PROT (environment) is no setting. Did you mean ASSENT_PORT?');
    expect(others).toEqual([]);
  });

  test('a key of the configuration file that is no setting, by name, with the file', async () => {
    expect(await problemsOf(inFile({ prot: 1 }))).toEqual([
      'prot (assent.config.json) is no setting. Did you mean port?',
    ]);
  });

  test.each(['10.0.0.0/8', 'fd00::1', '10.0.0.7:x', 'app.internal/x', 'http://app.internal'])(
    'a private host that is none: %s',
    async (host) => {
      expect(await problemsOf({ flags: { privateHosts: host } })).toEqual([expect.stringContaining('--private-hosts')]);
    },
  );

  test('a flag that is no setting, and a secret as a flag', async () => {
    const problems = await problemsOf({ flags: { colour: 'red', adminPassword: 'secret-of-mine' } });
    expect(problems).toEqual([
      expect.stringContaining('colour (flag)'),
      expect.stringContaining('adminPassword (flag)'),
    ]);
    expect(problems.join()).not.toContain('secret-of-mine');
  });

  test('every wrong value at once, each with its source', async () => {
    const problems = await problemsOf({
      flags: { port: '80a' },
      env: { ASSENT_SEED: 'full' },
      ...inFile({ logLevel: 'loud' }),
    });
    expect(problems).toEqual([
      '--port (flag) cannot be "80a". Allowed is a whole number from 0 to 65535 (0: the system chooses).',
      'ASSENT_SEED (environment) cannot be "full". Allowed is demo or none.',
      expect.stringMatching(/^logLevel \(assent\.config\.json\) cannot be "loud"\. Allowed is trace, /),
    ]);
  });

  test('a configuration file that holds no object', async () => {
    expect(await problemsOf(inFile([]))).toEqual(['assent.config.json has to hold one object of settings.']);
  });

  test('a file that names another file', async () => {
    expect(await problemsOf(inFile({ configFile: 'b.json' }))).toEqual([expect.stringContaining('configFile')]);
  });

  test('a database without a user, in the clear, or with two passwords; and PostgreSQL without a master key (OPS-14, OPS-22)', async () => {
    const key = { ASSENT_MASTER_KEY: Buffer.alloc(32).toString('base64') };
    const problems = (url: string, env: Readonly<Record<string, string>> = key) =>
      problemsOf({ env: { ASSENT_DATABASE_URL: url, ...env } });
    expect(await problems('mysql://db/assent')).toEqual([expect.stringContaining('Allowed is postgres://')]);
    expect(await problems('postgres://db/assent')).toEqual([expect.stringContaining('names no user')]);
    expect(await problems('postgres://a@db/assent?sslmode=disable')).toEqual([
      expect.stringContaining('could read along'),
    ]);
    expect(
      await problems('postgres://a:geheim@localhost/assent', { ...key, ASSENT_DATABASE_PASSWORD_FILE: 'f' }),
    ).toEqual([expect.stringContaining('give one')]);
    expect(await problems('postgres://a@localhost/assent', {})).toEqual([expect.stringContaining('ASSENT_MASTER_KEY')]);
    expect(await problemsOf({ env: key, flags: { databaseUrl: 'postgres://a:geheim@localhost/assent' } })).toEqual([
      expect.stringContaining('can be read by everybody on this machine'),
    ]);
  });

  test.each(['http://localhost', 'redis://:secret@localhost', 'redis://', 'redis://localhost/a', 'localhost:6379'])(
    'OPS-38: %s as a Redis, with where its password belongs',
    async (url) => {
      const [problem, ...more] = await problemsOf({ env: { ASSENT_REDIS_URL: url } });
      expect(more).toEqual([]);
      expect(problem).toContain('ASSENT_REDIS_PASSWORD_FILE');
      expect(problem).not.toContain('secret');
    },
  );

  test('OPS-38: a password for a Redis that is not there', async () => {
    expect(await problemsOf({ env: { ASSENT_REDIS_PASSWORD_FILE: '/run/secrets/redis' } })).toEqual([
      expect.stringContaining('name it in ASSENT_REDIS_URL'),
    ]);
  });

  test('a wrong secret, without saying it (SEC-79)', async () => {
    const problems = await problemsOf({
      env: {
        ASSENT_ADMIN_PASSWORD: 'short7!',
        ASSENT_MASTER_KEY: 'not-32-bytes',
        ASSENT_DATABASE_URL: 'mysql://me:pa55word@db/assent',
      },
    });
    expect(problems).toHaveLength(3);
    expect(problems.join()).not.toMatch(/short7|not-32|pa55word/);
  });

  test.each([
    ['ASSENT_PORT', '65536'],
    ['ASSENT_PORT', '-1'],
    ['ASSENT_PORT', '80.5'],
    ['ASSENT_HOST', 'http://localhost'],
    ['ASSENT_HOST', 'a b'],
    ['ASSENT_PUBLIC_URL', 'login.example.com/am'],
    ['ASSENT_PUBLIC_URL', 'ftp://login.example.com/am'],
    ['ASSENT_PUBLIC_URL', 'https://login.example.com/am?x=1'],
    ['ASSENT_PUBLIC_URL', 'https://login.example.com/am#x'],
    ['ASSENT_PUBLIC_URL', 'https://login.example.com/am#'],
    ['ASSENT_PUBLIC_URL', 'https://me:pw@login.example.com/am'],
    ['ASSENT_PUBLIC_URL', 'https://login.example.com/a%2fm'],
    ['ASSENT_TRUSTED_PROXIES', '0.0.0.0/0'],
    ['ASSENT_TRUSTED_PROXIES', '::/0'],
    ['ASSENT_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['ASSENT_TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['ASSENT_TRUSTED_PROXIES', 'true'],
    ['ASSENT_TRUSTED_PROXIES', '10.0.0.1, proxy.local'],
    ['ASSENT_CORS_ORIGINS', '*'],
    ['ASSENT_CORS_ORIGINS', 'https://app.example.com/'],
    ['ASSENT_CORS_ORIGINS', 'null'],
    ['ASSENT_INSECURE', 'yes'],
    ['ASSENT_HASH_CONCURRENCY', '0'],
    ['ASSENT_HASH_CONCURRENCY', '257'],
    ['ASSENT_SQLITE_SYNC', 'off'],
    ['ASSENT_LOG_LEVEL', 'loud'],
    ['ASSENT_CONFIG', 'assent.yaml'],
    ['AWS_ENDPOINT_URL_SNS', 'sns.local:4566'],
  ])('%s as %s', async (name, value) => {
    expect(await problemsOf({ env: { [name]: value } })).toEqual([
      expect.stringContaining(`${name} (environment) cannot be`),
    ]);
  });

  test.each([
    ['http beyond localhost', { ASSENT_PUBLIC_URL: 'http://login.example.com/am' }, /is http on another host/],
    ['a name that only begins like localhost', { ASSENT_PUBLIC_URL: 'http://localhost.example.com/am' }, /is http/],
    ['a listening address that others reach, without a public URL', { ASSENT_HOST: '0.0.0.0' }, /reaches beyond/],
    ['the same on IPv6', { ASSENT_HOST: '::' }, /reaches beyond/],
    ['the demo user behind a public URL', { ASSENT_PUBLIC_URL: 'https://a.example/am', ASSENT_SEED: 'demo' }, /demo/],
    ['a plain SNS endpoint', { AWS_ENDPOINT_URL_SNS: 'http://sns.example.com' }, /AWS_ENDPOINT_URL_SNS/],
    ['an SNS endpoint on this machine', { AWS_ENDPOINT_URL_SNS: 'https://127.0.0.1:4566' }, /AWS_ENDPOINT_URL_SNS/],
    [
      'a Redis without TLS beyond this machine',
      { ASSENT_REDIS_URL: 'redis://redis.example.com:6379' },
      /without TLS and beyond this machine/,
    ],
  ])('%s, unless --insecure', async (_what, env: Record<string, string>, problem) => {
    expect(await problemsOf({ env })).toEqual([expect.stringMatching(problem)]);
    await expect(load({ env, flags: { insecure: true } })).resolves.toBeDefined();
  });

  test.each([
    ['ASSENT_SESSION_COOKIE_PREFIX', '__Host-'],
    ['ASSENT_SESSION_COOKIE_SAME_SITE', 'None'],
  ])('%s %s without an https public URL, also with --insecure', async (name, value) => {
    const env = { [name]: value, ASSENT_INSECURE: 'true' };
    expect(await problemsOf({ env })).toEqual([
      expect.stringMatching(new RegExp(`^${name} .* is ${value}, .*give an https public URL, or set it to`)),
    ]);
    const { settings } = await load({ env: { ...env, ASSENT_PUBLIC_URL: 'https://login.example.com/some/path' } });
    expect(Object.values(settings)).toContain(value);
  });
});

test('without anything given, the defaults of the contract hold', async () => {
  expect((await load({})).settings).toEqual({
    port: 8080,
    host: '127.0.0.1',
    managementPort: undefined,
    managementHost: '127.0.0.1',
    managementNames: [],
    metricsTokenFile: undefined,
    publicUrl: 'http://localhost:8080/am',
    sessionCookieSameSite: 'Lax',
    sessionCookiePrefix: 'none',
    contextPath: '/am',
    dataDir: './data',
    databaseUrl: undefined,
    databasePasswordFile: undefined,
    databasePool: 10,
    databasePooler: undefined,
    migrate: 'auto',
    redisUrl: undefined,
    redisPasswordFile: undefined,
    hashConcurrency: undefined,
    drainSeconds: 5,
    adminSecondFactor: false,
    adminPassword: undefined,
    masterKey: undefined,
    seed: 'demo',
    trustedProxies: [],
    webPushHosts: [],
    privateHosts: [],
    realmSecrets: [],
    realmConfigurationMebibytes: 16,
    authenticatorMetadataFiles: [],
    revocationListFiles: [],
    corsOrigins: [],
    sqliteSync: 'normal',
    snsEndpoint: undefined,
    nodes: [],
    insecure: false,
    logLevel: 'info',
    logFormat: 'json',
    auditDays: 400,
    auditSinkFrom: 'now',
    keepSessionsHours: 24,
    keepRequestsMinutes: 60,
    keepNoticesDays: 30,
    configFile: undefined,
  });
});

test('a flag beats the environment, which beats the file, which beats the default', async () => {
  const file = inFile({ port: 1, logLevel: 'warn', seed: 'none' });
  const { settings, sources } = await load({
    flags: { port: '3' },
    env: { ASSENT_PORT: '2', ASSENT_LOG_LEVEL: 'error' },
    ...file,
  });
  expect(settings).toMatchObject({ port: 3, logLevel: 'error', seed: 'none', host: '127.0.0.1' });
  expect(sources).toMatchObject({
    port: 'flag',
    logLevel: 'environment, ASSENT_LOG_LEVEL',
    seed: 'assent.config.json',
    host: 'default',
  });
});

test('an empty variable and a flag that was not given count as not set', async () => {
  const { settings } = await load({ flags: { port: undefined }, env: { ASSENT_PORT: '', ASSENT_NOPE: '' } });
  expect(settings.port).toBe(8080);
});

test('variables of the tests, and of others, are left alone', async () => {
  await expect(settingsOf({ ASSENT_TEST_REQUIRE: 'all', HOME: '/root' })).resolves.toBeDefined();
});

test('the file that was asked for is the one that is read', async () => {
  const asked: (string | undefined)[] = [];
  const readConfigFile = async (path: string | undefined) => {
    asked.push(path);
    return undefined;
  };
  await load({ readConfigFile });
  await load({ readConfigFile, env: { ASSENT_CONFIG: 'b.mjs' } });
  await load({ readConfigFile, env: { ASSENT_CONFIG: 'b.mjs' }, flags: { configFile: 'a.json' } });
  expect(asked).toEqual([undefined, 'b.mjs', 'a.json']);
});

test.each([
  ['https://Login.Example.com:443/am/', 'https://login.example.com/am', '/am'],
  ['https://login.example.com', 'https://login.example.com', ''],
  ['https://login.example.com/', 'https://login.example.com', ''],
  ['https://login.example.com/sso/am//', 'https://login.example.com/sso/am', '/sso/am'],
  ['http://127.0.0.1:9000/am', 'http://127.0.0.1:9000/am', '/am'],
  ['http://[::1]:9000/am', 'http://[::1]:9000/am', '/am'],
])('the public URL %s is %s with the context path "%s"', async (given, publicUrl, contextPath) => {
  expect(await settingsOf({ ASSENT_PUBLIC_URL: given })).toMatchObject({ publicUrl, contextPath });
});

test('the default public URL follows the port', async () => {
  expect((await settingsOf({ ASSENT_PORT: '9001' })).publicUrl).toBe('http://localhost:9001/am');
});

test('without being asked, the demo user appears on this machine only', async () => {
  expect((await settingsOf({ ASSENT_HOST: '::1' })).seed).toBe('demo');
  expect((await settingsOf({ ASSENT_PUBLIC_URL: 'https://login.example.com/am' })).seed).toBe('none');
  expect((await settingsOf({ ASSENT_HOST: '0.0.0.0', ASSENT_INSECURE: 'true' })).seed).toBe('none');
});

test.each([
  ['with the demo', {}, false],
  ['without the demo', { ASSENT_SEED: 'none' }, true],
  ['where others reach the server', { ASSENT_PUBLIC_URL: 'https://login.example.com/am' }, true],
  ['where it is switched off', { ASSENT_SEED: 'none', ASSENT_ADMIN_SECOND_FACTOR: 'false' }, false],
  ['where it is switched on beside the demo', { ASSENT_ADMIN_SECOND_FACTOR: 'true' }, true],
])('administrators need a second factor %s: %o is %s (SEC-72)', async (_where, env, expected) => {
  expect((await settingsOf(env)).adminSecondFactor).toBe(expected);
});

test('lists are given with commas, as a repeated flag, or as a list in the file', async () => {
  const expected = ['10.0.0.0/8', '::1'];
  expect((await settingsOf({ ASSENT_TRUSTED_PROXIES: '10.0.0.0/8, ::1' })).trustedProxies).toEqual(expected);
  expect((await load({ flags: { trustedProxies: expected } })).settings.trustedProxies).toEqual(expected);
  expect((await load(inFile({ trustedProxies: expected }))).settings.trustedProxies).toEqual(expected);
});

test('the URL of a database is printed without its password (SEC-79)', async () => {
  const env = {
    ASSENT_DATABASE_URL: 'postgres://a:geheim@localhost/assent',
    ASSENT_MASTER_KEY: Buffer.alloc(32).toString('base64'),
  };
  const described = describeSettings(await load({ env })).find(({ name }) => name === 'databaseUrl');
  expect(described?.value).toBe('postgres://a:********@localhost/assent');
});

test('what is printed has every value and its source, and masks secrets (SEC-79)', async () => {
  const loaded = await load({ env: { ASSENT_ADMIN_PASSWORD: 'correct horse', ASSENT_PORT: '81' } });
  const described = describeSettings(loaded);
  expect(described.map(({ name }) => name)).toEqual(Object.keys(SETTINGS));
  expect(described).toContainEqual(
    expect.objectContaining({ name: 'port', value: 81, source: 'environment, ASSENT_PORT' }),
  );
  expect(described).toContainEqual(expect.objectContaining({ name: 'adminPassword', value: '********' }));
  expect(JSON.stringify(described)).not.toContain('correct horse');
});

test.each(['esv.a', '/=path', 'alpha=esv.a', '/=esv.*', '/=*', '/=esv.', '/=assent.master.key'])(
  '%s is no entry of the allowlist of secrets (SEC-92)',
  async (entry) => {
    expect(await problemsOf({ flags: { realmSecrets: entry } })).toEqual([expect.stringContaining('--realm-secrets')]);
  },
);
