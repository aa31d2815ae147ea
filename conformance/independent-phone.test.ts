import { expect, test } from 'vitest';
import { readPush, readRegistrationUri, signHs256, solve } from './support/phone.ts';
import { VECTORS } from './support/phone-vectors.ts';

// The phone of the walks shares no line with ours. Both come out at the same bytes: those of the worked examples, which ours are held
// to in their own tests, and a started server takes what this one sends (walks-over-http.test.ts).

const secret = Buffer.from(VECTORS.key, 'base64');
const code = readRegistrationUri(VECTORS.uri);
const push = readPush(VECTORS.messageId, VECTORS.pushJwt);
const response = solve(push.challenge, secret);

test('reads the code of a registration (push-protocol §12.1)', () => {
  expect(code).toMatchObject({
    label: 'Acme:jane',
    messageId: VECTORS.registerMessageId,
    registerUrl: 'https://id.example.net/am/json/staff/push/sns/message?_action=register',
    authenticateUrl: 'https://id.example.net/am/json/staff/push/sns/message?_action=authenticate',
  });
  expect(code.secret).toEqual(secret);
});

test('reads the challenge of a push, whose signature is that of the shared key (§12.2)', () => {
  expect(push.claims).toMatchObject({
    u: VECTORS.mechanismUid,
    k: 'challenge',
    n: '24,57,81',
    i: String(VECTORS.sentAt),
  });
  expect(signHs256(push.claims, secret)).toBe(VECTORS.pushJwt);
});

test.each([
  [
    'a registration',
    VECTORS.registerJwt,
    {
      deviceId: 'fcm-token-EXAMPLE',
      deviceName: 'Pixel of Jane',
      deviceType: 'android',
      communicationType: 'gcm',
      mechanismUid: VECTORS.mechanismUid,
      response: solve(code.challenge, secret),
    },
  ],
  ['an approval', VECTORS.approvalJwt, { response, challengeResponse: '57' }],
  ['a denial', VECTORS.denialJwt, { response, deny: true }],
  [
    'a new token',
    VECTORS.refreshJwt,
    { deviceId: 'fcm-token-EXAMPLE-2', deviceName: 'Pixel of Jane', deviceType: 'android', communicationType: 'gcm' },
  ],
])('signs %s byte for byte (§12)', (_what, jwt, claims) => {
  expect(signHs256(claims, secret)).toBe(jwt);
});
