import type { Logger } from './log.ts';

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
    let current: Promise<void> | undefined;
    const timer = setInterval(() => {
      if (current !== undefined) return;
      const run = job()
        .then(() => undefined)
        .catch((error: unknown) => this.#log.error({ err: error }, trouble))
        .finally(() => {
          current = undefined;
          this.#running.delete(run);
        });
      current = run;
      this.#running.add(run);
    }, millis);
    timer.unref();
    this.#timers.push(timer);
  }

  /** Starts nothing more, and waits for what runs. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running);
  }
}
