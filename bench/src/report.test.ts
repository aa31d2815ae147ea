import { expect, test } from 'vitest';
import { judged, resultTable } from './report.ts';

const result = { id: 'P1', store: 'memory', value: { median: 12, min: 4, max: 13.125 }, note: '', details: {} };

test('a median over the gate is over, whatever the least value was', () => {
  expect(judged(result).verdict).toBe('OVER');
  expect(judged({ ...result, value: { median: 9, min: 4, max: 14 } }).verdict).toBe('gate');
});

test('the table says the unit, the spread and the verdict', () => {
  const [, row = ''] = resultTable([judged(result)]).split('\n');
  expect(row.split(/ {2,}/)).toEqual([
    'P1 one journey step, in memory',
    'memory',
    '12 E',
    '4',
    '13.13',
    '11',
    '8',
    'OVER',
  ]);
});
