import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runnerImport } from 'vite';
import { optionsOf, say } from '../options.mjs';
import { CommandFailed, ensureReady, ROOT, runCommand, runNpm } from '../workspace.mjs';

const STORES = ['sqlite', 'postgres'];
const USAGE = `npm run tools -- rolling-upgrade --from COMMIT [--store ${STORES.join('|')}] [--rate LOGINS] [--seconds N] [--seed N]
  Builds the version of that commit in a folder of its own, with the packages that are installed here, and replaces its two instances
  by those of this version while people log in: 20 a second, and 15 seconds for each pair of versions, where nothing else is said.`;

const number = (name, text, max) => {
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1 || Number(text) > max) {
    refuse(`--${name} cannot be "${text}": give a whole number from 1 to ${max}.`);
  }
  return Number(text);
};

const { given, refuse } = optionsOf(USAGE, {
  from: { type: 'string' },
  store: { type: 'string', default: 'sqlite' },
  rate: { type: 'string', default: '20' },
  seconds: { type: 'string', default: '15' },
  seed: { type: 'string', default: '1' },
});
if (given.from === undefined) refuse('Say which version is replaced, by --from.');
if (!STORES.includes(given.store)) refuse(`--store cannot be "${given.store}": give ${STORES.join(' or ')}.`);
const asked = {
  store: given.store,
  perSecond: number('rate', given.rate, 1_000),
  seconds: number('seconds', given.seconds, 3_600),
  seed: number('seed', given.seed, 999_999_999),
};

const git = (...args) => runCommand('git', args, { isQuiet: true });
/** A clone may have the newest commits alone, and a folder that was unpacked has none. */
const commitOf = async (name) => {
  try {
    return (await git('rev-parse', '--verify', '--end-of-options', `${name}^{commit}`)).trim();
  } catch {
    return refuse(
      `There is no commit "${name}" here. A clone that has the newest commits alone gets the others by: git fetch --unshallow`,
    );
  }
};

const BASELINE = 'packages/store/src/migrations/0001-baseline.ts';
/** A database from before the baseline is refused (ADR 140), so that no rolling upgrade begins there. */
const hasBaseline = async (commit) => (await git('ls-tree', '--name-only', commit, BASELINE)).trim() === BASELINE;

/** Links to each package that is installed here; those to packages of ours are relative, and so lead to the older ones. */
const linkPackages = (folder) => {
  const [from, to] = [join(ROOT, 'node_modules'), join(folder, 'node_modules')];
  for (const name of readdirSync(from)) {
    if (name === '.cache' || name === '.package-lock.json') continue;
    if (name === '@assent') cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
    else {
      mkdirSync(dirname(join(to, name)), { recursive: true });
      symlinkSync(join(from, name), join(to, name));
    }
  }
  // Newer than the older lockfile: nothing is installed anew.
  cpSync(join(from, '.package-lock.json'), join(to, '.package-lock.json'));
  utimesSync(join(to, '.package-lock.json'), new Date(), new Date());
};

const upgrade = async (older) => {
  const { module } = await runnerImport(join(ROOT, 'conformance/rolling-upgrade/main.ts'), {
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    resolve: { conditions: ['@assent/source', 'node'] },
  });
  return module.main({ ...asked, older });
};

process.chdir(ROOT);
const commit = await commitOf(given.from);
if (!(await hasBaseline(commit))) {
  refuse(
    `The version ${given.from} is from before the baseline of the schema (ADR 140), and its database is refused. Name a later one.`,
  );
}
const scratch = mkdtempSync(join(tmpdir(), 'assent-upgrade-'));
const older = join(scratch, 'older');
let code = 2;
try {
  await ensureReady({ say });
  await git('worktree', 'add', '--detach', older, commit);
  linkPackages(older);
  say(`Building ${commit.slice(0, 12)} …`);
  // The file of the command lies elsewhere in older versions; its name is the same in all.
  await runNpm(['run', 'build'], { cwd: older });
  code = await upgrade(older);
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`${error.message}.\n${error.output}`);
} finally {
  if (existsSync(older)) await git('worktree', 'remove', '--force', older);
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(code);
