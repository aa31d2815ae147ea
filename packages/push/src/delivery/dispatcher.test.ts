import { testRealm } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { INSTANCE, pushWorld } from '../testing/stored/push-world.ts';
import { pushDispatcher } from './dispatcher.ts';
import { localHints } from './hints.ts';
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
    namelessText: '',
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
  const dispatched = (realm: string) =>
    busy.dispatch(Array.from({ length: 1_100 }, (_, at) => ({ ...row, realm, id: `AUTHENTICATE:${realm}${at}` })));
  const renewed = () =>
    ports.commits
      .flat()
      .filter(({ type }) => type === 'push.renewClaim')
      .map(({ ids }) => (ids as readonly string[]).length);
  dispatched('/');
  clock.advance(3_000);
  await busy.recover();
  for (const realm of ['/a', '/b', '/c', '/d']) dispatched(realm);
  clock.advance(3_000);
  await busy.recover();
  // 1,000 of a realm, and 4,000 of all realms.
  expect(renewed()).toEqual([1_000, 4_000]);
});

/** A dispatcher with a realm whose provider answers only when a test says so, and others whose providers answer at once. */
async function besideSlowRealm() {
  const world = pushWorld({
    realms: ['/', '/slow', '/other', '/third'].map((realm) => ({ ...testRealm(), realm })),
  });
  const { provider, registeredPhone, sendTo, dispatcher } = world;
  await registeredPhone(official);
  const { rows } = await sendTo();
  await dispatcher.idle();
  const [row] = rows;
  if (row?.envelope === undefined) throw new Error('a row was sent');
  const { envelope } = row;
  const begun: string[] = [];
  const answers: (() => void)[] = [];
  provider.send = ({ messageId }) => {
    begun.push(messageId);
    const result: SendResult = { status: 'sent' };
    if (!messageId.includes('/slow')) return Promise.resolve(result);
    return new Promise((resolve) => answers.push(() => resolve(result)));
  };
  const rowsOf = (realm: string, many: number, delivery: 'none' | 'queued' = 'none') =>
    Array.from({ length: many }, (_, at) => {
      const id = `AUTHENTICATE:${realm}-${at}`;
      return {
        ...row,
        id,
        request: id,
        userId: `user-${realm}-${at}`,
        realm,
        delivery,
        envelope: { ...envelope, messageId: id },
      };
    });
  const begunOf = (realm: string) => begun.filter((id) => id.includes(realm)).length;
  const answerAll = async () => {
    while (answers.length > 0) {
      for (const answer of answers.splice(0)) answer();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { ...world, begun, begunOf, answers, answerAll, rowsOf };
}

test('sends at once what another realm has, behind a thousand requests of one whose provider is slow (SEC-93)', async () => {
  const { dispatcher, begunOf, rowsOf, answers, answerAll } = await besideSlowRealm();
  dispatcher.dispatch(rowsOf('/slow', 1_200));
  expect(begunOf('/slow')).toBe(16);
  dispatcher.dispatch(rowsOf('/other', 1));
  expect(begunOf('/other')).toBe(1);
  dispatcher.dispatch(rowsOf('/third', 40));
  await expect.poll(() => begunOf('/third')).toBe(40);
  // The slow realm has got no further meanwhile, and goes on as its provider answers.
  expect([begunOf('/slow'), answers.length]).toEqual([16, 16]);
  await answerAll();
  await dispatcher.idle();
  expect(begunOf('/slow')).toBe(1_000);
});

test('serves realms in turn where all places are taken (SEC-93)', async () => {
  const { dispatcherOf, begun, rowsOf } = await besideSlowRealm();
  const later: (() => void)[] = [];
  const dispatcher = dispatcherOf(INSTANCE, undefined, { concurrency: 1, later: (work) => later.push(work) });
  dispatcher.dispatch(rowsOf('/third', 3));
  dispatcher.dispatch(rowsOf('/other', 2));
  for (const work of later) work();
  await dispatcher.idle();
  expect(begun.map((id) => id.slice('AUTHENTICATE:'.length))).toEqual([
    '/third-0',
    '/other-0',
    '/third-1',
    '/other-1',
    '/third-2',
  ]);
});

test('takes over what is left of another realm, while one holds more than its share (OPS-42, SEC-93)', async () => {
  const { dispatcher, dispatcherOf, ports, begunOf, rowsOf, clock } = await besideSlowRealm();
  // An instance was lost that held the requests of two realms: those of the slow one are older.
  const lost = { by: 'lost', until: clock.now() - 1 };
  const left = [
    ...rowsOf('/slow', 300, 'queued'),
    ...rowsOf('/other', 3, 'queued').map((it) => ({ ...it, createdAt: it.createdAt + 1 })),
  ];
  await ports.committer.commit(left.map((it) => ({ type: 'push.open', rows: [{ ...it, claim: lost }] })) as never);
  expect(await dispatcher.recover()).toBe(200);
  expect(begunOf('/other')).toBe(0);
  expect(await dispatcher.recover()).toBe(3);
  expect(begunOf('/other')).toBe(3);
  // The rest of the slow realm waits until it holds fewer, or another instance has room.
  expect(await dispatcher.recover()).toBe(0);
  expect(await dispatcherOf('instance-2').recover()).toBe(100);
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
  const { ports, transports, calls, clock, registeredPhone, provider, sendTo, dispatcher: other } = pushWorld();
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
    calls,
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
  const { ports, transports, calls, clock, registeredPhone, provider, sendTo } = pushWorld();
  await registeredPhone(official);
  const { rows } = await sendTo();
  provider.send = () => new Promise(() => undefined);
  const waits: number[] = [];
  const dispatcher = pushDispatcher({
    instance: INSTANCE,
    transports,
    calls,
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
