import { beforeAll, expect, test } from 'vitest';
import { RULES, UNTESTED } from './security-rules.mjs';
import { filesByRule, testNames } from './tests-by-rule.mjs';

const ids = Object.values(RULES as Readonly<Record<string, Readonly<Record<string, string>>>>).flatMap((rules) =>
  Object.keys(rules),
);
const reasons = UNTESTED as Readonly<Record<string, string>>;
let files: ReadonlyMap<string, ReadonlySet<string>>;
beforeAll(() => {
  files = filesByRule();
});

const numbered = (prefix: string, last: number) =>
  Array.from({ length: last }, (_, at) => `${prefix}-${String(at + 1).padStart(2, '0')}`);

test('the map has each rule once, in order', () => {
  const every = [...numbered('SEC', 96), ...numbered('REL', 28)];
  expect(ids).toEqual(every);
});

test('every rule is in the name of a test, or stands with its reason for none', () => {
  expect(ids.filter((id) => !files.has(id) && reasons[id] === undefined)).toEqual([]);
});

test('reasons are those of rules', () => {
  expect(Object.keys(reasons).filter((id) => !ids.includes(id))).toEqual([]);
});

test('no rule has a test and a reason for none', () => {
  expect(Object.keys(reasons).filter((id) => files.has(id))).toEqual([]);
});

test('no test cites a rule that there is not', () => {
  expect([...files.keys()].filter((id) => !ids.includes(id))).toEqual([]);
});

test('a name counts wherever it stands in a call of a test, and nowhere else', () => {
  const names = [
    "test('a (SEC-01)', () => {})",
    "it.each(rows)('b (SEC-02)', () => {})",
    'test.skipIf(x).each`1`(`c (SEC-03)`, () => {})',
    "describe('d (SEC-04)', () => { test('inside', () => {}) })",
    "// test('e (SEC-05)')",
    "expect('f (SEC-06)').toBe(g<T>('SEC-07'))",
  ];
  expect(testNames(names.join(';\n'), 'a.ts')).toEqual(["'a (SEC-01)'", "'b (SEC-02)'", '`c (SEC-03)`', "'inside'"]);
});
