import { describe, expect, test } from 'vitest';
import { pushWorld } from '../testing/stored/push-world.ts';

const official = { communicationType: 'gcm', deviceType: 'android' } as const;

describe('a provider that is down', () => {
  const down = { permanent: false, cause: 'Http503', blame: 'provider' } as const;

  test('is left alone after five messages, which other realms and phones do not notice (OPS-45, F27)', async () => {
    const { registeredPhone, sendTo, provider, dispatcher, ports, clock, warnings, events, sent } = pushWorld();
    for (let n = 0; n < 5; n += 1) await registeredPhone(official);
    let calls = 0;
    const { send } = provider;
    provider.send = (envelope) => {
      calls += 1;
      return send(envelope);
    };
    provider.failure = down;
    const failed = await sendTo();
    await dispatcher.idle();
    clock.advance(20_000);
    const deferred = await sendTo({ journeyId: 'journey-2' });
    await dispatcher.idle();
    const deliveries = ({ rows }: typeof failed) => [...new Set(rows.map(({ id }) => ports.row(id).delivery))];
    expect([deliveries(failed), deliveries(deferred)]).toEqual([['failed'], ['queued']]);
    expect(calls).toBe(5);
    expect(events().filter((it) => it.startsWith('PUSH_DEFERRED'))).toEqual(Array(5).fill('PUSH_DEFERRED BreakerOpen'));
    expect(warnings.filter(({ msg }) => msg === 'A push provider is down, and left alone for a while.')).toHaveLength(
      1,
    );
    expect(sent).toEqual([]);
  });

  test('gets a message that was put off once it may, by whichever instance is there (OPS-44, REL-08, F28)', async () => {
    const { registeredPhone, sendTo, provider, dispatcher, dispatcherOf, ports, clock, events, sent } = pushWorld();
    await registeredPhone(official);
    provider.failure = { ...down, cause: 'Http429', retryAfterMillis: 60_000 };
    const { messageId } = await sendTo();
    await dispatcher.idle();
    const now = clock.now();
    expect(ports.row(messageId)).toMatchObject({ delivery: 'queued', nextTryAt: now + 60_000 });
    expect(events().at(-1)).toBe('PUSH_DEFERRED Http429');
    provider.failure = undefined;
    const other = dispatcherOf('instance-2');
    clock.advance(59_999);
    expect(await Promise.all([dispatcher.recover(), other.recover()])).toEqual([0, 0]);
    clock.advance(1);
    expect(await other.recover()).toBe(1);
    await other.idle();
    expect(sent).toEqual([messageId]);
    expect(ports.row(messageId).delivery).toBe('sent');
  });

  test('and wants to be left alone beyond the life of a message never gets it', async () => {
    const { registeredPhone, sendTo, provider, dispatcher, ports, events } = pushWorld();
    await registeredPhone(official);
    provider.failure = { ...down, cause: 'Http429', retryAfterMillis: 105_000 };
    const { messageId } = await sendTo();
    await dispatcher.idle();
    expect(ports.row(messageId).delivery).toBe('failed');
    expect(events().at(-1)).toBe('PUSH_FAILED Http429');
  });

  test('and says no to a realm only, marks no phone as dead (F29)', async () => {
    const { registeredPhone, sendTo, provider, dispatcher, events } = pushWorld();
    await registeredPhone(official);
    provider.failure = { permanent: false, cause: 'UNAUTHENTICATED', blame: 'credentials' };
    await sendTo();
    await dispatcher.idle();
    expect(events().at(-1)).toBe('PUSH_FAILED UNAUTHENTICATED');
    expect(events().join()).not.toContain('DEVICE_CHANNEL_DEAD');
  });

  test('keeps a deferral that could not be committed for the next round, and sends nothing meanwhile', async () => {
    const { registeredPhone, sendTo, provider, dispatcher, ports, clock, sent } = pushWorld();
    await registeredPhone(official);
    provider.failure = { ...down, retryAfterMillis: 10_000 };
    ports.beforeCommit = (changes) => {
      if (changes.some(({ type }) => type === 'push.defer')) throw new Error('the disk is full');
    };
    const { messageId } = await sendTo();
    await dispatcher.idle();
    provider.failure = undefined;
    ports.beforeCommit = undefined;
    clock.advance(2_000);
    expect(await dispatcher.recover()).toBe(0);
    await dispatcher.idle();
    expect(ports.row(messageId)).toMatchObject({ delivery: 'queued', claim: { until: 0 } });
    clock.advance(8_001);
    expect(await dispatcher.recover()).toBe(1);
    await dispatcher.idle();
    expect(sent).toEqual([messageId]);
  });
});
