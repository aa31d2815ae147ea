import { CommandFailed, ensureReady, ROOT } from '../workspace.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

try {
  process.chdir(ROOT);
  await ensureReady({ say, isMeasured: true });
  const { compile } = await import('../compile.mjs');
  await compile('bench');
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`The benchmark could not be built: ${error.message}.`);
  process.exit(1);
}
await import('../../bench/dist/main.js');
