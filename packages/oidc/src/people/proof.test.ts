import { PROOF_METHODS, type ProofMethod } from '@assent/engine';
import { STRENGTH } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import { proofOf, strengthOfGrant } from './proof.ts';

const NONE: ReadonlyMap<string, string> = new Map();
const amr = (methods: readonly ProofMethod[], property?: string, amrMappings = NONE) =>
  proofOf(
    {
      factors: methods.map((method, at) => ({ method, at })),
      properties: property === undefined ? {} : { amr: property },
    },
    { amrMappings },
  ).amr;

describe('what a token says of a proof (RFC 8176)', () => {
  test.each<[methods: readonly ProofMethod[], names: readonly string[]]>([
    [[], []],
    [['password'], ['pwd']],
    [['push'], ['swk', 'user']],
    [['pushNumber'], ['swk', 'user', 'mca']],
    [['oath'], ['otp']],
    [['mailCode'], ['otp']],
    [['smsCode'], ['otp', 'sms']],
    [['boundDevice'], ['pop']],
    [['recoveryCode'], ['recovery']],
    [
      ['pushNumber', 'password'],
      ['pwd', 'swk', 'user', 'mca', 'mfa'],
    ],
    [
      ['password', 'push'],
      ['pwd', 'swk', 'user'],
    ],
    [
      ['password', 'oath'],
      ['pwd', 'otp', 'mfa'],
    ],
    [
      ['password', 'boundDevice'],
      ['pwd', 'pop', 'mfa'],
    ],
    [
      ['password', 'recoveryCode'],
      ['pwd', 'recovery', 'mfa'],
    ],
    [
      ['push', 'pushNumber'],
      ['swk', 'user', 'mca'],
    ],
    // A passkey that was unlocked is two factors by itself (WA-33).
    [['hardwarePasskey'], ['hwk', 'user', 'pop', 'mfa']],
    [['passkey'], ['user', 'pop', 'mfa']],
    [['syncedPasskey'], ['swk', 'user', 'pop', 'mfa']],
    [['touchedPasskey'], ['pop']],
    [
      ['password', 'touchedPasskey'],
      ['pwd', 'pop', 'mfa'],
    ],
  ])('%j: %j', (methods, names) => {
    expect(amr(methods)).toEqual(names);
  });

  test.each<readonly ProofMethod[]>([
    ['password', 'mailCode'],
    ['password', 'push'],
    ['password', 'smsCode'],
    ['push', 'oath', 'recoveryCode', 'touchedPasskey'],
  ])(
    'is not of several kinds for %s and %s: a message is not held, a tap is no proof, and nothing is known (SEC-20)',
    (...methods) => {
      expect(amr(methods)).not.toContain('mfa');
    },
  );

  test('says of a bound device that it has a key, and not that anybody was asked (WA-48)', () => {
    for (const name of ['user', 'swk', 'hwk', 'mfa', 'phr']) expect(amr(['boundDevice'])).not.toContain(name);
  });

  test('never claims a finger or a PIN, which nobody here can see, nor hardware that has not been attested', () => {
    for (const name of ['bio', 'fpt', 'face', 'pin']) expect(amr(PROOF_METHODS)).not.toContain(name);
    expect(amr(PROOF_METHODS.filter((method) => method !== 'hardwarePasskey'))).not.toContain('hwk');
  });
});

describe('what the author of a journey adds by the property "amr"', () => {
  test('stands behind what was proven, once', () => {
    expect(amr(['password'], 'geo, kba geo')).toEqual(['pwd', 'geo', 'kba']);
    expect(amr([], 'geo')).toEqual(['geo']);
  });

  test('is told by its other name where there is one', () => {
    expect(amr(['password'], 'badge,geo', new Map([['badge', 'sc']]))).toEqual(['pwd', 'sc', 'geo']);
  });

  test.each([
    'pwd',
    'swk',
    'user',
    'mca',
    'otp',
    'sms',
    'pop',
    'recovery',
    'mfa',
    'MFA',
    'Otp',
    ' mfa ',
    'mfa,mfa|swk',
  ])('is not %j, which nodes alone prove (OIDC-12)', (property) => {
    expect(amr([], property)).toEqual([]);
  });

  test('gets to no such name by the mappings of the provider (OIDC-12)', () => {
    const mappings = new Map([
      ['strong', 'mfa'],
      ['mfa', 'geo'],
    ]);
    expect(amr([], 'strong', mappings)).toEqual([]);
    expect(amr([], 'mfa', mappings)).toEqual(['geo']);
  });

  test('is no text without end', () => {
    const names = Array.from({ length: 30 }, (_, at) => `name-${at}`);
    expect(amr([], names.join(','))).toEqual(names.slice(0, 10));
    expect(amr([], 'x'.repeat(65))).toEqual([]);
    expect(amr([], 'ü,\u0000,geo')).toEqual(['geo']);
  });
});

describe('when the user was there', () => {
  test('is when anything was proven last, in whole seconds', () => {
    const factors = [
      { method: 'push', at: 1_764_252_012_999 },
      { method: 'password', at: 1_764_252_000_000 },
    ] as const;
    expect(proofOf({ factors, properties: {} }, { amrMappings: NONE })).toEqual({
      amr: ['pwd', 'swk', 'user'],
      authTime: 1_764_252_012,
    });
  });

  test('is long ago where nothing was proven', () => {
    expect(proofOf({ factors: [], properties: {} }, { amrMappings: NONE }).authTime).toBe(0);
  });
});

describe('how much a grant says was proven (SEC-93)', () => {
  test.each([
    [[], 'nothing'],
    [['password'], 'password'],
    [['mailCode'], 'more'],
    [['password', 'push'], 'more'],
    [['passkey'], 'more'],
  ] as const)('%j: %s, with any names that the author of a journey adds', (methods, strength) => {
    for (const added of [undefined, 'geo,sc,MFA,mfa,pwd,Otp']) {
      expect(strengthOfGrant({ amr: amr(methods, added) })).toBe(STRENGTH[strength]);
    }
  });

  test.each(PROOF_METHODS.filter((method) => method !== 'password'))('%s is more than a password', (method) => {
    expect(strengthOfGrant({ amr: amr([method]) })).toBe(STRENGTH.more);
    expect(strengthOfGrant({ amr: amr(['password', method]) })).toBe(STRENGTH.more);
  });
});
