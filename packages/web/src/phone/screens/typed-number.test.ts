import { expect, test } from 'vitest';
import { digitsOf } from './typed-number.ts';

test.each([
  ['483 201', '483201'],
  ['4-8-3', '483'],
  ['٤٨٣٢٠١', '483201'],
  ['４８３', '483'],
  ['no number', ''],
  ['48320199', '483201'],
])('%s is typed as %s', (text, digits) => {
  expect(digitsOf(text, 6)).toBe(digits);
});
