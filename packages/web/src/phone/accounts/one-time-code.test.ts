import { HOTP, Secret, TOTP } from 'otpauth';
import { describe, expect, test } from 'vitest';
import type { CodePart } from './account.ts';
import { type CodeHash, importCodeKey } from './device-keys.ts';
import { countedCode, groupedCode, timedCode } from './one-time-code.ts';

const ascii = (text: string): Uint8Array => Buffer.from(text, 'ascii');
const counted = async (
  changes: { readonly checksumDigit?: boolean; readonly truncationOffset?: number } = {},
): Promise<CodePart & { readonly type: 'hotp' }> => ({
  type: 'hotp',
  key: await importCodeKey(ascii('12345678901234567890'), 'SHA1'),
  digits: 6,
  counter: 0,
  checksumDigit: false,
  truncationOffset: -1,
  ...changes,
});

// RFC 4226 appendix D
test.each([
  ...['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].entries(),
])('the code of counter %d is %s', async (counter, code) => {
  expect(await countedCode(await counted(), counter)).toBe(code);
});

// RFC 6238 appendix B
describe.each([
  ['SHA1', '12345678901234567890', ['94287082', '07081804', '69279037']],
  ['SHA256', '12345678901234567890123456789012', ['46119246', '68084774', '90698825']],
  ['SHA512', '1234567890123456789012345678901234567890123456789012345678901234', ['90693936', '25091201', '38618901']],
] as const)('with %s', (hash: CodeHash, secret, codes) => {
  test.each([
    [59, codes[0]],
    [1_111_111_109, codes[1]],
    [2_000_000_000, codes[2]],
  ])('at second %d the code is %s', async (seconds, code) => {
    const part = { type: 'totp', key: await importCodeKey(ascii(secret), hash), digits: 8, periodSeconds: 30 } as const;
    expect(await timedCode(part, seconds * 1_000)).toMatchObject({ code });
  });
});

test('another implementation agrees about this code and the next one', async () => {
  const secret = new Secret({ size: 20 });
  const totp = new TOTP({ secret, algorithm: 'SHA256', digits: 8, period: 45 });
  const key = await importCodeKey(new Uint8Array(secret.buffer), 'SHA256');
  const now = 1_760_000_300_000;
  expect(await timedCode({ type: 'totp', key, digits: 8, periodSeconds: 45 }, now)).toEqual({
    code: totp.generate({ timestamp: now }),
    next: totp.generate({ timestamp: now + 45_000 }),
    expiresAt: 1_760_000_310_000,
  });
  const hotp = new HOTP({ secret, digits: 6 });
  const part = { ...(await counted()), key: await importCodeKey(new Uint8Array(secret.buffer), 'SHA1') };
  expect(await countedCode(part, 4_294_967_296)).toBe(hotp.generate({ counter: 4_294_967_296 }));
});

test('a checksum digit catches one wrong digit, and a fixed offset cuts at a fixed place', async () => {
  const code = await countedCode(await counted({ checksumDigit: true }), 0);
  expect(code).toBe('7552243');
  // Bytes 1 to 4 of the HMAC in RFC 4226 appendix D: 93cf1850 without its sign.
  expect(await countedCode(await counted({ truncationOffset: 1 }), 0)).toBe('339280');
});

test('codes are read out in groups', () => {
  expect(groupedCode('218940')).toBe('218 940');
  expect(groupedCode('46119246')).toBe('4611 9246');
});
