/** Milliseconds. Several times as long as such a request takes, and less than anybody feels who reaches for a phone. */
const STEP = 50;

/**
 * When a request began, and the wait for the next multiple of a step since then (ADR 119). By the clock that only goes forward: nothing else is
 * decided by it.
 */
export const evenTimes = (): (() => Promise<void>) => {
  const begin = performance.now();
  return () => {
    const taken = performance.now() - begin;
    return new Promise((resolve) => {
      setTimeout(resolve, STEP * Math.ceil(taken / STEP) - taken);
    });
  };
};
