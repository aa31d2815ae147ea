/** How long this process turns idly to learn how often it does so in a millisecond. */
const CALIBRATION_MILLIS = 200;

/**
 * Keeps the load from sleeping while it measures: its event loop turns without a pause. A reply to a process that
 * sleeps makes the server's kernel wake another core, which in a virtual machine costs the server as much as a whole bare echo;
 * a server that answers faster pays that for one reply in many, a slower one for each (docs/adr/0025).
 */
export class BusyLoop {
  readonly #idleTurnsPerMilli: number;
  #turns = 0;
  #isOver = false;

  private constructor(idleTurnsPerMilli: number) {
    this.#idleTurnsPerMilli = idleTurnsPerMilli;
  }

  /** How often the loop turns in a millisecond in which nothing else happens, as a yardstick for {@link stop}. */
  static async calibrate(): Promise<number> {
    const loop = BusyLoop.start(1);
    const startedAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, CALIBRATION_MILLIS));
    loop.stop(1);
    return loop.#turns / (performance.now() - startedAt);
  }

  static start(idleTurnsPerMilli: number): BusyLoop {
    const loop = new BusyLoop(idleTurnsPerMilli);
    const turn = (): void => {
      loop.#turns += 1;
      if (!loop.#isOver) setImmediate(turn);
    };
    turn();
    return loop;
  }

  /** Ends it; returns the share of `millis` in which the process had work to do and so no time to turn idly. */
  stop(millis: number): number {
    this.#isOver = true;
    return Math.max(0, 1 - this.#turns / (millis * this.#idleTurnsPerMilli));
  }
}
