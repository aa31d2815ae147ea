import { optionsOf, say } from '../options.mjs';
import { suiteCommand } from '../suite-command.mjs';

const USAGE = `npm run tools -- timing [--n N] [--seed N] [--only password|phone] [--json]
  Asks a started server N times (5000) for what nobody may tell apart by time, such as a wrong password of a user and of a name that nobody
  has; in random order, one after the other. Passes where the area under the ROC curve (Mann-Whitney U / nm) is 0.5 ± 0.02. Some ten minutes.`;

const { given, refuse } = optionsOf(USAGE, {
  n: { type: 'string', default: '5000' },
  seed: { type: 'string', default: '1' },
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
});
if (!/^[1-9]\d{1,5}$/.test(given.n)) refuse(`--n cannot be "${given.n}": give a whole number from 10 to 999999.`);
if (!/^\d{1,9}$/.test(given.seed)) refuse(`--seed cannot be "${given.seed}": give a whole number.`);
if (given.only !== undefined && !['password', 'phone'].includes(given.only)) refuse(`--only is password or phone.`);

const module = await suiteCommand('timing', say);
process.exit(await module.main({ n: Number(given.n), seed: Number(given.seed), only: given.only, json: given.json }));
