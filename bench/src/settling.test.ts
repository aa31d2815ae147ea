import { expect, test } from 'vitest';
import { Settling } from './settling.ts';

const after = (...turns: readonly (readonly number[])[]): number => {
  const settling = new Settling();
  for (const costs of turns) settling.add(costs);
  return settling.turnsWithoutGain;
};

test('what gets cheaper in any scenario is not settled', () => {
  expect(after([100, 50])).toBe(0);
  expect(after([100, 50], [100, 40])).toBe(0);
});

test('noise is no gain, however it goes up and down', () => {
  expect(after([100, 50], [98, 55], [104, 49])).toBe(2);
});

test('a gain is one over the cheapest turn, not over the last', () => {
  expect(after([100], [130], [100])).toBe(2);
  expect(after([100], [130], [90])).toBe(0);
});
