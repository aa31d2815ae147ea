import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The suites that take longest, so that none of them is what everybody waits for at the end. Vitest orders by the time of the run before,
 * which a fresh clone does not have, and else by the size of files, which says nothing of a suite that stands in other files.
 */
export const LONGEST: readonly string[] = [
  'conformance/personas.test.ts',
  'conformance/faults/short-run.test.ts',
  'conformance/walks-over-http.test.ts',
  'conformance/cluster/two-instances.test.ts',
  'conformance/guides/leaving-pingam.test.ts',
  'tools/commands/new-node.test.ts',
  'conformance/attack/short-run.test.ts',
  'conformance/attack/every-parameter.test.ts',
  'conformance/clients/frodo.test.ts',
  'conformance/clients/frodo-configuration.test.ts',

  'conformance/login-page/walks-in-browser.test.ts',
  'conformance/account-page/account.test.ts',
  'conformance/login-page/every-screen.test.ts',
  'conformance/phone-page/phone-in-browser.test.ts',
  'conformance/oauth-pages/oauth-pages.test.ts',
  'conformance/phone-page/rare-screens.test.ts',
  'conformance/login-page/instant-approval.test.ts',
  'conformance/login-page/without-script.test.ts',

  'packages/store/src/postgres/postgres-store.test.ts',
  'packages/server/walks/conformance-walks.test.ts',
];

/** Projects whose files share processes, for as long as files of the same project come one after the other. */
const SHARING = ['pages', 'packages'];

/** Where a file stands: in which block, and there in which place. */
const rank = ({ moduleId, project }: TestSpecification): readonly [block: number, place: number] => {
  const found = LONGEST.findIndex((path) => moduleId.endsWith(`/${path}`));
  const place = found === -1 ? LONGEST.length : found;
  const sharing = SHARING.indexOf(project.name);
  if (sharing !== -1) return [1 + sharing, place];
  return [found === -1 ? 1 + SHARING.length : 0, place];
};

/**
 * Order of the test files: the longest suites, then those that share processes, then the rest; of each block the longest first, and else as
 * Vitest has it.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = (await super.sort(files)).map((file) => ({ file, rank: rank(file) }));
    sorted.sort(({ rank: a }, { rank: b }) => a[0] - b[0] || a[1] - b[1]);
    return sorted.map(({ file }) => file);
  }
}
