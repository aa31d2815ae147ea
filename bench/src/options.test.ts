import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test.each([
  [['--fast'], /Unknown option '--fast'/],
  [['--only', 'request'], /There is no part "request". The parts are requests, /],
  [['--store', 'sqlite'], /--store takes postgres/],
  [['--gate', '--quick'], /--gate takes no other option/],
  [['requests'], /Unexpected argument 'requests'/],
])('%j is refused with what to do', (args, message) => {
  expect(() => readOptions(args)).toThrow(RangeError);
  expect(() => readOptions(args)).toThrow(message);
});

test('all parts are measured where none is named', () => {
  expect(readOptions([])).toEqual({ quick: false, parts: [], isPostgres: false, gate: false });
  expect(readOptions(['--quick', '--only', 'start,scripts', '--store', 'postgres'])).toEqual({
    quick: true,
    parts: ['start', 'scripts'],
    isPostgres: true,
    gate: false,
  });
});
