import { expect, test } from 'vitest';
import {
  authenticationClaims,
  parseAuthenticationClaims,
  parseBoundAuthenticationClaims,
} from './authentication-answer.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { parseRefreshBody, parseRefreshClaims } from './refresh-answer.ts';
import { parseRegistrationClaims, registrationClaims } from './registration-answer.ts';

const response = '2FU9qxwy9WIxfOC0oAuOj6rXmx5WsGqthGwicgDjSak=';
const answer = decodeBase64(response);
const all = ['gcm', 'apns', 'relay', 'webpush'] as const;
const registration = {
  deviceId: 'fcm-token-EXAMPLE',
  deviceName: 'Pixel of Jane',
  deviceType: 'android',
  communicationType: 'gcm',
  mechanismUid: '0f6a1c52-7f0e-4b0b-9f2d-5d8f5b1c7e21',
  response,
} as const;
const xKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
} as const; // RFC 7515 A.3

const truncated = (bytes: number) => encodeBase64((answer ?? new Uint8Array()).subarray(0, bytes));

test.each([
  undefined,
  null,
  '',
  7,
  [response],
  { toString: () => response },
  truncated(31),
  truncated(1),
  `${response}A`,
  ` ${response}`,
])('an answer whose response is %j is refused by every action (A013, A016)', (wrong) => {
  expect(parseAuthenticationClaims({ response: wrong }).ok).toBe(false);
  expect(parseRegistrationClaims({ ...registration, response: wrong }, all).ok).toBe(false);
});

test.each([response, response.slice(0, -1), response.replaceAll('+', '-').replaceAll('/', '_').slice(0, -1)])(
  'the response %s is the same 32 bytes (A014)',
  (spelling) => {
    expect(parseAuthenticationClaims({ response: spelling })).toEqual({
      ok: true,
      value: { response: answer, deny: false },
    });
  },
);

test.each([false, 'no', 'true', 0, 1, '', [], {}])('deny: %j means nothing and is refused (A021)', (deny) => {
  expect(parseAuthenticationClaims({ response, deny }).ok).toBe(false);
  expect(parseRegistrationClaims({ ...registration, deny }, all).ok).toBe(false);
});

test.each(['3e1', '0x22', '34;', 34.5, '３４', [34], {}, true, '', '123456789', '-34', '+34', '3 4', Number.NaN, 1e21])(
  'the number %j is refused, never guessed (A019)',
  (challengeResponse) => {
    expect(parseAuthenticationClaims({ response, challengeResponse }).ok).toBe(false);
  },
);

test.each(['34', 34, ' 34 ', '034'])('the number %j is 34 (A020)', (challengeResponse) => {
  expect(parseAuthenticationClaims({ response, challengeResponse })).toMatchObject({ ok: true, value: { number: 34 } });
});

test('null stands for an absent number and for no denial', () => {
  const value = { response: answer, deny: false };
  expect(parseAuthenticationClaims({ response, deny: null, challengeResponse: null })).toEqual({ ok: true, value });
});

test.each([
  ['not_me', 'not_me'],
  ['cancelled', 'cancelled'],
  ['because', 'other'],
])('a denial because of %s is kept as %s', (said, reason) => {
  expect(parseAuthenticationClaims({ response, deny: true, x_reason: said })).toEqual({
    ok: true,
    value: { response: answer, deny: true, reason },
  });
});

test.each([
  ['deviceId', 'x'],
  ['communicationType', 'gcm'],
  ['x_key', xKey],
])('claims with %s were not made to answer a login (SEC-32, A035)', (name, value) => {
  expect(parseAuthenticationClaims({ response, [name]: value }).ok).toBe(false);
});

test.each([null, [], 'x', undefined])('%j is no set of claims', (claims) => {
  expect(parseAuthenticationClaims(claims).ok).toBe(false);
  expect(parseRegistrationClaims(claims, all).ok).toBe(false);
  expect(parseRefreshClaims(claims, all).ok).toBe(false);
  expect(parseRefreshBody(claims).ok).toBe(false);
});

const bound = { iat: 1760000300, jti: 'j1', mid: 'AUTHENTICATE:m1' };
test.each([
  { iat: undefined },
  { jti: undefined },
  { mid: undefined },
  { mid: 'AUTHENTICATE:m2' },
  { iat: '1' },
  { jti: '' },
  { jti: 1 },
])('a phone with a key of its own is not heard with %j (A042)', (changes) => {
  const claims = { ...authenticationClaims({ response, bound }), ...changes };
  expect(parseBoundAuthenticationClaims(claims, bound.mid).ok).toBe(false);
});

test.each([{ iat: '1' }, { iat: null }, { jti: 7 }, { jti: 'a b' }, { mid: 7 }, { mid: '' }])(
  'any phone that sends %j is refused',
  (claims) => {
    expect(parseAuthenticationClaims({ response, ...claims }).ok).toBe(false);
  },
);

test('a phone with a key of its own is heard when it names the message', () => {
  const claims = authenticationClaims({ response, number: '57', bound });
  expect(parseBoundAuthenticationClaims(claims, bound.mid)).toEqual({
    ok: true,
    value: { response: answer, deny: false, number: 57, ...bound },
  });
});

test.each(['mechanismUid', 'deviceId', 'deviceType', 'communicationType'])('a registration needs %s (A050)', (name) => {
  for (const value of [undefined, null, '', 7, ['x'], {}]) {
    expect(parseRegistrationClaims({ ...registration, [name]: value }, all).ok).toBe(false);
  }
});

test.each([
  { communicationType: 'sms' },
  { communicationType: 'GCM' },
  { deviceType: 'toaster' },
  { mechanismUid: 'x'.repeat(129) },
  { mechanismUid: 'a/b' },
  { deviceId: 'x'.repeat(4097) },
  { deviceId: 'a\nb' },
  { deviceName: 7 },
  { challengeResponse: '57' },
])('a registration with %j is refused (SEC-11)', (changes) => {
  expect(parseRegistrationClaims({ ...registration, ...changes }, all).ok).toBe(false);
});

test('a registration by a way that the realm does not serve is refused', () => {
  expect(parseRegistrationClaims(registration, ['relay']).ok).toBe(false);
});

test.each([
  ['x', 'Pixel of Jane', 'Pixel of Jane'],
  ['a bidi override', 'Jane\u202egpj', 'Janegpj'],
  ['line breaks', 'a\r\nb', 'a b'],
  ['an escape sequence', '\u001b[31mred', '[31mred'],
  ['nothing but controls', '\u0000\u0007', undefined],
  ['64 KiB', 'x'.repeat(65_536), 'x'.repeat(64)],
  ['an emoji on the edge', `${'x'.repeat(63)}😀`, 'x'.repeat(63)],
  ['null', null, undefined],
])('a device name with %s is stored clean (A052)', (_, deviceName, stored) => {
  const read = parseRegistrationClaims({ ...registration, deviceName }, all);
  expect(read.ok && !read.value.deny && read.value.deviceName).toBe(stored);
});

test.each([
  null,
  'key',
  { ...xKey, crv: 'P-384' },
  { ...xKey, kty: 'RSA' },
  { ...xKey, d: 'AAAA' },
  { ...xKey, x: xKey.x.slice(1) },
  { ...xKey, y: `${xKey.y}=` },
  { ...xKey, x: 'A'.repeat(10_240) },
  { ...xKey, x: xKey.x.replace(/.$/, 'V') },
])('x_key %j is refused, not passed over (A059)', (key) => {
  expect(parseRegistrationClaims({ ...registration, x_key: key }, all).ok).toBe(false);
});

test('of x_key only the public key is kept', () => {
  const claims = registrationClaims({ ...registration, communicationType: 'relay', deviceType: 'web', xKey });
  const read = parseRegistrationClaims({ ...claims, x_key: { ...xKey, ext: true, key_ops: ['verify'] } }, all);
  expect(read).toEqual({
    ok: true,
    value: { ...registration, deny: false, response: answer, communicationType: 'relay', deviceType: 'web', xKey },
  });
});

test('a registration may be denied with nothing but the response', () => {
  expect(parseRegistrationClaims({ response, deny: true }, all)).toEqual({
    ok: true,
    value: { deny: true, response: answer },
  });
});

const refresh = {
  deviceId: 'fcm-token-EXAMPLE-2',
  deviceName: 'Pixel',
  deviceType: 'android',
  communicationType: 'gcm',
};

test.each(['response', 'deny', 'challengeResponse', 'x_key'])(
  'a refresh with %s is another action replayed (SEC-32)',
  (name) => {
    expect(parseRefreshClaims({ ...refresh, [name]: null }, all).ok).toBe(false);
  },
);

test.each([
  { deviceId: undefined },
  { communicationType: 'x' },
  { deviceType: 'x' },
  { mechanismUid: 'a b' },
  { deviceName: [] },
])('a refresh with %j is refused', (changes) => {
  expect(parseRefreshClaims({ ...refresh, ...changes }, all).ok).toBe(false);
});

test('a refresh says the new token, and one official phone its mechanism too', () => {
  expect(parseRefreshClaims(refresh, all)).toEqual({ ok: true, value: refresh });
  expect(parseRefreshClaims({ ...refresh, mechanismUid: 'M-1' }, all)).toMatchObject({
    value: { mechanismUid: 'M-1' },
  });
});

test('a refresh body may name its user in two ways or not at all', () => {
  const body = { mechanismUid: 'M-1', jwt: 'a.b.c' };
  expect(parseRefreshBody(body)).toEqual({ ok: true, value: body });
  expect(parseRefreshBody({ ...body, username: 'jane', userId: 'j' })).toEqual({
    ok: true,
    value: { ...body, username: 'jane', userId: 'j' },
  });
  expect(parseRefreshBody({ ...body, username: ['jane'] }).ok).toBe(false);
  expect(parseRefreshBody({ jwt: 'a.b.c' }).ok).toBe(false);
  expect(parseRefreshBody({ mechanismUid: 'M-1' }).ok).toBe(false);
});
