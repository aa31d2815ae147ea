import { randomBytes, randomInt } from 'node:crypto';
import { type OathDevice, type OathRules, verifyOneTimePassword } from '@assent/factors';
import { formatOathUri, type OathParameters } from '@assent/push/protocol';
import { HOTP, TOTP, URI } from 'otpauth';
import { expect, test } from 'vitest';
import { parseSetupCode } from '../messages/setup-code.ts';
import { testPhone } from '../testing/test-phone.ts';
import type { OathAccount } from './account-store.ts';
import { oneTimeCodeOf } from './one-time-code.ts';
import { PERSONAS } from './personas.ts';

const NOW = 1_800_000_000_000;
const oneOf = <T>(...these: readonly [T, ...T[]]): T => these[randomInt(these.length)] ?? these[0];

interface RandomAccount {
  readonly device: OathDevice;
  readonly rules: OathRules;
  readonly uri: string;
}

/** As the server would register it, with the settings of a random node. */
function randomAccount(): RandomAccount {
  const secret = new Uint8Array(randomBytes(randomInt(16, 65)));
  const digits = oneOf<6 | 8>(6, 8);
  const counter = randomInt(0, 2 ** 40);
  const periodSeconds = oneOf(15, 30, 60, 90);
  const hash = oneOf('SHA1', 'SHA256', 'SHA512');
  const isHotp = randomInt(2) === 0;
  const oath: OathParameters = isHotp
    ? { type: 'hotp', secret, digits, counter }
    : { type: 'totp', secret, digits, periodSeconds, hash };
  return {
    device: {
      uuid: 'oath-1',
      realm: '/',
      userId: 'user-1',
      username: 'demo',
      deviceName: 'OATH Device',
      issuer: 'Assent',
      secret,
      digits,
      counter: isHotp ? counter : 0,
      lastLoginSeconds: 0,
      clockDriftSeconds: 0,
      checksumDigit: false,
      truncationOffset: -1,
      createdAt: NOW,
      lastAccessAt: NOW,
      rev: 1,
    },
    rules: isHotp
      ? { algorithm: 'HOTP', windowSize: 10 }
      : { algorithm: 'TOTP', hash, intervalSeconds: periodSeconds, steps: 1, maxDriftSteps: 5 },
    uri: formatOathUri({
      issuer: 'Acme & Söhne',
      account: 'jane doe',
      oath,
      userId: 'jane',
      oathUuid: '7f3d2b90-1c44-4f6e-a3b1-6d5e4c3b2a19',
      backgroundColor: '032b75',
    }),
  };
}

const scanned = (uri: string): OathAccount => {
  const code = parseSetupCode(uri, PERSONAS.assent);
  if (code.kind !== 'oath') throw new Error('not a code for one-time codes');
  return { kind: 'oath', id: 'a', issuer: code.issuer, name: code.accountName, ...code.oneTimeCodes, addedAt: NOW };
};

test('this phone, another program and the server agree on 1,000 random accounts; used and distant codes are refused', () => {
  for (let at = 0; at < 1_000; at += 1) {
    const { device, rules, uri } = randomAccount();
    const now = NOW + randomInt(0, 86_400_000);
    const account = scanned(uri);
    const theirs = URI.parse(uri);
    const theirCode = (millis: number, counter: number): string =>
      theirs instanceof TOTP ? theirs.generate({ timestamp: millis }) : theirs.generate({ counter });

    const { code } = oneTimeCodeOf(account, now);
    expect(theirs instanceof HOTP ? 'HOTP' : 'TOTP').toBe(rules.algorithm);
    expect(code, uri).toBe(theirCode(now, account.counter));
    const accepted = verifyOneTimePassword(device, code, rules, now);
    if (!accepted.ok) throw new Error(`${accepted.refusal.reason}: ${uri}`);

    const used = { ...device, ...accepted.after };
    expect(verifyOneTimePassword(used, code, rules, now).ok, `replayed: ${uri}`).toBe(false);
    const away = rules.algorithm === 'TOTP' ? 2 * rules.intervalSeconds * 1_000 : 0;
    const distant = theirCode(now + away, account.counter + 11);
    // One in a million codes is the same as one inside the window; that is no defect.
    const inside =
      rules.algorithm === 'TOTP'
        ? [-1, 0, 1].map((step) => theirCode(now + (step * away) / 2, 0))
        : Array.from({ length: 11 }, (_, ahead) => theirCode(now, account.counter + ahead));
    if (!inside.includes(distant)) expect(verifyOneTimePassword(device, distant, rules, now).ok, uri).toBe(false);
  }
});

test('a phone of ours makes the codes of a generator with checksum and fixed truncation', () => {
  const { device } = randomAccount();
  const own = { ...device, counter: 5, checksumDigit: true, truncationOffset: 4, digits: 6 as const };
  const uri = formatOathUri({
    issuer: 'Acme',
    account: 'jane',
    oath: { type: 'hotp', secret: own.secret, digits: 6, counter: 5, checksumDigit: true, truncationOffset: 4 },
    userId: 'jane',
    oathUuid: 'uuid',
    backgroundColor: '032b75',
  });
  const { code, account } = oneTimeCodeOf(scanned(uri), NOW);
  expect(code).toMatch(/^\d{7}$/);
  expect(account.counter).toBe(6);
  expect(verifyOneTimePassword(own, code, { algorithm: 'HOTP', windowSize: 1 }, NOW).ok).toBe(true);
});

test('otp prints the code alone, says how long it is good, and never shows a code of a counter twice', async () => {
  // RFC 4226 appendix D.
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  const phone = testPhone(NOW + 18_000);
  expect(await phone.run('register', `otpauth://hotp/Acme:jane?secret=${secret}&counter=0`)).toMatchObject({ code: 0 });
  expect(await phone.run('otp')).toEqual({ code: 0, stdout: '755224\n', stderr: '' });
  expect(await phone.run('otp')).toEqual({ code: 0, stdout: '287082\n', stderr: '' });
  expect((await phone.run('list')).stdout).toMatch(/Acme +jane +one-time codes/);

  await phone.run('register', `otpauth://totp/Acme:john?secret=${secret}`);
  expect(await phone.run('otp')).toMatchObject({ code: 2, stderr: expect.stringContaining('more than one account') });
  const added = (await phone.run('list', '--json')).stdout.trim().split('\n').at(-1) ?? '';
  const { id } = JSON.parse(added).account;
  const shown = await phone.run('otp', '--account', id);
  expect(shown).toMatchObject({ stdout: expect.stringMatching(/^\d{6}\n$/), stderr: '12 s left\n' });
  expect(JSON.parse((await phone.run('otp', '--account', id, '--json')).stdout)).toEqual({
    otp: { account: id, code: shown.stdout.trim(), expiresAt: NOW + 30_000 },
  });
});
