import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Installation, openPage, runIn, serve, signInByPhone, testOwnNode, writeNode } from './installed.ts';

/** What an install needs of the machine around it; npm itself runs in the Node that is tried. */
export interface CheckOptions {
  readonly tarball: string;
  readonly version: string;
  /** What differs from what it was tested with, in an installation as npm writes it down. */
  readonly strays: (installed: {
    readonly packages: Readonly<Record<string, { readonly version: string }>>;
  }) => readonly string[];
  /** Nodes by their major version, as folders that have `bin/node`. */
  readonly nodes: ReadonlyMap<number, string>;
  /** The file of npm that a Node runs. */
  readonly npm: string;
  /** The file of the TypeScript compiler. */
  readonly tsc: string;
  /** What npm has to be told of this machine's network. */
  readonly network: Readonly<Record<string, string>>;
  /** A folder for all of it. */
  readonly scratch: string;
}

type Say = (text: string) => void;

/** Node brings SQLite since then, so that nothing is compiled. */
const BRINGS_SQLITE = 22;
/** All that a shell line of npm and npx needs; there is no compiler among them, and no Python. */
const PROGRAMS = ['sh', 'env', 'uname'];

const programOf = (name: string): string => {
  const found = (process.env.PATH ?? '').split(':').find((folder) => existsSync(join(folder, name)));
  if (found === undefined) throw new Error(`There is no program ${name}.`);
  return join(found, name);
};

/** A machine that has this Node and next to nothing else, and whose user has an empty home. */
class Machine {
  readonly #options: CheckOptions;
  readonly #major: number;
  readonly #home: string;
  readonly directory: string;

  constructor(options: CheckOptions, major: number) {
    this.#options = options;
    this.#major = major;
    const root = join(options.scratch, `node${major}`);
    this.#home = join(root, 'home');
    this.directory = join(root, 'app');
    const programs = join(root, 'programs');
    for (const folder of [this.#home, this.directory, programs]) mkdirSync(folder, { recursive: true });
    for (const name of PROGRAMS) symlinkSync(programOf(name), join(programs, name));
    symlinkSync(options.npm, join(programs, 'npm'));
    symlinkSync(join(dirname(options.npm), 'npx-cli.js'), join(programs, 'npx'));
  }

  #env(hasCompiler: boolean): Record<string, string> {
    const node = this.#options.nodes.get(this.#major) ?? '';
    const path = [join(node, 'bin'), join(this.#home, '../programs'), ...(hasCompiler ? [process.env.PATH ?? ''] : [])];
    return {
      PATH: path.join(':'),
      HOME: this.#home,
      npm_config_cache: join(this.#options.scratch, 'cache'),
      npm_config_update_notifier: 'false',
      npm_config_nodedir: node,
      ...this.#options.network,
    };
  }

  as(command: readonly string[], { hasCompiler = false } = {}): Installation {
    return { directory: this.directory, env: this.#env(hasCompiler), command };
  }

  /** Everything that npm has logged on this machine. */
  log(): string {
    const logs = join(this.#options.scratch, 'cache/_logs');
    return readdirSync(logs)
      .map((name) => readFileSync(join(logs, name), 'utf8'))
      .filter((text) => text.includes(this.directory))
      .join('\n');
  }
}

const mustRun = async (installation: Installation, command: readonly string[]): Promise<string> => {
  const { code, text } = await runIn(installation, command);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${text}`);
  return text;
};

const expected = (isSo: boolean, what: string): void => {
  if (!isSo) throw new Error(what);
};

/** On Node 20 the server says what to install, and that is then installed as it says. */
const installDriver = async (machine: Machine, say: Say): Promise<void> => {
  const refused = await runIn(machine.as([]), ['npx', 'assent', 'serve']);
  const [, hint] = /`(npm install better-sqlite3@\S+)`/.exec(refused.text) ?? [];
  if (refused.code === 0 || hint === undefined) throw new Error(`It does not name the driver:\n${refused.text}`);
  await mustRun(machine.as([], { hasCompiler: true }), hint.split(' '));
  say(`  it says "${hint}", which was done`);
};

/** What declarations of a program that runs a server name of Node. */
const TYPES_OF_NODE = '20';

const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    declaration: true,
    outDir: 'types',
  },
  files: ['office-hours.ts', 'program.ts'],
};

/** What starts a server, such as the tests of an application. */
const PROGRAM = `import { type Assent, compose, loadSettings } from 'assent';

export const start = async (): Promise<Assent> => {
  const { settings } = await loadSettings({ flags: {}, env: { ASSENT_DATABASE_URL: 'memory:' } });
  return compose({ settings });
};
`;

/** The declarations of an own node name nothing that only we can import, and those of a program need no look away. */
const compileOwn = async (machine: Machine, tsc: string): Promise<void> => {
  await mustRun(machine.as([]), ['npm', 'install', '--no-save', `@types/node@${TYPES_OF_NODE}`]);
  writeNode(machine.directory, 'ts');
  writeFileSync(join(machine.directory, 'program.ts'), PROGRAM);
  writeFileSync(join(machine.directory, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  const { code, text } = await runIn(machine.as([]), ['node', tsc, '-p', '.']);
  expected(code === 0, `The types of assent, assent/engine and assent/nodes are not sound:\n${text}`);
  const declared = readFileSync(join(machine.directory, 'types/office-hours.d.ts'), 'utf8');
  expected(
    /import\("assent\/engine"/.test(declared) && !declared.includes('packages/'),
    `The declarations of a node are:\n${declared}`,
  );
};

/** As a user of the whole machine installs it. */
const installGlobally = async (machine: Machine, { tarball, version }: CheckOptions): Promise<void> => {
  await mustRun(machine.as([]), ['npm', 'install', '--global', '--prefix', join(machine.directory, 'global'), tarball]);
  const printed = await mustRun(machine.as([]), [join(machine.directory, 'global/bin/assent'), '--version']);
  expected(printed.trim() === version, `The global command says it is ${printed}`);
};

const checkOn = async (options: CheckOptions, major: number, isLast: boolean, say: Say): Promise<void> => {
  const machine = new Machine(options, major);
  const npx = machine.as(['npx', 'assent']);
  await mustRun(npx, ['npm', 'install', options.tarball]);
  const installed = JSON.parse(readFileSync(join(machine.directory, 'node_modules/.package-lock.json'), 'utf8'));
  const strays = options.strays(installed);
  expected(strays.length === 0, strays.join('\n    '));
  say(
    `  installed in an empty folder: ${Object.keys(installed.packages).length} packages, in the versions of the lockfile`,
  );
  if (major < BRINGS_SQLITE) await installDriver(machine, say);
  else {
    expected(
      !/node-gyp|prebuild/.test(machine.log()),
      'Something was compiled, or would have been: npm speaks of node-gyp.',
    );
  }
  const printed = await mustRun(npx, ['npx', 'assent', '--version']);
  expected(printed.trim() === options.version, `npx assent --version says ${printed}`);
  await testOwnNode(npx);
  say('  an own node passes its test');
  const server = await serve(npx, ['--nodes', './office-hours.mjs']);
  try {
    await openPage(server.am);
    await signInByPhone(npx, server.am);
    say('  somebody signed in by their phone');
  } finally {
    await server.stop();
  }
  if (!isLast) return;
  await compileOwn(machine, options.tsc);
  say('  an own node in TypeScript compiles, and its declarations are for others');
  await installGlobally(machine, options);
  say('  installed for all users');
};

/** The exit code is 1 where the package does not do on one of them what it does on this machine. */
export const main = async (options: CheckOptions): Promise<number> => {
  const say: Say = (text) => void process.stdout.write(`${text}\n`);
  let failed = 0;
  const majors = [...options.nodes.keys()];
  for (const major of majors) {
    say(`Node ${major}`);
    try {
      await checkOn(options, major, major === majors.at(-1), say);
    } catch (error) {
      failed += 1;
      say(`  ✗ ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  say(failed === 0 ? 'The package is in order.' : `It fails on ${failed} of ${majors.length}.`);
  return failed === 0 ? 0 : 1;
};
