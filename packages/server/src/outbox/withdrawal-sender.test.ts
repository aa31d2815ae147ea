import type { OutboxRow } from '@assent/engine/host';
import type { SendResult } from '@assent/push';
import { expect, test } from 'vitest';
import { withdrawalSender } from './withdrawal-sender.ts';

const NOW = 1_760_000_300_000;
const row: OutboxRow = {
  id: 'withdrawal.1',
  kind: 'withdrawal',
  realm: '/',
  recipient: 'device-1',
  userId: 'user-1',
  payload: JSON.stringify({ messageId: 'AUTHENTICATE:1', deviceUuid: 'device-1', expiresAt: NOW + 60_000 }),
  tries: 1,
  firstTriedAt: NOW,
  nextTryAt: NOW + 30_000,
};
const device = {
  realm: '/',
  communicationType: 'webpush',
  communicationId: 'webpush:1',
  mechanismUid: 'mechanism-1',
  secret: new Uint8Array(32),
};

/** A sender whose push service answers so; without an answer the phone is gone. */
const senderOf = (result?: SendResult) =>
  withdrawalSender({
    devices: { get: async () => (result === undefined ? undefined : (device as never)) },
    transports: { find: () => ({}) as never },
    calls: { send: async () => result as SendResult },
    clock: { now: () => NOW },
  });

test.each([
  [undefined, { status: 'settled', outcome: 'PhoneGone' }],
  [{ status: 'sent' }, { status: 'settled', outcome: 'sent' }],
  [
    { status: 'failed', permanent: true, cause: 'SubscriptionGone' },
    { status: 'refused', cause: 'SubscriptionGone' },
  ],
  [
    { status: 'failed', permanent: false, cause: 'PushService429', retryAfterMillis: 5_000 },
    { status: 'failed', cause: 'PushService429', retryAfterMillis: 5_000 },
  ],
] as const)('of %j comes %j', async (result, sent) => {
  expect(await senderOf(result).send(row)).toEqual(sent);
});

test('it is tried until its request would have run out, and not kept beyond that (OPS-44)', () => {
  const sender = senderOf();
  expect(sender.triedUntil({ ...row, firstTriedAt: NOW + 50_000 })).toBe(NOW + 60_000);
  expect(sender.keepsGivenUp).toBe(false);
});

test('the trail says of whose phone, and holds no id of a message', () => {
  const change = senderOf().audit(row, NOW, 'sent');
  expect(change).toMatchObject({
    type: 'audit.append',
    event: { event: 'PUSH_WITHDRAWN', realm: '/', userId: 'user-1', outcome: 'sent', detail: { device: 'device-1' } },
  });
  expect(JSON.stringify(change)).not.toContain('AUTHENTICATE:1');
});
