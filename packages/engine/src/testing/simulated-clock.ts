import type { Clock } from '../model/clock.ts';

/** A clock that stands still until a test moves it. */
export interface SimulatedClock extends Clock {
  advance(millis: number): void;
}

/** Any moment will do; a fixed one makes failures repeatable. */
export const TEST_START = Date.UTC(2026, 0, 15, 12, 0, 0);

export const simulatedClock = (start: number = TEST_START): SimulatedClock => {
  let now = start;
  return {
    now: () => now,
    advance(millis) {
      now += millis;
    },
  };
};
