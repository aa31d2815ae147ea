import { expect, test } from 'vitest';
import { budgetOf, judge } from './budget.ts';

test('no aim of ours is easier than its gate', () => {
  for (const id of [
    'P1',
    'P3',
    'P5',
    'P6 memory',
    'P6 sqlite',
    'P7',
    'P10 sqlite',
    'P12',
    'P13 typical',
    'P15',
    'O1 sqlite',
    'O2 sqlite',
    'O3 sqlite',
    'O4 sqlite',
    'O5 sqlite',
    'O6',
    'O7',
  ]) {
    const { gate, aim } = budgetOf(id);
    expect(aim.amount).toBeLessThan(gate.amount);
  }
  expect(() => budgetOf('P99')).toThrow(RangeError);
});

test('a value on the limit keeps it, and what is no number keeps none', () => {
  const row = budgetOf('P1');
  expect(judge(row, 8)).toBe('aim');
  expect(judge(row, 11)).toBe('gate');
  expect(judge(row, 11.01)).toBe('OVER');
  expect(judge(row, Number.NaN)).toBe('OVER');
});
