import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandFailed, ensureDeclarations, ensureReady, ROOT } from '../workspace.mjs';

const USAGE = `npm run pack [-- --to FOLDER | --as-installed FOLDER]
  Builds what is missing, and makes the one package that is published: assent-<version>.tgz, in dist/ where nothing else is said. As installed: lays
  out what is in it beside the packages of others that are installed here, without its declarations, and prints the file of its command.`;

const say = (text) => process.stderr.write(`${text}\n`);

const { to, 'as-installed': installed } = (() => {
  try {
    const options = { to: { type: 'string', default: join(ROOT, 'dist') }, 'as-installed': { type: 'string' } };
    return parseArgs({ options }).values;
  } catch (error) {
    say(`${error.message}\n${USAGE}`);
    return process.exit(2);
  }
})();
try {
  await ensureReady({ say });
  if (installed !== undefined) {
    const { layOutAsInstalled } = await import('../pack/as-installed.mjs');
    console.log(layOutAsInstalled(installed).command);
  } else {
    await ensureDeclarations({ say });
    const { packTo } = await import('../pack/tarball.mjs');
    const { path, size } = await packTo(to);
    console.log(`${path} (${(size / 1e6).toFixed(2)} MB)`);
  }
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`Nothing was packed: ${error.message}.\n${error.output}`);
  process.exitCode = 1;
}
