import type { Verb } from '../sql/verbs/verb.ts';

/** The same functions, of which each is a verb that asks no database for anything. */
type Plain<R> = {
  readonly [K in keyof R]: R[K] extends (...given: infer G) => Verb<infer T> ? (...given: G) => T : never;
};

const asVerb = (work: (...given: readonly unknown[]) => unknown) =>
  // biome-ignore lint/correctness/useYield: that is what it is for.
  function* (...given: readonly unknown[]): Verb<unknown> {
    return work(...given);
  };

/** What is written as verbs for databases, of functions that answer at once. */
export const askingNothing = <R extends object>(functions: Plain<R>): R =>
  Object.fromEntries(
    Object.entries(functions as Record<string, (...given: readonly unknown[]) => unknown>).map(([name, work]) => [
      name,
      asVerb(work),
    ]),
  ) as R;

/** The result of a verb that asks no database for anything. */
export const atOnce = <T>(verb: Verb<T>): T => {
  const step = verb.next();
  if (step.done !== true) throw new TypeError('there is no database here to be asked');
  return step.value;
};
