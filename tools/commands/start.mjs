import { CommandFailed, ensureReady, isNodeTooOld, ROOT, RUNNING } from '../workspace.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

if (isNodeTooOld(process.versions.node)) {
  say(`Assent needs Node 20.19 or newer, and this is ${process.versions.node}.`);
  process.exit(1);
}
try {
  process.chdir(ROOT);
  await ensureReady({ say, builds: RUNNING });
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`Assent could not be made ready: ${error.message}.`);
  process.exit(1);
}

// In this process, so that signals reach the server itself.
process.argv.splice(2, 0, 'serve');
await import('../../packages/cli/bin/assent.cjs');
