import { CHECKS } from '../checks/all-checks.mjs';
import { unknownName } from '../unknown-name.mjs';
import { CommandFailed, ensurePackages, ensureReady, runTool } from '../workspace.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

const ALL = {
  ...CHECKS,
  async unit() {
    await ensureReady({ say });
    await runTool('vitest/vitest.mjs', ['run', 'packages', 'site', 'tools/docs']);
  },
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !Object.keys(ALL).includes(name));
if (unknown !== undefined) {
  say(`${unknownName('check', unknown, Object.keys(ALL))} The checks are ${Object.keys(ALL).join(', ')}.`);
  process.exit(2);
}

await ensurePackages({ say });
for (const name of names.length > 0 ? names : Object.keys(ALL)) {
  const start = performance.now();
  const seconds = () => `(${((performance.now() - start) / 1000).toFixed(1)} s)`;
  try {
    await ALL[name]({ isQuiet: true });
    console.log(`✓ ${name} ${seconds()}`);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    console.log(`${error.output ?? ''}\n✗ ${name} ${seconds()}`);
    process.exit(1);
  }
}
