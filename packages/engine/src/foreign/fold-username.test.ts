import { describe, expect, test, vi } from 'vitest';
import { isUsableUsername } from '../model/identities.ts';
import { foldUsername, hasLongCombiningRun, MAX_COMBINING_RUN } from './fold-username.ts';

const run = (length: number): string => '\u0301\u0323'.repeat(length).slice(0, length);

describe('folding of names and values (SEC-60, SEC-94)', () => {
  test.each([
    ['Demo', 'demo'],
    ['\uff21nna', 'anna'],
    ['Zoe\u0308', 'zo\u00eb'],
    ['\u212bngstr\u00f6m', '\u00e5ngstr\u00f6m'],
    ['\u6771\u4eac', '\u6771\u4eac'],
    [`A${run(MAX_COMBINING_RUN)}`, `A${run(MAX_COMBINING_RUN)}`.normalize('NFKC').toLowerCase()],
  ])('folds %j to %j', (text, folded) => {
    expect(foldUsername(text)).toBe(folded);
    expect(foldUsername(folded)).toBe(folded);
  });

  test('keeps long runs of combining characters as they are, and never sorts them', () => {
    const normalize = vi.spyOn(String.prototype, 'normalize');
    const long = `A${run(MAX_COMBINING_RUN + 1)}`;
    const folded = [long, `\u00c4${run(60_000)}`, `\uff9e`.repeat(50_000)].map(foldUsername);
    expect(normalize).not.toHaveBeenCalled();
    normalize.mockRestore();
    expect(folded[0]).toBe(long.toLowerCase());
    expect(folded.map(foldUsername)).toEqual(folded);
  });

  test.each([
    ['', false],
    ['a'.repeat(100_000), false],
    [run(MAX_COMBINING_RUN), false],
    [run(MAX_COMBINING_RUN + 1), true],
    [`x${run(MAX_COMBINING_RUN)}x${run(MAX_COMBINING_RUN)}`, false],
    [`x${run(5)}x${run(MAX_COMBINING_RUN + 1)}x`, true],
    ['\uff9e'.repeat(MAX_COMBINING_RUN + 1), true],
    ['\u{1e8d0}'.repeat(MAX_COMBINING_RUN), false],
    ['\u{1e8d0}'.repeat(MAX_COMBINING_RUN + 1), true],
  ])('tells a run that is too long: case %#', (text, isLong) => {
    expect(hasLongCombiningRun(text)).toBe(isLong);
  });

  test('a new user has no name with a long run', () => {
    expect([
      isUsableUsername(`a${run(MAX_COMBINING_RUN)}`),
      isUsableUsername(`a${run(MAX_COMBINING_RUN + 1)}`),
    ]).toEqual([true, false]);
  });
});
