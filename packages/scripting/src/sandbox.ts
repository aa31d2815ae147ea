import { Worker } from 'node:worker_threads';
import { JourneyError } from '@assent/engine';
import type { ScriptEngine, ScriptFailure } from '@assent/nodes';

/** What a script may use (SEC-68). */
export interface SandboxLimits {
  /** Of processor time; where the platform cannot tell it per thread, by the clock. */
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly stackBytes: number;
  /** Characters of the JSON text that a script leaves. */
  readonly resultLength: number;
}

const LIMITS: SandboxLimits = {
  cpuMillis: 100,
  memoryBytes: 32 * 1024 * 1024,
  stackBytes: 256 * 1024,
  resultLength: 256 * 1024,
};

export interface SandboxOptions {
  /** How many scripts may run at once. */
  readonly workers: number;
  readonly limits?: Partial<SandboxLimits>;
  /** When the thread is ended from outside, by the clock: for what never comes back to the interpreter. */
  readonly killMillis?: number;
  /** How many may wait for a worker before the server says that it is busy. */
  readonly mostWaiting?: number;
}

/** A script, and the JSON text of what it is given. */
export interface SandboxRun {
  readonly engine: ScriptEngine;
  readonly source: string;
  readonly bindings: string;
}

/** The JSON text of what the script left, or why there is none. */
export type SandboxAnswer =
  | { readonly result: string; readonly failure?: never }
  /** `report`: JSON text of what it had logged, and of the user that it asked for. */
  | { readonly failure: ScriptFailure; readonly report?: string };

type Job = ({ readonly kind: 'run' } & SandboxRun) | { readonly kind: 'check'; readonly source: string };

interface Waiting {
  readonly job: Job;
  readonly settle: (answer: SandboxAnswer) => void;
}

interface FromWorker {
  readonly isReady?: true;
  readonly answer?: SandboxAnswer;
  readonly isWorn?: boolean;
}

/** Each worker is a thread with an engine of its own and without environment, arguments or standard input. */
class SandboxWorker {
  readonly #thread: Worker;
  readonly #onIdle: (worker: SandboxWorker) => void;
  readonly #onGone: (worker: SandboxWorker) => void;
  #current: (Waiting & { readonly timer: NodeJS.Timeout }) | undefined;
  #isGone = false;

  constructor(
    limits: SandboxLimits,
    onIdle: (worker: SandboxWorker) => void,
    onGone: (worker: SandboxWorker, cause: unknown) => void,
  ) {
    this.#onIdle = onIdle;
    let cause: unknown;
    this.#onGone = (worker) => onGone(worker, cause);
    this.#thread = new Worker(new URL('./sandbox-worker.js', import.meta.url), {
      workerData: { limits },
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
    });
    this.#thread.on('message', (message: FromWorker) => this.#hear(message));
    this.#thread.on('error', (error) => {
      cause = error;
    });
    this.#thread.on('exit', () => this.#leave({ kind: 'crash', message: 'The sandbox of the script broke down' }));
  }

  give(waiting: Waiting, killMillis: number): void {
    const stopped: ScriptFailure = { kind: 'time', message: 'The script did not come to an end and was stopped' };
    const timer = setTimeout(() => this.#leave(stopped), killMillis);
    this.#current = { ...waiting, timer };
    this.#thread.ref();
    this.#thread.postMessage(waiting.job);
  }

  async end(): Promise<void> {
    this.#leave({ kind: 'crash', message: 'The server is stopping' });
    await this.#thread.terminate();
  }

  #hear({ isReady, answer, isWorn }: FromWorker): void {
    if (this.#isGone) return;
    if (isReady) this.#rest();
    if (answer === undefined) return;
    if (isWorn) {
      this.#leave(answer);
      return;
    }
    this.#settle(answer);
    this.#rest();
  }

  #rest(): void {
    this.#thread.unref();
    this.#onIdle(this);
  }

  #settle(answer: SandboxAnswer): void {
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    clearTimeout(current.timer);
    current.settle(answer);
  }

  /** Ends the thread, whatever it is at; its script gets `last`. */
  #leave(last: SandboxAnswer | ScriptFailure): void {
    if (this.#isGone) return;
    this.#isGone = true;
    void this.#thread.terminate();
    this.#settle('kind' in last ? { failure: last } : last);
    this.#onGone(this);
  }
}

/**
 * A few threads that run scripts, started when the first script comes. A thread that hangs, crashes or has grown is
 * ended, and the next script gets a new one.
 */
export class Sandbox {
  readonly #limits: SandboxLimits;
  readonly #options: SandboxOptions;
  readonly #workers = new Set<SandboxWorker>();
  readonly #idle: SandboxWorker[] = [];
  readonly #waiting: Waiting[] = [];
  #isClosed = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
  }

  /** How many threads there are now. */
  get threads(): number {
    return this.#workers.size;
  }

  run(run: SandboxRun): Promise<SandboxAnswer> {
    return this.#enqueue({ kind: 'run', ...run });
  }

  /** Compiles without running; undefined where the text is a script. */
  async check(source: string): Promise<ScriptFailure | undefined> {
    return (await this.#enqueue({ kind: 'check', source })).failure;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { settle } of this.#waiting.splice(0)) {
      settle({ failure: { kind: 'crash', message: 'The server is stopping' } });
    }
    await Promise.all([...this.#workers].map((worker) => worker.end()));
  }

  #enqueue(job: Job): Promise<SandboxAnswer> {
    if (this.#isClosed || this.#waiting.length >= (this.#options.mostWaiting ?? 256)) {
      return Promise.reject(new JourneyError('OVERLOADED', { retryAfterSeconds: 1 }));
    }
    return new Promise((settle) => {
      this.#waiting.push({ job, settle });
      this.#serve();
    });
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const worker = this.#idle.pop();
      if (worker === undefined) break;
      const next = this.#waiting.shift();
      if (next !== undefined) worker.give(next, this.#options.killMillis ?? 2_000);
    }
    if (this.#waiting.length > 0 && this.#workers.size < this.#options.workers) this.#start();
  }

  #start(): void {
    let isReady = false;
    const worker = new SandboxWorker(
      this.#limits,
      (idle) => {
        isReady = true;
        this.#idle.push(idle);
        this.#serve();
      },
      (gone) => {
        this.#workers.delete(gone);
        const at = this.#idle.indexOf(gone);
        if (at >= 0) this.#idle.splice(at, 1);
        // One that cannot even start would be started for ever.
        if (!isReady) {
          this.#waiting
            .shift()
            ?.settle({ failure: { kind: 'crash', message: 'The sandbox of the script cannot start' } });
        }
        if (!this.#isClosed) this.#serve();
      },
    );
    this.#workers.add(worker);
  }
}
