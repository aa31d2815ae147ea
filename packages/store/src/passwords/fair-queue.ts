import { JourneyError } from '@assent/engine';

interface Waiting {
  readonly begin: () => void;
  readonly refuse: (error: JourneyError) => void;
}

const overloaded = () => new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });

/** Runs tasks; a refused one was never begun. */
export type FairQueue = <T>(lane: string, task: () => Promise<T>) => Promise<T>;

/**
 * Lets `concurrency` tasks run and `most` wait, and refuses the rest (REL-14). Those who wait are served lane by lane, one of
 * each in turn, and where there is no place the longest lane gives up its newest: whoever fills the queue keeps waiting only
 * himself.
 */
export const fairQueue = (concurrency: number, most: number): FairQueue => {
  /** No lane in it is empty; the first one is the next to be served. */
  const lanes = new Map<string, Waiting[]>();
  let waiting = 0;
  let running = 0;

  const drop = (lane: string, tasks: readonly Waiting[]): void => {
    waiting -= 1;
    if (tasks.length === 0) lanes.delete(lane);
  };
  const makePlaceFor = (lane: string): boolean => {
    if (waiting < most) return true;
    let longest: [string, Waiting[]] | undefined;
    for (const entry of lanes) if (longest === undefined || entry[1].length > longest[1].length) longest = entry;
    if (longest === undefined || longest[1].length <= (lanes.get(lane)?.length ?? 0) + 1) return false;
    const [name, tasks] = longest;
    tasks.pop()?.refuse(overloaded());
    drop(name, tasks);
    return true;
  };
  const next = (): Waiting | undefined => {
    for (const [lane, tasks] of lanes) {
      const first = tasks.shift();
      lanes.delete(lane);
      if (tasks.length > 0) lanes.set(lane, tasks);
      waiting -= 1;
      return first;
    }
    return undefined;
  };
  const wait = (lane: string): Promise<void> => {
    if (!makePlaceFor(lane)) return Promise.reject(overloaded());
    waiting += 1;
    return new Promise((begin, refuse) => {
      const tasks = lanes.get(lane);
      if (tasks === undefined) lanes.set(lane, [{ begin, refuse }]);
      else tasks.push({ begin, refuse });
    });
  };

  return async (lane, task) => {
    // Whoever finishes hands its place over, so `running` stays as it is.
    if (running >= concurrency) await wait(lane);
    else running += 1;
    try {
      return await task();
    } finally {
      const first = next();
      if (first === undefined) running -= 1;
      else first.begin();
    }
  };
};
