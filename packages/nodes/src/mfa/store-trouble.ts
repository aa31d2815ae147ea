import { JourneyError, NodeFailure } from '@assent/engine';

/**
 * Runs `work`; what it throws goes to `otherwise`, which answers with the documented words. An error that the engine has
 * named already (overload, a failed node) passes.
 */
export const orElse = async <T, U>(work: () => Promise<T>, otherwise: (cause: unknown) => U): Promise<T | U> => {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof JourneyError || cause instanceof NodeFailure) throw cause;
    return otherwise(cause);
  }
};
