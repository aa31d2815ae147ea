import { expect, test } from 'vitest';
import { Random } from '../faults/random.ts';
import { separation } from './auc.ts';

const random = new Random(7);
const sample = (count: number, shift = 0) => Array.from({ length: count }, () => random.next() + shift);

test('classes that are always told apart have 0 and 1, equal ones a half', () => {
  expect(separation([3, 4, 5], [0, 1, 2]).auc).toBe(1);
  expect(separation([0, 1, 2], [3, 4, 5]).auc).toBe(0);
  expect(separation([1, 1, 1], [1, 1, 1])).toEqual({ auc: 0.5, low: 0.5, high: 0.5 });
  expect(separation([1, 2], [1, 3]).auc).toBe(0.375);
});

test('the interval holds a half for samples of one distribution, and not for one that is moved', () => {
  const same = separation(sample(5_000), sample(5_000));
  expect(same.low).toBeLessThan(0.5);
  expect(same.high).toBeGreaterThan(0.5);
  expect(same.high - same.low).toBeCloseTo(0.0226, 3);
  // Of two uniform ones that are moved by d: a half and d - d² / 2.
  const moved = separation(sample(5_000, 0.05), sample(5_000));
  expect(moved.auc).toBeGreaterThan(0.53);
  expect(moved.low).toBeGreaterThan(0.52);
});
