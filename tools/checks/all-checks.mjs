import { join } from 'node:path';
import { ROOT, runCommand, runTool } from '../workspace.mjs';

const own = (name) => (options) => runCommand(process.execPath, [join(ROOT, 'tools/checks', `${name}.mjs`)], options);
const biome =
  (...args) =>
  (options) =>
    runTool('@biomejs/biome/bin/biome', args, options);

/** Checks that need only the sources, by name; the quick ones come first. Each takes the options of `runCommand`. */
export const CHECKS = {
  lockfile: own('lockfile'),
  format: biome('format', '.'),
  lint: biome('lint', '--error-on-warnings', '.'),
  sql: own('sql'),
  regexps: own('regexps'),
  types: (options) => runTool('typescript/bin/tsc', ['-p', 'tsconfig.check.json'], options),
  boundaries: own('boundaries'),
  async unused(options) {
    await runTool('knip/bin/knip.js', [], options);
    // Exports that only tests use.
    await runTool('knip/bin/knip.js', ['--production'], options);
  },
};
