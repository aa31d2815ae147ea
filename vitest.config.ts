import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests read our packages from source: a failing line is a line that somebody wrote. */
const conditions = ['@assent/source'];

export default defineConfig({
  resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] },
  // Without `module`: that build of the AWS SDK is for bundlers, and Node cannot load it.
  ssr: { resolve: { conditions: [...conditions, 'node', 'development|production'] } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: [
      'packages/*/{src,walks}/**/*.test.{ts,tsx}',
      'conformance/**/*.test.ts',
      'bench/src/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    reporters: ['default', fileURLToPath(new URL('scripts/test-run/closing-line-reporter.mjs', import.meta.url))],
    setupFiles: [fileURLToPath(new URL('scripts/test-run/node-coverage-setup.mjs', import.meta.url))],
    // Suites with a server or a browser wait for a third of their time: one more at a time than there are cores.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
