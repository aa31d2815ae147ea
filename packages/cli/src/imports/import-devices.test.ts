import { createPrivateKey, createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newRealmSettings } from '@assent/server';
import { configuring } from '@assent/store/testing';
import { beforeEach, expect, test } from 'vitest';
import { SEALED_PROFILES } from '../testing/sealed-profiles.ts';
import { type TestCli, testCliWithData } from '../testing/test-cli.ts';

const SECRET = Buffer.alloc(32, 7).toString('base64');
const HASHED_CODE =
  '{SSHA-512}FHR3ZW50eSBieXRlcyBvZiBzYWx0/US0ke+pOFIP0Xm3tdwDylMvguyV5X0tbyiDhLeoS7N2DHDjqj40fMtYt5sUb4nYML3JPTZBbG/mLleTfyROkg==';

const PUSH = {
  uuid: '7f3d2b90-1c44-4f6e-a3b1-6d5e4c3b2a19',
  recoveryCodes: [HASHED_CODE, 'AAAAAAAAA1'],
  sharedSecret: SECRET,
  deviceName: 'Pixel of Ann',
  communicationId: 'arn:aws:sns:us-east-1:000000000000:endpoint/GCM/am/1',
  communicationType: 'gcm',
  deviceType: 'android',
  deviceId: 'fcm-token',
  deviceMechanismUID: '0f6a1c52-7f0e-4b0b-9f2d-5d8f5b1c7e21',
  issuer: 'Acme',
  createdDate: 1_700_000_000_000,
  lastAccessDate: 1_700_000_100_000,
};
const OATH = {
  uuid: '8a3d2b90-1c44-4f6e-a3b1-6d5e4c3b2a19',
  recoveryCodes: [HASHED_CODE],
  sharedSecret: 'DEADbeef'.repeat(4),
  deviceName: 'OATH Device',
  lastLogin: 1_700_000_040,
  counter: 7,
  checksumDigit: false,
  truncationOffset: -1,
  clockDriftSeconds: 30,
};

let cli: TestCli;
beforeEach(async () => {
  cli = await testCliWithData();
});

const importing = (users: readonly object[], ...args: readonly string[]) => {
  writeFileSync(join(cli.cwd, 'users.json'), users.map((user) => JSON.stringify(user)).join('\n'));
  return cli.run('import', 'users', 'users.json', '--json', ...args);
};
const ann = (more: object = {}) => ({
  username: 'ann',
  pushDeviceProfiles: [JSON.stringify(PUSH)],
  oathDeviceProfiles: [JSON.stringify(OATH)],
  push2faEnabled: ['1'],
  ...more,
});
const notices = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { notice?: { reason: string; detail?: string } })
    .flatMap(({ notice }) => (notice === undefined ? [] : [`${notice.reason} ${notice.detail}`]));
const kept = (name = 'ann') =>
  cli.inStore(async (store) => {
    const user = await store.identities.find('/', name);
    const id = user?.id ?? '';
    return {
      attributes: user?.attributes,
      push: await store.devices.ofUser(id),
      oath: await store.oathDevices.ofUser(id),
      codes: [await store.devices.countCodes(id, 'push'), await store.devices.countCodes(id, 'oath')],
    };
  });

test('a phone and a generator of AM come with all that they go on by, and their user may not skip them', async () => {
  const { code, stdout } = await importing([ann()]);
  expect([code, notices(stdout)]).toEqual([0, []]);
  const { attributes, push, oath, codes } = await kept();
  expect(push).toEqual([
    {
      uuid: PUSH.uuid,
      realm: '/',
      userId: expect.any(String),
      username: 'ann',
      deviceName: 'Pixel of Ann',
      issuer: 'Acme',
      secret: new Uint8Array(32).fill(7),
      mechanismUid: PUSH.deviceMechanismUID,
      deviceId: 'fcm-token',
      deviceType: 'android',
      communicationType: 'gcm',
      communicationId: PUSH.communicationId,
      createdAt: PUSH.createdDate,
      lastAccessAt: PUSH.lastAccessDate,
      refreshHashes: [],
      rev: 0,
    },
  ]);
  expect(oath).toMatchObject([
    {
      uuid: OATH.uuid,
      secret: new Uint8Array(Buffer.from(OATH.sharedSecret, 'hex')),
      counter: 7,
      lastLoginSeconds: 1_700_000_040,
      clockDriftSeconds: 30,
      checksumDigit: false,
      truncationOffset: -1,
      createdAt: cli.now,
    },
  ]);
  expect(codes).toEqual([2, 1]);
  expect(attributes).toMatchObject({ push2faEnabled: ['2'], oath2faEnabled: ['2'] });
  expect(attributes).not.toHaveProperty('pushDeviceProfiles');
});

test('encrypted profiles open with the key that is given, and say without it what is missing', async () => {
  const { key, sealed } = SEALED_PROFILES;
  const [jwe = ''] = Object.values(sealed);
  const user = { username: 'ann', pushDeviceProfiles: [jwe], oathDeviceProfiles: [`${jwe.slice(0, -6)}AAAAAA`] };
  const withoutKey = await importing([user], '--dry-run');
  expect(notices(withoutKey.stdout)).toEqual(['DEVICE_SEALED push', 'DEVICE_SEALED oath']);
  const pem = createPrivateKey({ key, format: 'jwk' });
  writeFileSync(join(cli.cwd, 'am.pem'), pem.export({ type: 'pkcs8', format: 'pem' }));
  // It opens, and what it has is no phone: the profile of that test is a short one.
  const withKey = await importing([user], '--dry-run', '--device-key', 'am.pem');
  expect(notices(withKey.stdout)).toEqual(['DEVICE_FORM push', 'DEVICE_KEY oath']);
  writeFileSync(join(cli.cwd, 'pub.pem'), createPublicKey(pem).export({ type: 'spki', format: 'pem' }));
  const refused = await importing([user], '--device-key', 'pub.pem');
  expect([refused.code, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain('is not a private RSA key in PEM');
});

test.each([
  ['a phone that never answered', { deviceMechanismUID: 'placeholder' }, 'DEVICE_UNFINISHED push'],
  ['a short secret', { sharedSecret: Buffer.alloc(16).toString('base64') }, 'DEVICE_FORM push'],
  ['no address', { communicationId: '' }, 'DEVICE_FORM push'],
  ['another kind of address', { communicationType: 'relay' }, 'DEVICE_FORM push'],
  ['codes that are none', { recoveryCodes: ['secret', '{SSHA-512}secret'] }, 'CODES_SCHEME push unknown, SSHA-512'],
  ['codes of an unknown scheme', { recoveryCodes: ['{SCRYPT}secret'] }, 'CODES_SCHEME push SCRYPT'],
])('%s is told, without a value, and the user comes all the same', async (_what, change, told) => {
  const profile = JSON.stringify({ ...PUSH, ...change });
  const { code, stdout, stderr } = await importing([ann({ pushDeviceProfiles: [profile] })]);
  expect([code, notices(stdout).join(', ').replace(', CODES_SCHEME push', ',')]).toEqual([0, told]);
  for (const secret of [SECRET, 'secret', 'fcm-token']) expect(stdout + stderr).not.toContain(secret);
  expect((await kept()).push).toHaveLength(told.startsWith('CODES') ? 1 : 0);
});

test.each([
  ['what is no JSON', 'secret'],
  ['a list', '[]'],
  ['a secret that is not hexadecimal', JSON.stringify({ ...OATH, sharedSecret: 'zz' })],
])('%s is no generator', async (_what, profile) => {
  const { stdout } = await importing([ann({ oathDeviceProfiles: [profile] })]);
  expect(notices(stdout)).toEqual(['DEVICE_FORM oath']);
  expect(stdout).not.toContain('secret');
  expect((await kept()).oath).toEqual([]);
});

test('of more phones than the realm allows the newest come', async () => {
  const phone = (at: number) =>
    JSON.stringify({ ...PUSH, uuid: `phone-of-${at}-ann`, deviceMechanismUID: `m${at}`, createdDate: 1_000 + at });
  const { stdout } = await importing([ann({ pushDeviceProfiles: [1, 2, 3, 4, 5, 6, 7].map(phone) })]);
  expect(notices(stdout)).toEqual(['DEVICE_LIMIT push']);
  expect((await kept()).push.map(({ mechanismUid }) => mechanismUid)).toEqual(['m7', 'm6', 'm5', 'm4', 'm3']);
});

test('an update brings a phone that was connected since, and leaves those that are here', async () => {
  await importing([ann({ oathDeviceProfiles: [] })]);
  const later = { ...PUSH, uuid: 'another-phone', deviceMechanismUID: 'another', recoveryCodes: ['BBBBBBBBB2'] };
  const again = ann({ pushDeviceProfiles: [JSON.stringify(PUSH), JSON.stringify(later)], push2faEnabled: ['2'] });
  expect((await importing([again], '--update')).code).toBe(0);
  const { push, oath, codes } = await kept();
  expect(push.map(({ uuid }) => uuid).sort()).toEqual([PUSH.uuid, 'another-phone']);
  expect(oath).toHaveLength(1);
  // Codes that are here may have been used or renewed here.
  expect(codes).toEqual([2, 1]);
  const { stdout } = await importing([again], '--update');
  expect(stdout).toContain('"unchanged":1');
});

test('whoever was imported into another realm for a trial comes with the same phone once more', async () => {
  const { publicUrl } = await cli.settings();
  await cli.inStore((store) => configuring(store).createRealm(newRealmSettings('/trial', publicUrl)));
  expect((await importing([ann()], '--realm', '/trial')).code).toBe(0);
  expect((await importing([ann()])).code).toBe(0);
  const { push, oath, codes } = await kept();
  expect(push).toMatchObject([{ mechanismUid: PUSH.deviceMechanismUID, secret: new Uint8Array(32).fill(7) }]);
  expect(push[0]?.uuid).not.toBe(PUSH.uuid);
  expect([oath.length, codes]).toEqual([1, [2, 1]]);
});
