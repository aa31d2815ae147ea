import { CommandFailed, ensureReady } from '../workspace.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

try {
  await ensureReady({ say });
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`The build failed: ${error.message}.`);
  process.exitCode = 1;
}
