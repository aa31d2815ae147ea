import { expect, test } from 'vitest';
import { verifyHs256 } from '../jose/index.ts';
import type { PushDevice } from '../model/devices.ts';
import type { PushEnvelope } from '../model/messages.ts';
import { decodeJwsPayload, parseWithdrawalClaims } from '../protocol/index.ts';
import type { PushTransport, SendResult } from './push-transport.ts';
import { sendWithdrawal } from './send-withdrawal.ts';

const NOW = 1_760_000_300_000;
const withdrawal = { messageId: 'AUTHENTICATE:1', deviceUuid: 'device-1', expiresAt: NOW + 60_000 };
const device: PushDevice = {
  uuid: 'device-1',
  realm: '/alpha',
  userId: 'user-1',
  username: 'jane',
  deviceName: 'Chrome',
  issuer: 'Acme',
  secret: new Uint8Array(32).fill(7),
  mechanismUid: 'mechanism-1',
  deviceId: '{}',
  deviceType: 'web',
  communicationType: 'webpush',
  communicationId: 'webpush:new',
  createdAt: NOW,
  lastAccessAt: NOW,
  refreshHashes: [],
  rev: 0,
};

const sending = async (
  stored: PushDevice | undefined,
  given: { readonly now?: number; readonly hasTransport?: boolean; readonly result?: SendResult } = {},
) => {
  const { now = NOW, hasTransport = true, result = { status: 'sent' } } = given;
  const sent: PushEnvelope[] = [];
  const transport: PushTransport = {
    serves: () => true,
    isPulled: false,
    register: () => Promise.reject(new TypeError('nothing is registered')),
    async send(envelope) {
      sent.push(envelope);
      return result;
    },
  };
  const came = await sendWithdrawal(
    {
      devices: { get: async (uuid) => (uuid === stored?.uuid ? stored : undefined) },
      transports: { find: () => (hasTransport ? transport : undefined) },
      clock: { now: () => now },
    },
    withdrawal,
  );
  return { came, sent };
};

test.each([
  ['a phone that is gone', undefined, {}, 'PhoneGone'],
  ['a phone that is not rung any more', { ...device, communicationType: 'relay' }, {}, 'NotRung'],
  ['a realm without push', device, { hasTransport: false }, 'NotRung'],
  ['a request that has run out', device, { now: withdrawal.expiresAt }, 'RunOut'],
] as const)('nothing is sent to %s', async (_whom, stored, given, cause) => {
  expect(await sending(stored, given)).toEqual({ came: { status: 'needless', cause }, sent: [] });
});

test('it goes to the address of now under the id of the request, signed by the key of the phone', async () => {
  const { came, sent } = await sending(device);
  expect(came).toEqual({ status: 'sent' });
  expect(sent).toMatchObject([
    { messageId: 'AUTHENTICATE:1', communicationId: 'webpush:new', expiresAt: NOW + 60_000, text: '' },
  ]);
  const verified = verifyHs256(sent[0]?.jwt ?? '', device.secret);
  const claims = verified.ok ? decodeJwsPayload(verified.value.payload) : verified;
  expect(claims.ok && parseWithdrawalClaims(claims.value)).toEqual({
    ok: true,
    value: { mechanismUid: 'mechanism-1', messageId: 'AUTHENTICATE:1' },
  });
});

test('what the provider says is handed on', async () => {
  const result = { status: 'failed', permanent: false, cause: 'PushService503', retryAfterMillis: 9_000 } as const;
  expect((await sending(device, { result })).came).toEqual(result);
});
