import { expect, test } from 'vitest';
import { clockTime } from './clock-time.ts';

test.each([
  [120, '2:00'],
  [102, '1:42'],
  [9, '0:09'],
  [0, '0:00'],
])('%s seconds read %s', (seconds, text) => {
  expect(clockTime(seconds)).toBe(text);
});
