import { spawn } from 'node:child_process';
import { optionsOf } from '../options.mjs';
import { ROOT } from '../workspace.mjs';

const STORES = ['sqlite', 'postgres'];
const USAGE = `npm run tools -- millions [--store ${STORES.join('|')}] [--users N | --audit]
  Makes a realm of a million users in a new database, prints what each look, sign-in and deletion takes, and fails where the
  99th of a hundred takes 50 ms or more (OPS-24). Some minutes for each store. With --audit it seals an audit log of a million rows on SQLite instead, and
  fails where one of 200 changes to it is not found (SEC-80).`;

const { given, refuse } = optionsOf(USAGE, {
  store: { type: 'string' },
  users: { type: 'string', default: '1000000' },
  audit: { type: 'boolean', default: false },
});
if (given.store !== undefined && !STORES.includes(given.store)) refuse(`There is no store ${given.store} to measure.`);
if (given.audit && given.store !== undefined) refuse('--audit takes no --store: it measures SQLite.');
if (!/^[1-9]\d{6}$/.test(given.users)) refuse('--users has to be a number from 1000000 to 9999999.');

const child = spawn(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    given.audit
      ? 'packages/store/src/sqlite/planted-changes.test.ts'
      : 'packages/store/src/postgres/many-users.test.ts',
    '--disable-console-intercept',
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(given.audit ? { ASSENT_TEST_AUDIT_ROWS: '1000000' } : { ASSENT_TEST_USERS: given.users }),
      ...(given.store !== undefined && { ASSENT_TEST_USERS_STORE: given.store }),
    },
  },
);
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
