import {
  type ApnsFake,
  type FcmFake,
  newApnsKey,
  newServiceAccount,
  type SnsFake,
  startApnsFake,
  startFcmFake,
  startSnsFake,
} from '@assent/push/fakes';
import { lacksSecret } from '@assent/server';
import { configuring } from '@assent/store/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestCli, testCliWithData } from '../testing/test-cli.ts';
import { checkProviders } from './provider-checks.ts';

const arn = (platform: string, name = 'phone') => `arn:aws:sns:us-east-1:000000000000:app/${platform}/${name}`;

let fcm: FcmFake;
let apns: ApnsFake;
let sns: SnsFake;
let cli: TestCli;
beforeAll(async () => {
  [fcm, sns, cli] = await Promise.all([
    startFcmFake(),
    startSnsFake({
      keys: { AKIAPHONES: 'phones-secret' },
      applications: { [arn('GCM')]: true, [arn('APNS')]: true, [arn('GCM', 'off')]: false },
    }),
    testCliWithData(),
  ]);
});
afterAll(() => Promise.all([fcm.close(), sns.close()]));
beforeEach(async () => {
  fcm.repair();
  sns.repair();
  // One that has not had a token yet: it takes no other so soon.
  apns = await startApnsFake({ isPlain: true });
});
afterEach(() => apns.close());

const sound = () => ({
  pushFcm: { projectId: fcm.projectId, serviceAccount: fcm.account.file, endpoint: fcm.endpoint },
  pushApns: { ...apns.account, endpoint: apns.endpoint },
  pushNotification: {
    accessKey: 'AKIAPHONES',
    secret: 'phones-secret',
    googleEndpoint: arn('GCM'),
    appleEndpoint: arn('APNS'),
  },
});
type Service = keyof ReturnType<typeof sound>;

/** What the doctor says of one service whose other settings are sound. */
const checked = (service: Service, changes: Record<string, unknown> = {}, { insecure = true } = {}) =>
  cli.inStore(async (store) => {
    for (const type of Object.keys(sound())) await configuring(store).deleteService('/', type);
    const config = { ...sound()[service], ...changes };
    await configuring(store).saveService({ realm: '/', type: service, config });
    const settings = { insecure, privateHosts: [], snsEndpoint: sns.endpoint };
    return checkProviders({ lacksSecret }, store, settings, () => Date.now());
  });

test.each<readonly [Service, string]>([
  ['pushFcm', 'serviceAccount'],
  ['pushApns', 'key'],
  ['pushNotification', 'secret'],
])('SEC-92: %s is not asked while its %s has no value here', async (service, secret) => {
  expect(await checked(service, { [secret]: '&{esv.vendor.key}' })).toEqual([]);
});

test.each<readonly [Service, string]>([
  ['pushFcm', 'Google knows the realm by its service pushFcm.'],
  ['pushApns', 'Apple knows the realm by its service pushApns.'],
  ['pushNotification', 'Amazon knows the realm by its service pushNotification.'],
])('sound settings of %s are in order, and nothing is sent to find that out (OPS-51)', async (service, message) => {
  expect(await checked(service)).toEqual([{ name: 'realm /', status: 'ok', message }]);
  expect([fcm.taken, apns.taken, sns.published]).toEqual([[], [], []]);
});

describe('a broken setting is named, with what to do about it (OPS-51)', () => {
  test.each<readonly [Service, string, () => Record<string, unknown>, string]>([
    ['pushFcm', 'serviceAccount', () => ({ serviceAccount: otherAccount() }), 'make a new key of a service account'],
    ['pushFcm', 'serviceAccount', () => ({ projectId: 'another-project' }), 'may send messages'],
    ['pushApns', 'key', () => ({ key: newApnsKey().file }), 'the text of the .p8 file'],
    ['pushApns', 'key', () => ({ keyId: 'OTHERKEY01' }), 'goes with the key id'],
    ['pushApns', 'topic', () => ({ topic: 'com.example.other' }), 'the bundle id of the app'],
    ['pushNotification', 'accessKey', () => ({ accessKey: 'AKIAGONE' }), 'one that is in force'],
    ['pushNotification', 'secret', () => ({ secret: 'old-secret' }), 'the secret that goes with'],
    ['pushNotification', 'googleEndpoint', () => ({ googleEndpoint: arn('GCM', 'gone') }), 'the ARN of a platform'],
    ['pushNotification', 'googleEndpoint', () => ({ googleEndpoint: arn('GCM', 'off') }), 'and enable it'],
    ['pushNotification', 'appleEndpoint', () => ({ appleEndpoint: arn('APNS', 'gone') }), 'the ARN of a platform'],
  ])('%s.%s: case %#', async (service, setting, broken, hint) => {
    expect(await checked(service, broken())).toEqual([
      {
        name: 'realm /',
        status: 'problem',
        message: expect.stringContaining(`refuses the setting ${setting} of the service ${service} (`),
        hint: expect.stringContaining(hint),
      },
    ]);
  });

  const otherAccount = () => newServiceAccount({ tokenUri: `${fcm.endpoint}/token`, ofOtherKey: true }).file;

  test('a key for the other environment of Apple is told by sandbox', async () => {
    apns.script({ answer: 403, code: 'BadEnvironmentKeyIdInToken' });
    expect(await checked('pushApns')).toMatchObject([
      {
        status: 'problem',
        message: expect.stringContaining('the setting sandbox'),
        hint: expect.stringContaining('Xcode'),
      },
    ]);
  });

  test.each(['pushFcm', 'pushApns'] as const)('an endpoint of %s on this machine needs --insecure', async (service) => {
    expect(await checked(service, {}, { insecure: false })).toMatchObject([
      {
        status: 'problem',
        message: expect.stringContaining('the setting endpoint'),
        hint: expect.stringContaining('--insecure'),
      },
    ]);
  });

  test.each<readonly [Service, Record<string, unknown>, string]>([
    ['pushFcm', { serviceAccount: '{}' }, 'serviceAccount: Must be the key file of a service account'],
    ['pushApns', { teamId: 'x' }, 'teamId: Must be the ten capital letters'],
  ])('settings of %s that cannot be used at all are told by name', async (service, broken, fault) => {
    expect(await checked(service, broken)).toMatchObject([
      { status: 'problem', message: expect.stringContaining(`The service ${service} cannot be used: ${fault}`) },
    ]);
  });
});

test('a provider that is down is not blamed on the settings', async () => {
  fcm.script({ answer: 503 });
  expect(await checked('pushFcm')).toMatchObject([
    { status: 'problem', message: expect.stringMatching(/^Google could not be asked about the service pushFcm \(/) },
  ]);
});

test('a key of Amazon that may only publish is worth knowing, and no problem', async () => {
  sns.fail({ action: 'GetPlatformApplicationAttributes', code: 'AuthorizationError', httpStatus: 403 });
  expect(await checked('pushNotification')).toMatchObject([
    { status: 'warning', hint: expect.stringContaining('sns:GetPlatformApplicationAttributes') },
  ]);
});

test('two doctors in a row do not accuse the key of Apple', async () => {
  await checked('pushApns');
  expect(await checked('pushApns')).toMatchObject([{ status: 'warning', hint: 'ask again in 20 minutes' }]);
});

test('a realm without a vendor has nobody to ask', async () => {
  expect(await checked('pushNotification', { accessKey: '', delegateFactory: 'relay' })).toEqual([]);
});

test('the command says it, and ends with 1', async () => {
  await checked('pushApns', { keyId: 'OTHERKEY01' });
  const { code, stdout } = await cli.run('doctor', '--port', '0', '--insecure');
  expect(code).toBe(1);
  expect(stdout).toContain(
    '✗ realm /: problem: Apple refuses the setting key of the service pushApns (InvalidProviderToken)',
  );
});

test('doctor --simulate delivers by every provider, without an account of any (OPS-48)', async () => {
  const { code, stdout } = await cli.run('doctor', '--simulate', '--json');
  const found = stdout
    .trim()
    .split('\n')
    .map(
      (line) => JSON.parse(line).check as { readonly name: string; readonly status: string; readonly message: string },
    );
  expect(found.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(code).toBe(0);
  for (const name of ['simulated Google', 'simulated Apple', 'simulated Amazon', 'simulated browser']) {
    const walk = found.filter((it) => it.name === name).map(({ message }) => message);
    expect(walk.at(-1), name).toMatch(
      /has verified the message, and shows: Is this you\? jane is signing in to Assent\.$/,
    );
    expect(walk.length, name).toBeGreaterThanOrEqual(4);
  }
});
