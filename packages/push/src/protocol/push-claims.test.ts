import { expect, test } from 'vitest';
import { decodeBase64, utf8Bytes } from './base64.ts';
import {
  apnsPayload,
  fitToProvider,
  gcmPayload,
  ownPhonePayload,
  parseDeliveries,
  parseProviderPayload,
  snsMessage,
} from './provider-payload.ts';
import {
  messageText,
  type PushContent,
  type PushProblem,
  type PushRules,
  parsePushClaims,
  parseWithdrawalClaims,
  pushClaims,
  STRICT_PUSH_RULES,
  withdrawalClaims,
} from './push-claims.ts';

// spec/push-protocol.md §12.2
const content: PushContent = {
  mechanismUid: '0f6a1c52-7f0e-4b0b-9f2d-5d8f5b1c7e21',
  challenge: decodeBase64('SNUBZie5WqrqvLuivVH+M1mEUoXpRJL2M5Ua1N6lBB8=') ?? new Uint8Array(),
  loadBalancerCookie: 'lb=node7',
  text: 'Login attempt from jane at Acme',
  pushType: 'CHALLENGE',
  createdAt: 1760000300000,
  messageTimeout: 120_999,
  userId: 'jane',
  context: { remoteIp: '198.51.100.7' },
  choices: [24, 57, 81],
};
const { choices: _choices, ...unnumbered } = content;
const messageId = 'AUTHENTICATE:c1d4e8f2-3a5b-4c6d-8e7f-90a1b2c3d4e51760000300000';

test('has the claims of the worked example in their order, all of them text', () => {
  expect(Object.entries(pushClaims(content))).toEqual([
    ['u', content.mechanismUid],
    ['l', 'bGI9bm9kZTc='],
    ['c', 'SNUBZie5WqrqvLuivVH+M1mEUoXpRJL2M5Ua1N6lBB8='],
    ['m', content.text],
    ['k', 'challenge'],
    ['i', '1760000300000'],
    ['t', '120'],
    ['d', 'jane'],
    ['p', '{}'],
    ['x', '{"remoteIp":"198.51.100.7"}'],
    ['n', '24,57,81'],
  ]);
});

test('tells our own phone how many digits, and never which (SEC-22)', () => {
  const claims = pushClaims({ ...unnumbered, digits: 6 });
  expect(claims.x_len).toBe('6');
  expect(claims).not.toHaveProperty('n');
  expect(parsePushClaims(claims)).toMatchObject({ value: { pushType: 'CHALLENGE', digits: 6 } });
});

test.each<Partial<PushContent>>([{ challenge: new Uint8Array(31) }, { loadBalancerCookie: '' }])(
  'refuses %j',
  (changes) => {
    expect(() => pushClaims({ ...content, ...changes })).toThrow(RangeError);
  },
);

test('a challenge without numbers is a mistake of ours', () => {
  expect(() => pushClaims(unnumbered)).toThrow(RangeError);
});

test('only a challenge carries numbers', () => {
  expect(pushClaims({ ...content, pushType: 'BIOMETRIC' })).not.toHaveProperty('n');
});

test.each([
  ['12345', '“12345”'],
  ['1e3', '“1e3”'],
  ['true', '“true”'],
  ['a\u202eb\nc', 'ab c'],
])('the text %j is sent as %j', (text, sent) => {
  expect(pushClaims({ ...content, text }).m).toBe(sent);
});

test('fills in names as they are', () => {
  expect(messageText('{{user}} at {{issuer}}, {{user}}', { user: "$&$1\\{{issuer}}$'", issuer: '$$' })).toBe(
    "$&$1\\{{issuer}}$' at $$, $&$1\\{{issuer}}$'",
  );
});

test.each([
  { u: undefined },
  { c: 'AAAA' },
  { c: undefined },
  { n: undefined },
  { n: '24,x' },
  { n: undefined, x_len: '0' },
  { n: undefined, x_len: '99' },
])('a phone drops a push with %j', (changes) => {
  expect(parsePushClaims({ ...pushClaims(content), ...changes }).ok).toBe(false);
});

test('a phone reads what was sent', () => {
  expect(parsePushClaims(pushClaims(content))).toEqual({
    ok: true,
    value: {
      mechanismUid: content.mechanismUid,
      challenge: content.challenge,
      loadBalancerCookie: 'lb=node7',
      text: content.text,
      pushType: 'CHALLENGE',
      createdAt: 1760000300000,
      lifetimeSeconds: 120,
      userId: 'jane',
      customAttributes: '{}',
      context: { remoteIp: '198.51.100.7' },
      choices: [24, 57, 81],
    },
  });
});

test('a phone reads numbers as numbers, an unknown kind as the plain one, and passes over a broken context', () => {
  const { n: _, ...claims } = pushClaims(content);
  expect(parsePushClaims({ ...claims, t: 30, i: 5, k: 'nod', x: '{' })).toMatchObject({
    ok: true,
    value: { lifetimeSeconds: 30, createdAt: 5, pushType: 'DEFAULT' },
  });
});

test.each<[PushProblem, Record<string, unknown>, Partial<PushRules>]>([
  ['not-text', { t: 120 }, { claimsMustBeText: true }],
  ['no-mechanism', { u: '' }, {}],
  ['lifetime', { t: 'long' }, {}],
  ['lifetime', { t: '86401' }, {}],
  ['time', { i: 'soon' }, {}],
  ['challenge', { c: 'AAAA' }, {}],
  ['no-cookie', { l: undefined }, { needsCookie: true }],
  ['type', { k: 'CHALLENGE' }, { typeIgnoresCase: false, unknownType: 'refuse' }],
  ['digits', { n: undefined, x_len: '1' }, {}],
  ['choices', { n: Array(21).fill(7).join() }, {}],
  ['no-number', { n: undefined, x_len: '6' }, { canType: false }],
])('a phone says %s of a push with %j under the rules %j', (reason, changes, rules) => {
  const read = parsePushClaims({ ...pushClaims(content), ...changes }, { ...STRICT_PUSH_RULES, ...rules });
  expect(read).toEqual({ ok: false, reason });
});

test('a phone that is never asked to type takes a challenge without a number, to deny it', () => {
  const rules = { ...STRICT_PUSH_RULES, canType: false, challengeNeedsNumber: false };
  const read = parsePushClaims(pushClaims({ ...unnumbered, digits: 6 }), rules);
  expect(read).toMatchObject({ ok: true, value: { pushType: 'CHALLENGE' } });
  expect(read).not.toHaveProperty('value.digits');
});

const jwt = 'h.p.s';
const delivery = { messageId, message: jwt, text: content.text, pushType: 'CHALLENGE' } as const;

test('the Android payload has the documented shape', () => {
  expect(gcmPayload(delivery)).toBe(`{"priority":"high","data":{"message":"${jwt}","messageId":"${messageId}"}}`);
});

test('the iOS payload has the documented shape and the names of the newer SDK', () => {
  expect(JSON.parse(apnsPayload(delivery))).toEqual({
    aps: {
      alert: content.text,
      sound: 'default',
      category: 'authentication_challenge',
      'interruption-level': 'time-sensitive',
      messageId,
      data: jwt,
      'content-available': 1,
      'mutable-content': 1,
    },
    messageId,
    message: jwt,
  });
});

test('the names of the newer SDK go when they do not fit', () => {
  const long = { ...delivery, message: 'x'.repeat(3000) };
  expect(Object.keys(JSON.parse(apnsPayload(long)))).toEqual(['aps']);
});

test('the SNS message is text in JSON, the same for both Apple environments, without subject', () => {
  const message = JSON.parse(snsMessage(delivery));
  expect(Object.keys(message)).toEqual(['default', 'GCM', 'APNS', 'APNS_SANDBOX']);
  expect(message.default).toBe(content.text);
  expect(message.GCM).toBe(gcmPayload(delivery));
  expect(message.APNS).toBe(apnsPayload(delivery));
  expect(message.APNS_SANDBOX).toBe(message.APNS);
});

test.each([
  ['GCM', gcmPayload(delivery)],
  ['APNS', apnsPayload(delivery)],
  ['APNS without the newer names', JSON.stringify({ aps: { messageId, data: jwt } })],
  ['FCM v1', JSON.stringify({ message: { token: 't', data: { messageId, message: jwt } } })],
  ['our own', ownPhonePayload(delivery)],
])('a phone reads the %s payload', (_, text) => {
  expect(parseProviderPayload(text)).toEqual({ ok: true, value: { messageId, message: jwt } });
});

test.each(['', '[]', 'null', '{}', '{"data":{"messageId":1,"message":"x"}}', '{"aps":{"messageId":"x"}}'])(
  'a phone refuses the payload %s',
  (text) => {
    expect(parseProviderPayload(text).ok).toBe(false);
  },
);

test('an SNS publish delivers a message for each provider', () => {
  expect(parseDeliveries(snsMessage(delivery))).toEqual([
    { via: 'gcm', messageId, message: jwt },
    { via: 'apns', messageId, message: jwt },
  ]);
});

const sized = (changes: Partial<PushContent>, communicationType: 'gcm' | 'apns' | 'webpush') => {
  const fitted = fitToProvider(pushClaims({ ...content, ...changes }), {
    messageId,
    pushType: 'CHALLENGE',
    communicationType,
  });
  const payload = Math.ceil((utf8Bytes(JSON.stringify(fitted.claims)).length * 4) / 3);
  const message = 'A'.repeat(36 + 1 + payload + 1 + 43);
  const made = { ...delivery, message, text: fitted.claims.m ?? '' };
  const text = { gcm: gcmPayload(made), apns: apnsPayload(made), webpush: ownPhonePayload(made) }[communicationType];
  return { ...fitted, size: utf8Bytes(text).length };
};
const big = (length: number) => ({ note: 'x'.repeat(length) });

test('a message that fits is left alone', () => {
  expect(sized({}, 'apns').dropped).toEqual([]);
});

test.each(['gcm', 'apns', 'webpush'] as const)(
  'drops attributes, then context, then the end of the text for %s',
  (type) => {
    const attributes = sized({ customAttributes: big(3000) }, type);
    expect(attributes.dropped).toEqual(['customAttributes']);
    expect(attributes.claims).toHaveProperty('x');
    const context = sized({ customAttributes: big(3000), context: { userAgent: 'y'.repeat(3000) } }, type);
    expect(context.dropped).toEqual(['customAttributes', 'context']);
    const text = sized({ userId: 'z'.repeat(1200), text: '😀'.repeat(500) }, type);
    expect(text.dropped).toEqual(['customAttributes', 'context', 'text']);
    expect(text.claims.m).toMatch(/^(?:😀)+…$/u);
    for (const { size } of [attributes, context, text])
      expect(size).toBeLessThanOrEqual(type === 'webpush' ? 3993 : 4096);
    // As long as it can be: one more emoji is at most 10 bytes more, in the alert and in the JWT.
    expect(text.size).toBeGreaterThan((type === 'webpush' ? 3993 : 4096) - 12);
  },
);

test('a message that cannot fit is a mistake, not a silent loss', () => {
  expect(() => sized({ userId: 'z'.repeat(4000) }, 'gcm')).toThrow(RangeError);
});

const withdrawal = { mechanismUid: 'mechanism-1', messageId: 'AUTHENTICATE:1' };

test('a phone reads which request is withdrawn', () => {
  expect(parseWithdrawalClaims(withdrawalClaims(withdrawal))).toEqual({ ok: true, value: withdrawal });
});

test.each([
  undefined,
  null,
  'x',
  [],
  {},
  { u: 'mechanism-1' },
  { u: 'mechanism-1', x_withdrawn: 1 },
  { x_withdrawn: 'A:1' },
])('%j is no withdrawal', (claims) => {
  expect(parseWithdrawalClaims(claims)).toMatchObject({ ok: false });
});

test('no phone takes it for a request, however little it asks for, since there is no challenge in it', () => {
  const lenient = { ...STRICT_PUSH_RULES, challengeNeedsNumber: false };
  expect(parsePushClaims(withdrawalClaims(withdrawal), lenient)).toEqual({ ok: false, reason: 'challenge' });
});
