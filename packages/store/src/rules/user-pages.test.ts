import { expect, test } from 'vitest';
import { endOfBeginning } from './user-pages.ts';

test.each([
  ['', undefined],
  ['a', 'b'],
  ['ann', 'ano'],
  ['a\ud7ff', 'a\ue000'],
  ['a\uffff', 'a\u{10000}'],
  ['a\u{10ffff}', 'b'],
  ['\u{10ffff}\u{10ffff}', undefined],
  ['😀', '😁'],
])('all that begin with %j are below %j', (beginning, end) => {
  expect(endOfBeginning(beginning)).toBe(end);
});
