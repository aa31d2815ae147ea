import { describe, expect, test } from 'vitest';
import type { OathDevice } from '../model/oath-device.ts';
import { hotp, totp } from './one-time-password.ts';
import { type OathRules, verifyOneTimePassword } from './verify-one-time-password.ts';

const NOW = 1_800_000_000_000;
const STEP = NOW / 30_000;
const SECRET = new Uint8Array(20).fill(7);

const deviceWith = (given: Partial<OathDevice> = {}): OathDevice => ({
  uuid: 'oath-1',
  realm: '/',
  userId: 'user-1',
  username: 'demo',
  deviceName: 'OATH Device',
  issuer: 'Assent',
  secret: SECRET,
  digits: 6,
  counter: 0,
  lastLoginSeconds: 0,
  clockDriftSeconds: 0,
  checksumDigit: false,
  truncationOffset: -1,
  createdAt: NOW,
  lastAccessAt: NOW,
  rev: 1,
  ...given,
});
const TOTP: OathRules = { algorithm: 'TOTP', hash: 'SHA1', intervalSeconds: 30, steps: 2, maxDriftSteps: 5 };
const HOTP: OathRules = { algorithm: 'HOTP', windowSize: 100 };

const ofStep = (step: number, digits = 6) => hotp({ secret: SECRET, counter: step, digits });
const byTime = (typed: string, given: Partial<OathDevice> = {}, rules: Partial<OathRules> = {}, now = NOW) =>
  verifyOneTimePassword(deviceWith(given), typed, { ...TOTP, ...rules } as OathRules, now);
const byCounter = (typed: string, given: Partial<OathDevice> = {}, windowSize = 100) =>
  verifyOneTimePassword(deviceWith(given), typed, { ...HOTP, windowSize }, NOW);
const refusal = (reason: string, more = {}) => ({ ok: false, refusal: { reason, ...more } });

describe('is refused', () => {
  test.each(['', '1', '12345', '1234567', '123456789', '0'.repeat(10_000)])('with the length of %j', (typed) => {
    expect(byTime(typed)).toEqual(refusal('length'));
    expect(byCounter(typed)).toEqual(refusal('length'));
  });

  test('in six digits where eight were promised, and the other way round', () => {
    expect(byTime(ofStep(STEP), { digits: 8 })).toEqual(refusal('otherLength'));
    expect(byTime(ofStep(STEP, 8), { digits: 6 })).toEqual(refusal('otherLength'));
    expect(byCounter(ofStep(0), { digits: 8 })).toEqual(refusal('otherLength'));
  });

  test.each(['abcdef', '      ', '١٢٣٤٥٦', "' OR 1", '%%%%%%', '\0\0\0\0\0\0'])(
    'as %j, which is no number (A116)',
    (typed) => {
      expect(byTime(typed)).toEqual(refusal('wrong'));
      expect(byCounter(typed)).toEqual(refusal('wrong'));
    },
  );

  test('by a device without a secret, or with an impossible last login', () => {
    expect(byTime('123456', { secret: new Uint8Array() })).toEqual(refusal('secret'));
    expect(byTime(ofStep(STEP), { lastLoginSeconds: -1 })).toEqual(refusal('lastLogin'));
  });

  test.each([-3, 3, -100, 100])('%i steps away (A122, REL-13)', (away) => {
    expect(byTime(ofStep(STEP + away))).toEqual(refusal('wrong'));
  });

  test('two steps away where the window is one', () => {
    expect(byTime(ofStep(STEP - 2), {}, { steps: 1 })).toEqual(refusal('wrong'));
    expect(byTime(ofStep(STEP + 2), {}, { steps: 1 })).toEqual(refusal('wrong'));
  });

  test('a second time in the same step (A122)', () => {
    expect(byTime(ofStep(STEP), { lastLoginSeconds: STEP * 30 })).toEqual(refusal('sameStep', { step: STEP }));
  });

  test('when it is older than one that was used, also where the clock went back (SEC-49)', () => {
    const used = { lastLoginSeconds: (STEP - 1) * 30 };
    expect(byTime(ofStep(STEP - 1), used)).toEqual(refusal('sameStep', { step: STEP - 1 }));
    expect(byTime(ofStep(STEP - 2), used)).toEqual(refusal('sameStep', { step: STEP - 2 }));
    expect(byTime(ofStep(STEP), { lastLoginSeconds: (STEP + 2) * 30 })).toEqual(refusal('sameStep', { step: STEP }));
  });

  test('when the generator’s clock is further off than allowed (REL-13)', () => {
    const drifted = { clockDriftSeconds: 5 * 30 };
    expect(byTime(ofStep(STEP + 6), drifted)).toEqual(refusal('outOfSync'));
    expect(byTime(ofStep(STEP + 1), {}, { maxDriftSteps: 0 })).toEqual(refusal('outOfSync'));
  });

  test('with a counter that is used, or beyond the window, and nothing moves (A123)', () => {
    expect(byCounter(ofStep(4), { counter: 5 })).toEqual(refusal('wrong'));
    expect(byCounter(ofStep(16), { counter: 5 }, 10)).toEqual(refusal('wrong'));
  });

  test('without the checksum digit, or with a wrong one', () => {
    const given = { checksumDigit: true };
    const whole = hotp({ secret: SECRET, counter: 0, digits: 6, checksumDigit: true });
    expect(byCounter(whole.slice(0, 6), given)).toEqual(refusal('length'));
    const wrong = `${whole.slice(0, 6)}${(Number(whole[6]) + 1) % 10}`;
    expect(byCounter(wrong, given)).toEqual(refusal('wrong'));
  });
});

describe('by time', () => {
  test.each([-2, -1, 0, 1, 2])('is good %i steps away, and the drift is learned (REL-13)', (away) => {
    expect(byTime(ofStep(STEP + away))).toEqual({
      ok: true,
      after: { counter: 0, lastLoginSeconds: (STEP + away) * 30, clockDriftSeconds: away * 30 },
    });
  });

  test('follows a generator that drifts further with every login', () => {
    let device = deviceWith();
    for (let drift = 1; drift <= 5; drift += 1) {
      const now = NOW + drift * 3_600_000;
      const typed = totp({ secret: SECRET, digits: 6, intervalSeconds: 30, atMillis: now + drift * 30_000 });
      const result = verifyOneTimePassword(device, typed, TOTP, now);
      if (!result.ok) throw new Error(result.refusal.reason);
      device = { ...device, ...result.after };
      expect(device.clockDriftSeconds).toBe(drift * 30);
    }
  });

  test.each(['SHA1', 'SHA256', 'SHA512'] as const)('uses %s where the verifier says so', (hash) => {
    const typed = totp({ secret: SECRET, digits: 8, hash, intervalSeconds: 60, atMillis: NOW });
    const rules = { hash, intervalSeconds: 60 };
    expect(byTime(typed, { digits: 8 }, rules)).toMatchObject({ ok: true });
    expect(byTime(typed, { digits: 8 }, { ...rules, hash: hash === 'SHA1' ? 'SHA256' : 'SHA1' })).toEqual(
      refusal('wrong'),
    );
  });

  test('takes either length from an imported device, and leaves checksum and truncation to HOTP', () => {
    const { digits: _, ...imported } = deviceWith({ checksumDigit: true, truncationOffset: 3 });
    for (const digits of [6, 8]) {
      expect(verifyOneTimePassword(imported, ofStep(STEP, digits), TOTP, NOW)).toMatchObject({ ok: true });
    }
  });
});

describe('by counter', () => {
  test.each([0, 1, 10])('is good %i ahead, and goes on from there', (ahead) => {
    expect(byCounter(ofStep(5 + ahead), { counter: 5 }, 10)).toMatchObject({
      ok: true,
      after: { counter: 6 + ahead },
    });
  });

  test('counts the checksum digit and cuts where the device says', () => {
    const options = { secret: SECRET, counter: 3, digits: 8, checksumDigit: true, truncationOffset: 2 };
    const given = { digits: 8, checksumDigit: true, truncationOffset: 2 } as const;
    expect(byCounter(hotp(options), given)).toMatchObject({ ok: true, after: { counter: 4 } });
    expect(byCounter(hotp({ ...options, truncationOffset: 1 }), given)).toEqual(refusal('wrong'));
  });
});
