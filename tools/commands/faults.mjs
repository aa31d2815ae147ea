import { suiteCommand } from '../suite-command.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

const module = await suiteCommand('faults', say);
process.exit(await module.main(process.argv.slice(2)));
