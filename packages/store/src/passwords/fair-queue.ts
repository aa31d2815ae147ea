import { JourneyError } from '@assent/engine';

interface Waiting {
  readonly isKnown: boolean;
  readonly begin: () => void;
  readonly refuse: (error: JourneyError) => void;
}

const overloaded = () => new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });

/** Runs tasks; a refused one was never begun. `isKnown` is asked where there is no place for the task otherwise. */
export type FairQueue = <T>(lane: string, task: () => Promise<T>, isKnown?: () => Promise<boolean>) => Promise<T>;

/**
 * Lets `concurrency` tasks run and `most` wait, and refuses the rest (REL-14). Those who wait are served lane by lane, one of
 * each in turn, and where there is no place the longest lane gives up its newest: whoever fills the queue keeps waiting only
 * himself. Whoever fills it from many lanes, with one each, keeps out nobody who is known: a stranger gives up a place for each of
 * them (SEC-57).
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
  const giveUpNewest = ([lane, tasks]: readonly [string, Waiting[]]): void => {
    tasks.pop()?.refuse(overloaded());
    drop(lane, tasks);
  };
  const makePlaceFor = (lane: string, isKnown: boolean): boolean => {
    if (waiting < most) return true;
    let longest: [string, Waiting[]] | undefined;
    let ofStranger: [string, Waiting[]] | undefined;
    for (const entry of lanes) {
      if (longest === undefined || entry[1].length > longest[1].length) longest = entry;
      // The last of them would be served last.
      if (entry[1].at(-1)?.isKnown === false) ofStranger = entry;
    }
    const isLonger = longest !== undefined && longest[1].length > (lanes.get(lane)?.length ?? 0) + 1;
    // One place for each lane: whoever is known may attack, too, and keep out all others from a lane of their own.
    const gives = isLonger ? longest : isKnown && !lanes.has(lane) ? ofStranger : undefined;
    if (gives === undefined) return false;
    giveUpNewest(gives);
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
  const begun = (lane: string, isKnown: boolean): Promise<void> => {
    if (running < concurrency) {
      running += 1;
      return Promise.resolve();
    }
    if (!makePlaceFor(lane, isKnown)) return Promise.reject(overloaded());
    waiting += 1;
    // Whoever finishes hands its place over, so `running` stays as it is.
    return new Promise((begin, refuse) => {
      const tasks = lanes.get(lane);
      if (tasks === undefined) lanes.set(lane, [{ isKnown, begin, refuse }]);
      else tasks.push({ isKnown, begin, refuse });
    });
  };

  return async (lane, task, isKnown) => {
    await begun(lane, false).catch(async (refusal: unknown) => {
      if ((await isKnown?.()) !== true) throw refusal;
      await begun(lane, true);
    });
    try {
      return await task();
    } finally {
      const first = next();
      if (first === undefined) running -= 1;
      else first.begin();
    }
  };
};
