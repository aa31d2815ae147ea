import { expect, test } from 'vitest';
import { readRecoveryCode } from './recovery-code-set.ts';

test.each([
  ['0123456789ABCDEF', '0123456789ABCDEF'],
  ['0123-4567-89ab-cdef', '0123456789ABCDEF'],
  [' oi l1 23456789abcde\u2011f ', undefined],
  ['oil1 2345 6789 abcd', '011123456789ABCD'],
  ['0123–4567—89AB CDEF', '0123456789ABCDEF'],
  ['0123456789ABCDEU', undefined],
  ['0123456789ABCDE', undefined],
  ['０123456789ABCDEF', undefined],
  ['', undefined],
  [`0123456789ABCDEF${'-'.repeat(60)}`, undefined],
])('%j is read as %s', (input, code) => {
  expect(readRecoveryCode(input)).toBe(code);
});
