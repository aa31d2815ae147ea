import { type FairQueue, fairQueue, type Lane, type Timer } from '@assent/engine/host';

/**
 * How requests begin while the event loop is busy. Within a round of the loop all of them begin at once, as long as the round has not lasted for
 * `busyMillis`; from then on they wait, and one begins in each round. Those that wait have their body as bytes, 96 KiB at most.
 */
export const REQUEST_PACE = Object.freeze({
  busyMillis: 50,
  most: 1_024,
  mostOfRealm: 512,
  deadlineMillis: 10_000,
});

export interface RequestPaceOptions {
  /** Milliseconds of a monotonic clock. */
  readonly elapsed: () => number;
  /** Calls back in the next round of the event loop. */
  readonly nextRound: (begin: () => void) => void;
  readonly timer: Timer;
}

/**
 * Lets requests of different realms, and of different sources of a realm, take turns while the event loop is busy: any number of slow requests that
 * arrive at once would otherwise all run before the first request of another realm goes on (SEC-93). A request in a loop that is not busy costs two
 * readings of the clock.
 */
export class RequestPace {
  readonly #options: RequestPaceOptions;
  readonly #queue: FairQueue;
  /** When the round has begun; undefined before the first request in it. */
  #began: number | undefined;
  #waiting = 0;

  constructor(options: RequestPaceOptions) {
    this.#options = options;
    const { most, mostOfRealm, deadlineMillis } = REQUEST_PACE;
    this.#queue = fairQueue({ concurrency: 1, most, mostOfRealm, deadlineMillis, timer: options.timer });
  }

  /** Undefined where the request may begin now; else when it may. It rejects with `OVERLOADED` where too many wait, or for too long. */
  next(laneOf: () => Required<Lane>): Promise<void> | undefined {
    const { elapsed, nextRound } = this.#options;
    if (this.#began === undefined) {
      this.#began = elapsed();
      nextRound(() => {
        this.#began = undefined;
      });
    }
    if (this.#waiting === 0 && elapsed() - this.#began < REQUEST_PACE.busyMillis) return undefined;
    this.#waiting += 1;
    return new Promise<void>((begin, refuse) => {
      // The place is free again in the next round, so that what this request has begun, and the loop, go on before.
      const runs = () =>
        new Promise<void>((ended) => {
          this.#waiting -= 1;
          begin();
          nextRound(ended);
        });
      this.#queue(laneOf(), runs).catch((error: unknown) => {
        this.#waiting -= 1;
        refuse(error);
      });
    });
  }
}
