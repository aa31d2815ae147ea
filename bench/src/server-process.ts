import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pinning } from './pinning.ts';
import { freePorts } from './ports.ts';

export type StoreName = 'memory' | 'sqlite' | 'postgres';

/** What an instance has in common with others. */
export interface Shared {
  readonly databaseUrl: string;
  /** Without one, instances look in the database. */
  readonly redisUrl?: string;
}

/** What a server process has used so far. */
export interface Usage {
  readonly cpu: { readonly user: number; readonly system: number };
  readonly memory: { readonly rss: number; readonly heapUsed: number; readonly external: number };
  /** CPU time of the database, where it is measured. */
  readonly databaseMicros?: number;
  /** Of the store; the echo has none. */
  readonly counters?: {
    readonly reads: number;
    readonly commits: number;
    readonly changes: number;
    readonly flights: number;
    readonly statements: number;
  };
}

/** What is loaded: a server, or several as one. */
export interface UnderLoad {
  usage(): Promise<Usage>;
}

/** Users to be made, all with one password. */
export interface NewUsers {
  readonly prefix: string;
  readonly count: number;
  readonly password: string;
  /** Gives each a phone with this shared key, whose mechanism is `m-` and the name. */
  readonly phoneKey?: string;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SERVER = join(ROOT, 'packages/server/dist/testing/serve-for-bench.js');
const ECHO = fileURLToPath(new URL('echo-server.js', import.meta.url));
const LIBRARY = fileURLToPath(new URL('library-server.js', import.meta.url));
const ROUND_TRIPS = fileURLToPath(new URL('round-trips-server.js', import.meta.url));
const FLOOR = fileURLToPath(new URL('floor/main.js', import.meta.url));
const START_MILLIS = 30_000;
const MAX_COLLECTIONS = 20;
const BETWEEN_COLLECTIONS_MILLIS = 400;

/** Flags for a profile of a server, where profiles are wanted. */
const profiled = (name: string): readonly string[] => {
  const directory = process.env.ASSENT_BENCH_CPU_PROFILES;
  if (directory === undefined) return [];
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${name}.cpuprofile`];
};

/** Runs a Node program on the servers' core. */
export const spawnNode = (
  args: readonly string[],
  pinning: Pinning | undefined,
  output: number | 'pipe',
): ChildProcess => {
  const [command, ...before] =
    pinning === undefined ? [process.execPath] : ['taskset', '-c', String(pinning.servers), process.execPath];
  return spawn(command ?? '', [...before, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', output, output],
  });
};

export const endProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 12_000);
  await exited;
  clearTimeout(timer);
};

/** A server under load, in a process of its own. */
export class ServerProcess implements UnderLoad {
  readonly port: number;
  readonly #controlPort: number;
  readonly #child: ChildProcess;
  readonly #logFile: string;

  private constructor(child: ChildProcess, port: number, controlPort: number, logFile: string) {
    this.#child = child;
    this.port = port;
    this.#controlPort = controlPort;
    this.#logFile = logFile;
  }

  static async echo(scratch: string, pinning: Pinning | undefined): Promise<ServerProcess> {
    const [port = 0, controlPort = 0] = await freePorts(2);
    return ServerProcess.#start(
      [ECHO, String(port), String(controlPort)],
      port,
      controlPort,
      join(scratch, 'echo.log'),
      pinning,
    );
  }

  /** `oidc-provider`, in memory. */
  static async library(scratch: string, pinning: Pinning | undefined): Promise<ServerProcess> {
    const [port = 0, controlPort = 0] = await freePorts(2);
    const args = [...profiled('library'), LIBRARY, String(port), String(controlPort)];
    return ServerProcess.#start(args, port, controlPort, join(scratch, 'library.log'), pinning);
  }

  /** The least that a login server can be, for P6 and P7 alone. */
  static async floor(scratch: string, pinning: Pinning | undefined): Promise<ServerProcess> {
    const [port = 0, controlPort = 0] = await freePorts(2);
    const args = [...profiled('floor'), FLOOR, String(port), String(controlPort), join(scratch, 'floor.db')];
    return ServerProcess.#start(args, port, controlPort, join(scratch, 'floor.log'), pinning);
  }

  /** What P6 asks of PostgreSQL, by the driver alone. */
  static async roundTrips(scratch: string, pinning: Pinning | undefined, databaseUrl: string): Promise<ServerProcess> {
    const [port = 0, controlPort = 0] = await freePorts(2);
    const args = [...profiled('round-trips'), ROUND_TRIPS, String(port), String(controlPort), databaseUrl];
    return ServerProcess.#start(args, port, controlPort, join(scratch, 'round-trips.log'), pinning);
  }

  /** `name` sets the files of several servers in one scratch directory apart. */
  static async assent(
    store: StoreName,
    name: string,
    scratch: string,
    pinning: Pinning | undefined,
    { databaseUrl, redisUrl }: Partial<Shared> = {},
  ): Promise<ServerProcess> {
    const [port = 0, controlPort = 0] = await freePorts(2);
    const args = [
      '--expose-gc',
      ...profiled(name),
      SERVER,
      ...['--port', String(port), '--control-port', String(controlPort)],
      ...['--database', databaseUrl ?? store, '--data-dir', join(scratch, name)],
      ...(redisUrl === undefined ? [] : ['--redis', redisUrl]),
    ];
    return ServerProcess.#start(args, port, controlPort, join(scratch, `${name}.log`), pinning);
  }

  static async #start(
    args: readonly string[],
    port: number,
    controlPort: number,
    logFile: string,
    pinning: Pinning | undefined,
  ): Promise<ServerProcess> {
    const log = openSync(logFile, 'w');
    const child = spawnNode(args, pinning, log);
    closeSync(log);
    const server = new ServerProcess(child, port, controlPort, logFile);
    const until = performance.now() + START_MILLIS;
    for (;;) {
      const usage = await server.usage().catch(() => undefined);
      if (usage !== undefined) return server;
      if (child.exitCode !== null || performance.now() > until) {
        throw new Error(`A server did not start:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  usage(): Promise<Usage> {
    return this.#control('usage');
  }

  /** What the server uses after everything that is not needed any more was thrown away: the engine gives pages back bit by bit. */
  async collectedUsage(): Promise<Usage> {
    let usage = await this.#control('collected');
    for (let tries = 0; tries < MAX_COLLECTIONS; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_COLLECTIONS_MILLIS));
      const { rss } = usage.memory;
      usage = await this.#control('collected');
      if (usage.memory.rss > rss * 0.99) break;
    }
    return usage;
  }

  async addUsers(users: NewUsers): Promise<void> {
    await this.#control('users', users);
  }

  /** The end of its log, for the message of a failure. */
  lastWords(): string {
    return readFileSync(this.#logFile, 'utf8').slice(-2_000);
  }

  stop(): Promise<void> {
    return endProcess(this.#child);
  }

  async #control(path: string, body?: unknown): Promise<Usage> {
    const response = await fetch(`http://127.0.0.1:${this.#controlPort}/${path}`, {
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`The server under load refused ${path}: ${await response.text()}`);
    return (await response.json()) as Usage;
  }
}

export const cpuMicros = (from: Usage, to: Usage): number =>
  to.cpu.user - from.cpu.user + to.cpu.system - from.cpu.system;
