import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CombinedRegistration,
  formatCombinedUri,
  formatOathUri,
  type OathAccount,
  type OathParameters,
} from './otpauth-uri.ts';
import { parseCombinedUri, parseOathUri } from './setup-code.ts';

const secret = new Uint8Array(20).fill(7);
const push = {
  issuer: 'Acme',
  account: 'jane',
  loadBalancerCookie: 'lb=node7',
  messageId: 'REGISTER:5b0c4b3e-8c1f-4a7b-9b7e-2f7a3c9d1e641760000000000',
  secret: new Uint8Array(32).fill(1),
  challenge: new Uint8Array(32).fill(2),
  registerUrl: 'https://id.example.net/am/json/push/sns/message?_action=register',
  authenticateUrl: 'https://id.example.net/am/json/push/sns/message?_action=authenticate',
  userId: 'jane',
  deviceUuid: '7f3d2b90-1c44-4f6e-a3b1-6d5e4c3b2a19',
  backgroundColor: '0b5fff',
};
const combined: CombinedRegistration = {
  ...push,
  oath: { type: 'totp', secret, digits: 6, periodSeconds: 30, hash: 'SHA1' },
  oathUuid: 'oath-1',
};
const alone: OathAccount = {
  issuer: 'Acme',
  account: 'jane',
  oath: combined.oath,
  userId: 'jane',
  oathUuid: 'oath-1',
  backgroundColor: '0b5fff',
};
const combinedUri = formatCombinedUri(combined);
const aloneUri = formatOathUri(alone);

const digits = fc.constantFrom<6 | 8>(6, 8);
const key = fc.uint8Array({ minLength: 1, maxLength: 40 });
const parameters: fc.Arbitrary<OathParameters> = fc.oneof(
  fc.record({
    type: fc.constant('totp' as const),
    secret: key,
    digits,
    periodSeconds: fc.integer({ min: 1, max: 3_600 }),
    hash: fc.constantFrom('SHA1' as const, 'SHA256' as const, 'SHA512' as const),
  }),
  fc.record({
    type: fc.constant('hotp' as const),
    secret: key,
    digits,
    counter: fc.nat(),
    checksumDigit: fc.constant(true),
    truncationOffset: fc.integer({ min: 0, max: 15 }),
  }),
);

describe('a combined code', () => {
  test.each([
    ['a push code', combinedUri.replace('mfauth://totp', 'pushauth://push'), 'other-scheme'],
    ['another kind of generator', combinedUri.replace('//totp', '//yubi'), 'not-complete'],
    ['no secret of the generator', combinedUri.replace(/&secret=[^&]*/, ''), 'missing'],
    ['seven digits', combinedUri.replace('digits=6', 'digits=7'), 'digits'],
    ['a period of nothing', combinedUri.replace('period=30', 'period=0'), 'period'],
    ['an unknown hash', `${combinedUri}&algorithm=MD5`, 'hash'],
  ])('is refused with %s', (_what, uri, reason) => {
    expect(uri).not.toBe(combinedUri);
    expect(parseCombinedUri(uri)).toMatchObject({ ok: false, reason });
  });

  test('is refused without the part of the push registration', () => {
    expect(parseCombinedUri(combinedUri.replace(/&c=[^&]*/, '')).ok).toBe(false);
  });

  test('says what was put into it, for any way to make passwords', () => {
    fc.assert(
      fc.property(parameters, (oath) => {
        const read = parseCombinedUri(formatCombinedUri({ ...combined, oath }));
        expect(read).toEqual({ ok: true, value: { push, oath, oathUuid: 'oath-1' } });
      }),
    );
  });

  test('carries a logo as it stands, and none that would end its parameter', () => {
    const withLogo = (imageUrl: string) => parseCombinedUri(formatCombinedUri({ ...combined, imageUrl }));
    const imageUrl = 'https://id.example.net/logo.png';
    expect(withLogo(imageUrl)).toMatchObject({ value: { push: { imageUrl } } });
    expect(withLogo('https://id.example.net/?a=1&s=x')).not.toHaveProperty('value.push.imageUrl');
  });

  test('carries policies unchanged, and leaves out blank ones', () => {
    const json = fc.dictionary(fc.string(), fc.string({ maxLength: 8 }), { maxKeys: 2 });
    fc.assert(
      fc.property(json, (policies) => {
        const uri = formatCombinedUri({ ...combined, policies: JSON.stringify(policies) });
        const text = new URL(uri).searchParams.get('policies') ?? '';
        expect(JSON.parse(Buffer.from(text, 'base64url').toString())).toEqual(policies);
      }),
      // A name that begins with a colon, in a text that both alphabets spell alike only with blanks.
      { examples: [[{ ':~': '  ', ' >~': '' }]] },
    );
    expect(new URL(formatCombinedUri({ ...combined, policies: ' ' })).searchParams.has('policies')).toBe(false);
  });
});

describe('the code of a generator', () => {
  test.each([
    ['a combined code', combinedUri],
    ['no secret', aloneUri.replace(/secret=[^&]*/, '')],
    ['a secret in another alphabet', aloneUri.replace(/secret=[^&]*/, 'secret=0189')],
    ['a counter that is no number', 'otpauth://hotp/Acme:jane?secret=MZXW6YTB&counter=x'],
  ])('is refused with %s', (_what, uri) => {
    expect(parseOathUri(uri).ok).toBe(false);
  });

  test('says what was put into it, for any way to make passwords', () => {
    fc.assert(
      fc.property(parameters, (oath) => {
        expect(parseOathUri(formatOathUri({ ...alone, oath }))).toEqual({ ok: true, value: { ...alone, oath } });
      }),
    );
  });

  test('of another server is read with the defaults of the format', () => {
    expect(parseOathUri('otpauth://totp/jane?secret=mzxw%206ytb&algorithm=HmacSHA256')).toEqual({
      ok: true,
      value: {
        issuer: 'jane',
        account: 'jane',
        oath: { type: 'totp', secret: new TextEncoder().encode('fooba'), digits: 6, periodSeconds: 30, hash: 'SHA256' },
      },
    });
  });

  test.each([
    ['jane', 'jane'],
    ['jane', ':jane'],
    ['Acme', 'jane', 'Acme'],
    ['Acme', ':jane', 'Acme'],
    ['Acme', '%3Ajane', 'Acme'],
    ['Acme', 'Acme:jane', ''],
    ['Other', 'Acme:jane', 'Other'],
  ])('names %s where its label is %j and its issuer %j', (issuer, label, parameter?: string) => {
    const uri = `otpauth://totp/${label}?secret=MZXW6YTB${parameter === undefined ? '' : `&issuer=${parameter}`}`;
    expect(parseOathUri(uri)).toMatchObject({ value: { issuer, account: 'jane' } });
  });

  test('may hold anything where only the other kind of generator looks', () => {
    const ofTheOther = { totp: ['counter', 'x_offset', 'x_checksum'], hotp: ['period'] };
    fc.assert(
      fc.property(fc.constantFrom('totp', 'hotp'), fc.string({ unit: 'grapheme-ascii' }), (type, value) => {
        const uri = `otpauth://${type}/Acme:jane?secret=MZXW6YTB`;
        const others = ofTheOther[type].map((name) => `&${name}=${encodeURIComponent(value)}`);
        expect(parseOathUri(uri + others.join(''))).toEqual(parseOathUri(uri));
      }),
      {
        examples: [
          ['totp', '-1'],
          ['hotp', '0'],
        ],
      },
    );
  });

  test('refuses a secret that no phone could keep', () => {
    const oath = { ...alone.oath, secret: new Uint8Array(257) };
    expect(() => formatOathUri({ ...alone, oath })).toThrow(RangeError);
  });
});
