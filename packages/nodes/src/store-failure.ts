import { JourneyError, NodeFailure, Unavailable } from '@assent/engine';

/**
 * Runs `work`; what it throws goes to `otherwise`, which answers with the documented words. What the engine handles by
 * itself passes: a failed node, an overloaded server, and a store that is away, which leaves the step to be tried again.
 */
export const onStoreFailure = async <T, U>(
  work: () => Promise<T>,
  otherwise: (cause: unknown) => U,
): Promise<T | U> => {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof JourneyError || cause instanceof NodeFailure || cause instanceof Unavailable) throw cause;
    return otherwise(cause);
  }
};
