const LOOK_MILLIS = 500;

/** Who has started us, unless they were gone by then. */
const parent = process.ppid;

/**
 * Calls back once when npm, or the shell that npm runs us in, is gone: `npm start` and `npx` pass SIGTERM on to that shell alone, which ends
 * without telling us. Returns how to stop looking; whoever was not started by npm is never called.
 */
export const onLeftByNpm = (listener: () => void): (() => void) => {
  if (process.env.npm_lifecycle_event === undefined) return () => undefined;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    listener();
  }, LOOK_MILLIS);
  looking.unref();
  return () => clearInterval(looking);
};
