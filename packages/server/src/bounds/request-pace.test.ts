import { expect, test } from 'vitest';
import { pacedRequest, REQUEST_PACE, RequestPace } from './request-pace.ts';

// SEC-93: slow requests of one realm that arrive at once do not all run before those of another.

const setUp = () => {
  let now = 0;
  let rounds: (() => void)[] = [];
  const timers: (() => void)[] = [];
  const pace = new RequestPace({
    elapsed: () => now,
    nextRound: (begin) => rounds.push(begin),
    timer: (_millis, action) => {
      timers.push(action);
      return () => undefined;
    },
  });
  const begun: string[] = [];
  /** A request that keeps the loop for so long. */
  const ask = async (realm: string, caller: string, millis: number, name = realm, bytes = 0) => {
    try {
      const turn = pace.next(() => ({ realm, caller, bytes }));
      if (turn !== undefined) await turn;
      begun.push(name);
      now += millis;
    } catch (error) {
      begun.push(`${name}: ${(error as { code?: string }).code}`);
    }
  };
  /** Promises that are settled go on between the calls of a round. */
  const settled = async () => {
    for (let at = 0; at < 20; at += 1) await Promise.resolve();
  };
  /** The loop is busy with other things for so long, and then come the calls that are due. */
  const nextRound = async (others = 0) => {
    now += others;
    await settled();
    const due = rounds;
    rounds = [];
    for (const begin of due) {
      begin();
      await settled();
    }
  };
  /** The loop is busy with other things in a round that goes on. */
  const pass = async (millis: number) => {
    now += millis;
    await settled();
  };
  /** Another call of the next round, once the round is timed, which keeps the loop for so long. */
  const callOfOthers = (millis: number) =>
    rounds.splice(1, 0, () => {
      now += millis;
    });
  const callsDue = () => rounds.length;
  const accepted = () => pace.accepted();
  return { begun, ask, nextRound, pass, callOfOthers, callsDue, timers, accepted };
};

test('requests that keep the loop for less than it takes to be busy all begin at once', () => {
  const { begun, ask } = setUp();
  for (let at = 0; at < 100; at += 1) void ask('/a', 'one', 0.4);
  expect(begun).toHaveLength(100);
});

test('of 64 slow requests of one realm, a request of another waits for two, from however many sources they come', async () => {
  const { begun, ask, nextRound } = setUp();
  for (let at = 0; at < 64; at += 1) void ask('/a', `source ${at}`, 300);
  void ask('/b', 'owner', 1);
  expect(begun).toEqual(['/a']);
  for (let round = 0; round < 3; round += 1) await nextRound();
  expect(begun.indexOf('/b')).toBeLessThanOrEqual(2);
  expect(begun.length).toBeLessThanOrEqual(5);
  for (let round = 0; round < 80; round += 1) await nextRound();
  expect(begun).toHaveLength(65);
});

test('sources of one realm take turns, and each keeps its order', async () => {
  const { begun, ask, nextRound } = setUp();
  void ask('/a', 'first', 300, 'slow');
  for (let at = 0; at < 5; at += 1) void ask('/a', 'greedy', 300, `greedy ${at}`);
  for (let at = 0; at < 2; at += 1) void ask('/a', 'owner', 1, `owner ${at}`);
  for (let round = 0; round < 12; round += 1) await nextRound();
  const greedy = begun.filter((it) => it.startsWith('greedy'));
  expect(greedy).toEqual(greedy.toSorted());
  expect([begun.indexOf('owner 0'), begun.indexOf('owner 1')]).toEqual([3, 5]);
});

test('once nothing waits, requests begin at once again', async () => {
  const { begun, ask, nextRound } = setUp();
  void ask('/a', 'one', 300);
  void ask('/a', 'one', 300);
  for (let round = 0; round < 4; round += 1) await nextRound();
  begun.length = 0;
  void ask('/b', 'two', 1);
  expect(begun).toEqual(['/b']);
});

test('a request that has waited for its whole time is told when to come again, and none after it waits for it', async () => {
  const { begun, ask, nextRound, timers } = setUp();
  void ask('/a', 'one', 300);
  void ask('/a', 'two', 300);
  void ask('/a', 'three', 300, 'late');
  timers.at(-1)?.();
  for (let round = 0; round < 4; round += 1) await nextRound();
  expect(begun).toContain('late: OVERLOADED');
  begun.length = 0;
  void ask('/b', 'two', 1);
  expect(begun).toEqual(['/b']);
});

test('more than may wait are refused', async () => {
  const { begun, ask, nextRound } = setUp();
  void ask('/a', 'one', 300);
  for (let at = 0; at < REQUEST_PACE.mostOfRealm + 10; at += 1) void ask('/a', 'one', 0);
  await nextRound();
  expect(refusedOf(begun)).toBeGreaterThan(0);
});

const refusedOf = (begun: readonly string[]) => begun.filter((it) => it.endsWith('OVERLOADED')).length;

// SEC-93: a flood takes its part of the loop, and not all of it.

test('requests that wait begin for 50 ms of each round, and the next ones in the next round', async () => {
  const { begun, ask, nextRound } = setUp();
  void ask('/a', 'one', 300, 'slow');
  for (let at = 0; at < 30; at += 1) void ask('/a', `source ${at}`, 10);
  const counts = [];
  for (let round = 0; round < 7; round += 1) {
    const before = begun.length;
    await nextRound();
    counts.push(begun.length - before);
  }
  expect(counts).toEqual([5, 5, 5, 5, 5, 5, 0]);
});

test.each([
  ['more of the loop than the time of a round', 200, 20],
  ['more of the loop than a round may have', 5_000, REQUEST_PACE.mostMillis / 10],
  ['less of the loop', 20, REQUEST_PACE.busyMillis / 10],
])('a flood that takes %s leaves as much to requests that wait', async (_what, others, begins) => {
  const { begun, ask, nextRound } = setUp();
  const { mostOfRealm } = REQUEST_PACE;
  void ask('/a', 'one', 300);
  for (let at = 0; at < mostOfRealm; at += 1) void ask('/a', `source ${at}`, 10, 'served');
  await nextRound();
  const counts: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const before = begun.length;
    // Those that were served come back, and others find no place.
    for (let at = 0; at < 500; at += 1) void ask('/a', `other ${round} ${at}`, 10, 'served');
    await nextRound(others);
    const since = begun.slice(before);
    counts.push(since.filter((it) => it === 'served').length);
    expect(refusedOf(since)).toBeGreaterThan(begins);
  }
  expect(counts).toEqual(counts.map(() => begins));
});

// libuv accepts one connection in each round.
test('while connections arrive, rounds accept them for a while before the next requests begin', async () => {
  const { begun, ask, nextRound, accepted } = setUp();
  void ask('/a', 'one', 300);
  for (let at = 0; at < 20; at += 1) void ask('/a', `source ${at}`, 10, 'served');
  const roundsToAccept: number[] = [];
  let rounds = 0;
  for (let at = 0; begun.length <= 20; at += 1) {
    expect(at).toBeLessThan(1_000);
    const before = begun.length;
    accepted();
    await nextRound(0.5);
    rounds += 1;
    if (begun.length === before) continue;
    roundsToAccept.push(rounds);
    rounds = 0;
  }
  const each = 2 * REQUEST_PACE.acceptMillis;
  expect(roundsToAccept).toEqual([each, each, each, each]);
});

test('one connection delays requests that wait by a round', async () => {
  const { begun, ask, nextRound, accepted } = setUp();
  void ask('/a', 'one', 300);
  void ask('/b', 'owner', 1);
  accepted();
  await nextRound();
  expect(begun).toEqual(['/a']);
  await nextRound();
  expect(begun).toEqual(['/a', '/b']);
});

test('connections delay nothing where the round itself has taken as long as they may', async () => {
  const { begun, ask, nextRound, accepted } = setUp();
  void ask('/a', 'one', 300);
  void ask('/b', 'owner', 1);
  accepted();
  await nextRound(REQUEST_PACE.acceptMillis);
  expect(begun).toEqual(['/a', '/b']);
});

test('one begins in each round, however long other calls of the round take', async () => {
  const { begun, ask, nextRound, callOfOthers } = setUp();
  void ask('/a', 'one', 300);
  for (let at = 0; at < 5; at += 1) void ask('/a', `source ${at}`, 100, 'served');
  await nextRound();
  for (let round = 2; round <= 5; round += 1) {
    callOfOthers(1_000);
    await nextRound();
    expect(begun.filter((it) => it === 'served')).toHaveLength(round);
  }
});

// Node reads from up to 48 * 1,024 connections before it makes the calls of a round.
test('requests that wait begin in a round that does not end, and take no more than half of it', async () => {
  const { begun, ask, pass } = setUp();
  const { mostOfRealm } = REQUEST_PACE;
  void ask('/a', 'one', 300);
  for (let at = 0; at < mostOfRealm; at += 1) void ask('/a', `source ${at}`, 2, 'served');
  await pass(0);
  const served = () => begun.filter((it) => it === 'served').length;
  expect(served()).toBe(0);
  let others = 0;
  for (let at = 0; at < 2_000; at += 1) {
    void ask('/a', `other ${at}`, 2, 'served');
    await pass(1);
    others += 1;
  }
  expect(refusedOf(begun)).toBeGreaterThan(1_000);
  expect(served() * 2).toBeGreaterThan(others / 4);
  expect(served() * 2).toBeLessThanOrEqual(others);
});

test('slow requests that arrive in a round that does not end begin no sooner than in the next, unless other things take as long', async () => {
  const { begun, ask, pass } = setUp();
  for (let at = 0; at < 64; at += 1) {
    void ask('/a', `source ${at}`, 300);
    await pass(1);
  }
  expect(begun).toEqual(['/a']);
  await pass(300);
  void ask('/b', 'owner', 1);
  await pass(0);
  expect(begun).toEqual(['/a', '/a']);
});

test('however many requests are refused, no more calls are due than requests wait', async () => {
  const { ask, nextRound, callsDue } = setUp();
  const { mostOfRealm } = REQUEST_PACE;
  void ask('/a', 'one', 300);
  for (let round = 0; round < 5; round += 1) {
    for (let at = 0; at < mostOfRealm; at += 1) void ask('/a', `source ${round} ${at}`, 100);
    await nextRound();
    // The time of the round, and its end, are two calls more.
    expect(callsDue()).toBeLessThanOrEqual(mostOfRealm + 2);
  }
});

test('every request that waits begins, also where others were refused or were late between them', async () => {
  const { begun, ask, nextRound, timers } = setUp();
  void ask('/a', 'one', 300);
  for (let at = 0; at < 40; at += 1) void ask('/a', `source ${at}`, 30, `${at}`);
  for (const late of timers.splice(5, 10)) late();
  for (let round = 0; round < 40; round += 1) await nextRound();
  expect(refusedOf(begun)).toBe(10);
  expect(begun).toHaveLength(41);
});

test('a source that fills the line of its realm keeps out no source that has no place in it', async () => {
  const { begun, ask, nextRound } = setUp();
  const { mostOfRealm } = REQUEST_PACE;
  void ask('/a', 'greedy', 300, 'greedy');
  for (let at = 0; at < mostOfRealm + 100; at += 1) void ask('/a', 'greedy', 60, 'greedy');
  await nextRound();
  void ask('/a', 'owner', 1, 'owner');
  for (let round = 0; round < 3; round += 1) await nextRound();
  expect(begun).toContain('owner');
  // One gave way to the owner.
  expect(begun.filter((it) => it === 'greedy').length).toBeLessThanOrEqual(5);
});

test('far fewer large requests wait than small ones, and they keep none of these out', async () => {
  const { begun, ask, nextRound } = setUp();
  const { mostOfRealm, mostLargeOfRealm, smallBytes } = REQUEST_PACE;
  void ask('/a', 'one', 300);
  for (let at = 0; at < mostOfRealm / 2; at += 1) void ask('/a', `source ${at}`, 1, 'large', smallBytes + 1);
  for (let at = 0; at < mostOfRealm / 2; at += 1) void ask('/a', `other ${at}`, 1, 'small', smallBytes);
  for (let round = 0; round < 100; round += 1) await nextRound();
  expect(begun.filter((it) => it === 'large')).toHaveLength(mostLargeOfRealm);
  expect(begun.filter((it) => it === 'small')).toHaveLength(mostOfRealm / 2);
});

test('a large request takes its turn with the small ones of its realm', async () => {
  const { begun, ask, nextRound } = setUp();
  void ask('/a', 'one', 300);
  for (let at = 0; at < 20; at += 1) void ask('/a', 'greedy', 300, 'greedy', REQUEST_PACE.smallBytes + 1);
  void ask('/a', 'owner', 1, 'owner');
  for (let round = 0; round < 30; round += 1) await nextRound();
  expect(begun.indexOf('owner')).toBeLessThanOrEqual(3);
  expect(begun).toHaveLength(22);
});

test.each([
  [{ 'content-length': '12' }, 12],
  [{}, 0],
  [{ 'transfer-encoding': 'chunked' }, Number.POSITIVE_INFINITY],
])('of the headers %j a body has %d bytes', (headers, bytes) => {
  expect(pacedRequest('/a', '198.51.100.7', headers)).toEqual({ realm: '/a', caller: '198.51.100.7', bytes });
});
