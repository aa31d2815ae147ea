import { optionsOf, say } from '../options.mjs';
import { suiteCommand } from '../suite-command.mjs';

const USAGE = `npm run tools -- killed-copy [--rows N]
  Copies N rows (a million) from SQLite to PostgreSQL by \`assent store copy\`, which is killed each second until it is done; changes a byte of
  the copy meanwhile, which has to be named; and compares both databases row by row (OPS-62, OPS-63). Some minutes.`;

const { given, refuse } = optionsOf(USAGE, { rows: { type: 'string', default: '1000000' } });
const { rows } = given;
if (!/^[1-9]\d{3,7}$/.test(rows)) refuse('--rows has to be a number from 1000 to 99999999.');

const module = await suiteCommand('moving', say);
process.exit(await module.main({ rows: Number(rows) }));
