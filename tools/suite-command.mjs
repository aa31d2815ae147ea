import { join } from 'node:path';
import { runnerImport } from 'vite';
import { CommandFailed, ensureReady, ROOT } from './workspace.mjs';

/**
 * Builds what the commands of `conformance/` start, and loads `conformance/<suite>/main.ts` with the sources of the packages. Where the
 * build fails, says so and exits with 2.
 *
 * @param {string} suite
 * @param {(text: string) => void} say
 */
export const suiteCommand = async (suite, say) => {
  process.chdir(ROOT);
  try {
    await ensureReady({ say });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    say(`The servers for the command could not be built: ${error.message}.`);
    process.exit(2);
  }
  const { module } = await runnerImport(join(ROOT, `conformance/${suite}/main.ts`), {
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    resolve: { conditions: ['@assent/source', 'node'] },
  });
  return module;
};
