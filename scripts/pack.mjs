import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandFailed, ensureDeclarations, ensureReady, ROOT } from './workspace.mjs';

const USAGE = `npm run pack [-- --to FOLDER]
  Builds what is missing, and makes the one package that is published: assent-<version>.tgz, in dist/ where nothing else is said.`;

const say = (text) => process.stderr.write(`${text}\n`);

const folder = (() => {
  try {
    return parseArgs({ options: { to: { type: 'string', default: join(ROOT, 'dist') } } }).values.to;
  } catch (error) {
    say(`${error.message}\n${USAGE}`);
    return process.exit(2);
  }
})();
try {
  await ensureReady({ say });
  await ensureDeclarations({ say });
  const { packTo } = await import('./pack/tarball.mjs');
  const { path, size } = await packTo(folder);
  console.log(`${path} (${(size / 1e6).toFixed(2)} MB)`);
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`Nothing was packed: ${error.message}.\n${error.output}`);
  process.exitCode = 1;
}
