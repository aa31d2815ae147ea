import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureReady, ROOT } from '../workspace.mjs';

/** `npm run tools -- interleavings`: the random runs of which each `npm test` has a hundred (REL-28); `--runs`, and the `--seed` of the first. */
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
await ensureReady();
const { status } = spawnSync(
  process.execPath,
  [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', 'packages/factors/src/interleavings.test.ts'],
  {
    cwd: ROOT,
    env: { ...process.env, ASSENT_INTERLEAVINGS: values.runs, ASSENT_INTERLEAVING_SEED: values.seed },
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;
