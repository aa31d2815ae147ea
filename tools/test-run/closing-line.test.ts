import { expect, test } from 'vitest';
import { closingLine, readClosingLine, settle } from './closing-line.mjs';

const counts = { passed: 3, failed: 0, skipped: 2 };

test.each(['', 'Tests 3 passed, 0 failed, maybe', 'all is well'])('there is no closing line in "%s"', (text) => {
  expect(readClosingLine(text)).toBeUndefined();
});

test('the last closing line counts', () => {
  expect(readClosingLine('1 passed, 9 failed\nnoise\n3 passed, 0 failed, 2 skipped\n')).toEqual(counts);
  expect(readClosingLine('3 passed, 0 failed')).toEqual({ passed: 3, failed: 0, skipped: 0 });
});

test('a run without a closing line has failed', () => {
  expect(settle({ counts: undefined, exitCode: 0, isEverythingRequired: false })).toMatchObject({ failed: 1 });
});

test('a run that ended badly has failed, whatever it counted', () => {
  expect(settle({ counts, exitCode: 1, isEverythingRequired: false })).toMatchObject({ passed: 3, failed: 1 });
});

test('a skipped test has failed where everything is required, and only there', () => {
  expect(settle({ counts, exitCode: 0, isEverythingRequired: true })).toEqual({ passed: 3, failed: 2, skipped: 0 });
  expect(settle({ counts, exitCode: 0, isEverythingRequired: false })).toEqual(counts);
});

test('a failure is counted once', () => {
  const failing = { passed: 3, failed: 4, skipped: 0 };
  expect(settle({ counts: failing, exitCode: 1, isEverythingRequired: true })).toEqual(failing);
});

test('the closing line names skipped tests only where there are some', () => {
  expect(closingLine(counts)).toBe('3 passed, 0 failed, 2 skipped');
  expect(closingLine({ ...counts, skipped: 0 })).toBe('3 passed, 0 failed');
});
