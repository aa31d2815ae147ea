import { expect, test } from 'vitest';
import { groupedNumber, spokenNumber } from './number-groups.ts';

test.each([
  ['7', ['7']],
  ['42', ['42']],
  ['483', ['483']],
  ['4832', ['48', '32']],
  ['48320', ['483', '20']],
  ['483201', ['483', '201']],
  ['48320142', ['483', '201', '42']],
])('%s is grouped as %j', (digits, groups) => {
  expect(groupedNumber(digits)).toEqual(groups);
});

test('a number is spoken digit by digit', () => {
  expect(spokenNumber('4820')).toBe('4, 8, 2, 0');
});
