import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const NAME = 'assent-run-';

/**
 * Lets every temporary file of a run lie in one folder that goes with the run. Each test that needs a database or a home directory makes one,
 * a thousand of them in all, and nobody sweeps a developer's machine.
 */
export const setup = (): (() => void) => {
  // Each project calls this in the same process.
  if (basename(tmpdir()).startsWith(NAME)) return () => {};
  const directory = mkdtempSync(join(tmpdir(), NAME));
  // Under root, PostgreSQL runs as another user, in a folder of its own in this one.
  chmodSync(directory, 0o711);
  process.env.TMPDIR = directory;
  return () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
};
