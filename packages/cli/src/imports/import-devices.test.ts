import { createPrivateKey, createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newRealmSettings } from '@assent/server';
import { configuring } from '@assent/store/testing';
import { beforeEach, expect, test } from 'vitest';
import { EC_KEY } from '../testing/key-rows.ts';
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

const PASSKEY = {
  uuid: '9b3d2b90-1c44-4f6e-a3b1-6d5e4c3b2a19',
  recoveryCodes: [HASHED_CODE],
  createdDate: 1_700_000_000_000,
  lastAccessDate: 1_700_000_100_000,
  credentialId: 'AQIDBAUGBwgJCgsMDQ4PEA',
  algorithm: 'SHA256withECDSA',
  deviceName: 'Key of Ann',
  key: { ...EC_KEY },
  signCount: 41,
};
const BOUND = {
  uuid: 'ac3d2b90-1c44-4f6e-a3b1-6d5e4c3b2a19',
  recoveryCodes: [],
  deviceName: 'App of Ann',
  deviceId: 'installation-of-ann',
  createdDate: 1_700_000_000_000,
  lastAccessDate: 1_700_000_100_000,
  key: { ...EC_KEY, kid: 'ac3d2b90-1c44-4f6e-a3b1-6d5e4c3b2a19', use: 'sig', alg: 'ES256' },
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
      passkeys: await store.passkeys.ofUser(id),
      bound: await store.boundDevices.ofUser(id),
      codes: [await store.devices.countCodes(id, 'push'), await store.devices.countCodes(id, 'oath')],
      codesOfPasskeys: await store.devices.countCodes(id, 'webauthn'),
    };
  });
/** Somebody who signs in by keys. */
const eve = (passkeys: readonly object[], bound: readonly object[] = [], more: object = {}) => ({
  username: 'eve',
  webauthnDeviceProfiles: passkeys.map((it) => JSON.stringify(it)),
  boundDevices: bound.map((it) => JSON.stringify(it)),
  ...more,
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

test.each([
  ['the first', [0, 1, 2]],
  ['the last', [1, 2, 0]],
])('generators of one secret come as one, with what was used up of %s (SEC-49)', async (_, order) => {
  const twin = {
    ...OATH,
    uuid: 'twin',
    recoveryCodes: [],
    counter: 3,
    lastLogin: 1_700_000_900,
    sharedSecret: OATH.sharedSecret.toLowerCase(),
  };
  const other = { ...OATH, uuid: 'other', recoveryCodes: [], counter: 1, sharedSecret: 'ab'.repeat(20) };
  const profiles = [OATH, twin, other].map((it) => JSON.stringify(it));
  const { code, stdout } = await importing([ann({ oathDeviceProfiles: order.map((at) => profiles[at]) })]);
  expect([code, notices(stdout)]).toEqual([0, ['DEVICE_TWICE oath']]);
  const { oath, codes } = await kept();
  const used = oath.map(({ counter, lastLoginSeconds }) => `${counter} ${lastLoginSeconds}`);
  expect(used.toSorted()).toEqual(['1 1700000040', '7 1700000900']);
  expect(codes).toEqual([2, 1]);
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

test('a passkey and a bound device of AM come with all that they go on by, and with what is public of their keys (WA-31)', async () => {
  const { code, stdout } = await importing([eve([PASSKEY], [BOUND])]);
  expect([code, notices(stdout)]).toEqual([0, []]);
  const owned = { realm: '/', userId: expect.any(String), username: 'eve', rev: 0 };
  const dates = { createdAt: PASSKEY.createdDate, lastAccessAt: PASSKEY.lastAccessDate };
  const { passkeys, bound, codesOfPasskeys, attributes } = await kept('eve');
  expect(passkeys).toEqual([
    {
      ...owned,
      ...dates,
      uuid: PASSKEY.uuid,
      deviceName: 'Key of Ann',
      credentialId: PASSKEY.credentialId,
      userHandle: Buffer.from('eve').toString('base64url'),
      publicKey: EC_KEY,
      algorithm: -7,
      signCount: 41,
      userVerified: false,
      backedUp: false,
      aaguid: '00000000-0000-0000-0000-000000000000',
      transports: [],
      attestation: 'NONE',
    },
  ]);
  expect(bound).toEqual([
    {
      ...owned,
      ...dates,
      uuid: BOUND.uuid,
      deviceName: 'App of Ann',
      deviceId: 'installation-of-ann',
      key: BOUND.key,
      applicationId: '',
      authenticationType: '',
      attested: false,
    },
  ]);
  expect(codesOfPasskeys).toBe(1);
  for (const name of ['webauthnDeviceProfiles', 'boundDevices']) expect(attributes).not.toHaveProperty(name);
});

test.each<[what: string, change: object, told: string]>([
  ['with the private half of its key (WA-31)', { key: { ...EC_KEY, d: 'secret' } }, 'DEVICE_PRIVATE'],
  ['whose point is on no curve', { key: { ...EC_KEY, y: EC_KEY.x } }, 'DEVICE_FORM'],
  ['of a curve that is none of these', { key: { ...EC_KEY, crv: 'secp256k1' } }, 'DEVICE_FORM'],
  ['with a key that is a secret', { key: { kty: 'oct', k: 'secret' } }, 'DEVICE_PRIVATE'],
  ['without a key', { key: undefined }, 'DEVICE_FORM'],
  ['with a short RSA key (WA-09)', { key: { kty: 'RSA', n: 'qw'.repeat(85), e: 'AQAB' } }, 'DEVICE_FORM'],
  ['that signs by SHA-1 (WA-09)', { algorithm: 'SHA1withRSA' }, 'DEVICE_ALGORITHM'],
  ['that signs by what its key is not for (WA-09)', { algorithm: 'SHA256withRSA' }, 'DEVICE_ALGORITHM'],
  ['whose id is no base64url', { credentialId: 'secret+/' }, 'DEVICE_FORM'],
  ['whose id has another spelling', { credentialId: 'AQIDBAUGBwgJCgsMDQ4PEB' }, 'DEVICE_FORM'],
  ['whose id is too long (WA-08)', { credentialId: 'A'.repeat(1_368) }, 'DEVICE_FORM'],
  ['whose count is none', { signCount: -1 }, 'DEVICE_FORM'],
])('a passkey %s is told, without a value, and its user comes all the same', async (_what, change, told) => {
  const { code, stdout, stderr } = await importing([eve([{ ...PASSKEY, ...change }])]);
  expect([code, notices(stdout)]).toEqual([0, [`${told} webauthn`]]);
  expect(stdout + stderr).not.toContain('secret');
  const { passkeys, attributes } = await kept('eve');
  expect([passkeys, attributes === undefined]).toEqual([[], false]);
});

test.each<[what: string, change: object, told: string]>([
  ['with the private half of its key (WA-31)', { key: { ...BOUND.key, d: 'secret' } }, 'DEVICE_PRIVATE'],
  ['whose key names another one (WA-44)', { key: { ...BOUND.key, kid: 'another-key' } }, 'DEVICE_FORM'],
  ['whose key is named in letters that none has (WA-44)', { uuid: '../../secret' }, 'DEVICE_FORM'],
  ['that signs by a secret (WA-43)', { key: { ...BOUND.key, alg: 'HS256' } }, 'DEVICE_ALGORITHM'],
])('a bound device %s is told, without a value, and its user comes all the same', async (_what, change, told) => {
  const { code, stdout, stderr } = await importing([eve([], [{ ...BOUND, ...change }])]);
  expect([code, notices(stdout)]).toEqual([0, [`${told} binding`]]);
  expect(stdout + stderr).not.toContain('secret');
  expect((await kept('eve')).bound).toEqual([]);
});

test('encrypted passkeys and bound devices say what is missing (WA-31)', async () => {
  const [jwe = ''] = Object.values(SEALED_PROFILES.sealed);
  const user = { username: 'eve', webauthnDeviceProfiles: [jwe], boundDevices: [jwe] };
  const { stdout } = await importing([user]);
  expect(notices(stdout)).toEqual(['DEVICE_SEALED webauthn', 'DEVICE_SEALED binding']);
});

test('a credential or a kid that stands in the file twice comes once, whosever it is (WA-08, WA-31, WA-44)', async () => {
  const other = { ...PASSKEY, uuid: 'another-passkey', credentialId: `${PASSKEY.credentialId}==` };
  const { code, stdout } = await importing([
    eve([PASSKEY, other], [BOUND]),
    eve([other], [BOUND], { username: 'mal' }),
  ]);
  expect(code).toBe(0);
  expect(notices(stdout)).toEqual(['DEVICE_TWICE webauthn', 'DEVICE_TWICE webauthn', 'DEVICE_TWICE binding']);
  const [first, second] = [await kept('eve'), await kept('mal')];
  expect([first.passkeys.length, first.bound.length]).toEqual([1, 1]);
  expect([second.passkeys, second.bound, second.attributes === undefined]).toEqual([[], [], false]);
});

test('what somebody else here has is told and left where it is, and in another realm it is nobody’s (WA-08, WA-44)', async () => {
  await importing([eve([PASSKEY], [BOUND])]);
  const { code, stdout } = await importing([eve([PASSKEY], [BOUND], { username: 'mal' })]);
  expect([code, notices(stdout)]).toEqual([0, ['DEVICE_TAKEN webauthn', 'DEVICE_TAKEN binding']]);
  const { passkeys, bound } = await kept('mal');
  expect([passkeys, bound]).toEqual([[], []]);
  expect((await kept('eve')).passkeys).toHaveLength(1);
  const { publicUrl } = await cli.settings();
  await cli.inStore((store) => configuring(store).createRealm(newRealmSettings('/trial', publicUrl)));
  const trial = await importing([eve([PASSKEY], [BOUND])], '--realm', '/trial');
  expect([trial.code, notices(trial.stdout)]).toEqual([0, []]);
  const there = await cli.inStore((store) => store.passkeys.byCredentialId('/trial', PASSKEY.credentialId));
  expect(there).toMatchObject({ username: 'eve', realm: '/trial' });
  expect(there?.uuid).not.toBe(PASSKEY.uuid);
});

test('an update brings a passkey that was added since, and counts on the one that is here (WA-11)', async () => {
  await importing([eve([PASSKEY], [BOUND])]);
  const modulus = Buffer.alloc(256, 0xc5);
  // As Java writes it, with a byte for the sign.
  const n = Buffer.concat([Buffer.alloc(1), modulus]).toString('base64url');
  const later = {
    ...PASSKEY,
    uuid: 'another-passkey',
    credentialId: 'BBBB',
    algorithm: 'SHA256withRSA',
    key: { kty: 'RSA', n, e: 'AQAB' },
  };
  const again = eve(
    [
      { ...PASSKEY, signCount: 57 },
      { ...later, createdDate: 1_700_000_000_001 },
    ],
    [BOUND],
  );
  expect((await importing([again], '--update')).code).toBe(0);
  expect((await kept('eve')).passkeys).toMatchObject([
    { credentialId: 'BBBB', algorithm: -257, publicKey: { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' } },
    { credentialId: PASSKEY.credentialId, signCount: 57 },
  ]);
  // An older file takes nothing back.
  expect((await importing([eve([PASSKEY], [BOUND])], '--update')).stdout).toContain('"unchanged":1');
  expect((await kept('eve')).passkeys).toMatchObject([{}, { signCount: 57 }]);
});
