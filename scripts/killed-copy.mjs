import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { CommandFailed, ensureReady, ROOT } from './workspace.mjs';

const USAGE = `npm run killed-copy [-- --rows N]
  Copies N rows (a million) from SQLite to PostgreSQL by \`assent store copy\`, which is killed each second until it is done; changes a byte of
  the copy meanwhile, which has to be named; and compares both databases row by row (OPS-62, OPS-63). Some minutes.`;

const say = (text) => process.stderr.write(`${text}\n`);
const refuse = (text) => {
  say(`${text}\n${USAGE}`);
  process.exit(2);
};
const { rows } = (() => {
  try {
    return parseArgs({ options: { rows: { type: 'string', default: '1000000' } } }).values;
  } catch (error) {
    return refuse(error.message);
  }
})();
if (!/^[1-9]\d{3,7}$/.test(rows)) refuse('--rows has to be a number from 1000 to 99999999.');

process.chdir(ROOT);
try {
  await ensureReady({ say });
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`The command could not be built: ${error.message}.`);
  process.exit(2);
}
const { module } = await runnerImport(join(ROOT, 'conformance/moving/main.ts'), {
  configFile: false,
  root: ROOT,
  logLevel: 'warn',
  resolve: { conditions: ['@assent/source', 'node'] },
});
process.exit(await module.main({ rows: Number(rows) }));
