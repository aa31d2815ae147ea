import { Worker } from 'node:worker_threads';
import type { Timer } from '@assent/engine/host';
import type { ScriptEngine, ScriptFailure } from '@assent/nodes';
import { type CpuMillisOf, watchThread } from './thread-watch.ts';

/** What a script may use (SEC-68). */
export interface SandboxLimits {
  /** Of processor time; where the platform cannot tell it per thread, by the clock. */
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly stackBytes: number;
  /** Characters of the JSON text that a script leaves. */
  readonly resultLength: number;
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

export type SandboxJob = ({ readonly kind: 'run' } & SandboxRun) | { readonly kind: 'check'; readonly source: string };

export interface SandboxThreadOptions {
  readonly limits: SandboxLimits;
  /** When the thread is killed by the clock. */
  readonly killMillis: number;
  readonly cpuMillisOf: CpuMillisOf;
  readonly timer: Timer;
}

interface FromWorker {
  /** Once, when the engine is ready. */
  readonly threadId?: string;
  readonly answer?: SandboxAnswer;
  readonly isWorn?: boolean;
}

/** An engine is compiled and tried out first, which a busy machine may take seconds for. */
const START_MILLIS = 30_000;
/** The engine stops a script at the limit; a native call that does not come back to the engine is killed at this multiple of it (SEC-68). */
const KILLED_AT = 2;

const crashed = (message: string): SandboxAnswer => ({ failure: { kind: 'crash', message } });
const STOPPED: SandboxAnswer = {
  failure: { kind: 'time', message: 'The script did not come to an end and was stopped' },
};
export const STOPPING = crashed('The server is stopping');

/** One thread with an engine of its own, without environment, arguments or standard input. It runs one script at a time. */
export class SandboxThread {
  readonly #options: SandboxThreadOptions;
  readonly #worker: Worker;
  readonly #isReady: Promise<boolean>;
  #threadId = '';
  #settle: ((answer: SandboxAnswer) => void) | undefined;
  #ended: Promise<unknown> | undefined;

  constructor(options: SandboxThreadOptions) {
    this.#options = options;
    this.#worker = new Worker(new URL('./sandbox-worker.js', import.meta.url), {
      workerData: { limits: options.limits },
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 },
    });
    this.#isReady = new Promise((ready) => {
      const cancel = options.timer(START_MILLIS, () => void this.#leave(STOPPING));
      this.#worker.on('message', ({ threadId, answer, isWorn }: FromWorker) => {
        if (threadId !== undefined) {
          cancel();
          this.#threadId = threadId;
          ready(true);
        }
        if (answer === undefined) return;
        if (isWorn) void this.#leave(answer);
        else this.#answer(answer);
      });
      // The exit that follows says it.
      this.#worker.on('error', () => undefined);
      this.#worker.on('exit', () => {
        cancel();
        ready(false);
        void this.#leave(crashed('The sandbox of the script broke down'));
      });
    });
  }

  /** Whether the thread runs nothing more. */
  get isGone(): boolean {
    return this.#ended !== undefined;
  }

  /** Never rejects. The thread is gone afterwards where the script hung, crashed or left the engine worn. */
  async run(job: SandboxJob): Promise<SandboxAnswer> {
    if (!(await this.#isReady)) return crashed('The sandbox of the script cannot start');
    if (this.isGone) return STOPPING;
    const { limits, killMillis: clockMillis, cpuMillisOf, timer } = this.#options;
    const watch = { threadId: this.#threadId, cpuMillis: KILLED_AT * limits.cpuMillis, clockMillis };
    const endWatch = watchThread({ ...watch, cpuMillisOf, timer }, () => void this.#leave(STOPPED));
    this.#worker.ref();
    try {
      return await new Promise((settle) => {
        this.#settle = settle;
        this.#worker.postMessage(job);
      });
    } finally {
      endWatch();
      this.#worker.unref();
    }
  }

  /** Ends the thread, whatever it does; resolves when it is gone. */
  end(): Promise<unknown> {
    return this.#leave(STOPPING);
  }

  #answer(answer: SandboxAnswer): void {
    this.#settle?.(answer);
    this.#settle = undefined;
  }

  #leave(last: SandboxAnswer): Promise<unknown> {
    this.#ended ??= this.#worker.terminate();
    this.#answer(last);
    return this.#ended;
  }
}
