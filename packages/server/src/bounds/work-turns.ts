import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FairQueue, type FairQueueOptions, fairQueue, type Lane, type Timer } from '@assent/engine/host';

/** Reads of administrators that run at once and that wait. A realm has 2 places: a read that waits for a directory does not keep another one from running. */
export const WORK_TURNS = Object.freeze({
  concurrency: 16,
  concurrencyOfRealm: 2,
  most: 1_024,
  // Tools ask for all nodes of a large journey at once.
  mostOfRealm: 512,
  deadlineMillis: 10_000,
});

/** Large nodes and long walks of journeys. A turn ends with the round of the event loop, so a node that waits for a mail server or a directory holds none. */
export const WALK_TURNS = Object.freeze({
  concurrency: 4,
  concurrencyOfRealm: 2,
  most: 1_024,
  mostOfRealm: 512,
  deadlineMillis: 10_000,
});

/** Reads of users without a role. Each reads a bounded number of rows, and more of them may wait for a directory, so a realm has 8 places. */
export const USER_TURNS = Object.freeze({
  concurrency: 64,
  concurrencyOfRealm: 8,
  most: 1_024,
  mostOfRealm: 512,
  deadlineMillis: 10_000,
});

/** Exports of the data of users, and counts of what an erasure removes: each reads thousands of rows. */
export const EXPORT_TURNS = Object.freeze({
  concurrency: 4,
  concurrencyOfRealm: 1,
  most: 128,
  mostOfRealm: 32,
  deadlineMillis: 20_000,
});

/**
 * Turns of work that a caller can ask for as often as it likes: realms take turns, and the callers of a realm do, so a greedy caller delays others by
 * its places and no more (SEC-93). Throws `OVERLOADED` where too many wait.
 */
export class WorkTurns {
  readonly #queue: FairQueue;

  constructor(timer: Timer, bounds: Omit<FairQueueOptions, 'timer'> = WORK_TURNS) {
    this.#queue = fairQueue({ ...bounds, timer });
  }

  /**
   * A turn of a caller, after other requests have had theirs; the result ends it. Without a turn of the event loop, all reads that wait would follow each other in the one in which the first of them ends.
   */
  async take(lane: Required<Lane>): Promise<() => void> {
    const end = await new Promise<() => void>((begin, refuse) => {
      this.#queue(lane, () => new Promise<void>((done) => begin(done))).catch(refuse);
    });
    await nextTurn();
    return end;
  }

  /** A turn that is over with the round of the event loop in which it begins: for work that does not wait for anything. */
  next(lane: Required<Lane>): Promise<void> {
    return new Promise((begin, refuse) => {
      const untilNextRound = () => {
        begin();
        return nextTurn();
      };
      this.run(lane, untilNextRound).catch(refuse);
    });
  }

  /** Runs a piece of work in a turn of its own, after other requests have had theirs. */
  run<T>(lane: Required<Lane>, work: () => Promise<T>): Promise<T> {
    return this.#queue(lane, async () => {
      await nextTurn();
      return work();
    });
  }
}
