import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import root from '../../vitest.config.ts';
import { MUTANTS } from './mutants.mjs';
import { mutated } from './mutated.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Which of the faults is planted; none where it is not set. */
const mutant = MUTANTS[Number(process.env.ASSENT_MUTANT ?? -1)];

export default mergeConfig(
  root,
  defineConfig({
    root: ROOT,
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        transform: (text: string, id: string) =>
          mutant !== undefined && id.split('?')[0] === join(ROOT, mutant.file) ? mutated(mutant, text) : undefined,
      },
    ],
  }),
);
