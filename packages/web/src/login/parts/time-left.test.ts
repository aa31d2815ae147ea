import { expect, test } from 'vitest';
import { announcedAt, inWords } from './time-left.ts';

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

test.each([
  [0, 'in 1 minute'],
  [61_000, 'in 2 minutes'],
  [60 * 60_000, 'in 60 minutes'],
  [89 * 60_000, 'in 89 minutes'],
  [90 * 60_000, 'in 2 hours'],
  [24 * 60 * 60_000, 'in 24 hours'],
])('%s ms ahead are %s', (millis, words) => {
  expect(inWords(millis, 'en')).toBe(words);
});
