import { expect, test } from 'vitest';
import { expressionsOf, faultOf } from './regexps.mjs';

const of = (text: string) => expressionsOf('packages/a/src/a.ts', text);

test('finds literals and expressions that are built, each with its line (SEC-94)', () => {
  expect(
    of("const a = /x+/giu;\nconst b = new RegExp('y*', 'g');\nconst c = RegExp(a);\nconst d = 1 / 2 / 3;"),
  ).toEqual([
    { path: 'packages/a/src/a.ts', line: 1, source: 'x+', flags: 'giu' },
    { path: 'packages/a/src/a.ts', line: 2, source: 'y*', flags: 'g' },
    { path: 'packages/a/src/a.ts', line: 3 },
  ]);
});

test.each([
  ['a quadratic search', '<a\\b[^>]*>[\\s\\S]*?<\\/a>', 'gi'],
  ['a quadratic end', '\\s+$', ''],
  ['an exponential match', '^(a+)+$', ''],
])('refuses %s (SEC-94, CWE-1333)', (_, source, flags) => {
  expect(faultOf({ source, flags })).toMatch(/polynomial|exponential/);
});

test.each([
  ['a linear match', '^[a-z]+=[^;]*$', ''],
  ['a lookbehind', '(?<!\\/)\\/+$', ''],
  ['properties of Unicode', '^\\p{L}+$', 'u'],
])('accepts %s', (_, source, flags) => {
  expect(faultOf({ source, flags })).toBeUndefined();
});
