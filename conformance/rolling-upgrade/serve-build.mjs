import { join } from 'node:path';
import { argv, env, exit } from 'node:process';
import { pathToFileURL } from 'node:url';

// Serves a build of ours, whatever its version: what its command line would serve, but that a password costs nothing. It is started
// as instances for faults are (conformance/faults/servers/instance.ts), and nothing can be made to happen in it.

const [root = ''] = argv.slice(2);
if (root === '') throw new Error('The argument is the folder of a build.');
const from = (path) => import(pathToFileURL(join(root, 'packages', path)).href);

const [{ SETTINGS }, { loadSettings }, { openStore }, { compose }, { createPasswordHasher }] = await Promise.all([
  from('server/dist/settings/settings.js'),
  from('server/dist/settings/load-settings.js'),
  from('server/dist/platform/open-store.js'),
  from('server/dist/composition/compose.js'),
  from('store/dist/index.js'),
]);

// A version refuses what it does not know, and some of what its successor is told is newer.
const known = new Set(Object.values(SETTINGS).map((setting) => setting.env));
const isFor = (name) => !name.startsWith('ASSENT_') || known.has(name);
const { settings } = await loadSettings({
  flags: {},
  env: Object.fromEntries(Object.entries(env).filter(([name]) => isFor(name))),
});
const store = await openStore(settings);
const assent = await compose({ settings, store, hasher: createPasswordHasher({ cost: 'cheap-for-tests' }) });
await assent.listen();

process.once('disconnect', () => exit());
process.once('SIGTERM', () => {
  assent.drain();
  setTimeout(() => void assent.stop().then(() => exit()), settings.drainSeconds * 1_000);
});
process.send?.({ isReady: true });
