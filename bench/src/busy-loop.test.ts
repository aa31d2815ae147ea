import { expect, test } from 'vitest';
import { BusyLoop, busyShare } from './busy-loop.ts';

test.each([
  [1_000, 1_000, 0],
  [250, 1_000, 0.75],
  [0, 1_000, 1],
])('a loop that turned %d times of %d was busy for %d of its time', (turns, idleTurns, share) => {
  expect(busyShare(turns, idleTurns)).toBe(share);
});

test('a loop that turned more often than it does when idle was not busy', () => {
  expect(busyShare(1_010, 1_000)).toBe(0);
});

test('a process that does nothing else turns its loop, and stops when it is told to', async () => {
  const perMilli = await BusyLoop.calibrate();
  expect(perMilli).toBeGreaterThan(1);
  const loop = BusyLoop.start(perMilli);
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const share = loop.stop(50 / perMilli);
  expect(share).toBeLessThan(0.2);
  expect(loop.stop(50 / perMilli)).toBeCloseTo(share, 1);
});
