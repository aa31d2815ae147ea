import { describe, expect, test } from 'vitest';
import type { SendResult } from '../delivery/push-transport.ts';
import { dayPartSubject, sendSubject } from '../model/push-limits.ts';
import { pushWorld } from '../testing/stored/push-world.ts';
import type { Visitor } from '../testing/test-unit-of-work.ts';
import { pushResends } from './resend.ts';

// A resend is charged to its caller, and taken back once (SEC-25, SEC-27, SEC-87, docs/adr/0128).

const REST = 15_000;
const REFUSED = { permanent: false, cause: 'Throttled' } as const;
const STRANGER: Visitor = { address: '198.51.100.1' };
const OWNER: Visitor = { address: '203.0.113.9', browser: 'browser-of-jane' };
const ADDRESS: Visitor = { address: '203.0.113.9' };

const asked = async (from: Visitor = STRANGER) => {
  const world = pushWorld();
  const phone = await world.registeredPhone({ communicationType: 'gcm', deviceType: 'android' });
  const { ports, dispatcher, clock, user } = world;
  const resends = pushResends({ ...ports, dispatcher, clock });
  let journeys = 0;
  const ask = async (visitor = from) => {
    journeys += 1;
    const journeyId = `journey-of-${journeys}`;
    const { messageId: request, rowFor } = await world.sendTo({ journeyId, from: visitor });
    await dispatcher.idle();
    const row = rowFor(phone);
    return {
      request,
      again: () => resends.resend({ request, realm: '/', journeyId, transactionId: 't' }),
      approve: () => world.call('authenticate', phone.answer(row.id, row.jwt, { now: clock.now() })),
      consume: () => world.consume(request, 'approved', journeyId),
      /** The step of the journey up to its commit. */
      async step() {
        const unit = world.unit({ journeyId });
        const port = world.bind.messages(unit);
        await port.status(request);
        port.consume(request, 'approved');
        return unit;
      },
    };
  };
  const hits = (subject: string) => ports.throttle(subject)?.hits ?? [];
  const place = from.browser;
  return {
    ...world,
    ask,
    first: await ask(),
    sends: () => hits(sendSubject(user.id, place)),
    part: () => hits(dayPartSubject({ userId: user.id, place, source: from.address ?? '' })),
    fill: async (subject: string, count: number) => {
      const moments = Array.from({ length: count }, (_, n) => clock.now() - 12 * 3_600_000 + n);
      const row = ports.throttle(subject) ?? { subject, hits: [], lockedUntil: 0, rev: 0 };
      const { committed } = await ports.committer.commit([
        { type: 'throttle.put', row: { ...row, hits: [...moments, ...row.hits] } },
      ]);
      if (!committed) throw new Error('No other caller commits here.');
    },
  };
};

/** A provider that answers when the test says so. */
const heldProvider = ({ provider }: Awaited<ReturnType<typeof asked>>) => {
  const answers: ((result: SendResult) => void)[] = [];
  provider.send = () => new Promise((resolve) => answers.push(resolve));
  return (result: SendResult) => {
    for (const answer of answers.splice(0)) answer(result);
  };
};

describe('a success takes back what was charged for sending its request again', () => {
  test('of strangers (SEC-27)', async () => {
    const { first, sends, clock, dispatcher } = await asked(STRANGER);
    for (let times = 1; times <= 2; times += 1) {
      clock.advance(REST);
      expect((await first.again()).status).toBe('sent');
      await dispatcher.idle();
      expect(sends()).toHaveLength(times + 1);
    }
    await first.approve();
    expect((await first.consume()).committed).toBe(true);
    expect(sends()).toEqual([]);
  });

  test.each([
    ['a known browser', OWNER, 'known'],
    ['a known address', ADDRESS, 'addresses'],
  ] as const)('of %s, in the part of its day (SEC-87)', async (_, from, part) => {
    const { ask, clock, dispatcher, knownSources, ports, user, fill } = await asked(OWNER);
    knownSources.add(ADDRESS.address ?? '');
    await fill(sendSubject(user.id), 20);
    const request = await ask(from);
    const inPart = () => ports.throttle(sendSubject(user.id, part))?.hits ?? [];
    const before = inPart().length;
    clock.advance(REST);
    expect((await request.again()).status).toBe('sent');
    await dispatcher.idle();
    expect(inPart()).toHaveLength(before + 1);
    await request.approve();
    await request.consume();
    expect(inPart()).toEqual([]);
  });

  test('and leaves those of another request of the same caller', async () => {
    const { first, ask, sends, clock } = await asked(STRANGER);
    const other = await ask({ address: '198.51.100.2' });
    clock.advance(REST);
    expect((await first.again()).status).toBe('sent');
    clock.advance(60_000);
    expect((await other.again()).status).toBe('sent');
    expect(sends()).toHaveLength(4);
    await first.approve();
    await first.consume();
    expect(sends()).toHaveLength(2);
  });

  test('and reads nothing for it where the approval came before a resend was possible', async () => {
    const { first, clock, ports } = await asked(OWNER);
    clock.advance(REST - 2_000);
    await first.approve();
    const read: string[] = [];
    const get = ports.throttles.get.bind(ports.throttles);
    ports.throttles.get = async (subjects) => {
      read.push(...subjects);
      return get(subjects);
    };
    await first.consume();
    expect(read).toEqual([]);
  });
});

describe('a resend that rang no phone is taken back, and still counts among the two of its request', () => {
  test.each([
    ['strangers', STRANGER],
    ['a known browser', OWNER],
  ])('of %s, where the provider refused it (SEC-25)', async (_, from) => {
    const { first, sends, part, clock, dispatcher, provider, sent } = await asked(from);
    provider.failure = REFUSED;
    for (const left of [1, undefined]) {
      clock.advance(REST);
      const result = await first.again();
      expect(result).toMatchObject({ status: 'sent', ...(left !== undefined && { resends: { left } }) });
      await dispatcher.idle();
    }
    clock.advance(REST);
    expect((await first.again()).status).toBe('over');
    expect([sends().length, sent.length]).toEqual([1, 1]);
    if (from.browser !== undefined) expect(part()).toEqual([]);
  });

  test('where the phone answered while it was counted', async () => {
    const { first, sends, clock, dispatcher, sent, ports } = await asked(STRANGER);
    clock.advance(REST);
    const get = ports.messages.get.bind(ports.messages);
    let reads = 0;
    ports.messages.get = async (id) => {
      reads += 1;
      const isAfterCommit = reads === 2;
      if (isAfterCommit) await first.approve();
      return get(id);
    };
    await first.again();
    await dispatcher.idle();
    expect([sends().length, sent.length]).toEqual([1, 1]);
  });

  test('not where it is unknown whether the phone rang: the connection broke, or the transport threw', async () => {
    const broken: SendResult = { status: 'failed', permanent: false, cause: 'ECONNRESET', blame: 'provider' };
    for (const [send, cause] of [
      [() => Promise.resolve(broken), 'broken'],
      [() => Promise.reject(new Error('x')), 'thrown'],
    ] as const) {
      const { first, sends, clock, dispatcher, provider } = await asked(STRANGER);
      provider.send = send;
      clock.advance(REST);
      await first.again();
      await dispatcher.idle();
      expect(sends(), cause).toHaveLength(2);
    }
  });

  test('where the server stops before it was sent', async () => {
    const world = await asked(STRANGER);
    const { first, sends, clock, dispatcher, ports } = world;
    const answer = heldProvider(world);
    const row = ports.row(first.request);
    dispatcher.dispatch(Array.from({ length: 16 }, (_, n) => ({ ...row, id: `AUTHENTICATE:${n}`, delivery: 'none' })));
    clock.advance(REST);
    expect((await first.again()).status).toBe('sent');
    expect(sends()).toHaveLength(2);
    const stopped = dispatcher.stop();
    answer({ status: 'sent' });
    await stopped;
    expect(sends()).toHaveLength(1);
  });
});

describe('at once', () => {
  test.each([
    ['strangers', STRANGER, 'push:user-1', 18],
    ['known browsers', OWNER, 'push:user-1:known', 39],
  ])('two resends of %s get no more than the day has left (SEC-25, SEC-87)', async (_, from, subject, used) => {
    const { first, ask, clock, dispatcher, fill, sent } = await asked(from);
    const other = await ask({ address: '198.51.100.2', ...(from.browser !== undefined && { browser: 'another' }) });
    await fill(subject, used - (from.browser === undefined ? 1 : 0));
    clock.advance(REST);
    const before = sent.length;
    const results = await Promise.all([first.again(), other.again()]);
    await dispatcher.idle();
    expect(results.map(({ status }) => status)).toEqual(['sent', 'sent']);
    expect(sent.length - before).toBe(1);
  });

  test('a success and a provider that refuses take one charge back, and not the next of the same moment (SEC-27)', async () => {
    const world = await asked(STRANGER);
    const { first, sends, clock, dispatcher } = world;
    clock.advance(REST);
    const answer = heldProvider(world);
    await first.again();
    await first.approve();
    await first.consume();
    expect(sends()).toEqual([]);
    // Nothing moves the clock: the next request gets the moment that the resend had.
    const next = world.sendTo({ journeyId: 'next', from: { address: '198.51.100.3' } });
    await next;
    const counted = sends();
    expect(counted).toEqual([clock.now()]);
    answer({ status: 'failed', ...REFUSED });
    await dispatcher.idle();
    expect(sends()).toEqual(counted);
  });

  test('a success that has read a charge which was taken back meanwhile is refused, and runs again (SEC-27)', async () => {
    const world = await asked(STRANGER);
    const { first, sends, clock, dispatcher } = world;
    clock.advance(REST);
    const answer = heldProvider(world);
    await first.again();
    await first.approve();
    const step = await first.step();
    answer({ status: 'failed', ...REFUSED });
    await dispatcher.idle();
    const { messageId } = await world.sendTo({ journeyId: 'next', from: { address: '198.51.100.3' } });
    expect(sends()).toHaveLength(2);
    expect((await step.commit()).committed).toBe(false);
    expect((await first.consume()).committed).toBe(true);
    expect(sends()).toEqual([world.ports.row(messageId).askedFrom?.countedAt]);
  });
});
