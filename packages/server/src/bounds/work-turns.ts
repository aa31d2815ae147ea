import { setImmediate as nextTurn } from 'node:timers/promises';
import { type FairQueue, fairQueue, type Lane, type Timer } from '@assent/engine/host';

/**
 * Reads of administrators, large nodes and long walks of journeys that run at once and that wait. A realm has 2 places: a read that waits for a
 * directory does not keep another one from running.
 */
export const WORK_TURNS = Object.freeze({
  concurrency: 16,
  concurrencyOfRealm: 2,
  most: 1_024,
  // Tools ask for all nodes of a large journey at once.
  mostOfRealm: 512,
  deadlineMillis: 10_000,
});

const KNOWN = async (): Promise<boolean> => true;

/**
 * Turns of work that a caller can ask for as often as it likes: realms take turns, and the callers of a realm do, so a greedy caller delays others by
 * its 2 places and no more (SEC-93). Throws `OVERLOADED` where too many wait.
 */
export class WorkTurns {
  readonly #queue: FairQueue;

  constructor(timer: Timer) {
    this.#queue = fairQueue({ ...WORK_TURNS, timer });
  }

  /** A turn of a caller that is signed in and has a role; the result ends it. A stranger that waits gives up its place for it. */
  take(lane: Required<Lane>): Promise<() => void> {
    return new Promise((begin, refuse) => {
      this.#queue(lane, () => new Promise<void>((end) => begin(end)), KNOWN).catch(refuse);
    });
  }

  /** Runs a piece of work of a stranger in a turn of its own, after other requests have had theirs. */
  run<T>(lane: Required<Lane>, work: () => Promise<T>): Promise<T> {
    return this.#queue(lane, async () => {
      await nextTurn();
      return work();
    });
  }
}
