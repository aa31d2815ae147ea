import { parseArgs } from 'node:util';
import { suiteCommand } from '../suite-command.mjs';

const USAGE = `npm run tools -- killed-copy [--rows N]
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

const module = await suiteCommand('moving', say);
process.exit(await module.main({ rows: Number(rows) }));
