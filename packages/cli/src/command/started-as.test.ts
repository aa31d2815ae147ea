import { expect, test } from 'vitest';
import { startedAs } from './started-as.ts';

const CLONE = '/home/ann/assent/packages/cli/dist/command/started-as.js';
const PACKAGE = '/srv/login/node_modules/assent/packages/cli/dist/command/started-as.js';
const GLOBAL = '/usr/lib/node_modules/assent/packages/cli/dist/command/started-as.js';
const PATH = '/usr/local/bin:/usr/bin';
const BY_NPX = `/srv/login/node_modules/.bin:${PATH}`;

test.each([
  [
    'npm start in a clone',
    CLONE,
    '/home/ann/assent/tools/commands/start.mjs',
    { npm_command: 'start', PATH },
    'npx --no-install assent',
  ],
  [
    'npx in a clone',
    CLONE,
    '/home/ann/assent/node_modules/.bin/assent',
    { npm_command: 'exec', PATH },
    'npx --no-install assent',
  ],
  ['its file in a clone', CLONE, '/home/ann/assent/packages/cli/bin/assent.cjs', { PATH }, 'npx --no-install assent'],
  [
    'npx beside the package',
    PACKAGE,
    '/srv/login/node_modules/.bin/assent',
    { npm_command: 'exec', PATH: BY_NPX },
    'npx assent',
  ],
  ['its file in the package', PACKAGE, '/srv/login/node_modules/.bin/assent', { PATH }, 'npx assent'],
  ['a global install', GLOBAL, '/usr/bin/assent', { PATH }, 'assent'],
  [
    'a container, whose path has the package',
    PACKAGE,
    '/srv/login/node_modules/.bin/assent',
    { PATH: BY_NPX },
    'assent',
  ],
  ['a system without a path', PACKAGE, '/srv/login/node_modules/.bin/assent', {}, 'npx assent'],
])('started by %s, it is started again so (OPS-68)', (_how, home, script, env, command) => {
  expect(startedAs({ env, script, home })).toBe(command);
});
