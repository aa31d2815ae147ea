import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './tools/test-run/longest-first.ts';

/** Tests read our packages from source: a failing line is a line that somebody wrote. */
const conditions = ['@assent/source'];

/** The suites of our own pages in a browser. */
const PAGES = 'conformance/{account-page,login-page,oauth-pages,phone-page}/**/*.test.ts';

export default defineConfig({
  resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] },
  // Without `module`: that build of the AWS SDK is for bundlers, and Node cannot load it.
  ssr: { resolve: { conditions: [...conditions, 'node', 'development|production'] } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    reporters: ['default', fileURLToPath(new URL('tools/test-run/closing-line-reporter.mjs', import.meta.url))],
    globalSetup: [
      // Temporary files of all tests go when the run is over.
      fileURLToPath(new URL('tools/test-run/scratch-setup.ts', import.meta.url)),
      // One PostgreSQL for all that ask for one, started when the first does.
      fileURLToPath(new URL('packages/test-servers/src/run/vitest-setup.ts', import.meta.url)),
    ],
    setupFiles: [fileURLToPath(new URL('tools/test-run/node-coverage-setup.mjs', import.meta.url))],
    // Suites with a server or a browser wait for a third of their time: more at a time than there are cores.
    maxWorkers: availableParallelism() + 3,
    sequence: { sequencer: LongestFirst },
    // Limits find what hangs, and cost nothing where a test passes: a machine four times slower than usual stays within them.
    testTimeout: 360_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/{src,walks}/**/*.test.{ts,tsx}', 'bench/src/**/*.test.ts', 'site/**/*.test.ts'],
          // Three hundred files share a few processes, where each would load the same modules once more. So a test gives
          // back what it changes of a global; spies do so by themselves.
          isolate: false,
          restoreMocks: true,
        },
      },
      {
        extends: true,
        test: {
          name: 'pages',
          include: [PAGES],
          // They change no global, and keep nothing but a browser, in which each test opens windows of its own.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'suites',
          include: ['conformance/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: [...configDefaults.exclude, PAGES],
        },
      },
    ],
  },
});
