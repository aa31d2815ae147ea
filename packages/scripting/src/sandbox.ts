import { JourneyError } from '@assent/engine';
import { type FairQueue, fairQueue, type Timer } from '@assent/engine/host';
import type { ScriptFailure } from '@assent/nodes';
import {
  type SandboxAnswer,
  type SandboxJob,
  type SandboxLimits,
  type SandboxRun,
  SandboxThread,
  type SandboxThreadOptions,
  STOPPING,
} from './sandbox-thread.ts';
import { cpuMillisOfLinux } from './thread-watch.ts';

const LIMITS: SandboxLimits = {
  cpuMillis: 100,
  memoryBytes: 32 * 1024 * 1024,
  stackBytes: 256 * 1024,
  resultLength: 256 * 1024,
};

export interface SandboxOptions {
  /** How many scripts of one realm may run at once. One more thread is kept for other realms. */
  readonly workers: number;
  readonly limits?: Partial<SandboxLimits>;
  /** When a thread is killed by the clock, whatever processor time it has used. */
  readonly killMillis?: number;
  /** How many scripts may wait for a thread before the server says that it is busy. */
  readonly mostWaiting?: number;
  /** How many of them may belong to one realm. */
  readonly mostWaitingOfRealm?: number;
  /** A script that has not begun after so long is refused. */
  readonly deadlineMillis?: number;
  readonly timer?: Timer;
}

const after: Timer = (millis, action) => {
  const timer = setTimeout(action, millis).unref();
  return () => clearTimeout(timer);
};

/** Threads that are started when they are first needed. A thread that is gone is replaced when the next script comes. */
class ThreadPool {
  readonly #thread: SandboxThreadOptions;
  readonly #queue: FairQueue;
  readonly #threads = new Set<SandboxThread>();
  readonly #idle: SandboxThread[] = [];
  #isClosed = false;

  constructor(workers: number, options: SandboxOptions) {
    const { mostWaiting = 256, mostWaitingOfRealm = 64, deadlineMillis = 5_000, killMillis = 2_000 } = options;
    const { timer = after } = options;
    this.#thread = { limits: { ...LIMITS, ...options.limits }, killMillis, cpuMillisOf: cpuMillisOfLinux, timer };
    // A realm whose scripts use up all its threads leaves one to the others, which then share the processor with it.
    const shares = { concurrency: workers + 1, concurrencyOfRealm: workers };
    const bounds = { most: mostWaiting, mostOfRealm: mostWaitingOfRealm, deadlineMillis };
    this.#queue = fairQueue({ ...shares, ...bounds, timer });
  }

  get threads(): number {
    return this.#threads.size;
  }

  /** `prepare` is called when the job has its turn, and never for a job that is refused. A failure that it returns is the answer. */
  run(realm: string, prepare: () => SandboxJob | ScriptFailure): Promise<SandboxAnswer> {
    if (this.#isClosed) return Promise.reject(new JourneyError('OVERLOADED', { retryAfterSeconds: 1 }));
    return new Promise((settle, refuse) => {
      const task = async () => {
        if (this.#isClosed) return settle(STOPPING);
        const job = prepare();
        if ('message' in job) return settle({ failure: job });
        const thread = this.#usable();
        settle(await thread.run(job));
        // The place of a killed thread is free when the thread is gone, so that there are never more of them.
        if (thread.isGone) await this.#end(thread);
        else this.#idle.push(thread);
      };
      this.#queue({ realm }, task).catch(refuse);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#threads].map((thread) => this.#end(thread)));
  }

  #usable(): SandboxThread {
    for (let thread = this.#idle.pop(); thread !== undefined; thread = this.#idle.pop()) {
      if (!thread.isGone) return thread;
      this.#threads.delete(thread);
    }
    const thread = new SandboxThread(this.#thread);
    this.#threads.add(thread);
    return thread;
  }

  #end(thread: SandboxThread): Promise<unknown> {
    this.#threads.delete(thread);
    return thread.end();
  }
}

/**
 * Runs scripts of realms in a few threads: the realms take turns, and a script that hangs is killed with its thread (SEC-68, SEC-93). Checks of scripts
 * that are saved have threads of their own, so that neither logins nor the console can starve the other.
 */
export class Sandbox {
  readonly #runs: ThreadPool;
  readonly #checks: ThreadPool;

  constructor(options: SandboxOptions) {
    this.#runs = new ThreadPool(options.workers, options);
    this.#checks = new ThreadPool(1, options);
  }

  /** How many threads there are now. */
  get threads(): number {
    return this.#runs.threads + this.#checks.threads;
  }

  /** `prepare` is called when the script has its turn, and never for a script that is refused (SEC-93). */
  run(realm: string, prepare: () => SandboxRun | ScriptFailure): Promise<SandboxAnswer> {
    return this.#runs.run(realm, () => {
      const run = prepare();
      return 'message' in run ? run : { kind: 'run', ...run };
    });
  }

  /** Compiles without running; undefined where the text is a script. */
  async check(realm: string, source: string): Promise<ScriptFailure | undefined> {
    return (await this.#checks.run(realm, () => ({ kind: 'check', source }))).failure;
  }

  async close(): Promise<void> {
    await Promise.all([this.#runs.close(), this.#checks.close()]);
  }
}
