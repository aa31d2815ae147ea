import type { StoreCounters } from './store.ts';

export const newCounters = (): StoreCounters => ({
  reads: 0,
  commits: 0,
  changes: 0,
  flights: 0,
  statements: 0,
  rows: 0,
});

/** Wraps a reader so that each call counts as one read. */
export const countedReads = <R extends object>(counters: StoreCounters, reader: R): R =>
  Object.fromEntries(
    Object.entries(reader as Record<string, (...given: readonly unknown[]) => unknown>).map(([name, read]) => [
      name,
      (...given: readonly unknown[]) => {
        counters.reads += 1;
        return read(...given);
      },
    ]),
  ) as R;
