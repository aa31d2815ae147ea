import { describe, expect, test } from 'vitest';
import { pushWorld } from '../testing/stored/push-world.ts';
import { phoneHint, requestHint } from './hints.ts';

const official = { communicationType: 'gcm', deviceType: 'android' } as const;

describe('a phone whose provider calls its address dead (OPS-49, REL-09)', () => {
  const DEAD = { permanent: true, cause: 'UNREGISTERED' } as const;
  const withDeadPhone = async () => {
    const world = pushWorld();
    const phone = await world.registeredPhone(official);
    world.provider.failure = DEAD;
    const { rows } = await world.sendTo();
    await world.dispatcher.idle();
    const device = () => {
      const found = world.ports.device(rows[0]?.deviceUuid ?? '');
      if (found === undefined) throw new Error('the device is there');
      return found;
    };
    return { ...world, phone, row: rows[0], device };
  };

  test('is marked, keeps its key, and its user is told once; nothing written has the address (SEC-79)', async () => {
    const { clock, device, events, ports, row, warnings } = await withDeadPhone();
    expect(device()).toMatchObject({ channelDeadAt: clock.now(), secret: expect.any(Uint8Array) });
    expect(ports.row(row?.id ?? '')).toMatchObject({ delivery: 'unreachable', state: 'pending' });
    expect(events().slice(-2)).toEqual(['DEVICE_CHANNEL_DEAD UNREGISTERED', 'PUSH_FAILED UNREGISTERED']);
    const written = JSON.stringify([ports.audit, warnings]);
    expect(written).not.toContain(row?.envelope?.communicationId);
    expect(written).not.toContain(row?.id);
  });

  test('is told to the page that waits for it, once it can be read (OPS-49)', async () => {
    const { hints, ports, provider, registeredPhone, sendTo, dispatcher } = pushWorld();
    await registeredPhone(official);
    provider.failure = DEAD;
    const woken: unknown[] = [];
    const { rows } = await sendTo();
    const id = rows[0]?.id ?? '';
    hints.subscribe(requestHint(id), () => woken.push(ports.row(id)?.delivery));
    await dispatcher.idle();
    await Promise.resolve();
    expect(woken).toEqual(['unreachable']);
  });

  test('is not rung any more, and can answer what it fetches by itself', async () => {
    const { provider, sendTo, sent, dispatcher, events, phone, call, clock } = await withDeadPhone();
    provider.failure = undefined;
    const before = events().length;
    const { rows, rowFor } = await sendTo({ journeyId: 'journey-2' });
    await dispatcher.idle();
    clock.advance(4_001);
    expect(await dispatcher.recover()).toBe(0);
    expect(sent).toEqual([]);
    expect(rows).toMatchObject([{ delivery: 'unreachable', state: 'pending' }]);
    expect(events().slice(before)).toEqual(['PUSH_SENT']);
    const { id, jwt } = rowFor(phone);
    expect(await call('authenticate', phone.answer(id, jwt, { now: clock.now() }))).toMatchObject({ status: 200 });
  });

  test('wakes the phone where it is open at this moment', async () => {
    const { sendTo, hints, device, user } = await withDeadPhone();
    let woken = 0;
    hints.subscribe(phoneHint({ userId: user.id, deviceUuid: device().uuid }), () => {
      woken += 1;
    });
    await sendTo({ journeyId: 'journey-2' });
    expect(woken).toBe(1);
  });

  test('counts as a failed delivery where the journey wants to know', async () => {
    const { send } = await withDeadPhone();
    const { result } = await send({ journeyId: 'journey-2', waitForProvider: true });
    expect(result).toEqual({ status: 'refused', cause: 'AddressDead' });
  });

  test('does not keep another phone of the user from being rung', async () => {
    const { registeredPhone, provider, sendTo, send, sent, dispatcher } = await withDeadPhone();
    provider.failure = undefined;
    await registeredPhone(official);
    const { rows } = await sendTo({ journeyId: 'journey-2' });
    await dispatcher.idle();
    expect(sent).toHaveLength(1);
    expect(rows.map(({ delivery }) => delivery).sort()).toEqual(['queued', 'unreachable']);
    expect((await send({ journeyId: 'journey-3', waitForProvider: true })).result).toMatchObject({ status: 'sent' });
  });

  test.each([
    ['with a new token', { deviceId: 'fresh' }],
    ['with the token that it had', {}],
  ])('is rung again once it has refreshed, %s', async (_what, claims) => {
    const { call, phone, provider, clock, device, sendTo, sent, dispatcher } = await withDeadPhone();
    provider.failure = undefined;
    const refresh = phone.refresh(clock.now(), claims);
    expect(await call('refresh', refresh)).toEqual({ status: 200 });
    expect(device()).not.toHaveProperty('channelDeadAt');
    provider.failure = DEAD;
    await sendTo({ journeyId: 'journey-2' });
    await dispatcher.idle();
    expect(device()).toHaveProperty('channelDeadAt');
    // Apps have neither time nor nonce in it, and send the very same text at each start.
    provider.failure = undefined;
    expect(await call('refresh', refresh)).toEqual({ status: 200 });
    expect(device()).not.toHaveProperty('channelDeadAt');
    expect(device().refreshHashes).toHaveLength(1);
    await sendTo({ journeyId: 'journey-3' });
    await dispatcher.idle();
    expect(sent).toHaveLength(1);
  });

  test('is not marked for an address that it has left meanwhile', async () => {
    const { registeredPhone, provider, sendTo, dispatcher, call, clock, ports, user, events } = pushWorld();
    const phone = await registeredPhone(official);
    let answer = () => {};
    provider.send = () =>
      new Promise((resolve) => {
        answer = () => resolve({ status: 'failed', ...DEAD });
      });
    await sendTo();
    expect(await call('refresh', phone.refresh(clock.now(), { deviceId: 'fresh' }))).toEqual({ status: 200 });
    answer();
    await dispatcher.idle();
    const [device] = await ports.devices.ofUser(user.id);
    expect(device).not.toHaveProperty('channelDeadAt');
    expect(events().at(-1)).toBe('PUSH_FAILED UNREGISTERED');
  });

  test('is marked once by all who find it out at the same time', async () => {
    const { ports, sendTo, provider, dispatcher, dispatcherOf, registeredPhone, user, events } = pushWorld();
    await registeredPhone(official);
    const { rows } = await sendTo();
    await dispatcher.idle();
    provider.failure = DEAD;
    const others = [dispatcherOf('instance-2'), dispatcherOf('instance-3')];
    for (const other of others) other.dispatch(rows);
    await Promise.all(others.map((other) => other.idle()));
    expect(await ports.devices.ofUser(user.id)).toMatchObject([{ channelDeadAt: expect.any(Number) }]);
    expect(events().filter((event) => event.startsWith('DEVICE_CHANNEL_DEAD'))).toHaveLength(1);
  });

  test('is marked also where somebody renames it meanwhile', async () => {
    const { ports, sendTo, provider, dispatcher, registeredPhone, user } = pushWorld();
    await registeredPhone(official);
    provider.failure = DEAD;
    ports.beforeCommit = async (changes) => {
      if (!changes.some(({ type }) => type === 'device.update')) return;
      ports.beforeCommit = undefined;
      const [device] = await ports.devices.ofUser(user.id);
      const renamed = { type: 'device.update', row: { ...device, deviceName: 'Other' } };
      await ports.committer.commit([renamed]);
    };
    await sendTo();
    await dispatcher.idle();
    const marked = { deviceName: 'Other', channelDeadAt: expect.any(Number) };
    expect(await ports.devices.ofUser(user.id)).toMatchObject([marked]);
  });

  test('is found out again by the next message where it could not be marked', async () => {
    const { ports, sendTo, provider, dispatcher, registeredPhone, user, warnings } = pushWorld();
    await registeredPhone(official);
    provider.failure = DEAD;
    ports.beforeCommit = (changes) => {
      if (changes.some(({ type }) => type === 'device.update')) throw new Error('the disk is full');
    };
    await sendTo();
    await dispatcher.idle();
    expect(warnings[0]).toEqual({ msg: 'A dead address could not be marked.', cause: 'Error' });
    ports.beforeCommit = undefined;
    await sendTo({ journeyId: 'journey-2' });
    await dispatcher.idle();
    expect(await ports.devices.ofUser(user.id)).toMatchObject([{ channelDeadAt: expect.any(Number) }]);
  });
});
