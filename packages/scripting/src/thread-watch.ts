import { readFileSync } from 'node:fs';
import type { Timer } from '@assent/engine/host';

/** Milliseconds of processor time that a thread of this process has used; undefined where the platform does not tell. */
export type CpuMillisOf = (threadId: string) => number | undefined;

/**
 * From Linux, which tells it of any thread and without asking the thread itself: a native call of the engine, such as `JSON.parse`, answers no
 * question until it is done.
 */
export const cpuMillisOfLinux: CpuMillisOf = (threadId) => {
  try {
    const [nanos = ''] = readFileSync(`/proc/self/task/${threadId}/schedstat`, 'latin1').split(' ');
    return /^\d+$/.test(nanos) ? Number(nanos) / 1e6 : undefined;
  } catch {
    return undefined;
  }
};

export interface ThreadWatchOptions {
  /** Empty where the platform has no such id. */
  readonly threadId: string;
  readonly cpuMillis: number;
  /** By the clock, whatever the thread has used. */
  readonly clockMillis: number;
  readonly cpuMillisOf: CpuMillisOf;
  readonly timer: Timer;
}

/**
 * Calls `kill` once the thread has used `cpuMillis` of processor time, or after `clockMillis`. Looks no sooner than the thread can have used it, so a
 * script that ends in time costs one timer. The result ends the watch.
 */
export const watchThread = (options: ThreadWatchOptions, kill: () => void): (() => void) => {
  const { threadId, cpuMillis, clockMillis, cpuMillisOf, timer } = options;
  const before = cpuMillisOf(threadId);
  let waited = 0;
  let cancel = (): void => undefined;
  const lookAfter = (millis: number): void => {
    const pause = Math.min(Math.max(1, Math.ceil(millis)), clockMillis - waited);
    waited += pause;
    cancel = timer(pause, () => {
      const now = cpuMillisOf(threadId);
      const used = before === undefined || now === undefined ? 0 : now - before;
      if (used >= cpuMillis || waited >= clockMillis) kill();
      else lookAfter(cpuMillis - used);
    });
  };
  lookAfter(before === undefined ? clockMillis : cpuMillis);
  return () => cancel();
};
