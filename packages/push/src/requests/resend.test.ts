import { describe, expect, test } from 'vitest';
import { refusalSubject, sendSubject } from '../model/push-limits.ts';
import { pushWorld } from '../testing/stored/push-world.ts';
import { pushResends, type ResendCall } from './resend.ts';

// The same request once more (spec: ux §2.1 and §2.5 [P] Send again, SEC-25).

const REST = 15_000;

/** A request that waits, on a phone with a provider, and whoever may send it again. */
const asked = async () => {
  const world = pushWorld();
  const phone = await world.registeredPhone({ communicationType: 'gcm', deviceType: 'android' });
  const { messageId: request, rows, rowFor } = await world.sendTo({ pushType: 'CHALLENGE' });
  await world.dispatcher.idle();
  const { messages, throttles, committer } = world.ports;
  const { dispatcher, clock } = world;
  const resends = pushResends({ messages, throttles, committer, dispatcher, clock });
  const call: ResendCall = { request, realm: '/', journeyId: 'journey-1', transactionId: 'transaction-3' };
  const again = async (given: Partial<ResendCall> = {}) => {
    const result = await resends.resend({ ...call, ...given });
    await dispatcher.idle();
    return result;
  };
  const leftNow = async () => resends.leftOf(request, await messages.ofRequest(request));
  return { ...world, phone, request, rows, rowFor, resends, again, leftNow };
};

describe('nothing is sent again', () => {
  test('sooner than fifteen seconds after it was sent', async () => {
    const { again, clock, sent } = await asked();
    const at = clock.now() + REST;
    clock.advance(REST - 1);
    expect(await again()).toEqual({ status: 'too-soon', at });
    expect(sent).toHaveLength(1);
  });

  test('a third time', async () => {
    const { again, clock, sent, leftNow } = await asked();
    for (let times = 1; times <= 2; times += 1) {
      clock.advance(REST);
      await again();
    }
    clock.advance(REST);
    expect(await again()).toEqual({ status: 'over' });
    expect(await leftNow()).toBeUndefined();
    expect(sent).toHaveLength(3);
  });

  test('to phones that cannot be rung, which only their user is told (OPS-49, SEC-59)', async () => {
    const { again, clock, provider, sent, rows } = await asked();
    clock.advance(REST);
    provider.failure = { permanent: true, cause: 'UNREGISTERED' };
    const identifiedUser = rows[0]?.userId;
    expect(await again({ identifiedUser })).toMatchObject({ status: 'sent' });
    provider.failure = undefined;
    clock.advance(REST);
    expect(await again({ identifiedUser })).toEqual({ status: 'over' });
    expect(await again()).toMatchObject({ status: 'sent' });
    expect(sent).toHaveLength(1);
  });

  test('for another journey or another realm than its own', async () => {
    const { again, clock, sent, events } = await asked();
    clock.advance(REST);
    const before = events();
    expect(await again({ journeyId: 'journey-2' })).toEqual({ status: 'over' });
    expect(await again({ realm: '/alpha' })).toEqual({ status: 'over' });
    expect(await again({ request: 'AUTHENTICATE:unknown' })).toEqual({ status: 'over' });
    expect(sent).toHaveLength(1);
    expect(events()).toEqual(before);
  });

  test('once it was answered, has run out, or gave way to a newer one', async () => {
    const answered = await asked();
    answered.clock.advance(REST);
    const row = answered.rowFor(answered.phone);
    await answered.call(
      'authenticate',
      answered.phone.answer(row.id, row.jwt, { now: answered.clock.now(), deny: true }),
    );
    expect(await answered.again()).toEqual({ status: 'over' });

    const late = await asked();
    late.clock.advance(120_000);
    expect(await late.again()).toEqual({ status: 'over' });

    const older = await asked();
    older.clock.advance(REST);
    await older.sendTo({ journeyId: 'journey-2' });
    expect(await older.again({ identifiedUser: older.rows[0]?.userId })).toEqual({ status: 'over' });
    // Whoever has only said a name must not learn that it has a phone (SEC-59).
    const before = older.sent.length;
    expect(await older.again()).toMatchObject({ status: 'sent' });
    expect(older.sent).toHaveLength(before);
  });

  test('twice by two who ask at once', async () => {
    const { again, clock, sent } = await asked();
    clock.advance(REST);
    const results = await Promise.all([again(), again()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['sent', 'too-soon']);
    expect(sent).toHaveLength(2);
  });
});

describe('it looks as if it had been sent, and is not', () => {
  test('where the user got as many as may be sent in a while', async () => {
    const { again, clock, sent, ports, user, events } = await asked();
    clock.advance(REST);
    const row = ports.throttle(sendSubject(user.id));
    const hits = [...(row?.hits ?? []), clock.now() - 2, clock.now() - 1];
    await ports.committer.commit([
      { type: 'throttle.put', row: { subject: sendSubject(user.id), hits, lockedUntil: 0, rev: row?.rev ?? 0 } },
    ]);
    expect(await again()).toEqual({ status: 'sent', resends: { left: 1, at: clock.now() + REST } });
    expect(sent).toHaveLength(1);
    expect(events().at(-1)).toBe('THROTTLED push');
  });

  test('where two refusals have ended all requests to the user', async () => {
    const { again, clock, sent, ports, user } = await asked();
    clock.advance(REST);
    const lockedUntil = clock.now() + 3_600_000;
    await ports.committer.commit([
      { type: 'throttle.put', row: { subject: refusalSubject(user.id), hits: [], lockedUntil, rev: 0 } },
    ]);
    expect((await again()).status).toBe('sent');
    expect(sent).toHaveLength(1);
  });

  test('where the request itself was held back, even when more may be sent by then', async () => {
    const { send, clock, sent, ports, resends, dispatcher } = await asked();
    for (let times = 1; times <= 3; times += 1) await send();
    await dispatcher.idle();
    const before = sent.length;
    const request = ports.rows().find(({ reason }) => reason === 'suppressed')?.request ?? '';
    clock.advance(61_000);
    const call = { request, realm: '/', journeyId: 'journey-1', transactionId: 't' };
    expect((await resends.resend(call)).status).toBe('sent');
    await dispatcher.idle();
    expect(sent).toHaveLength(before);
  });
});

test('the same message goes out once more, counts as one that was sent, and keeps its number and its end', async () => {
  const { again, clock, sent, ports, request, user, events, leftNow } = await asked();
  const before = ports.row(request);
  expect(await leftNow()).toEqual({ left: 2, at: before.createdAt + REST });
  clock.advance(REST);
  expect(await again()).toEqual({ status: 'sent', resends: { left: 1, at: clock.now() + REST } });
  expect(sent).toEqual([request, request]);
  expect(ports.row(request)).toEqual(before);
  expect(ports.throttle(sendSubject(user.id))?.hits).toHaveLength(2);
  expect(events().filter((event) => event === 'PUSH_SENT')).toHaveLength(2);
  expect(ports.audit.at(-1)?.detail).toMatchObject({ again: 1, devices: 1 });
  expect(await leftNow()).toEqual({ left: 1, at: clock.now() + REST });
});

test('what became of the second delivery is marked', async () => {
  const { again, clock, ports, request, provider } = await asked();
  expect(ports.row(request).delivery).toBe('sent');
  clock.advance(REST);
  provider.failure = { permanent: false, cause: 'Throttled' };
  await again();
  expect(ports.row(request).delivery).toBe('failed');
  clock.advance(REST);
  provider.failure = undefined;
  await again();
  expect(ports.row(request).delivery).toBe('sent');
});

test('an approval of what was sent again signs in', async () => {
  const { again, clock, phone, rowFor, call, status, request } = await asked();
  clock.advance(REST);
  await again();
  const row = rowFor(phone);
  const body = phone.answer(row.id, row.jwt, { now: clock.now(), number: String(row.expectedNumber) });
  expect((await call('authenticate', body)).status).toBe(200);
  expect(await status(request)).toMatchObject({ status: 'approved' });
});
