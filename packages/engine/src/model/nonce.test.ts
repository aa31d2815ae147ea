import { expect, test } from 'vitest';
import { sameText } from './nonce.ts';

test.each([
  ['abc', 'abd'],
  ['abc', 'Abc'],
  ['abc', 'abcd'],
  ['abc', ''],
  ['é', 'é'.normalize('NFD')],
  ['\u{1f511}', '\u{1f512}'],
])('%j is not %j, and only itself (SEC-78)', (one, other) => {
  expect([sameText(one, other), sameText(other, one), sameText(one, one), sameText(other, other)]).toEqual([
    false,
    false,
    true,
    true,
  ]);
});
