import { describe, expect, test } from 'vitest';
import { PERSONAS } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import { base64Url, setupCode, VECTOR } from '../testing/wire-fixtures.ts';
import { type PushSetupCode, parseSetupCode, withAction } from './setup-code.ts';

const ORIGIN = 'https://id.example.net';

const parsePush = (...given: Parameters<typeof parseSetupCode>): PushSetupCode => {
  const code = parseSetupCode(...given);
  if (code.kind !== 'push') throw new Error('a code for one-time codes alone');
  return code;
};
const MESSAGE = `${ORIGIN}/am/json/staff/push/sns/message`;
const { assent } = PERSONAS;

function refusalOf(uri: string, persona = assent): string {
  try {
    parsePush(uri, persona);
  } catch (error) {
    if (error instanceof PhoneError) return error.message;
    throw error;
  }
  throw new Error('The setup code was taken.');
}

describe('a setup code is refused with the reason (A166) when', () => {
  test.each([
    ['it is empty', '', /not a setup code/],
    ['it is some other link', 'https://example.net/?a=b', /not a setup code/],
    ['its scheme is javascript', 'javascript://push/Acme:jane?m=1', /not a setup code/],
    ['its host is not push', setupCode(ORIGIN).replace('//push/', '//pull/'), /not a setup code/],
    ['it has no query', 'pushauth://push/Acme:jane', /not a setup code/],
    ['it has one mebibyte', `${setupCode(ORIGIN)}&z=${'a'.repeat(1 << 20)}`, /too long/],
    ['its key for codes is none', 'otpauth://totp/Acme:jane?secret=A1!', /key \("secret"\)/],
    ['it was wrapped over two lines', setupCode(ORIGIN).replace('&c=', '\n&c='), /cut or wrapped/],
    ['it has a broken escape', setupCode(ORIGIN, {}, 'Acme:ja%2'), /damaged/],
    ['it names no account', setupCode(ORIGIN, {}, 'Acme:'), /which account/],
    ['a parameter comes twice', `${setupCode(ORIGIN)}&s=AAAA`, /"s" twice/],
    ['the message id is missing', setupCode(ORIGIN, { m: undefined }), /message id \("m"\)/],
    ['the key is missing', setupCode(ORIGIN, { s: undefined }), /key \("s"\)/],
    ['the key is short', setupCode(ORIGIN, { s: 'AAAA' }), /3 bytes/],
    ['the key is no base64', setupCode(ORIGIN, { s: '%21%21%21%21' }), /damaged/],
    ['the challenge is missing', setupCode(ORIGIN, { c: undefined }), /challenge \("c"\)/],
    ['the challenge is short', setupCode(ORIGIN, { c: Buffer.alloc(31).toString('base64url') }), /31 bytes/],
    ['the challenge is long', setupCode(ORIGIN, { c: Buffer.alloc(33).toString('base64url') }), /33 bytes/],
    ['the address to register is missing', setupCode(ORIGIN, { r: undefined }), /address \("r"\)/],
    ['the address to answer is missing', setupCode(ORIGIN, { a: undefined }), /address \("a"\)/],
    ['an address is no address', setupCode(ORIGIN, { r: base64Url('nowhere') }), /damaged/],
    ['an address is a script', setupCode(ORIGIN, { r: base64Url('javascript:alert(1)?_action=register') }), /https/],
    ['the addresses are plain http', setupCode('http://id.example.net'), /https/],
    ['http hides behind a name that looks local', setupCode('http://localhost.example.net'), /https/],
    ['an address has a password in it', setupCode('https://a:b@id.example.net'), /plain one/],
    [
      'the addresses lead to two servers',
      setupCode(ORIGIN, {
        a: base64Url('https://evil.example.net/am/json/staff/push/sns/message?_action=authenticate'),
      }),
      /two servers/,
    ],
    [
      'the addresses differ in the port',
      setupCode(ORIGIN, { a: base64Url(`${ORIGIN}:8443/am/json/staff/push/sns/message?_action=authenticate`) }),
      /two servers/,
    ],
    [
      'the addresses differ in the realm',
      setupCode(ORIGIN, { a: base64Url(`${ORIGIN}/am/json/push/sns/message?_action=authenticate`) }),
      /belong together/,
    ],
    [
      'the actions are swapped',
      setupCode(ORIGIN, { r: base64Url(`${MESSAGE}?_action=authenticate`) }),
      /_action=register/,
    ],
  ])('%s', (_name, uri, reason) => {
    expect(refusalOf(uri)).toMatch(reason);
  });
});

test('the worked example is read in full (push-protocol.md 12.1)', () => {
  const code = parsePush(VECTOR.uri, assent);
  expect(code).toMatchObject({
    issuer: 'Acme',
    accountName: 'jane',
    messageId: VECTOR.registerMessageId,
    registerUrl: `${MESSAGE}?_action=register`,
    authenticateUrl: `${MESSAGE}?_action=authenticate`,
    loadBalancerCookie: 'lb=node7',
    userId: 'jane',
    deviceUuid: '7f3d2b90-1c44-4f6e-a3b1-6d5e4c3b2a19',
    oneTimeCodes: undefined,
  });
  expect(Buffer.from(code.key).toString('base64')).toBe(VECTOR.key);
});

test.each(['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'])(
  'plain http is fine on the machine itself: %s',
  (origin) => {
    expect(parsePush(setupCode(origin), assent).authenticateUrl).toContain(origin);
  },
);

test('the push part of a combined code is taken, its plain logo address included (push-protocol.md 1.3)', () => {
  const uri = setupCode(ORIGIN, { image: 'https%3A%2F%2Fid.example.net%2Flogo.png', secret: 'ABCD' }).replace(
    'pushauth://push',
    'mfauth://totp',
  );
  expect(parsePush(uri, PERSONAS['ping-ios'])).toMatchObject({
    oneTimeCodes: { type: 'totp', key: 'AEQ=' },
    issuer: 'Acme',
  });
});

test('a cookie that would smuggle a header is not kept', () => {
  expect(
    parsePush(setupCode(ORIGIN, { l: base64Url('lb=1\r\nx-evil: 1') }), assent).loadBalancerCookie,
  ).toBeUndefined();
});

describe('the official phones check what their makers check (push-protocol.md 1.2, 1.5)', () => {
  test.each([
    ['ping-android', { l: undefined }, /cookie/],
    ['ping-ios', { l: undefined }, /cookie/],
    ['ping-android', { issuer: undefined }, /issuer/],
    ['ping-ios', { issuer: base64Url('Other') }, /two different issuers/],
    ['android4', { version: '2' }, /version/],
    ['android4', { version: 'one' }, /version/],
    ['android4', { s: `${Buffer.alloc(31, 255).toString('base64url')}` }, /31 bytes/],
    ['android4', { image: 'aHR0cDovL2E_' }, /logo/],
    ['ping-ios', { image: 'aHR0cDovL2E_' }, /logo/],
    ['ping-android', { pid: 'aHR0cDovL2E_' }, /device id/],
  ] as const)('%s refuses %j', (name, changes, reason) => {
    expect(refusalOf(setupCode(ORIGIN, changes), PERSONAS[name])).toMatch(reason);
  });

  test('ios4 takes the issuer from the path and goes without a cookie where it cannot read the alphabet', () => {
    const code = parsePush(
      setupCode(ORIGIN, { issuer: 'QWNtZT8_', l: 'bGI9bm9kZTc_' }, 'Acme%3F%3F:jane'),
      PERSONAS.ios4,
    );
    expect(code).toMatchObject({ issuer: 'Acme??', loadBalancerCookie: undefined });
  });

  test('the newer phones drop everything but the action from the addresses, the older keep it', () => {
    const uri = setupCode(ORIGIN, {
      r: base64Url(`${MESSAGE}?_action=register&realm=staff`),
      a: base64Url(`${MESSAGE}?_action=authenticate&realm=staff`),
    });
    expect(parsePush(uri, PERSONAS['ping-android']).authenticateUrl).toBe(`${MESSAGE}?_action=authenticate`);
    expect(parsePush(uri, PERSONAS.android4).authenticateUrl).toBe(`${MESSAGE}?_action=authenticate&realm=staff`);
  });

  test('the older phones read the user from "uid", the newer from "d"', () => {
    const uri = setupCode(ORIGIN, { uid: base64Url('by-uid'), d: base64Url('by-d') });
    const userOf = (name: keyof typeof PERSONAS): string | undefined => parsePush(uri, PERSONAS[name]).userId;
    expect([userOf('android4'), userOf('ios4'), userOf('ping-android'), userOf('ping-ios'), userOf('assent')]).toEqual([
      'by-uid',
      'by-uid',
      'by-d',
      'by-d',
      'by-uid',
    ]);
  });
});

test('the address to refresh is the one to register with another action', () => {
  expect(withAction(`${MESSAGE}?_action=register`, 'refresh')).toBe(`${MESSAGE}?_action=refresh`);
});
