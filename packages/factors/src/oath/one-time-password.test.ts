import { passwordOfMac } from '@assent/push/protocol';
import { describe, expect, test } from 'vitest';
import { hotp, totp } from './one-time-password.ts';

const SECRET = Buffer.from('12345678901234567890');

/** RFC 4226 appendix D. */
const HOTP_VECTORS = [
  '755224',
  '287082',
  '359152',
  '969429',
  '338314',
  '254676',
  '287922',
  '162583',
  '399871',
  '520489',
];

test.each(HOTP_VECTORS.map((password, counter) => [counter, password] as const))(
  'HOTP of counter %i is %s (RFC 4226 appendix D)',
  (counter, password) => expect(hotp({ secret: SECRET, counter, digits: 6 })).toBe(password),
);

/** RFC 6238 appendix B; the secrets are as long as the hash, as its erratum 2866 says. */
const SECRETS = {
  SHA1: SECRET,
  SHA256: Buffer.from('12345678901234567890123456789012'),
  SHA512: Buffer.from('1234567890123456789012345678901234567890123456789012345678901234'),
} as const;
const TOTP_VECTORS = [
  [59, '94287082', '46119246', '90693936'],
  [1_111_111_109, '07081804', '68084774', '25091201'],
  [1_111_111_111, '14050471', '67062674', '99943326'],
  [1_234_567_890, '89005924', '91819424', '93441116'],
  [2_000_000_000, '69279037', '90698825', '38618901'],
  [20_000_000_000, '65353130', '77737706', '47863826'],
] as const;

describe.each(TOTP_VECTORS)('TOTP at second %i (RFC 6238 appendix B)', (seconds, sha1, sha256, sha512) => {
  test.each([
    ['SHA1', sha1],
    ['SHA256', sha256],
    ['SHA512', sha512],
  ] as const)('with %s is %s', (hash, password) => {
    const given = { secret: SECRETS[hash], hash, digits: 8, intervalSeconds: 30 };
    expect(totp({ ...given, atMillis: seconds * 1_000 })).toBe(password);
    expect(totp({ ...given, digits: 6, atMillis: seconds * 1_000 + 999 })).toBe(password.slice(2));
  });
});

test('a fixed place cuts elsewhere, and one that is out of range means the dynamic one', () => {
  const given = { secret: SECRET, counter: 0, digits: 6 };
  // HMAC of counter 0 (RFC 4226 appendix D): cc93cf18508d94934c64b65d8ba7667fb7cde4b0
  expect(hotp({ ...given, truncationOffset: 0 })).toBe(String(0x4c93cf18 % 1_000_000).padStart(6, '0'));
  expect(hotp({ ...given, truncationOffset: 15 })).toBe(String(0x7fb7cde4 % 1_000_000).padStart(6, '0'));
  for (const truncationOffset of [-1, 16, 99]) expect(hotp({ ...given, truncationOffset })).toBe('755224');
});

test('the checksum makes every single wrong digit show, and most swaps of neighbours', () => {
  const withChecksum = (password: string) => {
    const mac = new Uint8Array(20);
    new DataView(mac.buffer).setUint32(0, Number(password));
    return passwordOfMac(mac, { digits: password.length, checksumDigit: true, truncationOffset: 0 });
  };
  const isWhole = (text: string) => withChecksum(text.slice(0, -1)) === text;
  for (const [counter, password] of HOTP_VECTORS.entries()) {
    const whole = hotp({ secret: SECRET, counter, digits: 6, checksumDigit: true });
    expect(whole.slice(0, 6)).toBe(password);
    expect(isWhole(whole)).toBe(true);
    for (let place = 0; place < 7; place += 1) {
      for (let off = 1; off < 10; off += 1) {
        const digit = (Number(whole[place]) + off) % 10;
        expect(isWhole(`${whole.slice(0, place)}${digit}${whole.slice(place + 1)}`)).toBe(false);
      }
    }
  }
  expect(withChecksum('1789372997')).toBe('17893729974');
});
