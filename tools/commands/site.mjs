import { join } from 'node:path';
import { runnerImport } from 'vite';
import { CommandFailed, ensurePackages, ROOT } from '../workspace.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

/** `npm run site`: the documentation as static pages. */
process.chdir(ROOT);
try {
  await ensurePackages({ say });
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`The packages that the site is made with could not be installed: ${error.message}.`);
  process.exit(1);
}
const { module } = await runnerImport(join(ROOT, 'site/main.ts'), { configFile: false, root: ROOT, logLevel: 'warn' });
process.exit(await module.main(process.argv.slice(2)));
