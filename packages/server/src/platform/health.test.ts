import { expect, test } from 'vitest';
import { Health } from './health.ts';

const steered = () => {
  const state = { now: 0, turn: () => {}, isWell: true };
  const health = new Health({
    elapsed: () => state.now,
    every(_millis, action) {
      state.turn = action;
      return () => {
        state.turn = () => {};
      };
    },
  });
  return { state, health, probe: { isWell: async () => state.isWell } };
};

test('a process lives as long as its event loop has turned within five seconds (OPS-53)', () => {
  const { state, health } = steered();
  expect(health.isLive, 'before it is watched').toBe(true);
  health.watchLoop();
  state.now = 4_999;
  expect(health.isLive).toBe(true);
  state.now = 5_000;
  expect(health.isLive).toBe(false);
  state.turn();
  expect(health.isLive).toBe(true);
});

test('it is ready once it has started, while its store does well and nobody stops it (OPS-53)', async () => {
  const { state, health, probe } = steered();
  expect([health.isStarted, await health.unready()]).toEqual([false, 'starting']);
  health.awaitStore();
  expect([health.isStarted, await health.unready()]).toEqual([false, 'store unavailable']);
  health.start(probe);
  expect([health.isStarted, await health.unready()]).toEqual([true, undefined]);
  state.isWell = false;
  expect([health.isStarted, await health.unready()]).toEqual([true, 'store unavailable']);
  state.isWell = true;
  health.drain();
  expect([health.isStarted, health.isDraining, await health.unready()]).toEqual([true, true, 'stopping']);
});

test('what is degraded is told, and makes nothing unready (OPS-53)', async () => {
  const { health, probe } = steered();
  let problems: readonly string[] = ['Redis passes on no hints.'];
  health.watch('hintBus', () => problems);
  health.start(probe);
  expect(health.degraded()).toEqual([{ part: 'hintBus', problem: 'Redis passes on no hints.' }]);
  expect(await health.unready()).toBeUndefined();
  problems = [];
  expect(health.degraded()).toEqual([]);
});
