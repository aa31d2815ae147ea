import { expect, test } from 'vitest';
import { budgetOf, judge, parseBudget, parseLimit } from './budget.ts';

test.each(['', '4.5', 'E', '4,5 E', '-1 E', '4.5 EE', '4.5 E/s', 'NaN E'])('%j is no limit', (text) => {
  expect(() => parseLimit(text)).toThrow(SyntaxError);
});

test.each([
  ['4.5 E', { amount: 4.5, unit: 'E' }],
  [' 60 MB ', { amount: 60, unit: 'MB' }],
  ['4 writes', { amount: 4, unit: 'writes' }],
])('%j is a limit', (text, limit) => {
  expect(parseLimit(text)).toEqual(limit);
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

test('no aim of ours is easier than its gate', () => {
  for (const id of ['P1', 'P3', 'P5', 'P6 memory', 'P6 sqlite', 'P10 sqlite', 'P12', 'P13 typical', 'P15']) {
    const { gate, aim } = budgetOf(id);
    expect(aim.amount).toBeLessThan(gate.amount);
  }
  expect(() => budgetOf('P99')).toThrow(RangeError);
});

test('a value on the limit keeps it, and what is no number keeps none', () => {
  const row = budgetOf('P1');
  expect(judge(row, 3)).toBe('aim');
  expect(judge(row, 4.5)).toBe('gate');
  expect(judge(row, 4.51)).toBe('OVER');
  expect(judge(row, Number.NaN)).toBe('OVER');
});
