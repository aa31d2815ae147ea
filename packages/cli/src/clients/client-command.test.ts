import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { equipmentOf, keptSecretsOf, PUBLIC_URL_FACT } from '@assent/server';
import { beforeEach, describe, expect, test } from 'vitest';
import { type TestCli, testCliWithData } from '../testing/test-cli.ts';

const ISSUER = 'http://localhost:8080/am/oauth2/realms/root';
const REDIRECT = ['--redirect', 'https://app.example.com/callback'];

let cli: TestCli;
beforeEach(async () => {
  cli = await testCliWithData(equipmentOf('/'));
});

const stored = (id: string, realm = '/') =>
  cli.inStore(async ({ configuration }) =>
    (await configuration.load()).clients.find((client) => client.realm === realm && client.id === id),
  );
const create = (...args: string[]) => cli.run('client', 'create', 'my-app', ...args);

describe('a client that cannot be is refused with the option that is wrong, and what to do', () => {
  test.each([
    ['no address', [], /^--redirect is missing: .*\n.*Try: --redirect https:\/\/app\.example\.com\/callback/],
    [
      'an address in clear',
      ['--redirect', 'http://app.example.com/cb'],
      /^--redirect http:\/\/app\.example\.com\/cb must begin with https:/,
    ],
    [
      'a pattern',
      ['--redirect', 'https://app.example.com/*'],
      /^--redirect https:\/\/app\.example\.com\/\* must not have a \*/,
    ],
    [
      'a script',
      [...REDIRECT, '--redirect', 'javascript:alert(1)'],
      /^--redirect javascript:alert\(1\) must not begin with javascript:/,
    ],
    [
      'an address that a terminal would obey',
      ['--redirect', 'https://a.example/\u001b[2J'],
      /^--redirect https:\/\/a\.example\/\\u\{1b\}\[2J must be/,
    ],
    [
      'a foreign address after signing out',
      [...REDIRECT, '--post-logout', 'http://a.example'],
      /^--post-logout http:\/\/a\.example must begin/,
    ],
    [
      'a call in clear',
      [...REDIRECT, '--backchannel-logout', 'http://a.example'],
      /^--backchannel-logout http:\/\/a\.example must begin/,
    ],
    [
      'a call to an app on a device',
      [...REDIRECT, '--backchannel-logout', 'com.example.app:/out'],
      /^--backchannel-logout com\.example\.app:\/out must begin with https:\/\/, since the server calls it/,
    ],
    ['two kinds', ['--spa', '--web', ...REDIRECT], /^An application is of one kind, not of --spa and --web\./],
    ['people for a service', ['--service', ...REDIRECT], /^--redirect is for applications that people sign in to/],
    ['a way back to a device', ['--device', ...REDIRECT], /^--redirect is for applications with a browser/],
    [
      'an algorithm with a shared secret',
      ['--alg', 'HS256', ...REDIRECT],
      /^--alg HS256 is none: it is RS256 or ES256\./,
    ],
    [
      'a class that nothing stands for',
      ['--acr', 'gold', ...REDIRECT],
      /^--acr gold is no class .* Known are push, password, phr\.\n.*loaMapping/,
    ],
    ['a scope with a bar', ['--scope', 'mail|Your mail', ...REDIRECT], /^--scope mail\|Your is no name of a scope/],
    ['a secret for pages', ['--spa', '--secret-stdin', ...REDIRECT], /^--secret-stdin is not for --spa/],
    ['a secret for a device', ['--device', '--secret-stdin'], /^--secret-stdin is not for --device/],
  ] as const)('%s', async (_, args, message) => {
    expect(await create(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
    expect(await stored('my-app')).toBeUndefined();
  });

  test('an id that is none, a realm that is not there, and an id that is taken', async () => {
    expect(await cli.run('client', 'create', 'my\napp', ...REDIRECT)).toMatchObject({ code: 2 });
    expect(await create('--realm', '/nowhere', ...REDIRECT)).toMatchObject({
      code: 1,
      stderr: 'There is no realm /nowhere.\n  Try: assent realm list\n',
    });
    await create('--spa', ...REDIRECT);
    const before = await stored('my-app');
    expect(await create('--web', ...REDIRECT)).toMatchObject({
      code: 1,
      stderr: 'There is a client my-app in the realm / already.\n  Try: assent client show my-app, or another id\n',
    });
    expect(await stored('my-app')).toEqual(before);
  });

  test('a secret that could be guessed', async () => {
    cli.stdin = 'too-short\n';
    expect(await create('--secret-stdin', ...REDIRECT)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^The secret on stdin must have 32 to 1,024 printable letters/),
    });
  });
});

test('a server is given a secret of 256 bits once, and only its digest is kept (OIDC-14)', async () => {
  const { code, stdout, stderr } = await create(...REDIRECT);
  expect([code, stderr]).toEqual([0, '']);
  const secret = /secret +([\w-]{43})\n/.exec(stdout)?.[1] ?? '';
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(stdout).toBe(
    [
      'The client my-app was created in the realm /. Its application needs:',
      `  issuer     ${ISSUER}`,
      '  client id  my-app',
      `  secret     ${secret}`,
      '  redirect   https://app.example.com/callback',
      'The secret is shown once. assent client rotate-secret makes another.',
      'No server runs on this database and ASSENT_PUBLIC_URL is not set, so the issuer may be another one. Start the server, then: assent client show my-app',
      '',
    ].join('\n'),
  );
  const client = await stored('my-app');
  expect(client?.secretDigest).toMatch(/^g:[\w-]{43}$/);
  expect(JSON.stringify(client)).not.toContain(secret);
  const shown = await cli.run('client', 'show', 'my-app');
  expect(shown.stdout).not.toContain(secret);
  expect(shown.stdout).toContain('secret    set, made by Assent\n');
});

describe('the issuer that is printed', () => {
  const issuerOf = async (...args: string[]) =>
    JSON.parse((await cli.run('client', 'show', 'my-app', '--json', ...args)).stdout).client.issuer;
  const runs = (name: string, publicUrl: string, seenAt = cli.now) =>
    cli.inStore(({ instances }) =>
      instances.put({
        ...{
          name,
          processId: `${name}-1`,
          host: 'h',
          version: '1',
          startedAt: seenAt,
          seenAt,
          configurationVersion: 1,
        },
        facts: { [PUBLIC_URL_FACT]: publicUrl },
      }),
    );

  test('is that of the server that runs on the database, whatever the settings of the command are', async () => {
    await runs('one', 'https://id.example.com/am');
    const { stdout } = await create(...REDIRECT);
    expect(stdout).toContain('issuer     https://id.example.com/am/oauth2/realms/root\n');
    expect(stdout).not.toContain('ASSENT_PUBLIC_URL');
    cli.env.ASSENT_PUBLIC_URL = 'https://other.example.com/am';
    expect(await issuerOf()).toBe('https://id.example.com/am/oauth2/realms/root');
  });

  test('is that of the settings where no server runs, or servers do not agree', async () => {
    cli.env.ASSENT_PUBLIC_URL = 'https://set.example.com/am';
    const { stdout } = await create(...REDIRECT);
    expect(stdout).toContain('issuer     https://set.example.com/am/oauth2/realms/root\n');
    expect(stdout).not.toContain('No server runs');
    await runs('gone', 'https://gone.example.com/am', cli.now - 60_000);
    expect(await issuerOf()).toBe('https://set.example.com/am/oauth2/realms/root');
    await runs('one', 'https://one.example.com/am');
    await runs('two', 'https://two.example.com/am');
    expect(await issuerOf()).toBe('https://set.example.com/am/oauth2/realms/root');
  });
});

describe('a secret that is replaced (SEC-96)', () => {
  const HOUR = 3_600_000;
  const kept = async () => keptSecretsOf((await stored('my-app')) ?? {});
  const rotate = (...args: string[]) => cli.run('client', 'rotate-secret', 'my-app', ...args);

  test('stays good for the time of --keep-old, which is shown, and is dropped by the next rotation', async () => {
    await create(...REDIRECT);
    const [first] = await kept();
    const until = new Date(cli.now + 24 * HOUR).toISOString();
    const { stdout } = await rotate('--keep-old', '24h');
    expect(stdout).toContain(`It is shown once; the one before is good until ${until}.\n`);
    const [second, old] = await kept();
    expect(old).toEqual({ ...first, goodUntil: cli.now + 24 * HOUR });
    expect((await cli.run('client', 'show', 'my-app')).stdout).toContain(`old, good until ${until}\n`);
    const { client } = JSON.parse((await rotate('--keep-old', '30m', '--json')).stdout);
    expect(client.oldGoodUntil).toBe(new Date(cli.now + HOUR / 2).toISOString());
    expect((await kept()).slice(1)).toEqual([{ ...second, goodUntil: cli.now + HOUR / 2 }]);
    cli.now += HOUR / 2;
    expect((await cli.run('client', 'show', 'my-app')).stdout).not.toContain('good until');
    const shown = JSON.parse((await cli.run('client', 'show', 'my-app', '--json')).stdout).client;
    expect(shown.secrets).toEqual([{ isGenerated: true }]);
    await rotate();
    expect(await kept()).toHaveLength(1);
  });

  test.each(['0h', '31d', '1w', '24', '-1h', '1.5h', ''])('is not kept for %j, and nothing changes', async (time) => {
    await create(...REDIRECT);
    const before = await stored('my-app');
    expect(await rotate(`--keep-old=${time}`)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^--keep-old .* is not a time from 1 minute to 30 days\.\n.*Try: --keep-old 24h/),
    });
    expect(await stored('my-app')).toEqual(before);
  });

  test('by one that is brought along is not a generated one, unless it is set again', async () => {
    cli.stdin = 'x'.repeat(32);
    await create('--secret-stdin', ...REDIRECT);
    expect(await kept()).toMatchObject([{ isGenerated: false }]);
    const { client } = JSON.parse((await rotate('--json')).stdout);
    cli.stdin = client.secret;
    await rotate('--secret-stdin', '--keep-old', '1h');
    expect(await kept()).toMatchObject([{ isGenerated: true }]);
    expect(await kept()).toHaveLength(1);
  });
});

test.each(['--spa', '--native'])('%s is public, and has no secret', async (kind) => {
  expect(JSON.parse((await create(kind, '--redirect', 'http://localhost:5173/', '--json')).stdout)).toEqual({
    client: { id: 'my-app', realm: '/', issuer: ISSUER },
  });
  expect(await stored('my-app')).not.toHaveProperty('secretDigest');
  expect(await cli.run('client', 'rotate-secret', 'my-app')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^The client my-app is public: it can keep no secret/),
  });
});

test('--device asks for codes of devices and comes back to no address (RFC 8628)', async () => {
  expect(await create('--device')).toMatchObject({ code: 0, stderr: '' });
  const own = (value: unknown) => ({ inherited: false, value });
  expect(await stored('my-app')).not.toHaveProperty('secretDigest');
  expect((await stored('my-app'))?.document).toMatchObject({
    coreOAuth2ClientConfig: { clientType: own('Public'), redirectionUris: own([]) },
    advancedOAuth2ClientConfig: {
      grantTypes: own(['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token']),
      responseTypes: own([]),
    },
  });
  expect((await cli.run('client', 'show', 'my-app')).stdout).not.toContain('does not work');
});

test('what a server calls on its own machine is said to need more than a client', async () => {
  const { stdout } = await create(...REDIRECT, '--backchannel-logout', 'http://localhost:3000/out');
  expect(stdout).toMatch(/^Its logout address is on this machine.* --insecure alone\.$/m);
  expect((await cli.run('client', 'create', 'other', ...REDIRECT)).stdout).not.toContain('--insecure');
});

test('everything that was asked for is in the document, as AM has it', async () => {
  await create(
    ...['--spa', '--redirect', 'http://localhost:5173/', '--redirect', 'https://app.example.com/cb', '--acr', 'push'],
    ...['--scope', 'openid mail', '--scope', 'work', '--name', 'My app', '--alg', 'ES256', '--ask-consent'],
    ...['--post-logout', 'https://app.example.com/', '--backchannel-logout', 'https://app.example.com/out'],
  );
  const own = (value: unknown) => ({ inherited: false, value });
  expect((await stored('my-app'))?.document).toMatchObject({
    coreOAuth2ClientConfig: {
      clientType: own('Public'),
      clientName: own(['My app']),
      redirectionUris: own(['http://localhost:5173/', 'https://app.example.com/cb']),
      scopes: own(['openid', 'mail', 'work']),
      loopbackInterfaceRedirection: own(false),
    },
    advancedOAuth2ClientConfig: {
      isConsentImplied: own(false),
      javascriptOrigins: own(['http://localhost:5173', 'https://app.example.com']),
      customProperties: own(['assent.requiredAcr=push']),
    },
    coreOpenIDClientConfig: {
      postLogoutRedirectUri: own(['https://app.example.com/']),
      backchannel_logout_uri: own('https://app.example.com/out'),
    },
    signEncOAuth2ClientConfig: { idTokenSignedResponseAlg: own('ES256') },
  });
  expect((await cli.run('client', 'show', 'my-app')).stdout).not.toContain('does not work');
});

test('another secret is made, or taken from stdin, and the one before is gone', async () => {
  await create(...REDIRECT);
  const first = (await stored('my-app'))?.secretDigest;
  const { client } = JSON.parse((await cli.run('client', 'rotate-secret', 'my-app', '--json')).stdout);
  expect(client).toEqual({ id: 'my-app', realm: '/', issuer: ISSUER, secret: expect.stringMatching(/^[\w-]{43}$/) });
  const second = (await stored('my-app'))?.secretDigest;
  expect(second).not.toBe(first);
  cli.stdin = `${client.secret}\n`;
  expect(await cli.run('client', 'rotate-secret', 'my-app', '--secret-stdin')).toMatchObject({ code: 0 });
  expect((await stored('my-app'))?.secretDigest).toBe(second);
  expect(await cli.run('client', 'rotate-secret', 'nobody')).toMatchObject({
    code: 1,
    stderr: 'There is no client nobody in the realm /.\n  Try: assent client list --realm /\n',
  });
});

test('a client of the id of a deleted one has another generation, and a new secret changes none (SEC-90)', async () => {
  await cli.run('client', 'create', 'batch', '--service');
  const first = (await stored('batch'))?.generation;
  expect(first).toMatch(/^[\w-]{66}$/);
  await cli.run('client', 'rotate-secret', 'batch');
  expect((await stored('batch'))?.generation).toBe(first);
  const shown = await cli.run('client', 'show', 'batch', '--json');
  expect(shown).toMatchObject({ code: 0, stdout: expect.not.stringContaining(first ?? '') });
  await cli.run('client', 'delete', 'batch', '--yes');
  await cli.run('client', 'create', 'batch', '--service');
  expect((await stored('batch'))?.generation).not.toBe(first);
});

test('the clients of a realm are listed and shown', async () => {
  await cli.run('realm', 'create', '/alpha');
  await create('--spa', '--realm', 'alpha', ...REDIRECT);
  await cli.run('client', 'create', 'batch', '--service', '--realm', '/alpha');
  expect((await cli.run('client', 'list', '--realm', '/alpha')).stdout).toBe(
    'batch  (confidential)\nmy-app  (public)\n',
  );
  const lines = (await cli.run('client', 'list', '--realm', '/alpha', '--json')).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).client.id)).toEqual(['batch', 'my-app']);
  expect((await cli.run('client', 'show', 'my-app', '--realm', '/alpha')).stdout).toContain(`${ISSUER}/realms/alpha`);
  expect(await cli.run('client', 'show', 'my-app')).toMatchObject({ code: 1 });
});

test('a terminal is asked before a client is deleted, and every change is in the audit trail', async () => {
  await create(...REDIRECT);
  cli.isInteractive = true;
  expect(await cli.run('client', 'delete', 'my-app')).toMatchObject({ code: 1, stderr: 'Nothing was deleted.\n' });
  expect(await cli.run('client', 'delete', 'my-app', '--yes')).toMatchObject({ code: 0 });
  expect(await stored('my-app')).toBeUndefined();
  expect(await cli.run('client', 'delete', 'my-app', '--yes')).toMatchObject({ code: 1 });
});

describe('an export from PingAM', () => {
  const own = (value: unknown) => ({ inherited: false, value });
  const exported = {
    meta: { origin: 'https://am.example.com/am' },
    script: {},
    application: {
      portal: {
        _id: 'portal',
        _provider: { _id: '' },
        _type: { _id: 'OAuth2Client' },
        coreOAuth2ClientConfig: {
          'userpassword-encrypted': 'AAAA',
          userpassword: null,
          clientType: own('Confidential'),
          redirectionUris: own(['https://app.example.com/cb', 'http://app.example.com/cb']),
        },
        advancedOAuth2ClientConfig: { grantTypes: own(['authorization_code', 'implicit']), ofAnotherVersion: own(1) },
      },
      phone: {
        _id: 'phone',
        coreOAuth2ClientConfig: { clientType: own('Public'), redirectionUris: own(['com.example.app:/cb']) },
      },
    },
  };
  const withFile = (content: unknown): string => {
    writeFileSync(join(cli.cwd, 'clients.json'), typeof content === 'string' ? content : JSON.stringify(content));
    return 'clients.json';
  };

  test.each([
    ['no JSON', 'secret-text{'],
    ['an export of something else', { trees: {} }],
    ['a list', []],
  ])('that is %s is refused, and not quoted', async (_, content) => {
    const result = await cli.run('client', 'import', withFile(content));
    expect(result).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^The file clients\.json has no clients in it\.\n.*Try: frodo oauth client export/),
    });
    expect(result.stderr).not.toContain('secret-text');
    expect(await cli.run('client', 'import', 'nowhere.json')).toMatchObject({ code: 2 });
  });

  test('comes in whole, and what of it does not work is said by name', async () => {
    const { code, stdout } = await cli.run('client', 'import', withFile(exported));
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        'portal was imported.',
        '  Attributes that are none here, and are not kept: advancedOAuth2ClientConfig.ofAnotherVersion',
        '  What does not work here, and is kept:',
        '    - coreOAuth2ClientConfig.redirectionUris has http://app.example.com/cb, which must begin with https://; http is for this machine alone, such as http://localhost:3000/callback; it is not used.',
        '    - advancedOAuth2ClientConfig.grantTypes has implicit, which is refused: the application has to ask for a code, with PKCE.',
        '    - coreOAuth2ClientConfig.userpassword is unset: the secret did not come along, and the client cannot prove itself without.',
        '  Give it a secret: assent client rotate-secret portal --realm /',
        'phone was imported.',
        '',
      ].join('\n'),
    );
    const {
      userpassword: _,
      'userpassword-encrypted': __,
      ...core
    } = exported.application.portal.coreOAuth2ClientConfig;
    expect((await stored('portal'))?.document.coreOAuth2ClientConfig).toEqual(core);
  });

  test('with more scopes than a client may have is kept, and the output names the list and the bound (SEC-93)', async () => {
    const scopes = own(Array.from({ length: 401 }, (_, at) => `s${at}`));
    const coreOAuth2ClientConfig = { clientType: own('Public'), scopes };
    const { code, stdout } = await cli.run('client', 'import', withFile({ _id: 'large', coreOAuth2ClientConfig }));
    expect(code).toBe(0);
    expect(stdout).toContain('coreOAuth2ClientConfig.scopes has 401 names, and 400 are the most');
    expect((await stored('large'))?.document.coreOAuth2ClientConfig).toEqual(coreOAuth2ClientConfig);
  });

  test('that comes again replaces what is there, and leaves its secret', async () => {
    const file = withFile(exported);
    await cli.run('client', 'import', file);
    await cli.run('client', 'rotate-secret', 'portal');
    const { secretDigest } = (await stored('portal')) ?? {};
    expect(secretDigest).toBeDefined();
    const lines = (await cli.run('client', 'import', file, '--json')).stdout.trim().split('\n');
    const [portal, phone] = lines.map((line) => JSON.parse(line).client);
    expect(portal).toMatchObject({
      id: 'portal',
      isNew: false,
      unknown: ['advancedOAuth2ClientConfig.ofAnotherVersion'],
    });
    expect(portal.findings).toHaveLength(2);
    expect(phone).toEqual({ id: 'phone', realm: '/', isNew: false, findings: [], unknown: [] });
    expect((await stored('portal'))?.secretDigest).toBe(secretDigest);
  });
});
