const CLOSING_LINE = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;

/** The counts of the last closing line in a text; undefined where there is none. */
export const readClosingLine = (text) => {
  const match = text
    .split('\n')
    .map((line) => CLOSING_LINE.exec(line.trim()))
    .findLast((it) => it !== null);
  if (match === undefined) return undefined;
  const [, passed, failed, skipped = '0'] = match;
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
};

/**
 * What a run of the tests comes to. A run that ended badly without saying so has one failure, and where everything is
 * required a skipped test is a failed one.
 */
export const settle = ({ counts, exitCode, isEverythingRequired }) => {
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: 0 };
  const failures = isEverythingRequired ? failed + skipped : failed;
  const isUnexplained = failures === 0 && (counts === undefined || exitCode !== 0);
  return { passed, failed: isUnexplained ? 1 : failures, skipped: isEverythingRequired ? 0 : skipped };
};

export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
