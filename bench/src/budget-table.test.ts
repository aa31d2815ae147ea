import { expect, test } from 'vitest';
import { parseBudget } from './budget-table.ts';

test.each(['', '4.5', 'E', '4,5 E', '-1 E', '4.5 EE', '4.5 E/s', 'NaN E'])('%j is no limit', (text) => {
  expect(() => parseBudget(`P1 | a step | 4 E | ${text}`)).toThrow(SyntaxError);
});

test.each([
  ['4.5 E', { amount: 4.5, unit: 'E' }],
  [' 60 MB ', { amount: 60, unit: 'MB' }],
  ['4 writes', { amount: 4, unit: 'writes' }],
])('%j is a limit', (text, limit) => {
  expect(parseBudget(`P1 | a step | ${text} | ${text}`).get('P1')).toMatchObject({ gate: limit, aim: limit });
});

test.each(['P1 | a step | 4.5 E', 'P1 | a step | 4.5 E | 3 E | more', ' | a step | 4.5 E | 3 E'])(
  '%j is no row',
  (line) => {
    expect(() => parseBudget(line)).toThrow(SyntaxError);
  },
);

test('a budget has each row once, in one unit', () => {
  expect(() => parseBudget('P1 | a | 4 E | 3 E\nP1 | a | 4 E | 3 E')).toThrow('twice');
  expect(() => parseBudget('P1 | a | 4 E | 3 MB')).toThrow('units');
});
