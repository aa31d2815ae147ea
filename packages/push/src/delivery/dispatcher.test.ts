import { expect, test } from 'vitest';
import { pushWorld } from '../testing/push-world.ts';
import { pushDispatcher } from './dispatcher.ts';
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

test('picks up what was left behind after two seconds, once and under the same id (REL-03, F04)', async () => {
  const { dispatcher, sent, id, clock, ports } = await leftBehind();
  expect(await dispatcher.recover()).toBe(0);
  clock.advance(2_001);
  const both = await Promise.all([dispatcher.recover(), dispatcher.recover()]);
  expect(both[0] + both[1]).toBe(1);
  await dispatcher.idle();
  expect(await dispatcher.recover()).toBe(0);
  expect(sent).toEqual([id]);
  expect(ports.row(id).delivery).toBe('sent');
});

test('does not bother a phone with what has fifteen seconds left', async () => {
  const { dispatcher, sent, id, clock, ports } = await leftBehind();
  clock.advance(105_000);
  expect(await dispatcher.recover()).toBe(0);
  await dispatcher.idle();
  expect(sent).toEqual([]);
  expect(ports.row(id)).toMatchObject({ delivery: 'failed', state: 'pending' });
});

test('marks and audits a failure, and tells of a dead channel, without an address in it (SEC-79)', async () => {
  const { registeredPhone, sendTo, provider, dispatcher, ports, events, warnings } = pushWorld();
  await registeredPhone(official);
  provider.failure = { permanent: true, cause: 'EndpointDisabled' };
  const { messageId, rows } = await sendTo();
  await dispatcher.idle();
  expect(ports.row(messageId)).toMatchObject({ delivery: 'failed', state: 'pending' });
  expect(events().slice(-2)).toEqual(['PUSH_FAILED EndpointDisabled', 'DEVICE_CHANNEL_DEAD EndpointDisabled']);
  const written = JSON.stringify([ports.audit, warnings]);
  expect(written).not.toContain(rows[0]?.envelope?.communicationId);
  expect(written).not.toContain(messageId);
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
  const { messages, committer } = ports;
  const dispatcher = pushDispatcher({
    transports,
    messages,
    committer,
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
    transports,
    messages: ports.messages,
    committer: ports.committer,
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
