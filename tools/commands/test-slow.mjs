import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { say } from '../options.mjs';
import { groupIn, limitProcessors, quotaOf } from '../test-run/processor-share.mjs';
import { ROOT } from '../workspace.mjs';

const USAGE = `npm run test:slow -- [--share SHARE] [PATH ...]
  Runs \`npm test\`, or the tests of these paths, with a share of the processor time of this machine, as on one that is slower: 0.25 where none is
  named. Requires Linux and the right to make a control group, which root has.`;

const refuse = (text) => {
  say(`${text}\n${USAGE}`);
  process.exit(2);
};

const read = () => {
  try {
    return parseArgs({ options: { share: { type: 'string', default: '0.25' } }, allowPositionals: true });
  } catch (error) {
    return refuse(error.message);
  }
};
const { values, positionals } = read();
const share = Number(values.share);
if (!(share >= 0.05 && share <= 1)) refuse(`--share cannot be "${values.share}": give a number from 0.05 to 1.`);

const group = groupIn('/sys/fs/cgroup', quotaOf(share));
if (group === undefined) refuse('This machine has no control groups that limit processor time.');
let remove;
try {
  remove = limitProcessors(group);
} catch (error) {
  refuse(`The control group could not be made: ${error.message}.`);
}

say(`The tests have ${share} of the processor time of this machine.`);
const start = performance.now();
const child = spawn(process.execPath, [join(ROOT, 'tools/run.mjs'), 'test', ...positionals], { stdio: 'inherit' });
const [code] = await once(child, 'close');
try {
  remove();
} catch {
  say('Some process of the tests still runs, so its control group stays.');
}
say(`That took ${Math.round((performance.now() - start) / 1000)} s.`);
process.exitCode = code ?? 1;
