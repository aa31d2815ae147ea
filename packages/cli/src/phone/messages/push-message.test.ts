import { describe, expect, test } from 'vitest';
import type { PushAccount } from '../account/account-store.ts';
import { PERSONAS } from '../account/personas.ts';
import { PhoneError } from '../account/phone-error.ts';
import { pushClaims, pushJwt, VECTOR } from '../testing/wire-fixtures.ts';
import { accountOf, deliveryFor, openMessage, readDeliveries } from './push-message.ts';

const NOW = VECTOR.sentAt + 5000;
const account: PushAccount = {
  kind: 'push',
  id: '0f6a1c52',
  persona: 'assent',
  issuer: 'Acme',
  name: 'jane',
  key: VECTOR.key,
  mechanismUid: VECTOR.mechanismUid,
  deviceId: 'd',
  deviceName: 'Pixel of Jane',
  registerUrl: 'https://id.example.net/am/json/staff/push/sns/message?_action=register',
  authenticateUrl: 'https://id.example.net/am/json/staff/push/sns/message?_action=authenticate',
  addedAt: 0,
  clockOffsetMillis: 0,
  answered: [],
};
const as = (persona: PushAccount['persona']): PushAccount => ({ ...account, persona });

function codeOf(jwt: string, to: PushAccount = account, now = NOW): string {
  try {
    openMessage({ messageId: VECTOR.messageId, message: jwt }, to, now);
  } catch (error) {
    if (error instanceof PhoneError) return error.code;
    throw error;
  }
  return 'opened';
}

const claims = (changes: Record<string, unknown>): string =>
  pushJwt(pushClaims(VECTOR.mechanismUid, VECTOR.sentAt, changes));

describe('a message is refused (SEC-28, A165) when', () => {
  test.each([
    [
      'it is signed by another key',
      pushJwt(pushClaims(VECTOR.mechanismUid, VECTOR.sentAt), { key: Buffer.alloc(32).toString('base64') }),
      'BAD_SIGNATURE',
    ],
    ['it is not signed', `${VECTOR.pushJwt.split('.').slice(0, 2).join('.')}.`, 'BAD_SIGNATURE'],
    [
      'its algorithm is none',
      pushJwt(pushClaims(VECTOR.mechanismUid, VECTOR.sentAt), { header: { typ: 'JWT', alg: 'none' } }),
      'BAD_SIGNATURE',
    ],
    [
      'its algorithm is HS384',
      pushJwt(pushClaims(VECTOR.mechanismUid, VECTOR.sentAt), { header: { typ: 'JWT', alg: 'HS384' } }),
      'BAD_SIGNATURE',
    ],
    ['its header is not JSON', `eA.${VECTOR.pushJwt.split('.').slice(1).join('.')}`, 'BAD_SIGNATURE'],
    ['it has a fourth part', `${VECTOR.pushJwt}.e30`, 'BAD_SIGNATURE'],
    ['it is longer than 8 KiB', claims({ m: 'x'.repeat(9000) }), 'BAD_MESSAGE'],
    ['it is for another device', claims({ u: 'another' }), 'UNKNOWN_MECHANISM'],
    ['its lifetime is negative', claims({ t: '-5' }), 'BAD_MESSAGE'],
    ['its lifetime is zero', claims({ t: '0' }), 'BAD_MESSAGE'],
    ['its lifetime is a year', claims({ t: '31536000' }), 'BAD_MESSAGE'],
    ['its lifetime is no number', claims({ t: 'long' }), 'BAD_MESSAGE'],
    ['it comes from the year 9999', claims({ i: '253402214400000' }), 'BAD_MESSAGE'],
    ['its challenge has 31 bytes', claims({ c: Buffer.alloc(31).toString('base64') }), 'BAD_MESSAGE'],
    [
      'its challenge spells a JWT',
      claims({ c: Buffer.from('eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30').toString('base64') }),
      'BAD_MESSAGE',
    ],
    ['it has no challenge', claims({ c: undefined }), 'BAD_MESSAGE'],
    ['its choices are words', claims({ n: 'a,b' }), 'BAD_MESSAGE'],
    ['it wants one digit', claims({ x_len: '1' }), 'BAD_MESSAGE'],
    ['it wants twenty digits', claims({ x_len: '20' }), 'BAD_MESSAGE'],
    ['its type is unknown', claims({ k: 'telepathy' }), 'BAD_MESSAGE'],
  ])('%s', (_name, jwt, code) => {
    expect(codeOf(jwt)).toBe(code);
  });

  test('it has run out, by the server’s clock and not by ours (A168)', () => {
    const twoDays = 2 * 86_400_000;
    expect(codeOf(VECTOR.pushJwt, account, VECTOR.sentAt + 120_001)).toBe('EXPIRED');
    expect(codeOf(VECTOR.pushJwt, { ...account, clockOffsetMillis: -twoDays }, NOW + twoDays)).toBe('opened');
    expect(codeOf(VECTOR.pushJwt, { ...account, clockOffsetMillis: twoDays }, NOW - twoDays)).toBe('opened');
  });

  test('it was answered before', () => {
    const answered = [{ messageId: VECTOR.messageId, expiresAt: VECTOR.sentAt + 120_000 }];
    expect(codeOf(VECTOR.pushJwt, { ...account, answered })).toBe('ALREADY_ANSWERED');
  });
});

describe('the official phones drop what their makers drop (push-protocol.md 10)', () => {
  test.each([
    ['ios4', { l: undefined }, 'BAD_MESSAGE'],
    ['ios4', { t: 120 }, 'BAD_MESSAGE'],
    ['android4', { i: VECTOR.sentAt }, 'BAD_MESSAGE'],
    ['ping-android', { k: 'telepathy' }, 'BAD_MESSAGE'],
    ['ping-ios', { k: 'telepathy' }, 'opened'],
    ['android4', { k: 'telepathy' }, 'opened'],
    ['ping-android', { t: 120 }, 'opened'],
  ] as const)('%s with %j: %s', (persona, changes, code) => {
    expect(codeOf(claims(changes), as(persona))).toBe(code);
  });
});

test('the worked example opens with its choices and its origin (push-protocol.md 12.2)', () => {
  expect(openMessage({ messageId: VECTOR.messageId, message: VECTOR.pushJwt }, as('android4'), NOW)).toMatchObject({
    message: 'Login attempt from jane at Acme',
    pushType: 'challenge',
    choices: ['24', '57', '81'],
    digits: undefined,
    sentAt: VECTOR.sentAt,
    expiresAt: VECTOR.sentAt + 120_000,
    context: { remoteIp: '198.51.100.7' },
    loadBalancerCookie: 'lb=node7',
    userId: 'jane',
  });
});

test('our own phone is told how many digits to type (design.md 3.1)', () => {
  const delivery = { messageId: VECTOR.messageId, message: claims({ x_len: '6' }) } as const;
  expect(openMessage(delivery, account, NOW).digits).toBe(6);
});

test('a message of unknown lifetime and time counts two minutes from now', () => {
  const delivery = { messageId: VECTOR.messageId, message: claims({ i: undefined, t: undefined }) } as const;
  expect(openMessage(delivery, account, NOW).expiresAt).toBe(NOW + 120_000);
});

describe('payloads', () => {
  const gcm = { priority: 'high', data: { message: 'jwt-a', messageId: 'id-a' } };
  const apns = { aps: { alert: 'x', messageId: 'id-i', data: 'jwt-i', 'content-available': 1 } };

  test.each([
    ['GCM', gcm, [{ via: 'gcm', messageId: 'id-a', message: 'jwt-a' }]],
    ['FCM v1', { message: { token: 't', data: gcm.data } }, [{ via: 'gcm', messageId: 'id-a', message: 'jwt-a' }]],
    ['APNs', apns, [{ via: 'apns', messageId: 'id-i', message: 'jwt-i' }]],
    [
      'APNs with the top-level pair',
      { ...apns, messageId: 'id-i', message: 'jwt-i' },
      [{ via: 'apns', messageId: 'id-i', message: 'jwt-i' }],
    ],
    ['a relay item', { messageId: 'id-r', message: 'jwt-r' }, [{ via: 'relay', messageId: 'id-r', message: 'jwt-r' }]],
  ])('%s is read', (_name, payload, expected) => {
    expect(readDeliveries(JSON.stringify(payload))).toEqual(expected);
  });

  test('an SNS publish gives each phone its own part', () => {
    const found = readDeliveries(
      JSON.stringify({ default: 'x', GCM: JSON.stringify(gcm), APNS: JSON.stringify(apns) }),
    );
    expect(deliveryFor(found, PERSONAS.android4)?.message).toBe('jwt-a');
    expect(deliveryFor(found, PERSONAS['ping-ios'])?.message).toBe('jwt-i');
  });

  test('an Android phone does not read an Apple payload', () => {
    expect(deliveryFor(readDeliveries(JSON.stringify(apns)), PERSONAS['ping-android'])).toBeUndefined();
  });

  test.each([
    '',
    'null',
    '[]',
    '{"data":{"message":"m"}}',
    '{"aps":{"data":"m","messageId":7}}',
    `{"messageId":"a\\n","message":"m"}`,
  ])('no message is found in %s', (text) => {
    expect(() => readDeliveries(text)).toThrow(/no message/);
  });
});

test('the account is found by the mechanism, case included, and never guessed', () => {
  expect(accountOf(VECTOR.pushJwt, [account])).toBe(account);
  expect(accountOf(VECTOR.pushJwt, [{ ...account, mechanismUid: VECTOR.mechanismUid.toUpperCase() }])).toBeUndefined();
  expect(accountOf('rubbish', [account])).toBeUndefined();
});
