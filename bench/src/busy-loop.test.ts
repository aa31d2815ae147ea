import { expect, test } from 'vitest';
import { BusyLoop } from './busy-loop.ts';

test.each([
  [1, 0],
  [4, 0.75],
  [1_000, 0.999],
])('a loop that turned once where an idle one turns %d times was busy for %d of its time', (idleTurns, share) => {
  expect(BusyLoop.start(idleTurns).stop(1)).toBe(share);
});

test('a loop that turned more often than it does when idle was not busy', () => {
  expect(BusyLoop.start(0.5).stop(1)).toBe(0);
});

test('a process that does nothing else turns its loop, and stops when it is told to', async () => {
  const perMilli = await BusyLoop.calibrate();
  expect(perMilli).toBeGreaterThan(0);
  const loop = BusyLoop.start(perMilli);
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const share = loop.stop(50 / perMilli);
  expect(share).toBeLessThan(0.2);
  expect(loop.stop(50 / perMilli)).toBeCloseTo(share, 1);
});
