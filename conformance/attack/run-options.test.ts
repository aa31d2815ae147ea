import { expect, test } from 'vitest';
import { readOptions } from './run-options.ts';

const KNOWN = { groups: new Set(['3.1', '3.2']), cases: new Set(['A001', 'A041']) };

test('nothing said is everything, on one server', () => {
  expect(readOptions([], KNOWN)).toEqual({
    isCluster: false,
    groups: [],
    cases: [],
    isJson: false,
    inputs: 0,
    seed: 1,
  });
});

test('what is said is read, and --long is a million inputs', () => {
  const args = ['--postgres', '--group', '3.1, 3.2', '--case', 'a041', '--json', '--long', '--seed', '7'];
  expect(readOptions(args, KNOWN)).toEqual({
    isCluster: true,
    groups: ['3.1', '3.2'],
    cases: ['A041'],
    isJson: true,
    inputs: 1_000_000,
    seed: 7,
  });
  expect(readOptions(['--inputs', '500'], KNOWN).inputs).toBe(500);
});

test.each([
  [['--case', 'A999'], '--case has A999: known are A001, A041.'],
  [['--group', '9'], '--group has 9: known are 3.1, 3.2.'],
  [['--seed', '1x'], '--seed cannot be "1x"'],
  [['--inputs', 'many'], '--inputs cannot be "many": give a whole number from 0 to 1000000000.'],
  [['--nothing'], 'Known are --postgres, --group'],
])('%j is refused by name', (args, message) => {
  expect(() => readOptions(args, KNOWN)).toThrow(message);
});
