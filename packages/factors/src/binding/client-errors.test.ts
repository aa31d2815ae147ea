import { expect, test } from 'vitest';
import { listedClientError, OUTCOMES_OF_BINDING } from './client-errors.ts';

const LISTED = ['Unsupported', 'Abort', 'Timeout', 'Custom'];

test.each(LISTED)('an app that says %s is believed', (said) => {
  expect(listedClientError(said, LISTED)).toBe(said);
});

test.each([...OUTCOMES_OF_BINDING, 'abort', 'ABORT', ' Abort', 'Abort\u0000', 'Other', '', '__proto__'])(
  'an app that says %j has said nothing (WA-40)',
  (said) => {
    expect(listedClientError(said, LISTED)).toBeUndefined();
  },
);

test('the outcomes of a node are no errors of an app, wherever they are listed (WA-40)', () => {
  for (const name of OUTCOMES_OF_BINDING) expect(listedClientError(name, [name])).toBeUndefined();
});
