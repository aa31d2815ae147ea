import { expect, test } from 'vitest';
import { percentile, spreadOf } from './statistics.ts';

test('of nothing there is neither a median nor a percentile', () => {
  expect(() => spreadOf([])).toThrow(RangeError);
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});

test.each([-0.1, 1.1, Number.NaN])('%d is no share', (share) => {
  expect(() => percentile([1], share)).toThrow(RangeError);
});

test('values are ordered as numbers, not as text', () => {
  expect(spreadOf([10, 9, 100])).toEqual({ median: 10, min: 9, max: 100 });
});

test('of an even number of values the median is between the middle two', () => {
  expect(spreadOf([4, 1, 2, 3]).median).toBe(2.5);
});

test('a percentile is one of the values', () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at);
  expect(percentile(values, 0.5)).toBe(50);
  expect(percentile(values, 0.99)).toBe(99);
  expect(percentile(values, 0)).toBe(1);
  expect(percentile(values, 1)).toBe(100);
  expect(percentile([7], 0.99)).toBe(7);
});
