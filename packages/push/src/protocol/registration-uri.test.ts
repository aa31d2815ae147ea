import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBase64, decodeText, encodeTextUrl } from './base64.ts';
import { formatRegistrationUri, type Registration } from './registration-uri.ts';
import { parseRegistrationUri } from './setup-code.ts';

const bytes = (text: string): Uint8Array => decodeBase64(text) ?? new Uint8Array();

// spec/push-protocol.md §12.1
const example: Registration = {
  issuer: 'Acme',
  account: 'jane',
  loadBalancerCookie: 'lb=node7',
  messageId: 'REGISTER:5b0c4b3e-8c1f-4a7b-9b7e-2f7a3c9d1e641760000000000',
  secret: bytes('vuUj5LiGHko89joabTsc1FWX8vcN8IIrc+KFRkCNe5k='),
  challenge: bytes('fPpwe+VqEbfjH61FSC5gfSK9LF5sM1kXetvAa+Geb2c='),
  registerUrl: 'https://id.example.net/am/json/staff/push/sns/message?_action=register',
  authenticateUrl: 'https://id.example.net/am/json/staff/push/sns/message?_action=authenticate',
  userId: 'jane',
  deviceUuid: '7f3d2b90-1c44-4f6e-a3b1-6d5e4c3b2a19',
  backgroundColor: '#0b5fff',
  imageUrl: 'https://id.example.net/logo.png',
};
const exampleUri =
  'pushauth://push/Acme:jane?l=bGI9bm9kZTc&issuer=QWNtZQ&m=REGISTER:5b0c4b3e-8c1f-4a7b-9b7e-2f7a3c9d1e641760000000000&s=vuUj5LiGHko89joabTsc1FWX8vcN8IIrc-KFRkCNe5k&c=fPpwe-VqEbfjH61FSC5gfSK9LF5sM1kXetvAa-Geb2c&r=aHR0cHM6Ly9pZC5leGFtcGxlLm5ldC9hbS9qc29uL3N0YWZmL3B1c2gvc25zL21lc3NhZ2U_X2FjdGlvbj1yZWdpc3Rlcg&a=aHR0cHM6Ly9pZC5leGFtcGxlLm5ldC9hbS9qc29uL3N0YWZmL3B1c2gvc25zL21lc3NhZ2U_X2FjdGlvbj1hdXRoZW50aWNhdGU&uid=amFuZQ&pid=N2YzZDJiOTAtMWM0NC00ZjZlLWEzYjEtNmQ1ZTRjM2IyYTE5&b=0b5fff&image=aHR0cHM6Ly9pZC5leGFtcGxlLm5ldC9sb2dvLnBuZw';

const format = (changes: Partial<Registration>) => formatRegistrationUri({ ...example, ...changes });
const parameters = (uri: string) => new URL(uri).searchParams;

test.each<[string, Partial<Registration>]>([
  ['an issuer with a colon', { issuer: 'Acme: staff' }],
  ['an empty issuer', { issuer: ' ' }],
  ['an empty account', { account: '\u202e' }],
  ['an empty cookie', { loadBalancerCookie: '' }],
  ['an id of a login', { messageId: 'AUTHENTICATE:x' }],
  ['a short secret', { secret: new Uint8Array(31) }],
  ['a long challenge', { challenge: new Uint8Array(33) }],
  ['a colour by name', { backgroundColor: 'red' }],
  ['an address with another parameter', { registerUrl: 'https://a.example/x?realm=b&_action=register' }],
  ['two addresses on different hosts', { authenticateUrl: example.authenticateUrl.replace('id.', 'evil.') }],
  ['an issuer of 1 KiB (A063)', { issuer: 'x'.repeat(1024) }],
])('refuses %s', (_, changes) => {
  expect(() => format(changes)).toThrow(RangeError);
});

test('names the issuer that it refuses', () => {
  expect(() => format({ issuer: 'Acme:1' })).toThrow('"Acme:1"');
});

test('makes the URI of the worked example, byte for byte', () => {
  expect(formatRegistrationUri(example, { pushUserId: false })).toBe(exampleUri);
});

test('reads the URI of the worked example', () => {
  expect(parseRegistrationUri(exampleUri)).toEqual({ ok: true, value: { ...example, backgroundColor: '0b5fff' } });
});

test('sends the user id under both of its names, next to each other', () => {
  expect(format({})).toContain('&uid=amFuZQ&d=amFuZQ&pid=');
});

test('leaves out texts whose encoding differs between the alphabets', () => {
  const query = parameters(format({ userId: 'ab~', imageUrl: 'https://id.examp.le/?x' }));
  expect(encodeTextUrl('ab~')).toMatch(/[-_]/);
  expect([query.has('uid'), query.has('d'), query.has('image'), query.has('pid')]).toEqual([false, false, false, true]);
});

test('keeps within 858 characters by dropping the image, then the user ids', () => {
  const imageUrl = `https://id.example.net/${'a'.repeat(300)}`;
  const without = parameters(format({ imageUrl }));
  expect([without.has('image'), without.has('d'), without.has('uid')]).toEqual([false, true, true]);
  const crowded = format({ account: 'x'.repeat(280), userId: 'u'.repeat(40) });
  expect(crowded.length).toBeLessThanOrEqual(858);
  expect([parameters(crowded).has('uid'), parameters(crowded).has('d'), parameters(crowded).has('image')]).toEqual([
    true,
    false,
    false,
  ]);
});

test('round-trips any issuer and account, and lets neither add a parameter (A063)', () => {
  const awkward = fc.constantFrom(
    '/',
    '?',
    '&',
    '#',
    '%',
    '%26',
    '$&',
    '=',
    "'",
    '"',
    '\\',
    '😀',
    'ש',
    '&s=',
    '+',
    ' x',
    '~',
  );
  const label = fc
    .array(fc.oneof(awkward, fc.string({ unit: 'grapheme', maxLength: 3 })), { minLength: 1, maxLength: 4 })
    .map((parts) =>
      `x${parts.join('')}x`.replace(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ''),
    );
  fc.assert(
    fc.property(label, label, (anyIssuer, account) => {
      const issuer = anyIssuer.replaceAll(':', '.');
      const read = parseRegistrationUri(format({ issuer, account, imageUrl: 'https://a.example/' }));
      if (!read.ok) throw new Error(read.reason);
      expect(read.value).toMatchObject({ issuer, account: account.replaceAll(':', '-') });
      expect(read.value.secret).toEqual(example.secret);
    }),
  );
});

test('never lets a control or bidi character out (SEC-14)', () => {
  const read = parseRegistrationUri(format({ issuer: 'Ac\u202eme', account: 'ja\r\nne' }));
  expect(read).toMatchObject({ ok: true, value: { issuer: 'Acme', account: 'ja ne' } });
});

const change = (from: string | RegExp, to: string): [string, string] => [
  `${from} → ${to}`,
  exampleUri.replace(from, to),
];
const plain = (url: string) => encodeTextUrl(url);
test.each([
  change('pushauth:', 'otpauth:'),
  change('&b=', '&m=REGISTER:other&b='),
  change('Acme:jane', 'Acme'),
  change('Acme:jane', 'Acme:'),
  change('Acme:jane', 'Acme:%FF'),
  change('Acme:jane', 'Acme:ja ne'),
  change('Acme:jane', 'Evil:jane'),
  change('&m=REGISTER', '&m=AUTHENTICATE'),
  change(/&s=[^&]*/, '&s=vuUj5LiGHko89joabTsc1FWX8vcN8IIrc-KFRkCNe'),
  change(/&c=[^&]*/, '&c=fPpwe'),
  change(/&c=[^&]*/, ''),
  change(/&r=[^&]*/, ''),
  change(/&r=[^&]*/, `&r=${plain('https://evil.example/am/push/sns/message?_action=register')}`),
  [
    'http',
    exampleUri.replace(
      /&r=.*/,
      `&r=${plain('http://a.example/x?_action=register')}&a=${plain('http://a.example/x?_action=authenticate')}`,
    ),
  ],
  [
    'credentials',
    exampleUri.replace(
      /&r=.*/,
      `&r=${plain('https://u:p@a.example/x?_action=register')}&a=${plain('https://u:p@a.example/x?_action=authenticate')}`,
    ),
  ],
  [
    'a host that only begins like this machine',
    exampleUri.replace(
      /&r=.*/,
      `&r=${plain('http://localhost.evil.example/x?_action=register')}&a=${plain('http://localhost.evil.example/x?_action=authenticate')}`,
    ),
  ],
])('a phone refuses %s', (_, uri) => {
  expect(parseRegistrationUri(uri).ok).toBe(false);
});

test.each(['localhost:8080', '127.0.0.1:8080', '[::1]:8080'])('a phone accepts plain http on %s', (host) => {
  const uri = format({
    registerUrl: `http://${host}/am/json/push/sns/message?_action=register`,
    authenticateUrl: `http://${host}/am/json/push/sns/message?_action=authenticate`,
  });
  expect(parseRegistrationUri(uri).ok).toBe(true);
});

test('a phone reads the parameters in any order and passes over those it does not know', () => {
  const [path, query = ''] = exampleUri.split('?');
  const shuffled = `${path}?zz=1&${query.split('&').reverse().join('&')}&policies=${encodeTextUrl('{}')}`;
  expect(parseRegistrationUri(shuffled)).toMatchObject({ ok: true, value: { account: 'jane', policies: '{}' } });
  expect(decodeText(parameters(shuffled).get('pid') ?? '')).toBe(example.deviceUuid);
});
