import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const MIN_NODE = [20, 19];

/** Packages whose sources become JavaScript file by file, in `packages/`; `web` is built by Vite from the pages and what they import. */
const COMPILED = [
  'engine',
  'wire',
  'push',
  'factors',
  'nodes',
  'oidc',
  'store',
  'scripting',
  'ldap',
  'test-servers',
  'server',
  'cli',
];
const IN_PAGES = ['web', 'wire', 'push'];
/** Packages that others write code against, and whose declarations are part of the reference. */
const DECLARED = ['engine', 'wire', 'push', 'factors'];

/** A command that failed; its output was shown, or is in `output`. */
export class CommandFailed extends Error {
  constructor(command, code, output) {
    super(`${command} ended with ${code}`);
    this.code = code;
    this.output = output;
  }
}

/**
 * Runs a command, in the root unless it is told otherwise; its output is passed through, or kept and thrown with its failure. One that
 * yields lets every other command have the processors first.
 */
export const runCommand = (command, args, { isQuiet = false, yields = false, env = process.env, cwd = ROOT } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: isQuiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
    });
    if (yields && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const text = Buffer.concat(output).toString('utf8');
      if (code === 0) resolve(text);
      else reject(new CommandFailed([command, ...args].join(' '), code ?? signal, text));
    });
  });

/** The program of an installed package, run with this Node. */
export const runTool = (path, args, options) =>
  runCommand(process.execPath, [join(ROOT, 'node_modules', path), ...args], options);

export const isNodeTooOld = (version) => {
  const [major, minor] = version.split('.').map(Number);
  return major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1]);
};

const modifiedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs;

/** Whether the installed packages are missing, or older than the lockfile. */
export const isInstallDue = (lockModifiedAt, installedAt) => installedAt === undefined || lockModifiedAt > installedAt;

/** npm with these arguments; under `npm start` it is the npm that runs us, since a bare `npm` is not a program on every system. */
export const runNpm = (args, options) => {
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js')
    ? runCommand(process.execPath, [npm, ...args], options)
    : runCommand('npm', args, options);
};

/** Installs what the lockfile says, where that has not been done yet; without the SQLite driver, which takes a minute to compile. */
export const ensurePackages = async ({ say = () => {} } = {}) => {
  const lock = modifiedAt(join(ROOT, 'package-lock.json'));
  if (!isInstallDue(lock, modifiedAt(join(ROOT, 'node_modules/.package-lock.json')))) return;
  say('Installing packages, which takes a quarter of a minute where npm has none of them …');
  await runNpm(['ci', '--no-audit', '--no-fund', '--ignore-scripts']);
};

/** Since 22.13 it has a driver of its own without a flag, so that nothing is compiled. */
export const bringsSqlite = (nodeVersion) => {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 13);
};

const DRIVER = 'better-sqlite3';
const DRIVER_BUILD = join(ROOT, 'node_modules', DRIVER, 'build');
/** Lies beside a driver that was compiled in half of the time, and takes a little more of it for each statement. */
const QUICKLY_MADE = join(DRIVER_BUILD, 'quickly-made');
const QUICKLY = { CFLAGS: '-O1', CXXFLAGS: '-O1' };

/**
 * Compiles the SQLite driver, or fetches it where there is one for this Node; its program is there once all of that has gone well. Who
 * waits for it wants it soon; what is measured runs on one that was compiled as its makers mean it to be.
 */
export const ensureDriver = async ({ say = () => {}, isMeasured = false } = {}) => {
  if (bringsSqlite(process.versions.node)) return;
  const isThere = existsSync(join(DRIVER_BUILD, 'Release/better_sqlite3.node'));
  if (isThere && !(isMeasured && existsSync(QUICKLY_MADE))) return;
  say(
    'Compiling the SQLite driver for this Node, beside the rest (half a minute; on Node 22.13 and newer there is nothing to compile) …',
  );
  // Its two large files are compiled beside each other.
  const env = { JOBS: 'max', ...(!isMeasured && QUICKLY), ...process.env };
  await runNpm(['rebuild', DRIVER], { env });
  if (!isMeasured) writeFileSync(QUICKLY_MADE, '');
};

/** Files below a directory, without what was built and without tests. */
export const sourceFiles = (directory) =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return /^(dist|node_modules)$/.test(entry.name) ? [] : sourceFiles(path);
    return /\.test(-d)?\.tsx?$/.test(entry.name) ? [] : [path];
  });

/** Changes whenever a file comes, goes or is written; cheaper than reading them all. */
export const fingerprint = (root, files) => {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${relative(root, file)}\0${mtimeMs}\0${size}\n`);
  }
  return hash.digest('hex');
};

const sharedInputs = ['package-lock.json', 'tsconfig.base.json', 'tsconfig.json'].map((name) => join(ROOT, name));
const inputsOf = (packages) => [
  ...sharedInputs,
  ...packages.flatMap((name) => sourceFiles(join(ROOT, 'packages', name))),
];

const BUILDS = [
  {
    name: 'code',
    inputs: () => inputsOf(COMPILED),
    outputs: COMPILED.map((name) => `packages/${name}/dist/${name === 'cli' ? 'bundle/main' : 'index'}.js`),
    async run() {
      const [{ compile }, { bundle }] = await Promise.all([import('./compile.mjs'), import('./bundle.mjs')]);
      for (const name of COMPILED) await compile(`packages/${name}`);
      await bundle();
    },
  },
  {
    name: 'servers for tests',
    inputs: () => inputsOf(COMPILED),
    outputs: ['serve-for-tests', 'serve-for-faults'].map((name) => `packages/server/dist/bundle/${name}.js`),
    run: async () => (await import('./bundle.mjs')).bundleForTests(),
  },
  {
    name: 'pages',
    inputs: () => inputsOf(IN_PAGES),
    outputs: ['login.html', 'view/login.js', 'view/qr.js', 'oauth.html', 'view/oauth.js', 'phone/index.html'].map(
      (name) => `packages/web/dist/${name}`,
    ),
    // A test that builds has another NODE_ENV, with which Vite would leave in what is for developers.
    run: () =>
      runTool('vite/bin/vite.js', ['build', '--logLevel', 'warn', 'packages/web'], {
        env: { ...process.env, NODE_ENV: 'production' },
      }),
  },
  {
    name: 'declarations',
    inputs: () => inputsOf(DECLARED),
    outputs: DECLARED.map((name) => `packages/${name}/dist/index.d.ts`),
    run: () => runTool('typescript/bin/tsc', ['-b', ...DECLARED.map((name) => `packages/${name}`)]),
  },
  {
    name: 'declarations of all',
    inputs: () => inputsOf(COMPILED),
    outputs: ['packages/cli/dist/entries/index.d.ts'],
    run: () => runTool('typescript/bin/tsc', ['-b']),
  },
];
/** What a server and its pages run on. */
export const RUNNING = ['code', 'pages'];
const RUNNING_AND_TESTED = [...RUNNING, 'servers for tests'];

/** Builds what is missing or older than its sources; does nothing, quickly, where nothing is. */
export const ensureBuilt = async ({ say = () => {}, builds = RUNNING_AND_TESTED } = {}) => {
  for (const { name, inputs, outputs, run } of BUILDS) {
    if (!builds.includes(name)) continue;
    const marker = join(ROOT, 'node_modules/.cache/assent', `${name}.built`);
    const now = fingerprint(ROOT, inputs());
    const isThere = outputs.every((path) => existsSync(join(ROOT, path)));
    if (isThere && existsSync(marker) && readFileSync(marker, 'utf8') === now) continue;
    say(`Building the ${name} …`);
    await run();
    mkdirSync(dirname(marker), { recursive: true });
    writeFileSync(marker, now);
  }
};

/** What `npm run docs` reads: how the packages run, and what they declare. A build of the code takes away what tests start, which is made of it. */
export const ensureReference = (options) =>
  ensureBuilt({ ...options, builds: ['code', 'servers for tests', 'declarations'] });

/** What those read who write TypeScript against the package that is published: a minute, since all types are checked for it. */
export const ensureDeclarations = (options) => ensureBuilt({ ...options, builds: ['declarations of all'] });

/** Everything that our programs need, whatever of it is there already; the driver is compiled while the code is built. */
export const ensureReady = async (options) => {
  await ensurePackages(options);
  await Promise.all([ensureDriver(options), ensureBuilt(options)]);
};
