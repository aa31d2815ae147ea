import { expect, test } from 'vitest';
import { announcedAt } from './time-left.ts';

test.each([
  [61, 60, 'left60'],
  [60, 59, undefined],
  [31, 30, 'left30'],
  [11, 10, 'left10'],
  // A laptop that slept wakes with the last moment alone.
  [90, 9, 'left10'],
  [90, 25, 'left30'],
  [5, 0, undefined],
  // A new request starts anew.
  [9, 120, undefined],
])('from %s to %s seconds, %s is read out', (before, now, text) => {
  expect(announcedAt(before, now)).toBe(text);
});
