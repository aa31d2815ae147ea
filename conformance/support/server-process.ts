import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@assent/test-servers';

/** The command line as it is built. */
export const ASSENT = fileURLToPath(new URL('../../packages/cli/bin/assent.cjs', import.meta.url));

export interface ServerProcessOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A free one where absent. */
  readonly port?: number;
}

/** A server that a test may stop and start again on the same data and port. */
export interface ServerProcess {
  /** With the context path and without a slash at its end. */
  readonly am: string;
  readonly origin: string;
  readonly dataDir: string;
  /** As the environment names it, or else the first screen. */
  readonly administrator: { readonly name: string; readonly password: string };
  /** A directory of the test's own, beside the data; it goes with the server. */
  readonly scratch: string;
  /** Everything that the server has printed since the first start. */
  readonly output: () => string;
  /** What standard error had to say up to the end of the first screen. */
  readonly firstScreen: () => string;
  start(): Promise<void>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** Stops it if it runs, and removes its files. */
  close(): Promise<void>;
}

/** The environment of a person who has set nothing. */
const plainEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(ASSENT_|AWS_|VITEST|NODE_OPTIONS|NODE_ENV)/.test(name)),
  );

/** Spawns `assent serve` on a free port and an empty data directory, and resolves when it serves. */
export const startServerProcess = async (options: ServerProcessOptions = {}): Promise<ServerProcess> => {
  const scratch = mkdtempSync(join(tmpdir(), 'assent-conformance-'));
  const dataDir = join(scratch, 'data');
  const port = options.port ?? (await freePort());
  const origin = `http://localhost:${port}`;
  let child: ChildProcess | undefined;
  let output = '';
  let firstScreen = '';

  const ended = async (signal: NodeJS.Signals): Promise<number | null> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return running?.exitCode ?? null;
    const exit = once(running, 'exit');
    running.kill(signal);
    const [code] = await exit;
    return code as number | null;
  };

  const server: ServerProcess = {
    am: `${origin}/am`,
    origin,
    dataDir,
    get administrator() {
      const password = options.env?.ASSENT_ADMIN_PASSWORD ?? /amadmin \/ (\S+)/.exec(firstScreen)?.[1];
      if (password === undefined) throw new Error(`The first screen names no administrator:\n${firstScreen}`);
      return { name: 'amadmin', password };
    },
    scratch,
    output: () => output,
    firstScreen: () => firstScreen,
    async start() {
      const started = spawn(
        process.execPath,
        [ASSENT, 'serve', '--port', String(port), '--data-dir', dataDir, ...(options.args ?? [])],
        // No load balancer has to notice that it stops, unless the test has one.
        {
          cwd: scratch,
          env: { ...plainEnvironment(), ASSENT_DRAIN_SECONDS: '0', ...options.env },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      child = started;
      let screen = '';
      await new Promise<void>((resolve, reject) => {
        const onExit = (code: number | null): void =>
          reject(new Error(`The server ended with ${code} before it was ready:\n${output}`));
        started.once('exit', onExit);
        started.stdout.on('data', (chunk: Buffer) => {
          output += chunk;
        });
        // For people; what programs read is on the other one.
        started.stderr.on('data', (chunk: Buffer) => {
          output += chunk;
          screen += chunk;
          // The last row of the first screen.
          if (!/^ {2}Stop .*\n/m.test(screen)) return;
          if (firstScreen === '') firstScreen = screen;
          started.off('exit', onExit);
          resolve();
        });
      });
    },
    stop: () => ended('SIGTERM'),
    async close() {
      await ended('SIGKILL');
      rmSync(scratch, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
};

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `assent …` to its end. */
export const runAssent = async (
  args: readonly string[],
  options: { readonly cwd?: string; readonly stdin?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CliResult> => {
  const child = spawn(process.execPath, [ASSENT, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env: { ...plainEnvironment(), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {}).end(options.stdin ?? '');
  const [code] = await once(child, 'close');
  return { code: code as number | null, stdout, stderr };
};

/** Runs `assent …` and returns what it printed; anything but exit code 0 throws. */
export const assent = async (...args: Parameters<typeof runAssent>): Promise<string> => {
  const { code, stdout, stderr } = await runAssent(...args);
  if (code !== 0) throw new Error(`assent ${args[0].join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
};
