import { describe, expect, test } from 'vitest';
import { gateRow } from './gate-row.ts';

const FLOOR = [600, 700, 800];
const { recorded } = gateRow('login', FLOOR, FLOOR);
const rounds = (...floors: readonly number[]) => floors.map((it, round) => it * recorded * (FLOOR[round] ?? 0));

describe('the gate of CPU', () => {
  test.each([
    ['exceeds the limit', rounds(1.26, 1.26, 1.26), FLOOR],
    ['has a round without a figure', [Number.NaN, 1, 1], FLOOR],
    ['has no floor', rounds(1, 1, 1), []],
    ['has no rounds', [], []],
  ])('refuses a login that %s', (_what, micros, floor) => {
    expect(gateRow('login', micros, floor).isKept).toBe(false);
  });

  test('accepts single rounds above the limit where all rounds together keep it', () => {
    expect(gateRow('login', rounds(1, 1.5, 1), FLOOR).isKept).toBe(true);
  });
});
