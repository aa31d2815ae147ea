import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a server may take to be ready, or to end once it was told so. */
const PATIENCE_MS = 90_000;
const LOOK_AGAIN_MS = 10;
/** Linux counts processor time in hundredths of a second, on every machine (proc(5): USER_HZ). */
const MICROS_PER_TICK = 10_000;

export interface ServerCommand {
  readonly name: string;
  /** Where it works, which tells its processes from all others. */
  readonly folder: string;
  readonly command: readonly [string, readonly string[]];
  /** All of its variables; those of this process where absent. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the process of this id serves by now; asked again and again while it starts. */
  readonly isReady: (id: number) => boolean | Promise<boolean>;
  readonly stopSignal?: NodeJS.Signals;
}

/** The ids of all processes that work in a folder: a server and whatever it started. */
const processesIn = (folder: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      try {
        const directory = readlinkSync(`/proc/${id}/cwd`);
        return directory === folder || directory.startsWith(`${folder}/`);
      } catch {
        // It has ended meanwhile.
        return false;
      }
    })
    .map(Number);

/** Whether no thread of a process runs, nor will before it is told to go on (proc(5): stopped, or ended). */
const isHeld = (id: number): boolean => {
  try {
    return readdirSync(`/proc/${id}/task`).every((thread) =>
      /\) [TtZX] /.test(readFileSync(`/proc/${id}/task/${thread}/stat`, 'utf8')),
    );
  } catch {
    // It has ended meanwhile, or a thread of it has: the next look tells.
    return !existsSync(`/proc/${id}`);
  }
};

/** Processor time of a process and of those children that ended, in user mode and in the kernel (proc(5): stat, fields 14 to 17). */
const cpuMicrosOf = (id: number): number => {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${id}/stat`, 'utf8');
  } catch {
    // It has ended meanwhile, and counts as a child of the one that started it.
    return 0;
  }
  // The name of the program, in parentheses, may have spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, it) => sum + Number(it), 0);
  return ticks * MICROS_PER_TICK;
};

/** A server as a process, which may be stopped, killed, held and started again. */
export class ServerProcess {
  readonly #server: ServerCommand;
  readonly #logFile: string;
  #child: ChildProcess | undefined;

  constructor(server: ServerCommand) {
    this.#server = server;
    this.#logFile = join(server.folder, 'log');
  }

  /** What it has written to its outputs, by all its starts. */
  get log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Processor time that all its processes have used since its start, in microseconds. Grows in steps of 10,000. */
  cpuMicros(): number {
    return processesIn(this.#server.folder).reduce((sum, id) => sum + cpuMicrosOf(id), 0);
  }

  /** Starts it, and waits until it serves. */
  async start(): Promise<void> {
    const { name, folder, command, env, isReady } = this.#server;
    if (this.isRunning) throw new Error(`${name} runs already.`);
    const [program, args] = command;
    const output = openSync(this.#logFile, 'a');
    let failure: Error | undefined;
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...(env ?? process.env) },
      detached: true,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    child.unref();
    child.on('error', (error) => {
      failure = error;
    });
    this.#child = child;
    const end = Date.now() + PATIENCE_MS;
    while (child.pid === undefined || !(await isReady(child.pid))) {
      if (failure !== undefined) throw new Error(`${name} cannot be started`, { cause: failure });
      if (!this.isRunning) throw new Error(`${name} ended while it started:\n${this.log}`);
      if (Date.now() > end) {
        await this.kill();
        throw new Error(`${name} was not ready within ${PATIENCE_MS} ms:\n${this.log}`);
      }
      await delay(LOOK_AGAIN_MS);
    }
  }

  /** Tells it to end in good order, and waits until it has. */
  stop(): Promise<void> {
    return this.endBy(this.#server.stopSignal ?? 'SIGTERM');
  }

  protected async endBy(signal: NodeJS.Signals): Promise<void> {
    this.#child?.kill(signal);
    await this.#untilGone();
  }

  /** Ends it and all its processes at once, as a loss of the machine would. */
  async kill(): Promise<void> {
    this.#signalAll('SIGKILL');
    await this.#untilGone();
  }

  /** Holds all its processes: connections stay open, and nobody answers. Until each thread has met the signal, some still may. */
  async pause(): Promise<void> {
    const { name, folder } = this.#server;
    this.#signalAll('SIGSTOP');
    const end = Date.now() + PATIENCE_MS;
    while (!processesIn(folder).every(isHeld)) {
      if (Date.now() > end) throw new Error(`${name} was not held within ${PATIENCE_MS} ms:\n${this.log}`);
      await delay(LOOK_AGAIN_MS);
    }
  }

  resume(): void {
    this.#signalAll('SIGCONT');
  }

  #signalAll(signal: NodeJS.Signals): void {
    for (const id of processesIn(this.#server.folder)) {
      try {
        process.kill(id, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  async #untilGone(): Promise<void> {
    const { name, folder } = this.#server;
    const end = Date.now() + PATIENCE_MS;
    while (this.isRunning || processesIn(folder).length > 0) {
      if (Date.now() > end) throw new Error(`${name} did not end within ${PATIENCE_MS} ms:\n${this.log}`);
      await delay(LOOK_AGAIN_MS);
    }
  }
}
