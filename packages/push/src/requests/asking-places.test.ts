import { describe, expect, test, vi } from 'vitest';
import { pauseOf, refusalSubject, sendSubject } from '../model/push-limits.ts';
import type { DenyReason } from '../protocol/index.ts';
import { pushWorld } from '../testing/stored/push-world.ts';
import type { Visitor } from '../testing/test-unit-of-work.ts';

// Who asks is counted by where it asks from: strangers together, whoever is known apart (SEC-25, SEC-26, SEC-27, docs/adr/0109).

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OWNER: Visitor = { browser: 'browser-of-jane', address: '203.0.113.9' };
const stranger = (n: number): Visitor => ({ address: `198.51.100.${n}` });

const rung = async () => {
  const world = pushWorld();
  const phone = await world.registeredPhone({ hasKey: true, communicationType: 'gcm', deviceType: 'android' });
  let journeys = 0;
  /** Asks, and tells whether a phone rang. */
  const ask = async (from: Visitor, given: Parameters<typeof world.send>[0] = {}) => {
    journeys += 1;
    const journeyId = `journey-of-${journeys}`;
    const request = await world.sendTo({ journeyId, from, ...given });
    const row = request.rows.find(({ mechanismUid }) => mechanismUid === phone.mechanismUid);
    return { ...request, journeyId, row, rang: row?.state === 'pending' };
  };
  const answer = async (
    { row }: Awaited<ReturnType<typeof ask>>,
    given: Partial<Parameters<typeof phone.answer>[2]>,
  ) => {
    const { id, envelope } = row ?? { id: '' };
    return world.call('authenticate', phone.answer(id, envelope?.jwt ?? '', { now: world.clock.now(), ...given }));
  };
  const refuse = async (from: Visitor, reason: DenyReason = 'other') => answer(await ask(from), { deny: true, reason });
  const approve = async (from: Visitor) => {
    const asked = await ask(from);
    await answer(asked, {});
    return world.consume(asked.messageId, 'approved', asked.journeyId);
  };
  const rings = async (from: Visitor) => (await ask(from)).rang;
  return { ...world, phone, ask, answer, refuse, approve, rings };
};

describe('nobody is locked out by a stranger (A138)', () => {
  test('strangers from fifty addresses get what one gets, and the known browser still rings (A112)', async () => {
    const { rings } = await rung();
    let count = 0;
    for (let n = 0; n < 50; n += 1) if (await rings(stranger(n))) count += 1;
    expect(count).toBe(3);
    expect(await rings(OWNER)).toBe(true);
  });

  test('a lock after refusals holds strangers, not the known browser, nor the address that the user is known at', async () => {
    const { refuse, rings, clock, knownSources } = await rung();
    await refuse(stranger(1));
    clock.advance(MINUTE);
    await refuse(stranger(2));
    clock.advance(MINUTE);
    expect(await rings(stranger(3))).toBe(false);
    expect(await rings(OWNER)).toBe(true);
    knownSources.add('198.51.100.4');
    expect(await rings(stranger(4))).toBe(true);
    expect(await rings(stranger(3))).toBe(false);
  });

  test('a known place has limits of its own: a stolen cookie rings no more often than a stranger', async () => {
    const { rings, refuse, clock } = await rung();
    for (const expected of [true, true, true, false]) expect(await rings(OWNER)).toBe(expected);
    expect(await rings({ browser: 'another-of-jane' })).toBe(true);
    clock.advance(HOUR);
    await refuse(OWNER);
    clock.advance(MINUTE);
    await refuse(OWNER);
    clock.advance(MINUTE);
    expect(await rings(OWNER)).toBe(false);
    expect(await rings(stranger(1))).toBe(true);
  });

  test('one phone with two accounts rings as often for strangers as one with one', async () => {
    const { rings, ask, clock, ports, phone, registeredPhone } = await rung();
    const john = ports.addIdentity({ id: 'user-2', username: 'john' });
    await registeredPhone({ communicationType: 'gcm', deviceType: 'android' }, john);
    const [device] = await ports.devices.ofUser('user-2');
    const [first] = await ports.devices.ofUser('user-1');
    if (device === undefined || first === undefined) throw new Error('no phone');
    const devices = [{ ...device, communicationId: first.communicationId, mechanismUid: phone.mechanismUid }];
    for (const expected of [true, true, true]) expect(await rings(stranger(1))).toBe(expected);
    const asJohn = async () => (await ask(stranger(2), { identity: john, devices })).rang;
    // The first of each costs the phone nothing.
    expect([await asJohn(), await asJohn(), await asJohn()]).toEqual([true, true, false]);
    clock.advance(MINUTE);
    expect(await asJohn()).toBe(true);
  });

  test('a source that has used up what it may get wrong rings nobody, but for users who are known there (SEC-56)', async () => {
    const { ports, rings, knownSources, clock } = await rung();
    const row = { subject: 'source:198.51.100.1', hits: [], lockedUntil: clock.now() + MINUTE, rev: 0 };
    await ports.committer.commit([{ type: 'throttle.put', row }]);
    expect(await rings(stranger(1))).toBe(false);
    expect(await rings({ ...stranger(1), browser: 'browser-of-jane' })).toBe(true);
    expect(await rings(stranger(2))).toBe(true);
    knownSources.add('198.51.100.1');
    expect(await rings(stranger(1))).toBe(true);
  });

  test('a refusal, and a request after one that was not approved, count as wrong proofs of their source', async () => {
    const { ports, refuse, approve, rings, clock } = await rung();
    const wrong = (n: number) => ports.throttle(`source:198.51.100.${n}`)?.hits.length ?? 0;
    await approve(stranger(1));
    expect(wrong(1)).toBe(0);
    await refuse(stranger(1));
    expect(wrong(1)).toBe(1);
    clock.advance(MINUTE);
    await rings(stranger(2));
    expect(wrong(2)).toBe(1);
    await refuse(OWNER);
    expect(ports.throttle('source:203.0.113.9')).toBeUndefined();
  });
});

describe('a success resets what its own place has counted alone (SEC-27, A142)', () => {
  test('a stranger who is approved takes back its own request, and no lock of others', async () => {
    const { approve, ask, refuse, ports, clock } = await rung();
    await ask(stranger(1));
    clock.advance(MINUTE);
    await refuse(stranger(2));
    const refusals = ports.throttle(refusalSubject('user-1'));
    clock.advance(MINUTE);
    const before = ports.throttle(sendSubject('user-1'))?.hits;
    expect(await approve(stranger(3))).toEqual({ committed: true });
    expect(ports.throttle(sendSubject('user-1'))?.hits).toEqual(before);
    expect(ports.throttle(refusalSubject('user-1'))).toEqual(refusals);
  });

  test('a known browser starts anew, and nobody else does', async () => {
    const { approve, refuse, ask, ports, clock } = await rung();
    await ask(stranger(1));
    await refuse(OWNER);
    clock.advance(MINUTE);
    const strangers = ports.throttle(sendSubject('user-1'));
    expect(await approve(OWNER)).toEqual({ committed: true });
    expect(ports.throttle(sendSubject('user-1', OWNER.browser))?.hits).toEqual([]);
    expect(ports.throttle(refusalSubject('user-1', OWNER.browser))).toMatchObject({ hits: [], lockedUntil: 0 });
    expect(ports.throttle(sendSubject('user-1'))).toEqual(strangers);
  });

  test('two requests of one moment are two, and each is taken back alone', async () => {
    const { ask, answer, consume, ports } = await rung();
    const [first, second] = [await ask(stranger(1)), await ask(stranger(2))];
    expect(new Set(ports.throttle(sendSubject('user-1'))?.hits).size).toBe(2);
    await answer(second, {});
    await consume(second.messageId, 'approved', second.journeyId);
    expect(ports.throttle(sendSubject('user-1'))?.hits).toEqual([first.row?.askedFrom?.countedAt]);
  });

  test('fifty who ask at once ring as often as one who asks fifty times, also where the node waits (A112)', async () => {
    for (const waitForProvider of [false, true]) {
      const { send, sent, dispatcher } = await rung();
      const from = (n: number) => ({ journeyId: `at-once-${n}`, from: stranger(n), waitForProvider });
      await Promise.all(Array.from({ length: 50 }, (_, n) => send(from(n))));
      await dispatcher.idle();
      expect(sent.length).toBeLessThanOrEqual(3);
      expect(sent.length).toBeGreaterThan(0);
    }
  });
});

describe('a request that waits is of its place (SEC-24)', () => {
  test('a stranger who asks for the same user ends nothing of the owner, and each answer goes to the request that it names', async () => {
    const { ask, answer, ports, phone, consume, clock } = await rung();
    const own = await ask(OWNER, { pushType: 'CHALLENGE' });
    clock.advance(1_000);
    const theirs = await ask(stranger(1), { pushType: 'CHALLENGE' });
    const waiting = await ports.messages.pendingFor(
      [{ uuid: own.row?.deviceUuid ?? '', userId: 'user-1' }],
      clock.now(),
    );
    expect(waiting.map(({ id }) => id)).toEqual([own.row?.id, theirs.row?.id]);
    // Each shows its own number: that of the one approves nothing of the other.
    expect(own.row?.expectedNumber).not.toBe(theirs.row?.expectedNumber);
    expect((await answer(theirs, { deny: true, reason: 'not_me' })).status).toBe(200);
    expect((await answer(own, { number: String(own.row?.expectedNumber) })).status).toBe(200);
    expect((await consume(own.messageId, 'approved', own.journeyId)).committed).toBe(true);
    expect((await ports.messages.get(theirs.row?.id ?? ''))?.state).toBe('denied');
    expect(phone.mechanismUid).toBe(own.row?.mechanismUid);
  });

  test('a new browser at a new address keeps its request when others ask later from elsewhere', async () => {
    const { ask, answer, consume } = await rung();
    const own = await ask(stranger(1));
    for (const n of [2, 3]) expect((await ask(stranger(n))).rang).toBe(true);
    expect((await answer(own, {})).status).toBe(200);
    expect((await consume(own.messageId, 'approved', own.journeyId)).committed).toBe(true);
  });
});

describe('a day has a bound above all places (SEC-87)', () => {
  const browser = (n: number): Visitor => ({ browser: `browser-${n}`, address: `203.0.113.${n}` });

  test('of known browsers together: 40, and one of each, however many there are; strangers have a part of theirs', async () => {
    const { rings, clock, ports } = await rung();
    let rang = 0;
    for (let hour = 0; hour < 20; hour += 1) {
      for (let n = 0; n < 12; n += 1) if (await rings(browser(n))) rang += 1;
      clock.advance(HOUR);
    }
    expect(rang).toBe(40 + 12);
    expect(ports.throttle('push:user-1:known')?.hits).toHaveLength(40);
    expect(await rings(stranger(1))).toBe(true);
    // A place that has nothing unapproved has one request of its own.
    expect(await rings(browser(99))).toBe(true);
    expect(await rings(browser(99))).toBe(false);
    clock.advance(5 * HOUR);
    expect(await rings(browser(99))).toBe(true);
  });

  test('what was approved is taken back from the known part, and costs nothing where it was the first', async () => {
    const { approve, ask, answer, consume, ports, clock } = await rung();
    await approve(OWNER);
    expect(ports.throttle('push:user-1:known')).toBeUndefined();
    await ask(OWNER);
    clock.advance(MINUTE);
    const second = await ask(OWNER);
    expect(ports.throttle('push:user-1:known')?.hits).toHaveLength(1);
    await answer(second, {});
    await consume(second.messageId, 'approved', second.journeyId);
    expect(ports.throttle('push:user-1:known')?.hits).toEqual([]);
  });

  test('callers at known addresses take 20 together, and nothing from the part of known browsers (SEC-87)', async () => {
    const { rings, clock, ports, knownSources } = await rung();
    const from = (n: number): Visitor => ({ address: `198.51.100.${n}` });
    for (const n of [1, 2]) knownSources.add(`198.51.100.${n}`);
    let rang = 0;
    for (let minute = 0; minute < 23 * 60; minute += 10) {
      for (const n of [1, 2, 1, 2]) if (await rings(from(n))) rang += 1;
      clock.advance(10 * MINUTE);
    }
    // 20 as strangers, and as known addresses 20 and one of each.
    expect(rang).toBe(20 + 20 + 2);
    expect(ports.throttle('push:user-1:addresses')?.hits).toHaveLength(20);
    expect(ports.throttle('push:user-1:known')).toBeUndefined();
    expect([await rings(OWNER), await rings(OWNER)]).toEqual([true, true]);
    // The owner's browser stays a place of its own at such an address.
    expect(await rings({ browser: 'another-of-jane', ...from(1) })).toBe(true);
  });

  test('what a known address got approved is taken back from its part', async () => {
    const { ask, answer, consume, rings, ports, knownSources, clock } = await rung();
    knownSources.add('203.0.113.7');
    for (let n = 0; n < 4; n += 1) await rings({ address: '203.0.113.7' });
    const charged = await ask({ address: '203.0.113.7' });
    expect(ports.throttle('push:user-1:addresses')?.hits).toHaveLength(1);
    clock.advance(1_000);
    await answer(charged, {});
    await consume(charged.messageId, 'approved', charged.journeyId);
    expect(ports.throttle('push:user-1:addresses')?.hits).toEqual([]);
  });

  test('a stranger who asks all day long takes 20, and nothing from the known part', async () => {
    const { rings, clock, ports } = await rung();
    let rang = 0;
    for (let minute = 0; minute < 24 * 60; minute += 10) {
      for (let n = 0; n < 4; n += 1) if (await rings(stranger((minute + n) % 250))) rang += 1;
      clock.advance(10 * MINUTE);
    }
    expect(rang).toBe(20);
    expect(ports.throttle('push:user-1:known')).toBeUndefined();
    expect(await rings(OWNER)).toBe(true);
  });
});

describe('what a refusal does (SEC-26)', () => {
  test('locks grow where it goes on, up to a day (A141)', async () => {
    const { refuse, rings, clock, ports } = await rung();
    const locks: number[] = [];
    for (let n = 0; n < 7; n += 1) {
      await refuse(stranger(n));
      const lockedUntil = ports.throttle(refusalSubject('user-1'))?.lockedUntil ?? 0;
      locks.push((lockedUntil - clock.now()) / HOUR);
      clock.advance(lockedUntil - clock.now() - 1);
      expect(await rings(stranger(n))).toBe(false);
      clock.advance(1);
    }
    // After the lock of sixteen hours only the last two refusals are of the last day.
    expect(locks).toEqual([30_000 / HOUR, 1, 2, 4, 8, 16, 30_000 / HOUR]);
  });

  test('whoever says that they have cancelled their own sign-in may ask again at once; the second counts all the same', async () => {
    const { refuse, rings } = await rung();
    await refuse(stranger(1), 'cancelled');
    await refuse(stranger(1), 'cancelled');
    expect(await rings(stranger(1))).toBe(false);
  });

  test('a wrong number makes no pause by itself: its user has mistyped', async () => {
    const { ask, answer, rings } = await rung();
    const asked = await ask(stranger(1), { pushType: 'CHALLENGE' });
    await answer(asked, { number: Number(asked.number) === 11 ? '12' : '11' });
    expect(await rings(stranger(1))).toBe(true);
  });

  test('“It was not me” shuts strangers out at once and raises an alert; the known browser is the way in', async () => {
    const { refuse, rings, events, clock } = await rung();
    await refuse(stranger(1), 'not_me');
    expect(events().slice(-3)).toEqual(['PUSH_DENIED not_me', 'PUSH_LOCK', 'PUSH_ALERT not-me']);
    clock.advance(HOUR - 1);
    expect(await rings(stranger(2))).toBe(false);
    expect(await rings(OWNER)).toBe(true);
    clock.advance(1);
    expect(await rings(stranger(2))).toBe(true);
  });

  test('of a request from a known browser it shuts out that one and strangers, and no other of the user’s', async () => {
    const { refuse, rings } = await rung();
    await refuse(OWNER, 'not_me');
    expect(await rings(OWNER)).toBe(false);
    expect(await rings(stranger(1))).toBe(false);
    expect(await rings({ browser: 'another-of-jane' })).toBe(true);
  });

  test('who pauses requests gets none for an hour, from wherever it is asked', async () => {
    const { rings, ports, clock } = await rung();
    const pause = () => ports.committer.commit(pauseOf('user-1', clock.now()));
    await pause();
    clock.advance(HOUR / 2);
    expect(await pause()).toMatchObject({ committed: false, refused: 'throttle.hit' });
    expect([await rings(OWNER), await rings(stranger(1))]).toEqual([false, false]);
    clock.advance(HOUR / 2);
    expect([await rings(OWNER), await rings(stranger(1))]).toEqual([true, true]);
  });
});

describe('when the yes of a phone is little to go by (spec: webauthn §10.5, A17)', () => {
  const world = async () => {
    const it = await rung();
    const devices = await it.dependencies.devices.ofUser(it.user.id);
    const isAtRisk = (from: Visitor) => it.bind.messages(it.unit({ from })).isAtRisk({ identity: it.user, devices });
    return { ...it, isAtRisk };
  };

  test('after a denial, for a day, where it was asked from', async () => {
    const { refuse, isAtRisk, clock } = await world();
    expect(await isAtRisk(stranger(1))).toBe(false);
    await refuse(stranger(1));
    clock.advance(MINUTE);
    expect([await isAtRisk(stranger(2)), await isAtRisk(OWNER)]).toEqual([true, false]);
    clock.advance(24 * HOUR);
    expect(await isAtRisk(stranger(1))).toBe(false);
  });

  test('after a wrong number, also at a known browser', async () => {
    const { ask, answer, isAtRisk } = await world();
    const asked = await ask(OWNER, { pushType: 'CHALLENGE' });
    await answer(asked, { number: Number(asked.number) === 11 ? '12' : '11' });
    expect([await isAtRisk(OWNER), await isAtRisk(stranger(1))]).toEqual([true, false]);
  });

  test('while requests are held back: too many, or paused by the user', async () => {
    const { ask, isAtRisk, ports, clock } = await world();
    for (let n = 0; n < 3; n += 1) await ask(stranger(n));
    expect([await isAtRisk(stranger(4)), await isAtRisk(OWNER)]).toEqual([true, false]);
    clock.advance(24 * HOUR);
    await ports.committer.commit(pauseOf('user-1', clock.now()));
    expect([await isAtRisk(stranger(4)), await isAtRisk(OWNER)]).toEqual([true, true]);
  });

  test.each<[what: string, reason: DenyReason, times: number]>([
    ['denies', 'other', 1],
    ['cancels', 'cancelled', 1],
    ['denies twice', 'other', 2],
    ['disowns', 'not_me', 1],
  ])(
    'what the owner %s for a stranger makes no risk of the address that the owner is known at (SEC-26)',
    async (_, reason, times) => {
      const { refuse, isAtRisk, rings, clock, knownSources } = await world();
      knownSources.add('203.0.113.9');
      const atHome: Visitor = { address: '203.0.113.9' };
      for (let n = 1; n <= times; n += 1) {
        await refuse(stranger(n), reason);
        clock.advance(MINUTE);
      }
      for (const hours of [0, 11, 12]) {
        clock.advance(hours * HOUR);
        expect([await isAtRisk(atHome), await isAtRisk(OWNER), await rings(atHome)]).toEqual([false, false, true]);
        // Strangers are at risk for the day.
        expect(await isAtRisk(stranger(9))).toBe(true);
      }
    },
  );

  test('a refusal at the known address itself is a risk there, and nothing is asked of the store before one (SEC-26)', async () => {
    const { refuse, isAtRisk, clock, knownSources, dependencies } = await world();
    knownSources.add('203.0.113.9');
    const atHome: Visitor = { address: '203.0.113.9' };
    const asked = vi.spyOn(dependencies, 'isKnownSource');
    expect(await isAtRisk(atHome)).toBe(false);
    expect(asked).not.toHaveBeenCalled();
    await refuse(stranger(1));
    clock.advance(MINUTE);
    await refuse(atHome);
    clock.advance(MINUTE);
    expect([await isAtRisk(atHome), await isAtRisk(stranger(1))]).toEqual([true, true]);
    expect(asked).toHaveBeenCalled();
  });

  test('whoever looks counts nothing, and holds nobody back', async () => {
    const { isAtRisk, rings } = await world();
    for (let n = 0; n < 10; n += 1) await isAtRisk(stranger(1));
    expect(await rings(stranger(1))).toBe(true);
  });
});
