import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The suites that take longest, so that none of them is what everybody waits for at the end. Vitest orders by the time of the run before,
 * which a fresh clone does not have, and else by the size of files, which says nothing of a suite that stands in other files.
 */
export const LONGEST: readonly string[] = [
  'conformance/login-page/walks-in-browser.test.ts',
  'conformance/walks-over-http.test.ts',
  'conformance/account-page/account.test.ts',
  'conformance/personas.test.ts',
  'scripts/new-node.test.ts',
  'conformance/phone-page/phone-in-browser.test.ts',
  'conformance/security/every-parameter.test.ts',
  'conformance/phone-page/rare-screens.test.ts',
  'conformance/login-page/every-screen.test.ts',
  'conformance/oauth-pages/oauth-pages.test.ts',
  'conformance/login-page/instant-approval.test.ts',
  'conformance/clients/frodo.test.ts',
];

/** Where a file stands in that list; behind it, where it does not. */
const rank = ({ moduleId }: TestSpecification): number => {
  const at = LONGEST.findIndex((path) => moduleId.endsWith(`/${path}`));
  return at === -1 ? LONGEST.length : at;
};

/** Order of the test files: first the longest suites, then as Vitest has it. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
