import { join } from 'node:path';
import { runnerImport } from 'vite';
import { CommandFailed, ensureReady, ROOT } from './workspace.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

process.chdir(ROOT);
try {
  await ensureReady({ say });
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`What is attacked could not be built: ${error.message}.`);
  process.exit(2);
}
const { module } = await runnerImport(join(ROOT, 'conformance/attack/main.ts'), {
  configFile: false,
  root: ROOT,
  logLevel: 'warn',
  resolve: { conditions: ['@assent/source', 'node'] },
});
process.exit(await module.main(process.argv.slice(2)));
