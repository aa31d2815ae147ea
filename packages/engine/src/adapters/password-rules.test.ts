import { expect, test } from 'vitest';
import { brokenPasswordRules } from './password-rules.ts';

const common = new Set(['password1', 'trustno1']);
const words = ['barbara', 'barbara@example.org', 'example', 'Großmann', 'assent', 'al'];
const broken = (password: string, minLength = 8) =>
  brokenPasswordRules(password, { minLength, words }, (folded) => common.has(folded));

test.each([
  ['seven77', 8, 'tooShort'],
  ['fourteen chars', 15, 'tooShort'],
  ['🔑'.repeat(7), 8, 'tooShort'],
  // One sign that unfolds to eighteen letters, and letters whose accents were typed apart.
  ['\ufdfa', 8, 'tooShort'],
  ['e\u0301'.repeat(7), 8, 'tooShort'],
  [`${'x y'.repeat(341)}zz`, 8, 'tooLong'],
  ['x'.repeat(1_048_576), 8, 'tooLong'],
  ['lone\ud800surrogate', 8, 'unreadable'],
  ['lone\udfffsurrogate', 8, 'unreadable'],
])('%j is refused where %i are the least: %s (SEC-55, A136)', (password, least, rule) => {
  expect(broken(password, least)).toEqual([rule]);
});

test.each([['password1'], ['PassWord1'], [' password1 '], ['ｐａｓｓｗｏｒｄ１']])(
  '%j is one that many have',
  (password) => {
    expect(broken(password)).toEqual(['common']);
  },
);

test.each([
  ['aaaaaaaaaaaaaaaa'],
  ['abcabcabcabca'],
  ['12345678901234567'],
  ['87654321098'],
  ['abcdefghijkl'],
  ['zyxwvutsrq'],
  ['QWERTYUIOPASDFG'],
  ['poiuytrewq'],
  ['qwertzuiop'],
  ['azertyuiop'],
  ['1qaz2wsx3edc'],
  ['correct-horse-correct-horse-'],
])('%j repeats itself or follows a row', (password) => {
  expect(broken(password)).toEqual(['pattern']);
});

test.each([
  ['Barbara1'],
  ['barbara-2026!'],
  ['2026BARBARA'],
  ['barbara@example.org'],
  ['barbara123456'],
  ['example!example'],
  ['Assent2026'],
])('%j is little more than names', (password) => {
  expect(broken(password)).toContain('personal');
});

test.each([
  ['eight888'],
  ['Ch4ng31t!'],
  ['barbara likes cheese'],
  ['correct horse battery staple'],
  ['alalal-7'],
  ['nul\0inside'],
  ['   spaces   '],
  ['パスワードは長い方がよい'],
  ['password1 and more'],
  [Array.from({ length: 128 }, (_, at) => `${1_000 + at}-xy.`).join('')],
])('%j may be set: no rule says what a password is made of, and nothing is cut off', (password) => {
  expect(broken(password)).toEqual([]);
});
