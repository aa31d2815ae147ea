import { simulatedClock } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { verifyHs256 } from '../jose/index.ts';
import type { PushDevice } from '../model/devices.ts';
import type { PushEnvelope } from '../model/messages.ts';
import { decodeJwsPayload, parseWithdrawalClaims } from '../protocol/index.ts';
import { ProviderCalls } from './provider-calls.ts';
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

const SENT: SendResult = { status: 'sent' };

/** What withdrawals to a phone go by, and what has come to its push service. */
const world = (stored: PushDevice | undefined, hasTransport = true) => {
  const clock = simulatedClock(NOW);
  const service: { readonly sent: PushEnvelope[]; result: SendResult } = { sent: [], result: SENT };
  const transport: PushTransport = {
    serves: () => true,
    isPulled: false,
    register: () => Promise.reject(new TypeError('nothing is registered')),
    async send(envelope) {
      service.sent.push(envelope);
      return service.result;
    },
  };
  const calls = new ProviderCalls({ clock, log: { warn: () => undefined } });
  const withdraw = () =>
    sendWithdrawal(
      {
        devices: { get: async (uuid) => (uuid === stored?.uuid ? stored : undefined) },
        transports: { find: () => (hasTransport ? transport : undefined) },
        calls,
        clock,
      },
      withdrawal,
    );
  return { clock, service, transport, calls, withdraw };
};

const sending = async (
  stored: PushDevice | undefined,
  given: { readonly afterMillis?: number; readonly hasTransport?: boolean; readonly result?: SendResult } = {},
) => {
  const { clock, service, withdraw } = world(stored, given.hasTransport);
  clock.advance(given.afterMillis ?? 0);
  service.result = given.result ?? SENT;
  return { came: await withdraw(), sent: service.sent };
};

test.each([
  ['a phone that is gone', undefined, {}, 'PhoneGone'],
  ['a phone that is not rung any more', { ...device, communicationType: 'relay' }, {}, 'NotRung'],
  ['a realm without push', device, { hasTransport: false }, 'NotRung'],
  ['a request that has run out', device, { afterMillis: 60_000 }, 'RunOut'],
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

test('a push service that is down is asked for neither messages nor withdrawals, whichever has found it out (OPS-45)', async () => {
  const down: SendResult = { status: 'failed', permanent: false, cause: 'PushService503', blame: 'provider' };
  const open = { status: 'failed', cause: 'BreakerOpen', blame: 'provider', retryAfterMillis: 30_000 };
  const { clock, service, transport, calls, withdraw } = world(device);
  const envelope = { ...withdrawal, communicationType: 'webpush', communicationId: 'webpush:new', jwt: '', text: '' };
  const message = () => calls.send(transport, '/alpha', { ...envelope, pushType: 'DEFAULT' });
  service.result = down;
  for (let n = 0; n < 5; n += 1) expect(await message()).toEqual(down);
  expect(await withdraw()).toMatchObject(open);
  expect(service.sent).toHaveLength(5);

  clock.advance(30_000);
  expect(await withdraw()).toEqual(down);
  expect([await withdraw(), await message()]).toMatchObject([open, open]);
  expect(service.sent).toHaveLength(6);

  clock.advance(29_999);
  service.result = SENT;
  expect(await message()).toMatchObject({ ...open, retryAfterMillis: 1 });
  clock.advance(1);
  // The request has run out meanwhile; the next message tries whether the service is up again.
  expect([await withdraw(), await message()]).toEqual([{ status: 'needless', cause: 'RunOut' }, SENT]);
});
