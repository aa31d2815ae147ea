import { spawn } from 'node:child_process';
import { optionsOf } from '../options.mjs';
import { ROOT } from '../workspace.mjs';

const STORES = ['sqlite', 'postgres'];
const USAGE = `npm run tools -- millions [--store ${STORES.join('|')}] [--users N]
  Makes a realm of a million users in a new database, prints what each look, sign-in and deletion takes, and fails where the
  99th of a hundred takes 50 ms or more (OPS-24). Some minutes for each store.`;

const { given, refuse } = optionsOf(USAGE, {
  store: { type: 'string' },
  users: { type: 'string', default: '1000000' },
});
if (given.store !== undefined && !STORES.includes(given.store)) refuse(`There is no store ${given.store} to measure.`);
if (!/^[1-9]\d{6}$/.test(given.users)) refuse('--users has to be a number from 1000000 to 9999999.');

const child = spawn(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    'packages/store/src/postgres/many-users.test.ts',
    '--disable-console-intercept',
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      ASSENT_TEST_USERS: given.users,
      ...(given.store !== undefined && { ASSENT_TEST_USERS_STORE: given.store }),
    },
  },
);
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
