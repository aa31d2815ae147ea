import { describe, expect, test } from 'vitest';
import { encodeTextUrl } from './base64.ts';
import { formatRegistrationUri } from './registration-uri.ts';
import { parseSetupCode } from './setup-code.ts';
import { type SetupCodeRules, STRICT_SETUP_CODE_RULES } from './setup-code-rules.ts';

const MESSAGE = 'https://id.example.net/am/json/push/sns/message';
const code = formatRegistrationUri({
  issuer: 'Acme',
  account: 'jane',
  loadBalancerCookie: 'lb=node7',
  messageId: 'REGISTER:5b0c4b3e-8c1f-4a7b-9b7e-2f7a3c9d1e641760000000000',
  secret: new Uint8Array(32).fill(1),
  challenge: new Uint8Array(32).fill(2),
  registerUrl: `${MESSAGE}?_action=register`,
  authenticateUrl: `${MESSAGE}?_action=authenticate`,
  userId: 'jane',
  deviceUuid: '7f3d2b90-1c44-4f6e-a3b1-6d5e4c3b2a19',
  backgroundColor: '0b5fff',
});
const withParameter = (name: string, value: string): string =>
  code.replace(new RegExp(`&${name}=[^&]*`), `&${name}=${value}`);
const read = (text: string, changes: Partial<SetupCodeRules> = {}) =>
  parseSetupCode(text, { ...STRICT_SETUP_CODE_RULES, ...changes });

describe('a refusal says what is wrong, and where', () => {
  test.each([
    ['javascript://push/Acme:jane?m=1', { reason: 'other-scheme' }],
    [code.replace('//push/', '//totp/'), { reason: 'not-complete' }],
    [code.slice(0, code.indexOf('?')), { reason: 'not-complete' }],
    [`${code}&z=${'a'.repeat(5_000)}`, { reason: 'too-long' }],
    [code.replace('Acme:jane', 'Acme:ja%2'), { reason: 'percent-escape' }],
    [code.replace('Acme:jane', ':jane'), { reason: 'no-account' }],
    [code.replace('Acme:jane', 'Acme:'), { reason: 'no-account' }],
    [`${code}&m=REGISTER:x`, { reason: 'twice', parameter: 'm' }],
    [withParameter('m', ''), { reason: 'missing', parameter: 'm' }],
    [withParameter('s', '%21'), { reason: 'unreadable', parameter: 's' }],
    [withParameter('s', 'AAAA'), { reason: 'key-length', bytes: 3 }],
    [withParameter('c', 'AAAA'), { reason: 'challenge-length', bytes: 3 }],
    [
      withParameter('r', encodeTextUrl(`${MESSAGE}?_action=refresh`)),
      { reason: 'other-action', parameter: 'r', action: 'register' },
    ],
    [
      withParameter('r', encodeTextUrl(`${MESSAGE.replace('id.', 'evil.')}?_action=register`)),
      { reason: 'two-servers', hosts: ['evil.example.net', 'id.example.net'] },
    ],
    ['otpauth://totp/jane?secret=AAAA&period=x', { reason: 'not-a-number', parameter: 'period' }],
  ] as const)('%s', (text, problem) => {
    expect(read(text)).toEqual({ ok: false, ...problem });
  });
});

describe('readers differ by their rules alone', () => {
  const withRealm = withParameter('r', encodeTextUrl(`${MESSAGE}?_action=register&realm=staff`));
  test.each<[string, string, Partial<SetupCodeRules>]>([
    ['stray-character', code.replace('Acme', 'Acm\u00e9').replace('issuer=', 'other='), { characters: 'no-controls' }],
    ['no-account', code.replace('Acme:jane', 'Acme'), { oneNameIsEnough: true }],
    ['message-id', withParameter('m', 'any-id'), { messageIdMustSayRegister: false }],
    ['key-length', withParameter('s', 'AAAA'), { minKeyBytes: 1 }],
    ['two-issuers', withParameter('issuer', encodeTextUrl('Other')), { issuer: 'any' }],
    ['other-action', withRealm, { addressMayHaveParameters: true }],
    ['unreadable', withParameter('pid', '%21'), { idAlphabet: { accepts: 'both', otherwise: 'unset' } }],
  ])('%s is for a careful phone to refuse, and for another not', (reason, text, changes) => {
    expect(read(text)).toMatchObject({ ok: false, reason });
    expect(read(text, changes)).toMatchObject({ ok: true });
  });

  test.each<[string, string, Partial<SetupCodeRules>]>([
    ['stray-character', code.replace('Acme:', 'Acme|:'), { characters: 'rfc2396', issuer: 'any' }],
    ['version', `${code}&version=2`, { readsVersion: true }],
    ['no-issuer', withParameter('issuer', ''), { issuer: 'same' }],
    ['no-cookie', code.replace(/l=[^&]*&/, ''), { needsCookie: true }],
    ['unreadable', withParameter('issuer', 'QWNtZT8_'), { textAlphabet: { accepts: 'standard', otherwise: 'refuse' } }],
  ])('%s is for another to refuse', (reason, text, changes) => {
    expect(read(text, changes)).toMatchObject({ ok: false, reason });
  });
});
