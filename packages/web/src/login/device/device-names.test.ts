import { expect, test } from 'vitest';
import { deviceNames } from './device-names.ts';

const options = { language: 'en', more: (first: string, n: number) => `${first} and ${n} more` };

test.each([
  [[], undefined],
  [['Pixel 8'], 'Pixel 8'],
  [['Pixel 8', 'iPad'], 'Pixel 8 and iPad'],
  [['Pixel 8', 'iPad', 'Fairphone'], 'Pixel 8 and 2 more'],
  [['\u202e\u0007', ' '], undefined],
  [['x'.repeat(80)], 'x'.repeat(64)],
])('%j are called %s', (names, text) => {
  expect(deviceNames(names, options)).toBe(text);
});
