import { utf8Text } from '@assent/push/protocol';
import { describe, expect, test } from 'vitest';
import { jsonAnswerText } from '../../testing/authenticator/answer-text.ts';
import { type ClientAnswer, parseAuthenticationAnswer, parseRegistrationAnswer } from './client-answer.ts';

const CREATED =
  '{"type":"webauthn.create","challenge":"AAAA","origin":"https://login.example.com","crossOrigin":false}';
const ASSERTED = '{"type":"webauthn.get","challenge":"AAAA","origin":"https://login.example.com","crossOrigin":false}';
const ON_LOOPBACK = '{"type":"webauthn.create","challenge":"AAAA","origin":"http://[::1]:8080","crossOrigin":false}';
const HANDLE = 'dG9rZW4tb2YtMjQtY2hhcmFjdGVycw';

/** With bytes as text, to be read in a failing test. */
const shown = <T extends { readonly clientDataJson: Uint8Array }>(answer: ClientAnswer<T>) => {
  if (answer.kind !== 'credential') return answer;
  const { credential } = answer;
  return Object.fromEntries(
    Object.entries(credential).map(([name, value]) => [
      name,
      name === 'clientDataJson'
        ? utf8Text(credential.clientDataJson)
        : value instanceof Uint8Array
          ? [...value]
          : value,
    ]),
  );
};

describe('the answer to a registration (A9)', () => {
  const credential = { clientDataJson: CREATED, attestationObject: [1, 254, 3], credentialId: 'AQID' };

  test.each([
    ['legacy', `${CREATED}::1,-2,3::AQID`, credential],
    ['legacy with a name', `${CREATED}::1,-2,3::AQID::My key`, { ...credential, deviceName: 'My key' }],
    ['a name with the separator', `${CREATED}::1,-2,3::AQID::My::key`, { ...credential, deviceName: 'My::key' }],
    ['unsigned bytes', `${CREATED}::1,254,3::AQID`, credential],
    ['white space around it', ` \n${CREATED}::1,-2,3::AQID\n`, credential],
    ['JSON', jsonAnswerText(`${CREATED}::1,-2,3::AQID`, 'platform'), { ...credential, attachment: 'platform' }],
    [
      'JSON with a name in it',
      jsonAnswerText(`${CREATED}::1,-2,3::AQID::Mine`, 'cross-platform'),
      { ...credential, deviceName: 'Mine', attachment: 'cross-platform' },
    ],
    [
      'JSON with a name behind it, as Android sends it',
      `${jsonAnswerText(`${CREATED}::1,-2,3::AQID`, 'platform')}::Pixel 8`,
      { ...credential, deviceName: 'Pixel 8', attachment: 'platform' },
    ],
    [
      'JSON with an attachment that is none',
      `{"legacyData":${JSON.stringify(`${CREATED}::1,-2,3::AQID`)},"authenticatorAttachment":7}`,
      credential,
    ],
    ['a page at [::1]', `${ON_LOOPBACK}::1,-2,3::AQID`, { ...credential, clientDataJson: ON_LOOPBACK }],
    [
      'a page at [::1], in JSON',
      jsonAnswerText(`${ON_LOOPBACK}::1,-2,3::AQID`, 'platform'),
      { ...credential, clientDataJson: ON_LOOPBACK, attachment: 'platform' },
    ],
    ['a padded id', `${CREATED}::1,-2,3::AQ==`, { ...credential, credentialId: 'AQ' }],
    [
      'a name that repaints its line',
      `${CREATED}::1,-2,3::AQID::\u202ered\u0007${'x'.repeat(80)}`,
      { ...credential, deviceName: `red ${'x'.repeat(60)}` },
    ],
    ['a name of blanks', `${CREATED}::1,-2,3::AQID::  `, credential],
  ])('%s', (_form, text, expected) => {
    expect(shown(parseRegistrationAnswer(text))).toEqual(expected);
  });

  test.each([
    ['no bytes', `${CREATED}::::AQID`, 'bytes'],
    ['a byte that is none', `${CREATED}::1,256::AQID`, 'bytes'],
    ['a byte below the least', `${CREATED}::1,-129::AQID`, 'bytes'],
    ['a fraction', `${CREATED}::1.5::AQID`, 'bytes'],
    ['bytes in hexadecimal', `${CREATED}::0x1::AQID`, 'bytes'],
    ['blanks between bytes', `${CREATED}::1, 2::AQID`, 'bytes'],
    ['a comma at the end', `${CREATED}::1,2,::AQID`, 'bytes'],
    ['no id', `${CREATED}::1,2`, 'form'],
    ['an empty id', `${CREATED}::1,2::`, 'credentialId'],
    ['an id that is no base64url', `${CREATED}::1,2::A+B/`, 'credentialId'],
    ['an id of 1,024 bytes (WA-08)', `${CREATED}::1,2::${Buffer.alloc(1_024).toString('base64url')}`, 'credentialId'],
    ['no client data', '::1,2::AQID', 'form'],
    ['client data without an end', '{"type":"webauthn.create"::1,2::AQID', 'form'],
    ['client data alone', CREATED, 'form'],
    ['something behind JSON', `${jsonAnswerText(`${CREATED}::1::AQID`, 'platform')}x`, 'form'],
    ['JSON without an answer', '{"authenticatorAttachment":"platform"}', 'form'],
    ['JSON with two answers', '{"legacyData":"a","legacyData":"b"}', 'form'],
    ['another word', 'success', 'form'],
    ['the word in other letters', 'Unsupported', 'form'],
    ['an object of nobody', '{"__proto__":{"legacyData":"false"}}', 'form'],
  ])('%s is refused, and throws nothing', (_form, text, reason) => {
    expect(parseRegistrationAnswer(text)).toEqual({ kind: 'refused', reason });
  });

  test('more than 48 KiB is refused before anybody looks at it (WA-20)', () => {
    const fitting = `${CREATED}::1::AQID::`.padEnd(48 * 1_024, 'x');
    expect(parseRegistrationAnswer(fitting).kind).toBe('credential');
    expect(parseRegistrationAnswer(`${fitting}x`)).toEqual({ kind: 'refused', reason: 'length' });
  });
});

describe('the answer to an authentication (A9)', () => {
  const credential = {
    clientDataJson: ASSERTED,
    authenticatorData: [1, 254],
    signature: [128, 127],
    credentialId: 'AQID',
  };
  const four = `${ASSERTED}::1,-2::-128,127::AQID`;

  test.each([
    ['legacy without a handle', four, credential],
    ['legacy with one', `${four}::${HANDLE}`, { ...credential, userHandle: HANDLE }],
    ['five parts, the last empty', `${four}::`, credential],
    [
      'a padded handle with the line end of an encoder',
      `${four}::${HANDLE}==\n`,
      { ...credential, userHandle: `${HANDLE}==` },
    ],
    ['unsigned bytes', `${ASSERTED}::1,254::128,127::AQID`, credential],
    [
      'JSON',
      jsonAnswerText(`${four}::${HANDLE}`, 'platform'),
      { ...credential, userHandle: HANDLE, attachment: 'platform' },
    ],
    [
      'client data with a list of bytes in it',
      `{"x":"::1,2::3::","type":"webauthn.get"}::1,-2::-128,127::AQID`,
      { ...credential, clientDataJson: '{"x":"::1,2::3::","type":"webauthn.get"}' },
    ],
    [
      'client data with braces in a text',
      `{"x":"}\\"}","y":{}}::1,-2::-128,127::AQID`,
      { ...credential, clientDataJson: '{"x":"}\\"}","y":{}}' },
    ],
  ])('%s', (_form, text, expected) => {
    expect(shown(parseAuthenticationAnswer(text))).toEqual(expected);
  });

  test.each([
    ['an answer to a registration', `${CREATED}::1,2::AQID`, 'form'],
    ['a part too many', `${four}::${HANDLE}::x`, 'form'],
    ['a signature of nothing', `${ASSERTED}::1,2::::AQID`, 'bytes'],
    ['a handle longer than any', `${four}::${'a'.repeat(257)}`, 'userHandle'],
  ])('%s is refused', (_form, text, reason) => {
    expect(parseAuthenticationAnswer(text)).toEqual({ kind: 'refused', reason });
  });
});

describe.each([
  ['a registration', parseRegistrationAnswer],
  ['an authentication', parseAuthenticationAnswer],
])('what is no credential, of %s', (_of, parse: (text: string) => ClientAnswer<unknown>) => {
  test.each(['', '  ', 'false', 'webAuthnOutcome', '{"legacyData":"false"}'])('%j is nothing yet', (text) => {
    expect(parse(text)).toEqual({ kind: 'pending' });
  });

  test.each([
    'unsupported',
    'ERROR::NotSupportedError:no',
    '{"error":"NotSupportedError: no"}',
    '{"legacyData":"unsupported"}',
  ])('%j is a client without WebAuthn', (text) => {
    expect(parse(text)).toEqual({ kind: 'unsupported' });
  });

  test.each([
    ['ERROR::NotAllowedError:The operation timed out.', 'NotAllowedError', 'The operation timed out.'],
    ['{"error":"NotAllowedError: The operation timed out."}', 'NotAllowedError', 'The operation timed out.'],
    ['ERROR::InvalidStateError:a::b: c', 'InvalidStateError', 'a::b: c'],
    ['ERROR::OptOutError:', 'OptOutError', ''],
    ['ERROR::SecurityError', 'SecurityError', ''],
    ['ERROR', 'UnknownError', ''],
    ['ERROR::', 'UnknownError', ''],
    ['ERROR::NoSuchError:gone', 'UnknownError', 'NoSuchError:gone'],
    ['ERROR::constructor:x', 'UnknownError', 'constructor:x'],
    ['ERROR::two\nlines\u2028\u202e', 'UnknownError', 'two lines'],
    ['{"error":""}', 'UnknownError', ''],
  ])('%j is an error of the client', (text, name, message) => {
    expect(parse(text)).toEqual({ kind: 'clientError', name, message });
  });

  test('a message of any length is cut to 256', () => {
    expect(parse(`ERROR::DataError:${'m'.repeat(2_000)}`)).toMatchObject({ message: 'm'.repeat(256) });
  });
});
