import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { evenTimes } from './even-times.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  [1, 50],
  [49, 50],
  [51, 100],
  [130, 150],
])('what took %i ms is answered after %i (I7)', async (taken, after) => {
  const begin = performance.now();
  const evenTime = evenTimes();
  vi.advanceTimersByTime(taken);
  const answered = evenTime().then(() => performance.now() - begin);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(Math.round(await answered)).toBe(after);
});
