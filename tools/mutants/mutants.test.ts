import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testNames } from '../docs/tests-by-rule.mjs';
import { ROOT } from '../workspace.mjs';
import { MUTANTS } from './mutants.mjs';
import { mutated, testsNamed } from './mutated.mjs';

interface Mutant {
  readonly rule: string;
  readonly what: string;
  readonly file: string;
  readonly of: string;
  readonly put: string;
  readonly test: string;
  readonly titleIn?: string;
  readonly fails: string;
}
const mutants = MUTANTS as readonly Mutant[];
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

test('there are forty faults at the least, each another one', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(40);
  expect(new Set(mutants.map(({ what }) => what)).size).toBe(mutants.length);
});

test.each(mutants)('$rule: "$what" can still be planted, and its test is there and names the rule', (mutant) => {
  expect(mutated(mutant, read(mutant.file))).not.toBe(read(mutant.file));
  const file = mutant.titleIn ?? mutant.test;
  const titles = (testNames(read(file), file) as readonly string[]).filter((it) =>
    it.slice(1).startsWith(mutant.fails),
  );
  expect(titles).toEqual([expect.stringContaining(mutant.rule)]);
});

test.each([
  ['is not there', 'nothing'],
  ['stands there twice', 'a'],
])('a place that %s is an error', (_, of) => {
  const mutant = { rule: 'SEC-00', what: 'x', file: 'f', of, put: 'b' };
  expect(() => mutated(mutant, 'a a')).toThrow(/^SEC-00 \(x\): what it changes stands \d times in f, not once\.$/);
});

test('a title stands for what is made of it', () => {
  const results = ['a thing of 7 bytes is (refused) (SEC-01)', 'another'].map((title) => ({ title, status: 'failed' }));
  const report = { testResults: [{ assertionResults: results }] };
  expect(testsNamed(report, 'a thing of %d bytes is (refused)')).toHaveLength(1);
  expect(testsNamed(report, 'thing')).toHaveLength(0);
});
