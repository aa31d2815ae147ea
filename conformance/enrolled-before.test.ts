// biome-ignore lint/style/noRestrictedImports: its keys go through PEM.
import { createHash, generateKeyPairSync, pbkdf2Sync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@assent/test-servers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, phoneArgs } from './support/people.ts';
import { entryOfDs, type RecordedAm, sealedByAm, startRecordedAm, storedCode } from './support/recorded-am.ts';
import { hiddenValue, outputOf, type RestAnswer, RestClient } from './support/rest-client.ts';
import { assent, runAssent, type ServerProcess, startServerProcess } from './support/server-process.ts';
import { type SnsProcess, startSnsProcess } from './support/sns-process.ts';

// Phones that were enrolled with PingAM go on where Assent takes over its address: the apps are not touched, and keep the addresses
// that AM has given them (issue 16). AM is a recording of ours.

const APPLICATIONS = {
  gcm: 'arn:aws:sns:us-east-1:000000000000:app/GCM/am',
  apns: 'arn:aws:sns:us-east-1:000000000000:app/APNS/am',
};
const CODES = ['z0WKEw0Wc8', 'Ab3dEf6hI9', 'qQ7rR8sS9t'];
const OATH_SECRET = randomBytes(20);

/** As DS keeps passwords: by its scheme of before, and by that of now. */
const HASHED = {
  ssha512() {
    const salt = randomBytes(8);
    const digest = createHash('sha512').update(PASSWORD).update(salt).digest();
    return `{SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`;
  },
  pbkdf2() {
    const salt = randomBytes(8);
    const digest = pbkdf2Sync(PASSWORD, salt, 10, 32, 'sha256');
    return `{PBKDF2-HMAC-SHA256}10:${Buffer.concat([digest, salt]).toString('base64')}`;
  },
};

/** AM gives the address without `realms/root`; what stands in front of it may ask for the other one. */
const PHONES = [
  { user: 'ann', persona: 'android4', token: 'token-of-ann', path: '', isSealed: false },
  { user: 'ivo', persona: 'ping-ios', token: 'ab'.repeat(32), path: '/realms/root', isSealed: true },
] as const;
type EnrolledPhone = (typeof PHONES)[number];

const phones = { scratch: mkdtempSync(join(tmpdir(), 'assent-enrolled-')) };
let server: ServerProcess;
let sns: SnsProcess;
let client: RestClient;
let printed: string;
let port: number;
let usedPassword: string;

/** What the directory of AM has of a user who has enrolled a phone there. */
const enrolled = async (am: RecordedAm, phone: EnrolledPhone, publicKey: string): Promise<string> => {
  const { user, persona, token, path, isSealed } = phone;
  const code = am.setupCode(user, path);
  await assent(phoneArgs(phones, user, 'register', code, '--persona', persona, '--token', token));
  const profile = await am.profile(CODES.map(storedCode));
  return entryOfDs(user, {
    userPassword: [isSealed ? HASHED.pbkdf2() : HASHED.ssha512()],
    pushDeviceProfiles: [isSealed ? sealedByAm(profile, publicKey) : JSON.stringify(profile)],
    push2faEnabled: ['2'],
  });
};

/** A user with an app that generates one-time passwords. */
const withGenerator = async (user: string): Promise<string> => {
  const secret = base32(OATH_SECRET);
  await assent(phoneArgs(phones, user, 'register', `otpauth://totp/Acme:${user}?secret=${secret}&digits=6&period=30`));
  const profile = {
    uuid: randomUUID(),
    recoveryCodes: CODES.map(storedCode),
    sharedSecret: OATH_SECRET.toString('hex'),
    deviceName: 'OATH Device',
    lastLogin: 0,
    counter: 0,
    checksumDigit: false,
    truncationOffset: -1,
    clockDriftSeconds: 0,
  };
  return entryOfDs(user, { userPassword: [HASHED.ssha512()], oathDeviceProfiles: [JSON.stringify(profile)] });
};

const base32 = (bytes: Buffer): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)])
    .join('');
};

beforeAll(async () => {
  sns = await startSnsProcess();
  port = await freePort();
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const am = await startRecordedAm(port, sns.endpoint, APPLICATIONS);
  const entries = ['version: 1\n\n'];
  for (const phone of PHONES) entries.push(await enrolled(am, phone, publicKey));
  entries.push(await withGenerator('olga'));
  await am.close();

  const [people, key, service] = ['people.ldif', 'am-devices.pem', 'push.json'].map((it) =>
    join(phones.scratch, it),
  ) as [string, string, string];
  writeFileSync(people, entries.join(''));
  writeFileSync(key, privateKey);
  const push = { accessKey: 'k', secret: 's', appleEndpoint: APPLICATIONS.apns, googleEndpoint: APPLICATIONS.gcm };
  writeFileSync(service, JSON.stringify(push));
  server = await startServerProcess({ args: ['--insecure'], env: { AWS_ENDPOINT_URL_SNS: sns.endpoint }, port });
  const store = ['--data-dir', server.dataDir];
  await assent(['realm', 'set-service', 'pushNotification', '--file', service, ...store]);
  printed = await assent(['import', 'users', people, '--device-key', key, '--json', ...store]);
  client = new RestClient(server.am);
});
afterAll(async () => {
  await server?.close();
  await sns?.close();
  rmSync(phones.scratch, { recursive: true, force: true });
});

const expectSignedIn = (answer: RestAnswer): void => {
  expect(answer.body).toMatchObject({ tokenId: expect.stringMatching(/.{32}/) });
};

/** Takes that option of a step. */
const choose = (step: RestAnswer, option: RegExp): Promise<RestAnswer> => {
  const at = step.callbacks.findIndex(({ type }) => type === 'ConfirmationCallback');
  const options = outputOf(step.callbacks[at], 'options') as readonly string[];
  return client.submit(step, { [at]: options.findIndex((it) => option.test(it)) });
};

const answer = async ({ user, token, persona }: EnrolledPhone, count: number, ...args: readonly string[]) => {
  const { payload } = await sns.awaitPublished(token, count);
  const stdin = JSON.stringify(payload[persona.includes('ios') ? 'APNS' : 'GCM']);
  return JSON.parse(await assent(phoneArgs(phones, user, ...args, '--message', '-'), { stdin })) as unknown;
};

test('the export comes in whole: nothing of it is left behind', () => {
  expect(JSON.parse(printed)).toEqual({
    import: expect.objectContaining({ realm: '/', created: 3, refused: 0, isDry: false }),
  });
});

test.each(PHONES)('$persona, enrolled with AM, approves a login here, and denies one', async (phone) => {
  const wait = await client.passPassword(phone.user, PASSWORD, 'PushLogin');
  const number = hiddenValue(wait, 'pushChallengeNumber');
  expect(await answer(phone, 1, 'approve', '--number', number)).toMatchObject({ answered: { decision: 'approve' } });
  expectSignedIn(await client.submit(wait));
  const second = await client.passPassword(phone.user, PASSWORD, 'PushLogin');
  await answer(phone, 2, 'deny');
  expect(await client.submit(second)).toMatchObject({ status: 401 });
});

test('a recovery code of AM signs in once', async () => {
  const [code = ''] = CODES;
  const withCode = async (): Promise<RestAnswer> => {
    const wait = await client.passPassword('ivo', PASSWORD, 'PushLogin');
    return client.submit(await choose(wait, /recovery/i), { 0: code });
  };
  expectSignedIn(await withCode());
  expect((await withCode()).body).not.toHaveProperty('tokenId');
});

test('an app that generated passwords for AM signs in, each password once', async () => {
  const page = await client.passPassword('olga', PASSWORD, 'StepUp');
  const { otp } = JSON.parse(await assent(phoneArgs(phones, 'olga', 'otp'))) as { otp: { code: string } };
  expectSignedIn(await client.submit(page, { 0: otp.code }));
  usedPassword = otp.code;
  const again = await client.passPassword('olga', PASSWORD, 'StepUp');
  expect((await client.submit(again, { 0: otp.code })).body).not.toHaveProperty('tokenId');
});

test('all of them go on once more, where their realm moves to another Assent at that address (OPS-64)', async () => {
  const [realm, phrase] = [join(phones.scratch, 'realm.json'), join(phones.scratch, 'passphrase')];
  writeFileSync(phrase, 'a long enough passphrase for tests');
  const carried = [realm, '--users', '--passphrase-file', phrase];
  await assent(['export', 'realm', ...carried, '--data-dir', server.dataDir]);
  await server.close();
  server = await startServerProcess({ args: ['--insecure'], env: { AWS_ENDPOINT_URL_SNS: sns.endpoint }, port });
  const into = ['--update', '--json', '--data-dir', server.dataDir];
  const { stdout } = await runAssent(['import', 'realm', ...carried, ...into]);
  // Of the administrator there this server does not know that it is the one here.
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
    import: expect.objectContaining({ created: 3, refused: 1 }),
  });

  const [phone] = PHONES;
  const wait = await client.passPassword(phone.user, PASSWORD, 'PushLogin');
  await answer(phone, 3, 'approve', '--number', hiddenValue(wait, 'pushChallengeNumber'));
  expectSignedIn(await client.submit(wait));

  const withCode = async (code = ''): Promise<RestAnswer> => {
    const waits = await client.passPassword('ivo', PASSWORD, 'PushLogin');
    return client.submit(await choose(waits, /recovery/i), { 0: code });
  };
  expect((await withCode(CODES[0])).body).not.toHaveProperty('tokenId');
  expectSignedIn(await withCode(CODES[1]));

  const page = await client.passPassword('olga', PASSWORD, 'StepUp');
  expect((await client.submit(page, { 0: usedPassword })).body).not.toHaveProperty('tokenId');
});
