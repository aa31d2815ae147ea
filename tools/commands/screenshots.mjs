import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailed, ensureReady, ROOT, runTool } from '../workspace.mjs';

// Pictures of every screen, into `screenshots/`: the suites that look at the pages keep what they saw (spec: ux §7.4). Of the
// list there `opt-out` has none: it is a button of the options screen, and the server sees only the choice.

const say = (text) => process.stderr.write(`${text}\n`);
const directory = join(ROOT, 'screenshots');

try {
  process.chdir(ROOT);
  await ensureReady({ say });
  rmSync(directory, { recursive: true, force: true });
  process.env.ASSENT_TEST_SCREENSHOTS = directory;
  await runTool('vitest/vitest.mjs', [
    'run',
    'conformance/account-page',
    'conformance/applications/examples.test.ts',
    'conformance/login-page',
    'conformance/oauth-pages',
    'conformance/phone-page',
    'conformance/newcomer.test.ts',
  ]);
  say(`The pictures are in ${directory}.`);
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`Not all pictures could be taken: ${error.message}.`);
  process.exit(1);
}
