import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@assent/engine';
import type { Logger } from './log.ts';

/** No batch is followed by a longer pause, so that a server that stops does not wait for one. */
const MAX_PAUSE_MILLIS = 1_000;

interface BatchWork {
  readonly clock: Clock;
  readonly wait: (millis: number) => Promise<void>;
  readonly isStopping: () => boolean;
}

/**
 * Does one batch after the other while `batch` says that there is more. After each batch it waits as long as the batch took, so that requests
 * have half of the time of the database and of this process.
 */
export const inBatches = async (
  batch: () => Promise<boolean>,
  { clock, wait, isStopping }: BatchWork,
): Promise<void> => {
  while (!isStopping()) {
    const begin = clock.now();
    if (!(await batch())) return;
    const pause = Math.min(MAX_PAUSE_MILLIS, clock.now() - begin);
    await (pause > 0 ? wait(pause) : nextTurn());
  }
};

/** What a server does beside its requests: each job is executed once at a time, and a failure costs only that one execution. */
export class BackgroundWork {
  readonly #log: Logger;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Runs `job` every so often; `trouble` is what the log says when it fails. */
  every(millis: number, trouble: string, job: () => Promise<unknown>): void {
    this.#repeat(millis, trouble, job);
  }

  /** As `every`, and for the first time at once: resolves when that is over, also where it failed. */
  nowAndEvery(millis: number, trouble: string, job: () => Promise<unknown>): Promise<void> {
    return this.#repeat(millis, trouble, job)();
  }

  /** What begins the job, unless it runs: its timer calls it, too. */
  #repeat(millis: number, trouble: string, job: () => Promise<unknown>): () => Promise<void> {
    let current: Promise<void> | undefined;
    const begin = (): Promise<void> => {
      if (current !== undefined) return current;
      const run = job()
        .then(() => undefined)
        .catch((error: unknown) => this.#log.error({ cause: error }, trouble))
        .finally(() => {
          current = undefined;
          this.#running.delete(run);
        });
      current = run;
      this.#running.add(run);
      return run;
    };
    const timer = setInterval(() => void begin(), millis);
    timer.unref();
    this.#timers.push(timer);
    return begin;
  }

  /** Starts nothing more, and waits for what runs. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running);
  }
}
