import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SUCCESS, treeDocument } from '@assent/engine/host';
import { newApnsKey } from '@assent/push/testing';
import { SERVICE_TYPES } from '@assent/server';
import { configuring } from '@assent/store/testing';
import { expect, test } from 'vitest';
import { type TestCli, testCliWithData } from '../testing/test-cli.ts';

const withFile = (cli: TestCli, content: string): string => {
  writeFileSync(join(cli.cwd, 'service.json'), content);
  return 'service.json';
};
const ofRoot = (cli: TestCli) =>
  cli.inStore(async ({ configuration }) =>
    (await configuration.load()).services.filter(({ realm, type }) => realm === '/' && type === 'pushNotification'),
  );

const sns = {
  accessKey: 'key-id',
  secret: 'key-secret',
  appleEndpoint: 'arn:aws:sns:us-east-1:000000000000:app/APNS/phone',
  googleEndpoint: 'arn:aws:sns:us-east-1:000000000000:app/GCM/phone',
};

test.each([
  ['text that is no JSON', 'secret-text{', /has to hold one JSON object/],
  ['a list', '[]', /has to hold one JSON object/],
  ['a missing value', '{"accessKey":"a"}', /appleEndpoint: Required unless delegateFactory is relay/],
  ['a wrong value', JSON.stringify({ ...sns, region: 'Mars' }), /region: Must be the name of an AWS region/],
  ['an unknown name', JSON.stringify({ ...sns, sekret: 'x' }), /sekret: is no setting of this service/],
])('%s is refused by name, and what was set stays', async (_, content, message) => {
  const cli = await testCliWithData();
  const before = await ofRoot(cli);
  const result = await cli.run('realm', 'set-service', 'pushNotification', '--file', withFile(cli, content));
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  expect(result.stderr).not.toContain('secret-text');
  expect(await ofRoot(cli)).toEqual(before);
});

test('an unknown service, realm or file is refused', async () => {
  const cli = await testCliWithData();
  const file = withFile(cli, JSON.stringify(sns));
  expect(await cli.run('realm', 'set-service', 'constructor', '--file', file)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^There is no service constructor\. Known are: assent, .*, pushNotification, .*oauth-oidc\.\n$/,
    ),
  });
  expect(await cli.run('realm', 'set-service', 'pushNotification', '--file', file, '--realm', 'a')).toMatchObject({
    code: 1,
    stderr: 'There is no realm /a.\n  Try: assent realm list\n',
  });
  expect(await cli.run('realm', 'set-service', 'pushNotification', '--file', 'none.json')).toMatchObject({ code: 2 });
});

test('a service is set with its defaults, and a running server need not be told', async () => {
  const cli = await testCliWithData();
  const before = await cli.inStore(({ configuration }) => configuration.version());
  const file = withFile(cli, JSON.stringify({ _id: '', ...sns }));
  expect(await cli.run('realm', 'set-service', 'pushNotification', '--file', file)).toEqual({
    code: 0,
    stdout: 'The service pushNotification of realm / was set.\n',
    stderr: '',
  });
  const [service] = await ofRoot(cli);
  expect(service?.config).toMatchObject({ ...sns, region: 'us-east-1', mdDuration: 120 });
  expect(service?.config).not.toHaveProperty('_id');
  expect(await cli.inStore(({ configuration }) => configuration.version())).toBeGreaterThan(before);
});

test('the services that can be set are those of REST, and each that is named can be', async () => {
  const cli = await testCliWithData();
  const file = withFile(cli, '{"nothing of the kind": 1}');
  const { stderr } = await cli.run('realm', 'set-service', 'none', '--file', file);
  const known = /Known are: (.*)\.\n/.exec(stderr)?.[1]?.split(', ') ?? [];
  expect(known).toEqual([...SERVICE_TYPES.map(({ id }) => id), 'oauth-oidc']);
  for (const name of known) {
    expect(await cli.run('realm', 'set-service', name, '--file', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing of the kind: is no setting of this service'),
    });
  }
});

test('our own settings of a realm are set, and what else a realm says stays', async () => {
  const cli = await testCliWithData();
  const realmOf = () =>
    cli.inStore(async ({ configuration }) => (await configuration.load()).realms.find(({ realm }) => realm === '/'));
  const before = await realmOf();
  const set = (settings: object) =>
    cli.run('realm', 'set-service', 'assent', '--file', withFile(cli, JSON.stringify(settings)));
  expect(await set({ numberDigits: 9 })).toMatchObject({ code: 2, stderr: expect.stringContaining('numberDigits: ') });
  expect(await realmOf()).toEqual(before);
  expect(await set({ numberDigits: 4, brandName: 'Acme' })).toMatchObject({ code: 0, stderr: '' });
  expect(await realmOf()).toMatchObject({ ...before, numberDigits: 4, brandName: 'Acme' });
});

test('tells of a policy whose journey is not there, and of a secret without a value, and saves both', async () => {
  const cli = await testCliWithData();
  const set = (type: string, settings: object, ...more: readonly string[]) =>
    cli.run('realm', 'set-service', type, '--file', withFile(cli, JSON.stringify(settings)), ...more);
  const policy = {
    name: 'Payments',
    resources: ['https://pay.example.com/*'],
    condition: { type: 'AuthenticateToService', authenticateToService: 'Gone' },
  };
  expect(await set('assent', { policies: [policy] })).toEqual({
    code: 0,
    stdout:
      'The service assent of realm / was set.\n  The policy "Payments" denies every access: the realm has no journey Gone. Add the journey Gone or name another one.\n',
    stderr: '',
  });
  const mail = { hostname: 'mail.example.com', from: 'a@example.com', username: 'u', password: '&{esv.smtp.password}' };
  const { code, stdout } = await set('email', mail, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout).service.findings).toEqual([expect.stringContaining('Try: set ESV_SMTP_PASSWORD')]);
});

test('refuses a journey for an authentication level that the journey does not reach (SEC-85)', async () => {
  const cli = await testCliWithData();
  await cli.inStore((store) =>
    configuring(store).publishTree({
      realm: '/',
      name: 'Bare',
      tree: treeDocument.parse({ entryNodeId: SUCCESS, nodes: {} }),
      nodes: {},
    }),
  );
  const set = (authLevelJourneys: object) =>
    cli.run('realm', 'set-service', 'assent', '--file', withFile(cli, JSON.stringify({ authLevelJourneys })));
  expect(await set({ '5': 'Bare' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      'The authentication level 5 (authLevelJourneys) names the journey Bare, which comes',
    ),
  });
  expect(await set({ high: 'Bare' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('authLevelJourneys.high'),
  });
  expect(await set({ '5': 'Coming' })).toMatchObject({ code: 0, stderr: '' });
});

test('the directory of a realm is set, and what would carry passwords in the clear is not (OPS-73)', async () => {
  const cli = await testCliWithData();
  const set = (url: string) => {
    const settings = { urls: [url], baseDn: 'dc=example,dc=com' };
    return cli.run('realm', 'set-service', 'ldap', '--file', withFile(cli, JSON.stringify(settings)));
  };
  expect(await set('ldap://directory.example.com')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('set startTls, or use ldaps://'),
  });
  expect(await set('ldaps://directory.example.com')).toMatchObject({ code: 0, stderr: '' });
  const { services } = await cli.inStore(({ configuration }) => configuration.load());
  const service = services.find(({ type }) => type === 'ldap');
  expect(service).toMatchObject({ realm: '/', config: { idAttribute: 'entryUUID', pageSize: 500, poolSize: 5 } });
});

const setProvider = (cli: TestCli, settings: unknown, ...more: readonly string[]) =>
  cli.run('realm', 'set-service', 'oauth-oidc', '--file', withFile(cli, JSON.stringify(settings)), ...more);
const providerOf = (cli: TestCli) =>
  cli.inStore(async ({ configuration }) =>
    (await configuration.load()).services.find(({ realm, type }) => realm === '/' && type === 'oauth-oidc'),
  );

test.each([
  [{ advancedOIDCConfig: { loaMaping: {} } }, 'advancedOIDCConfig.loaMaping: is no setting of this service'],
  [{ loaMapping: {} }, 'loaMapping: is no setting of this service'],
  [{ coreOAuth2Config: 'x' }, 'coreOAuth2Config: is no setting of this service'],
  [{ coreOAuth2Config: { codeLifetime: '120' } }, 'coreOAuth2Config.codeLifetime: is no whole number'],
  [{ consent: { clientsCanSkipConsent: 'yes' } }, 'consent.clientsCanSkipConsent: is neither true nor false'],
])('a provider as %j says is refused by name, and what was set stays', async (settings, fault) => {
  const cli = await testCliWithData();
  expect(await setProvider(cli, settings)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: `The settings in service.json cannot be used.\n${fault}\n`,
  });
  expect(await providerOf(cli)).toBeUndefined();
});

test.each([
  ['pushFcm', {}, ['projectId', 'serviceAccount']],
  ['pushApns', { teamId: 'ACMETEAM01', keyId: 'ACMEKEY001' }, ['key', 'topic']],
  ['ldap', { urls: ['ldaps://directory.example.com'] }, ['baseDn']],
])('%s without what it has to have is refused in plain words', async (service, settings, missing) => {
  const cli = await testCliWithData();
  writeFileSync(join(cli.cwd, 'service.json'), JSON.stringify(settings));
  const { code, stderr } = await cli.run('realm', 'set-service', service, '--file', 'service.json');
  expect(code).toBe(2);
  for (const name of missing) expect(stderr).toContain(`\n${name}: Has to be set, in the file or by --text.\n`);
  expect(stderr).not.toContain('Invalid input');
});

test('the provider is set as AM has it, and what of it does not work is said by name', async () => {
  const cli = await testCliWithData();
  const settings = {
    _id: '',
    _type: { _id: 'oauth-oidc' },
    coreOAuth2Config: { accessTokenLifetime: 600 },
    advancedOAuth2Config: { tokenSigningAlgorithm: 'HS256' },
    advancedOIDCConfig: { loaMapping: { push: 'PushLogin' } },
  };
  const findings = [
    'advancedOAuth2Config.tokenSigningAlgorithm is HS256; access tokens are signed with RS256.',
    'The class "push" (loaMapping) names the journey PushLogin, which the realm does not have. Add the journey PushLogin or map "push" to another one.',
  ];
  expect(await setProvider(cli, settings)).toEqual({
    code: 0,
    stdout: `The service oauth-oidc of realm / was set.\n${findings.map((it) => `  ${it}\n`).join('')}`,
    stderr: '',
  });
  const { _id: _, _type: __, ...document } = settings;
  expect((await providerOf(cli))?.config).toEqual(document);
  const { stdout } = await setProvider(cli, settings, '--json');
  expect(JSON.parse(stdout)).toEqual({ service: { realm: '/', type: 'oauth-oidc', findings } });
});

test('a key comes from a file of its own, as the console hands it out (OPS-47)', async () => {
  const cli = await testCliWithData();
  const { file: key } = newApnsKey();
  writeFileSync(join(cli.cwd, 'AuthKey.p8'), key);
  const file = withFile(cli, JSON.stringify({ teamId: 'ACMETEAM01', keyId: 'ACMEKEY001', topic: 'com.example.phone' }));
  const set = (...text: readonly string[]) =>
    cli.run('realm', 'set-service', 'pushApns', '--file', file, ...text.flatMap((it) => ['--text', it]));

  expect(await set()).toMatchObject({ code: 2, stderr: expect.stringContaining('key: ') });
  expect(await set('key')).toMatchObject({ code: 2, stderr: expect.stringContaining('such as key=AuthKey.p8') });
  expect(await set('key=none.p8')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('none.p8 cannot be read'),
  });
  expect(await set('kez=AuthKey.p8')).toMatchObject({ code: 2, stderr: expect.stringContaining('kez: is no setting') });
  const refused = await set('key=service.json');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('key: Must be the text of a .p8 file') });
  expect(await set('key=AuthKey.p8')).toMatchObject({ code: 0, stderr: '' });
  const { services } = await cli.inStore(({ configuration }) => configuration.load());
  expect(services.find(({ type }) => type === 'pushApns')?.config).toMatchObject({ key, sandbox: false, endpoint: '' });
});
