import { describe, expect, test } from 'vitest';
import { INSTANCE, pushWorld } from '../testing/push-world.ts';
import { pushDispatcher } from './dispatcher.ts';
import { localHints, phoneHint, requestHint } from './hints.ts';
import type { SendResult } from './push-transport.ts';

const official = { communicationType: 'gcm', deviceType: 'android' } as const;

/** A world in which an instance died between its commit and the delivery. */
async function leftBehind() {
  const world = pushWorld();
  await world.registeredPhone(official);
  const step = world.unit();
  const result = await world.bind.messages(step).send({
    identity: world.user,
    devices: await world.ports.devices.ofUser(world.user.id),
    text: '',
    user: 'jane',
    pushType: 'DEFAULT',
    timeoutMillis: 120_000,
    payload: {},
    waitForProvider: false,
  });
  await world.ports.committer.commit(step.toCommit);
  return { ...world, id: result.status === 'sent' ? result.messageId : '' };
}

test('takes over what a lost instance held once its claim has ended, once and under the same id (OPS-42, REL-03, F04)', async () => {
  const { sent, id, clock, ports, dispatcherOf } = await leftBehind();
  const other = dispatcherOf('instance-2');
  clock.advance(4_000);
  expect(await other.recover()).toBe(0);
  clock.advance(1);
  const both = await Promise.all([other.recover(), other.recover(), dispatcherOf('instance-3').recover()]);
  expect(both.reduce((sum, many) => sum + many)).toBe(1);
  await other.idle();
  expect(await other.recover()).toBe(0);
  expect(sent).toEqual([id]);
  expect(ports.row(id)).toMatchObject({ delivery: 'sent', tries: 1 });
});

test('started again under its name, it sends what it held at once, and nobody else does (OPS-41)', async () => {
  const { sent, id, dispatcherOf } = await leftBehind();
  expect(await dispatcherOf('instance-2').recover(true)).toBe(0);
  const again = dispatcherOf(INSTANCE);
  expect(await again.recover()).toBe(0);
  expect(await again.recover(true)).toBe(1);
  await again.idle();
  expect(sent).toEqual([id]);
});

test('does not bother a phone with what has fifteen seconds left', async () => {
  const { dispatcher, sent, id, clock, ports, events } = await leftBehind();
  clock.advance(105_000);
  expect(await dispatcher.recover()).toBe(0);
  await dispatcher.idle();
  expect(sent).toEqual([]);
  expect(ports.row(id)).toMatchObject({ delivery: 'failed', state: 'pending' });
  expect(events().at(-1)).toBe('PUSH_FAILED TooLate');
});

test('of two instances and a slow provider, one sends, until it is lost (OPS-41)', async () => {
  const { registeredPhone, sendTo, provider, clock, dispatcher, dispatcherOf, ports } = pushWorld();
  await registeredPhone(official);
  const answers: (() => void)[] = [];
  provider.send = () => new Promise((resolve) => answers.push(() => resolve({ status: 'sent' })));
  const { messageId } = await sendTo();
  const other = dispatcherOf('instance-2');
  for (let round = 0; round < 15; round += 1) {
    clock.advance(2_000);
    await dispatcher.recover();
    expect(await other.recover()).toBe(0);
  }
  expect(answers).toHaveLength(1);
  // From here on nobody renews the claim: the first instance is gone.
  clock.advance(4_001);
  expect(await other.recover()).toBe(1);
  expect(answers).toHaveLength(2);
  for (const answer of answers) answer();
  await Promise.all([dispatcher.idle(), other.idle()]);
  expect(ports.row(messageId).delivery).toBe('sent');
});

test('what it has not begun to send when it stops, another sends at once; what it has begun, it ends (OPS-33)', async () => {
  const { registeredPhone, sendTo, provider, dispatcher, dispatcherOf } = pushWorld();
  await registeredPhone(official);
  const { rows } = await sendTo();
  await dispatcher.idle();
  const [row] = rows;
  if (row === undefined) throw new Error('a row was sent');
  const answers: (() => void)[] = [];
  provider.send = () => new Promise((resolve) => answers.push(() => resolve({ status: 'sent' })));
  // Sixteen are under way at a time, and the seventeenth is the one that waits.
  dispatcher.dispatch(
    Array.from({ length: 16 }, (_, at) => ({ ...row, id: `AUTHENTICATE:${at}`, delivery: 'none' as const })),
  );
  await sendTo();
  let isStopped = false;
  const stopped = dispatcher.stop().then(() => {
    isStopped = true;
  });
  const other = dispatcherOf('instance-2');
  await expect.poll(() => other.recover()).toBe(1);
  expect([answers.length, isStopped]).toEqual([17, false]);
  for (const answer of answers) answer();
  await Promise.all([stopped, other.idle()]);
});

test('renews nothing that is sent quickly, and writes nothing while there is nothing to do', async () => {
  const { registeredPhone, sendTo, dispatcher, ports, clock } = pushWorld();
  await registeredPhone(official);
  await sendTo();
  await dispatcher.idle();
  const before = ports.commits.length;
  clock.advance(2_000);
  expect(await dispatcher.recover()).toBe(0);
  expect(ports.commits).toHaveLength(before);
});

test('holds no more than it can send: what is beyond that is for whoever has room (OPS-41)', async () => {
  const { ports, dispatcherOf, provider, registeredPhone, sendTo, clock } = pushWorld();
  await registeredPhone(official);
  const { rows } = await sendTo();
  const [row] = rows;
  if (row === undefined) throw new Error('a row was sent');
  provider.send = () => new Promise(() => undefined);
  const busy = dispatcherOf('instance-2');
  busy.dispatch(Array.from({ length: 2_100 }, (_, at) => ({ ...row, id: `AUTHENTICATE:${at}` })));
  clock.advance(3_000);
  await busy.recover();
  const renewed = ports.commits.flat().filter(({ type }) => type === 'push.renewClaim');
  expect(renewed.map(({ ids }) => (ids as readonly string[]).length)).toEqual([2_000]);
});

test('marks and audits a failure, without an address in it (SEC-79)', async () => {
  const { registeredPhone, sendTo, provider, dispatcher, ports, events, warnings } = pushWorld();
  await registeredPhone(official);
  provider.failure = { permanent: false, cause: 'HTTP 400' };
  const { messageId, rows } = await sendTo();
  await dispatcher.idle();
  expect(ports.row(messageId)).toMatchObject({ delivery: 'failed', state: 'pending' });
  expect(events().at(-1)).toBe('PUSH_FAILED HTTP 400');
  const written = JSON.stringify([ports.audit, warnings]);
  expect(written).not.toContain(rows[0]?.envelope?.communicationId);
  expect(written).not.toContain(messageId);
});

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

test('a transport that throws is a failed delivery', async () => {
  const { registeredPhone, sendTo, provider, dispatcher, ports } = pushWorld();
  await registeredPhone(official);
  provider.send = () => Promise.reject(new TypeError('broken'));
  const { messageId } = await sendTo();
  await dispatcher.idle();
  expect(ports.row(messageId).delivery).toBe('failed');
});

test('keeps marks that could not be committed for the next round, and sends nothing twice meanwhile', async () => {
  const { registeredPhone, sendTo, dispatcher, ports, sent, clock, warnings } = pushWorld();
  await registeredPhone(official);
  ports.beforeCommit = (changes) => {
    if (changes.some(({ type }) => type === 'push.delivery')) throw new Error('the disk is full');
  };
  const { messageId } = await sendTo();
  await dispatcher.idle();
  expect(warnings).toMatchObject([{ msg: 'Push deliveries could not be marked.' }]);
  expect(ports.row(messageId).delivery).toBe('queued');
  clock.advance(5_000);
  ports.beforeCommit = undefined;
  expect(await dispatcher.recover()).toBe(0);
  await dispatcher.idle();
  expect(ports.row(messageId).delivery).toBe('sent');
  expect(sent).toEqual([messageId]);
});

test('sends no more than so many at once, and marks in batches what ends meanwhile', async () => {
  const { ports, transports, clock, registeredPhone, provider, sendTo, dispatcher: other } = pushWorld();
  for (let n = 0; n < 5; n += 1) await registeredPhone(official);
  const { rows } = await sendTo();
  await other.idle();
  const open: ((result: SendResult) => void)[] = [];
  let most = 0;
  provider.send = () =>
    new Promise((resolve) => {
      open.push(resolve);
      most = Math.max(most, open.length);
    });
  const { messages, devices, committer } = ports;
  const dispatcher = pushDispatcher({
    instance: INSTANCE,
    transports,
    messages,
    devices,
    committer,
    hints: localHints(),
    clock,
    log: { warn: () => undefined },
    wait: () => new Promise(() => undefined),
    concurrency: 2,
  });
  const before = ports.commits.length;
  dispatcher.dispatch(rows);
  for (let n = 0; n < 5; n += 1) {
    while (open.length === 0) await Promise.resolve();
    open.shift()?.({ status: 'sent' });
  }
  await dispatcher.idle();
  expect(most).toBe(2);
  const marks = ports.commits
    .slice(before)
    .flat()
    .filter(({ type }) => type === 'push.delivery');
  expect(marks.flatMap((change) => change.marks as unknown[])).toHaveLength(5);
});

test('waits for a provider no longer than its timeout', async () => {
  const { ports, transports, clock, registeredPhone, provider, sendTo } = pushWorld();
  await registeredPhone(official);
  const { rows } = await sendTo();
  provider.send = () => new Promise(() => undefined);
  const waits: number[] = [];
  const dispatcher = pushDispatcher({
    instance: INSTANCE,
    transports,
    messages: ports.messages,
    devices: ports.devices,
    committer: ports.committer,
    hints: localHints(),
    clock,
    log: { warn: () => undefined },
    wait: async (millis) => waits.push(millis),
  });
  expect(await dispatcher.sendNow(rows, 2_000)).toEqual([]);
  expect(waits).toEqual([2_000]);
});

test('a message that is on its way is not sent a second time', async () => {
  const { registeredPhone, sendTo, dispatcher, sent } = pushWorld();
  await registeredPhone(official);
  const { rows } = await sendTo();
  dispatcher.dispatch(rows);
  dispatcher.dispatch(rows);
  await dispatcher.idle();
  expect(sent).toHaveLength(1);
});

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
