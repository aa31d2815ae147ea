import { describe, expect, test } from 'vitest';
import { SERVER, setupCode } from '../testing/phone-fixtures.ts';
import { readSetupCode } from './setup-code.ts';

const text = (value: string): string => Buffer.from(value).toString('base64url');
const refusalOf = (code: string) => {
  const read = readSetupCode(code, SERVER);
  return 'refusal' in read ? read.refusal : 'taken';
};

describe('a text is refused', () => {
  test.each(['', 'https://id.example.net/', 'javascript://push/Acme:jane?m=1', 'pushauth', '483201'])(
    'as no setup code when it is %j',
    (code) => {
      expect(refusalOf(code)).toEqual({ kind: 'not-a-code' });
    },
  );

  test.each([
    ['it was cut', setupCode().slice(0, 200)],
    ['its key is short', setupCode({ s: 'AAAA' })],
    ['its challenge has another length', setupCode({ c: 'AAAA' })],
    ['an address is missing', setupCode({ a: undefined })],
    ['a parameter comes twice', `${setupCode()}&m=REGISTER:1`],
    ['it is plain http', setupCode({ r: text('http://id.example.net/am/json/push/sns/message?_action=register') })],
    ['a generator has no key', 'otpauth://totp/Acme:jane?digits=6'],
    ['a combined code has half a key', setupCode({ secret: '1' }, 'mfauth://totp')],
  ])('as damaged when %s', (_what, code) => {
    expect(refusalOf(code)).toEqual({ kind: 'damaged' });
  });

  test.each([
    ['another host', 'https://login.other.org/am/json/push/sns/message'],
    ['another port', 'https://id.example.net:8443/am/json/push/sns/message'],
    ['a host that only looks alike', 'https://id.example.net.evil.example/am/json/push/sns/message'],
  ])('by the name of %s, because this page talks to nobody else (SEC-29)', (_what, address) => {
    const code = setupCode({ r: text(`${address}?_action=register`), a: text(`${address}?_action=authenticate`) });
    expect(refusalOf(code)).toEqual({ kind: 'other-server', host: new URL(address).host });
  });
});

test('a code to answer sign-ins says whose it is and where it leads', () => {
  expect(readSetupCode(`  ${setupCode()}\n`, SERVER)).toMatchObject({
    code: {
      issuer: 'Acme',
      account: 'jane',
      colour: '#0b5fff',
      oath: undefined,
      push: { relayUrl: `${SERVER}/am/json/push/relay`, demandsVerification: false },
    },
  });
});

test('a combined code is both, and its issuer may ask for the holder to be checked', () => {
  const policies = text('{"biometricAvailable": {}, "deviceTampering": {"score": 0.7}}');
  const code = setupCode({ secret: 'GEZDGNBVGY3TQOJQ', period: '30', policies }, 'mfauth://totp');
  expect(readSetupCode(code, SERVER)).toMatchObject({
    code: { oath: { type: 'totp', digits: 6 }, push: { demandsVerification: true } },
  });
});

test('a generator of any issuer is good: it never talks', () => {
  const code = 'otpauth://totp/Git%20host:jane?secret=GEZDGNBVGY3TQOJQ&issuer=Git%20host';
  expect(readSetupCode(code, SERVER)).toMatchObject({
    code: { issuer: 'Git host', account: 'jane', push: undefined, oath: { type: 'totp' } },
  });
});
