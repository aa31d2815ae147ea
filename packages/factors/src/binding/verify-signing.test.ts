import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { BoundDeviceJwk } from '../model/bound-device.ts';
import { BoundPhone } from '../testing/index.ts';
import { readDeviceJws } from './device-jws.ts';
import { onceOf, verifySigning } from './verify-signing.ts';

const NOW = 1_760_000_300_000;
const USER = 'id=demo,ou=user,ou=services,ou=am-config';
const CHALLENGE = randomBytes(32).toString('base64');
const asked = { userId: USER, challenge: CHALLENGE, now: NOW };
const expected = {
  applicationIds: ['com.example.app'],
  subject: USER,
  challenge: CHALLENGE,
  timeoutSeconds: 60,
  now: NOW,
};
const ios = new BoundPhone({ platform: 'ios' });
const android = new BoundPhone({ platform: 'android' });
const keyOf = (phone: BoundPhone, change: object = {}) => ({ ...phone.jwk, ...change }) as unknown as BoundDeviceJwk;

const resultOf = async (jws: string, key: BoundDeviceJwk, change: Partial<typeof expected> = {}) => {
  const read = readDeviceJws(jws);
  if (!read.ok) return read.reason;
  const verified = await verifySigning(read.value, key, { ...expected, ...change });
  return verified.ok ? 'signed' : `${verified.failure} ${verified.reason}`;
};

describe('a bound phone that signs', () => {
  test.each([
    ['Android', android],
    ['iOS', ios],
  ])('on %s is known by its key, whatever claims it adds (A10)', async (_name, phone) => {
    const jws = phone.sign(asked, { claims: { username: 'admin', amount: 12 } });
    expect(await resultOf(jws, keyOf(phone))).toBe('signed');
  });

  test('signs a text of the journey, byte by byte (WA-47)', async () => {
    const text = 'Pay 12 € to Zoë';
    const jws = ios.sign({ ...asked, challenge: text });
    expect(await resultOf(jws, keyOf(ios), { challenge: text })).toBe('signed');
    for (const other of ['Pay 92 € to Zoë', text.normalize('NFD'), `${text} `, text.toLowerCase()])
      expect(await resultOf(jws, keyOf(ios), { challenge: other }), other).toBe('INVALID_CLAIM challenge');
  });

  test('is known by its key where the import did not say by which algorithm it signs', async () => {
    expect(await resultOf(ios.sign(asked), keyOf(ios, { alg: undefined }))).toBe('signed');
    expect(await resultOf(android.sign(asked), keyOf(android, { alg: undefined }))).toBe('signed');
  });
});

describe('is refused', () => {
  test.each([
    [{ iss: 'com.example.evil' }, 'INVALID_CLAIM issuer'],
    [{ sub: 'id=eve,ou=user,ou=services,ou=am-config' }, 'INVALID_CLAIM subject'],
    [{ challenge: 'x' }, 'INVALID_CLAIM challenge'],
    [{ exp: undefined }, 'INVALID_CLAIM time'],
    [{ exp: NOW / 1_000 - 30 }, 'INVALID_CLAIM expired'],
    [{ exp: NOW / 1_000 + 3_600 }, 'INVALID_CLAIM expiresTooLate'],
    [{ nbf: NOW / 1_000 + 31 }, 'INVALID_CLAIM notYet'],
  ])('for %j: %s (WA-41, WA-42)', async (claims, result) => {
    expect(await resultOf(ios.sign(asked, { claims }), keyOf(ios))).toBe(result);
  });

  test('by the key that it brings along, in place of the one that was bound (WA-43)', async () => {
    const stranger = new BoundPhone({ kid: ios.kid });
    const jws = stranger.sign(asked, { header: { jwk: stranger.jwk, jku: 'https://evil.example/keys' } });
    expect(await resultOf(jws, keyOf(ios))).toBe('INVALID_SIGNATURE signature');
  });

  test('by another algorithm than its key was bound with (WA-43)', async () => {
    expect(await resultOf(android.sign(asked), keyOf(android, { alg: 'PS512' }))).toBe('INVALID_SIGNATURE algorithm');
    expect(await resultOf(ios.sign(asked, { header: { alg: 'RS256' } }), keyOf(ios))).toBe(
      'INVALID_SIGNATURE algorithm',
    );
    expect(await resultOf(ios.sign(asked, { header: { alg: 'ES384' } }), keyOf(ios, { alg: undefined }))).toBe(
      'INVALID_SIGNATURE algorithm',
    );
    expect(await resultOf(ios.sign(asked, { header: { alg: 'none' } }), keyOf(ios))).toBe('algorithm');
  });
});

test('what is remembered of an answer is what was signed, so that another signature of it is no other answer', () => {
  const [one, other] = [ios.sign(asked), ios.sign(asked)].map((jws) => {
    const read = readDeviceJws(jws);
    if (!read.ok) throw new Error(read.reason);
    return onceOf(read.value);
  });
  expect(one).toEqual(other);
  expect(one?.until).toBe(NOW + 90_000);
});
