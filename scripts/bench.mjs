import { CommandFailed, ensureReady, ROOT, runTool } from './workspace.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

try {
  process.chdir(ROOT);
  await ensureReady({ say, isMeasured: true });
  await runTool('typescript/bin/tsc', ['-p', 'bench']);
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`The benchmark could not be built: ${error.message}.`);
  process.exit(1);
}
await import('../bench/dist/main.js');
