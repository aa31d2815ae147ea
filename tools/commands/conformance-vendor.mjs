import { join } from 'node:path';
import { optionsOf, say } from '../options.mjs';
import { suiteCommand } from '../suite-command.mjs';

const USAGE = `npm run conformance:vendor -- --checkout DIR [--legacy-checkout DIR] [--suite NAME] [--only TEXT] [--browser PATH]
  Runs the end-to-end specs of the JavaScript SDKs, unmodified, against servers that it starts. DIR is a clone of
  ForgeRock/ping-javascript-sdk, and of ForgeRock/forgerock-javascript-sdk, with packages installed (docs/guides/certifying.md).`;

const { given, refuse } = optionsOf(USAGE, {
  checkout: { type: 'string' },
  'legacy-checkout': { type: 'string' },
  suite: { type: 'string' },
  only: { type: 'string' },
  browser: { type: 'string', default: '/usr/bin/chromium-headless-shell' },
});
if (given.checkout === undefined) refuse('--checkout is missing: name a clone of ForgeRock/ping-javascript-sdk.');

const from = process.env.INIT_CWD ?? process.cwd();
const directory = (path) => (path === undefined ? undefined : join(path.startsWith('/') ? '/' : from, path));
const module = await suiteCommand('vendor', say);
try {
  process.exit(
    await module.main({
      checkout: directory(given.checkout),
      legacyCheckout: directory(given['legacy-checkout']),
      suite: given.suite,
      only: given.only,
      browser: given.browser,
      load: (href) => import(href),
    }),
  );
} catch (error) {
  say(`The suites could not be run: ${error.message}`);
  process.exit(2);
}
