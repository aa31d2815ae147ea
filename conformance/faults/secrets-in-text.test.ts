import { expect, test } from 'vitest';
import { secretsIn } from './secrets-in-text.ts';

const SECRETS = ['correct horse 7', 'correct horse 8', 'abcdefghijklm'];

test.each([
  ['', []],
  ['correct horse', []],
  ['{"msg":"password correct horse 7, xabcdefghijklm"}', ['correct horse 7', 'abcdefghijklm']],
  ['correct horse 8', ['correct horse 8']],
  ['abcdefghijklabcdefghijklm correct horse 7correct horse 7', ['abcdefghijklm', 'correct horse 7']],
])('finds in %j what is in it, wherever it begins (I5)', (text, found) => {
  expect(secretsIn(text, SECRETS)).toEqual(found);
});

test('looks for nothing that is too short to be found', () => {
  expect(() => secretsIn('text', ['short'])).toThrow(RangeError);
});
