import type { Clock } from '@assent/engine';

export interface DatabaseClock extends Clock {
  /** Asks the database for the time, so that what this process counts from there on begins at it. */
  measure(): Promise<void>;
}

/** An answer that took longer says too little of when it was given, where there is one already. */
const TELLING_ROUND_TRIP = 200;

/**
 * The time of the database, whatever the clock of this machine says: instances that share rows agree about what has expired
 * (OPS-29). Between two answers a clock runs on that no operator moves.
 */
export const createDatabaseClock = (
  /** The time of the database, in milliseconds since 1970. */
  ask: () => Promise<number>,
  /** Milliseconds of a clock that never jumps. */
  elapsed: () => number,
): DatabaseClock => {
  /** What the database said when that clock stood at nought. */
  let base: number | undefined;
  return {
    now() {
      if (base === undefined) throw new TypeError('the database was not asked for the time yet');
      return Math.floor(base + elapsed());
    },
    async measure() {
      const sent = elapsed();
      const told = await ask();
      const received = elapsed();
      if (base === undefined || received - sent <= TELLING_ROUND_TRIP) base = told - (sent + received) / 2;
    },
  };
};
