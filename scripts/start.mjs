import { CommandFailed, ensureReady, isNodeTooOld, ROOT } from './workspace.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

if (isNodeTooOld(process.versions.node)) {
  say(`Assent needs Node 20.19 or newer, and this is ${process.versions.node}.`);
  process.exit(1);
}
try {
  process.chdir(ROOT);
  await ensureReady({ say });
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`Assent could not be made ready: ${error.message}.`);
  process.exit(1);
}

// npm passes SIGTERM on to a shell, which ends without telling us: being left alone is the signal then.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}

// In this process, so that signals reach the server itself.
process.argv.splice(2, 0, 'serve');
await import('../packages/cli/bin/assent.cjs');
