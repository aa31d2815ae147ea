/** Milliseconds. Longer than what differs between such requests, and less than anybody feels who types a password again or reaches for a phone. */
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
