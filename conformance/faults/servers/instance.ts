import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { inPackages } from '../../support/ready-process.ts';

/** As `serve-for-faults` of the server takes it: what happens at which side of which commit. */
export interface FaultPoint {
  readonly change: string;
  readonly beside?: string;
  readonly of?: 'REGISTER' | 'AUTHENTICATE';
  readonly when: 'before' | 'after';
  readonly action: 'kill' | 'throw' | 'delay' | 'omit' | 'approve';
  readonly skip?: number;
  readonly times?: number;
  readonly millis?: number;
}

const run = promisify(execFile);

/** Serves this build, and takes points and clocks (OPS-78). */
export const THIS_BUILD: readonly string[] = [inPackages('server/dist/bundle/serve-for-faults.js')];

/** Longer than any start takes, also on a machine with a lot to do. */
const START_MILLIS = 120_000;
const KEPT_OUTPUT = 4_000_000;

/** One instance of the server, as a process that may be killed at a point of its work, and started again. */
export class Instance {
  readonly port: number;
  /** As the environment names settings. */
  env: Readonly<Record<string, string>>;
  /** How wrong the clock of its machine is. */
  clockMovedBy = 0;
  /** A script that serves, and its arguments; points and clocks are for that of this build alone. */
  program = THIS_BUILD;
  /** The program that starts it, with its arguments; none where empty. */
  startedBy: readonly string[] = [];
  #child: ChildProcess | undefined;
  #output = '';
  #unread = '';
  #kills = 0;
  #exit: Promise<unknown> = Promise.resolve();

  constructor(port: number, env: Readonly<Record<string, string>>) {
    this.port = port;
    this.env = env;
  }

  /** How often it ended by SIGKILL. */
  get kills(): number {
    return this.#kills;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it has printed, by all its starts, and not more than fits. */
  get output(): string {
    return this.#output;
  }

  /** What it has printed since this was asked last. */
  takeOutput(): string {
    const taken = this.#unread;
    this.#unread = '';
    return taken;
  }

  /** Starts it, and waits until it serves; says so by `false` where it ends before. */
  async start(): Promise<boolean> {
    // A file that may not grow is to be an error of the write, as a full disk is, and not a signal.
    const words = [...this.startedBy, process.execPath, ...this.program, String(this.clockMovedBy)];
    const child = spawn('sh', ['-c', `trap '' XFSZ; exec "$0" "$@"`, ...words], {
      env: { PATH: process.env.PATH ?? '', ...this.env, ASSENT_PORT: String(this.port) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = `${this.#output}${chunk}`.slice(-KEPT_OUTPUT);
        this.#unread = `${this.#unread}${chunk}`.slice(-KEPT_OUTPUT);
      });
    }
    this.#exit = once(child, 'exit').then(([, signal]) => {
      if (signal === 'SIGKILL') this.#kills += 1;
    });
    // The channel of one that was killed breaks while somebody writes to it.
    child.on('error', () => {});
    const timer = new AbortController();
    const isReady = await Promise.race([
      once(child, 'message', { signal: timer.signal }).then(() => true),
      this.#exit.then(() => false),
      new Promise<boolean>((_resolve, reject) => {
        setTimeout(() => reject(new Error(`The instance was not ready:\n${this.#output}`)), START_MILLIS).unref();
      }),
    ]).finally(() => timer.abort());
    return isReady;
  }

  arm(point?: FaultPoint): void {
    this.#tell({ do: 'arm', ...(point && { point }) });
  }

  /** Its loop does nothing else for so long. */
  block(millis: number): void {
    this.#tell({ do: 'block', millis });
  }

  /** Ends all of its threads beside the loop, such as those that run scripts, whatever they are at; how many these were. */
  async endThreads(): Promise<number> {
    const child = this.#child;
    if (child === undefined || !child.connected) return 0;
    const heard = once(child, 'message').then(([reply]) => reply as { readonly ended?: number });
    this.#tell({ do: 'endThreads' });
    const { ended = 0 } = await Promise.race([heard, this.#exit.then((): { readonly ended?: number } => ({}))]);
    return ended;
  }

  #tell(command: object): void {
    if (this.#child?.connected === true) this.#child.send(command, () => {});
  }

  /** Waits until it has ended, whatever ended it; false where it has not within that time. */
  async untilGone(millis: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), millis);
    });
    const isGone = await Promise.race([this.#exit.then(() => true), late]);
    clearTimeout(timer);
    return isGone;
  }

  /** How many files and connections it has open. */
  get openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** The system gives it no more than that of something as long as `work` takes: open files, or bytes in one file. */
  async limited<T>(resource: 'nofile' | 'fsize', most: number, work: () => Promise<T>): Promise<T> {
    const limit = (...args: readonly string[]) => run('prlimit', ['--pid', String(this.pid), ...args]);
    const { stdout: before } = await limit(`--${resource}`, '--output=SOFT', '--noheadings', '--raw');
    await limit(`--${resource}=${most}:`);
    try {
      return await work();
    } finally {
      await limit(`--${resource}=${before.trim()}:`);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (!this.isRunning) return;
    this.signal(signal);
    // One that was held cannot end in good order.
    if (signal === 'SIGTERM') this.signal('SIGCONT');
    await this.#exit;
  }
}
