import { expect, test } from 'vitest';
import { REQUEST_PACE, RequestPace } from './request-pace.ts';

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
  const ask = async (realm: string, caller: string, millis: number, name = realm) => {
    try {
      const turn = pace.next(() => ({ realm, caller }));
      if (turn !== undefined) await turn;
      begun.push(name);
      now += millis;
    } catch (error) {
      begun.push(`${name}: ${(error as { code?: string }).code}`);
    }
  };
  const nextRound = async () => {
    for (let at = 0; at < 10; at += 1) await Promise.resolve();
    const due = rounds;
    rounds = [];
    for (const begin of due) begin();
    for (let at = 0; at < 10; at += 1) await Promise.resolve();
  };
  return { begun, ask, nextRound, timers };
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
  expect(begun.filter((it) => it.endsWith('OVERLOADED')).length).toBeGreaterThan(0);
});
