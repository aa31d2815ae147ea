import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CORPUS } from '../applications/oracle/whole-corpus.ts';

interface Row {
  readonly file?: string;
  readonly test?: string;
  readonly reason?: string;
}

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { plans } = JSON.parse(readFileSync(at('conformance/openid-suite/modules.json'), 'utf8')) as {
  readonly plans: readonly { readonly plan: string; readonly modules: Readonly<Record<string, Row>> }[];
};

/** The cases of the oracle make their titles of parts. */
const ORACLE = 'conformance/applications/oracle';
const CASES = new Set(CORPUS.map(({ name }) => name));

/** Whether the title is written down in the file, as that of a test or of a row of tests. */
const hasTest = (file: string, title: string): boolean => {
  if (file === ORACLE) return CASES.has(title);
  const source = readFileSync(at(file), 'utf8');
  return source.includes(`'${title}'`) || source.includes(`"${title}"`);
};

// What the modules are and where they are covered: docs/guides/certifying.md.
describe.each(plans)('the modules of $plan', ({ modules }) => {
  test.each(Object.entries(modules))('%s has a test that is there, or a reason', (_, { file, test: title, reason }) => {
    if (reason !== undefined) {
      expect({ file, title }).toEqual({});
      expect(reason.length).toBeGreaterThan(20);
    } else {
      expect(hasTest(file ?? '', title ?? '')).toBe(true);
    }
  });
});

test('all plans of what we say that we are have their modules', () => {
  const counts = Object.fromEntries(plans.map(({ plan, modules }) => [plan, Object.keys(modules).length]));
  expect(counts).toMatchObject({ OIDCCBasicTestPlan: 38, OIDCCRpInitiatedLogoutTestPlan: 11 });
  expect(Object.values(counts).every((count) => count > 0)).toBe(true);
  expect(hasTest('packages/server/walks/openid-suite.test.ts', 'no such module')).toBe(false);
});
